import { escapeMarkdown, fencedBlock, inlineCode } from "../base/markdown.ts";
import { type AgentMemory, type FiledNote, isEmptyMemory, type MemoryNote, notesOf, otherLines } from "./memoryFile.ts";

const MAX_OTHER_LINES = 30;

/** The notes of an agent by topic, as Markdown; with nothing remembered, how to begin. */
export function describeMemory(agent: string, memory: AgentMemory): string {
  const notes = notesOf(memory);
  const others = otherLines(agent, memory);
  if (isEmptyMemory(agent, memory)) {
    return `@${agent} remembers nothing about this workspace yet. Tell it something with \`/remember\`, for example \`/remember labels are versioned with DVC\`.`;
  }
  const headings = [...new Set(notes.map(({ heading }) => heading))];
  const parts = headings.map((heading) => {
    const lines = notes.filter((note) => note.heading === heading).map((note) => `- ${describeNote(note)}`);
    return [`**${escapeMarkdown(heading)}**`, "", ...lines].join("\n");
  });
  return [`@${agent} remembers ${countNotes(notes.length)} about this workspace.`, ...parts, ...besides(others)].join(
    "\n\n",
  );
}

/** What a person wrote into the file without a date: it is read, and only a person takes it out. */
function besides(lines: readonly string[]): string[] {
  if (lines.length === 0) {
    return [];
  }
  const more = lines.length - MAX_OTHER_LINES;
  const shown = [...lines.slice(0, MAX_OTHER_LINES), ...(more > 0 ? [`… and ${more} more lines`] : [])];
  return ["Also in its file, without a date:", fencedBlock(shown.join("\n"), "")];
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
  return count === 0 ? "no dated note" : count === 1 ? "one note" : `${count} notes`;
}
