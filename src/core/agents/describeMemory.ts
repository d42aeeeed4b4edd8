import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { type AgentMemory, type FiledNote, type MemoryNote, notesOf } from "./memoryFile.ts";

/** The notes of an agent by topic, as Markdown; with nothing remembered, how to begin. */
export function describeMemory(agent: string, memory: AgentMemory): string {
  const notes = notesOf(memory);
  if (notes.length === 0) {
    return `@${agent} remembers nothing about this workspace yet. Tell it something with \`/remember\`, for example \`/remember labels are versioned with DVC\`.`;
  }
  const headings = [...new Set(notes.map(({ heading }) => heading))];
  const parts = headings.map((heading) => {
    const lines = notes.filter((note) => note.heading === heading).map((note) => `- ${describeNote(note)}`);
    return [`**${escapeMarkdown(heading)}**`, "", ...lines].join("\n");
  });
  return [`@${agent} remembers ${countNotes(notes.length)} about this workspace.`, ...parts].join("\n\n");
}

/** One note as Markdown: what, where, when. */
export function describeNote({ what, where, date }: MemoryNote): string {
  const place = where === undefined ? "" : ` · ${inlineCode(where)}`;
  return `${escapeMarkdown(what)}${place} · ${date}`;
}

export type Forgetting =
  | { kind: "forget"; note: FiledNote }
  | { kind: "choose"; among: readonly FiledNote[] }
  | { kind: "nothing-found" };

/** Forgetting takes one note at a time: words that fit several of them ask for more words. */
export function planForgetting(found: readonly FiledNote[]): Forgetting {
  const [first, second] = found;
  if (first === undefined) {
    return { kind: "nothing-found" };
  }
  return second === undefined ? { kind: "forget", note: first } : { kind: "choose", among: found };
}

function countNotes(count: number): string {
  return count === 1 ? "one note" : `${count} notes`;
}
