import { z } from "zod";

/**
 * The context that travels with a handoff, since the target of a handoff starts with an empty history.
 * Stored as `.trainyard/handoffs/<id>.json`.
 */
export const handoffPacketSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  from: z.string(),
  to: z.string(),
  /** What the person wants, in their own words where known. */
  goal: z.string(),
  summary: z.string(),
  files: z.array(z.object({ path: z.string(), line: z.number().optional() })),
  flow: z.string().optional(),
  run: z.object({ id: z.string(), title: z.string(), state: z.string(), command: z.string() }).optional(),
  checkpoint: z.object({ path: z.string(), epoch: z.number().optional(), step: z.number().optional() }).optional(),
  metrics: z.record(z.string(), z.number()),
  decisions: z.array(z.string()),
  openQuestions: z.array(z.string()),
});

export type HandoffPacket = z.infer<typeof handoffPacketSchema>;

/** What is known about the work at the moment of a handoff; everything that is absent is simply not known. */
export type HandoffFacts = Partial<
  Pick<HandoffPacket, "files" | "flow" | "run" | "checkpoint" | "metrics" | "decisions" | "openQuestions">
>;

export type HandoffContent = {
  from: string;
  to: string;
  /** The prompt of the handoff, which stands in for the goal where the person's own words are not known. */
  prompt: string;
  goal?: string;
  summary?: string;
};

/** A packet is read by people and by models, so it carries the end of a long answer rather than all of it. */
const MAX_TEXT_CHARACTERS = 4_000;
const MAX_LIST_ITEMS = 50;

export function buildPacket(
  content: HandoffContent,
  facts: HandoffFacts,
  stamp: { id: string; createdAt: string },
): HandoffPacket {
  const { files = [], metrics = {}, decisions = [], openQuestions = [], ...present } = facts;
  return {
    schemaVersion: 1,
    ...stamp,
    from: content.from,
    to: content.to,
    goal: (content.goal?.trim() || content.prompt).slice(0, MAX_TEXT_CHARACTERS),
    summary: (content.summary ?? "").trim().slice(-MAX_TEXT_CHARACTERS),
    ...present,
    files: files.slice(0, MAX_LIST_ITEMS),
    metrics: Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value))),
    decisions: decisions.slice(0, MAX_LIST_ITEMS),
    openQuestions: openQuestions.slice(0, MAX_LIST_ITEMS),
  };
}

/*
 * How a packet travels: the prompt that a handoff puts into the chat input ends in `#handoff:<id>`. The token is
 * short, looks like the other `#` references of the chat, survives editing of the prompt, and can be deleted by a
 * person who wants to pass nothing on.
 */
const TOKEN = /(^|\s)#handoff:([a-z0-9]{4,32})(?=[\s.,;!?)]|$)/;

export function isPacketId(id: string): boolean {
  return /^[a-z0-9]{4,32}$/.test(id);
}

export function appendPacketToken(prompt: string, id: string): string {
  return `${prompt.trim()} #handoff:${id}`;
}

/** The prompt without its packet token, and the packet's id where there is one. */
export function takePacketToken(prompt: string): { prompt: string; packetId?: string } {
  const packetId = TOKEN.exec(prompt)?.[2];
  return packetId === undefined
    ? { prompt }
    : {
        prompt: prompt
          .replace(TOKEN, "$1")
          .replaceAll(/[ \t]{2,}/g, " ")
          .trim(),
        packetId,
      };
}
