import * as z from "zod";

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
  /** How many handoffs before this one and with it were sent without waiting in the input box, in a row. */
  sentInARow: z.number().int().nonnegative().default(0),
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
  sentInARow?: number;
};

/** After this many, the next handoff waits in the input box: a person looks before agents go on talking to agents. */
export const MAX_SENT_IN_A_ROW = 3;

/** A packet is read by people and by models, so it carries the end of a long answer rather than all of it. */
const MAX_TEXT_CHARACTERS = 4_000;
/** No more than this share of what may stay is given up for a better beginning. */
const MAX_CUT_SHARE = 0.25;
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
    summary: lastLines((content.summary ?? "").trim(), MAX_TEXT_CHARACTERS),
    ...present,
    files: files.slice(0, MAX_LIST_ITEMS),
    metrics: Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value))),
    decisions: decisions.slice(0, MAX_LIST_ITEMS),
    openQuestions: openQuestions.slice(0, MAX_LIST_ITEMS),
    sentInARow: content.sentInARow ?? 0,
  };
}

/** The end of a text, from the beginning of a line, or else of a word, where that costs little of it. */
function lastLines(text: string, maxCharacters: number): string {
  const end = text.slice(-maxCharacters);
  if (end.length === text.length) {
    return text;
  }
  const dispensable = end.slice(0, maxCharacters * MAX_CUT_SHARE);
  const lineEnd = dispensable.indexOf("\n");
  return end.slice((lineEnd === -1 ? dispensable.search(/\s/) : lineEnd) + 1);
}

/** The facts of an earlier handoff stay true until newer ones of the same kind are known. */
export function inheritFacts(earlier: HandoffPacket | undefined, facts: HandoffFacts): HandoffFacts {
  if (earlier === undefined) {
    return facts;
  }
  const { files, flow, run, checkpoint, metrics, decisions, openQuestions } = earlier;
  const isSameRun = facts.run === undefined || facts.run.id === run?.id;
  return {
    files,
    decisions,
    openQuestions,
    // A flow that was handed over earlier has nothing to do with another run.
    ...(flow === undefined || !isSameRun ? {} : { flow }),
    ...(run === undefined || !isSameRun ? {} : { run, metrics }),
    ...(checkpoint === undefined || !isSameRun ? {} : { checkpoint }),
    ...facts,
  };
}

export type PacketReading = { kind: "read"; packet: HandoffPacket } | { kind: "unreadable"; reason: string };

/**
 * Where packets are kept.
 * Contract: `read` never rejects; its reason is a sentence for the person, and the work goes on without the packet.
 */
export type PacketStore = {
  /** Writes the packet under a new id and gives it back with it, beside the file's path. */
  write(content: HandoffContent, facts: HandoffFacts): Promise<{ packet: HandoffPacket; path: string }>;
  read(id: string): Promise<PacketReading>;
};
