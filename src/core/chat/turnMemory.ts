import * as z from "zod";
import { oneLine } from "../base/markdown.ts";

/*
 * What a turn leaves behind for the next one, in `ChatResult.metadata`: VS Code keeps it as JSON with the session,
 * so it holds sentences about the tools and not their whole results.
 */

const followupSchema = z.object({ label: z.string(), prompt: z.string(), command: z.string().optional() });

const turnMemorySchema = z.object({
  trainyard: z.literal(1),
  /** The handoff this conversation began with. */
  packetId: z.string().optional(),
  /** The person has been told that no model answers here. */
  saidBuiltIn: z.boolean().optional(),
  /** The button below the answer that starts what the answer shows. */
  startButton: z.string().optional(),
  /** The answer proposes something that no single button starts as it stands. */
  hasProposed: z.boolean().optional(),
  /** The model that the person was told of, where the agent prefers another one. */
  saidModel: z.string().optional(),
  tools: z.array(z.object({ name: z.string(), input: z.string(), result: z.string() })).optional(),
  followups: z.array(followupSchema).optional(),
});

export type TurnMemory = z.infer<typeof turnMemorySchema>;
export type ToolNote = NonNullable<TurnMemory["tools"]>[number];

const MAX_NOTES = 15;
const MAX_INPUT_CHARACTERS = 200;
const MAX_RESULT_CHARACTERS = 500;

export function noteTool(name: string, input: unknown, result: string): ToolNote {
  return {
    name,
    input: oneLine(JSON.stringify(input) ?? "", MAX_INPUT_CHARACTERS),
    result: oneLine(result, MAX_RESULT_CHARACTERS),
  };
}

export function keepNotes(notes: readonly ToolNote[]): ToolNote[] {
  return notes.slice(-MAX_NOTES);
}

/** What a turn left; metadata of another shape or version left nothing. */
export function readTurnMemory(metadata: unknown): TurnMemory | undefined {
  const result = turnMemorySchema.safeParse(metadata);
  return result.success ? result.data : undefined;
}

/** The tools of an earlier turn, as the model is told about them before that turn's answer. */
export function renderToolNotes(notes: readonly ToolNote[]): string {
  return notes.map((note) => `[${note.name} ${note.input} answered: ${note.result}]`).join("\n");
}
