import * as z from "zod";
import { MEMORY_TOPIC_NAMES, MEMORY_TOPICS, type MemoryTopic, type RememberedNote } from "../agents/agentMemory.ts";
import { renderNote } from "../agents/memoryFile.ts";
import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

const rememberSchema = z.strictObject({
  agent: printableText(200)
    .min(1)
    .describe("The agent that shall know this in later conversations, such as mlops-engineer; usually yourself"),
  topic: z.enum(MEMORY_TOPIC_NAMES),
  what: z.string().describe("One or two sentences with one fact that stays true, not what was done today"),
  where: z.string().optional().describe("The file with line, or the place, where this was seen"),
});

export type RememberInput = z.infer<typeof rememberSchema>;

export type RememberPorts = {
  /** Contract: refuses by throwing UserError, see `remember`. */
  writeNote(
    agent: string,
    note: { topic: MemoryTopic; what: string; where?: string },
  ): Promise<RememberedNote & { path: string }>;
};

/** Lets an agent keep one fact for its later conversations. */
export function rememberTool(ports: RememberPorts) {
  return defineTool<RememberInput>({
    name: "trainyard_remember",
    referenceName: "trainyardRemember",
    displayName: "Remember",
    userDescription: "Keep a fact about this workspace for later conversations",
    modelDescription:
      "Writes one short, dated note into the memory of an agent (.trainyard/memory/<agent>.md), which that agent reads before each answer. " +
      "Use it for what took effort to find out and stays true: orchestration patterns, registry naming and promotion, infrastructure, " +
      "data sources and schemas, alert thresholds, deployment strategy, failures and what resolved them. Never for secrets (refused), " +
      "guesses, or what the files say plainly. The person sees and can remove each note.",
    icon: "$(bookmark)",
    input: rememberSchema,
    progress: ({ agent }) => `Writing a note into the memory of ${agent}`,
    confirm: ({ agent, topic, what, where }) =>
      Promise.resolve({
        title: `Let @${agent} remember this?`,
        message: `${MEMORY_TOPICS[topic]}: ${escapeMarkdown(what)}${where === undefined ? "" : ` (${inlineCode(where)})`}`,
      }),
    async run({ agent, topic, what, where }) {
      const written = await ports.writeNote(agent, { topic, what, ...(where === undefined ? {} : { where }) });
      const { note, dropped, path } = written;
      const left = dropped.length === 0 ? "" : ` To make room, the oldest left: ${dropped.map(renderNote).join("; ")}`;
      return { text: `Noted in ${path}: ${renderNote(note)}${left}`, data: { path, note, dropped } };
    },
  });
}
