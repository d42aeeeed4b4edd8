/*
 * What an agent remembers of a workspace: Markdown that a person may edit.
 *
 *   # Memory of mlops-engineer
 *
 *   ## Model registry
 *   - 2026-11-21: Models are promoted by alias, never by stage [deploy/promote.py:14]
 *     ^date       ^what                                        ^where, optional
 *
 * A change adds or takes out lines; every other line stays as it is, byte for byte.
 */

export type MemoryNote = {
  /** Day of writing, `YYYY-MM-DD`. */
  date: string;
  what: string;
  /** The file, line or place it was seen at. */
  where?: string;
};

/** A line of the file, with the note that it is, if it is one. */
type MemoryLine = {
  text: string;
  kind: "heading" | "note" | "text";
  heading?: string;
  note?: MemoryNote;
  /** As it was read; a line that is new ends as the file does elsewhere. */
  end?: string;
};

export type AgentMemory = { lines: readonly MemoryLine[]; newline: "\n" | "\r\n" };

/** A note beside the heading it stands under. */
export type FiledNote = MemoryNote & { heading: string };

/** Where a note stands that a person wrote above the first heading. */
const NO_HEADING = "Other";

const NOTE = /^[-*] (\d{4}-\d{2}-\d{2}): (.+)$/;
const PLACE = /^\[([^[\]]+)\]$/;
/** A longer line is no note that `remember` wrote. */
const MAX_NOTE_LINE = 2_000;
const HEADING = /^## +(\S.*)$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Reads any text; what is no note is kept as it is, and so is a code block with everything in it. */
export function parseMemory(text: string): AgentMemory {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  // What is captured stands between the parts: line, its end, line, its end, …
  const parts = text.split(/(\r?\n)/);
  const texts = parts.filter((part, index) => index % 2 === 0 && (part !== "" || index < parts.length - 1));
  const isCode = codeLines(texts);
  let heading: string | undefined;
  const lines = texts.map((line, index): MemoryLine => {
    const read = isCode[index] === true ? plainLine(line) : readLine(line);
    heading = read.kind === "heading" ? read.heading : heading;
    return { ...read, end: parts[2 * index + 1] ?? "", ...(heading === undefined ? {} : { heading }) };
  });
  return { lines, newline };
}

function plainLine(text: string): MemoryLine {
  return { text, kind: "text" };
}

function readLine(text: string): MemoryLine {
  const heading = HEADING.exec(text)?.[1]?.trim();
  if (heading !== undefined) {
    return { text, kind: "heading", heading };
  }
  const note = readNote(text);
  return note === undefined ? plainLine(text) : { text, kind: "note", note };
}

/** The note that a line of the file is; undefined where it is none. */
export function readNote(line: string): MemoryNote | undefined {
  const match = line.length > MAX_NOTE_LINE ? null : NOTE.exec(line.trimEnd());
  if (match === null) {
    return undefined;
  }
  const [, date = "", text = ""] = match;
  const at = text.lastIndexOf(" [");
  const where = at > 0 ? PLACE.exec(text.slice(at + 1))?.[1] : undefined;
  return where === undefined ? { date, what: text } : { date, what: text.slice(0, at), where };
}

/** Which lines lie in a fenced block. One that never closes is none: a note below it must still be found. */
function codeLines(texts: readonly string[]): boolean[] {
  const isCode = texts.map(() => false);
  let open: { index: number; fence: string } | undefined;
  for (const [index, text] of texts.entries()) {
    const fence = FENCE.exec(text)?.[1];
    if (open === undefined) {
      open = fence === undefined ? undefined : { index, fence };
    } else if (fence?.startsWith(open.fence) === true && text.trim() === fence) {
      isCode.fill(true, open.index, index + 1);
      open = undefined;
    }
  }
  return isCode;
}

/** The text of the file. */
export function renderMemory(memory: AgentMemory): string {
  const last = memory.lines.length - 1;
  return memory.lines
    .map(({ text, end = memory.newline }, index) => text + (end === "" && index < last ? memory.newline : end))
    .join("");
}

/** A note as its line in the file. */
export function renderNote({ date, what, where }: MemoryNote): string {
  return `- ${date}: ${what}${where === undefined ? "" : ` [${where}]`}`;
}

/** Every note in the order of the file. */
export function notesOf(memory: AgentMemory): FiledNote[] {
  return memory.lines.flatMap((line) => filedNote(line) ?? []);
}

/** The note of a line with its heading. */
function filedNote({ note, heading }: MemoryLine): FiledNote | undefined {
  return note === undefined ? undefined : { ...note, heading: heading ?? NO_HEADING };
}

/** Adds a note as the last line under its heading, which is made at the end of the file where it is missing. */
export function insertNote(memory: AgentMemory, agent: string, { heading, ...note }: FiledNote): AgentMemory {
  const added: MemoryLine = { text: renderNote(note), kind: "note", heading, note };
  const last = memory.lines.findLastIndex((line) => line.heading === heading && line.text.trim() !== "");
  if (last !== -1) {
    return { ...memory, lines: memory.lines.toSpliced(last + 1, 0, added) };
  }
  const isEmpty = memory.lines.every(({ text }) => text.trim() === "");
  const above = isEmpty ? newIntro(agent).map(plainLine) : memory.lines;
  const gap = above.at(-1)?.text.trim() === "" ? [] : [plainLine("")];
  return { ...memory, lines: [...above, ...gap, { text: `## ${heading}`, kind: "heading", heading }, added] };
}

/** The memory without the notes that `isGone` picks, nor those of `headings` that have nothing left under them. */
export function removeNotes(
  memory: AgentMemory,
  isGone: (note: FiledNote) => boolean,
  headings: readonly string[],
): AgentMemory {
  const touched = new Set<string | undefined>();
  const lines = memory.lines.filter((line) => {
    const note = filedNote(line);
    if (note === undefined || !isGone(note)) {
      return true;
    }
    touched.add(line.heading);
    return false;
  });
  const filled = new Set(lines.filter(({ kind, text }) => kind !== "heading" && text.trim() !== "").map(headingOf));
  const empty = new Set<string | undefined>(headings.filter((name) => touched.has(name) && !filled.has(name)));
  return { ...memory, lines: lines.filter((line) => !empty.has(line.heading)) };
}

function headingOf({ heading }: MemoryLine): string | undefined {
  return heading;
}

/** The lines that a person wrote beside the notes, without blank ones. */
export function otherLines(agent: string, memory: AgentMemory): string[] {
  const intro = new Set(newIntro(agent));
  return memory.lines
    .filter(({ kind }) => kind === "text")
    .flatMap(({ text }) => (text.trim() === "" || intro.has(text) ? [] : [text]));
}

/** Whether the file says nothing of a person or an agent: no note, and no line without a date. */
export function isEmptyMemory(agent: string, memory: AgentMemory): boolean {
  return notesOf(memory).length === 0 && otherLines(agent, memory).length === 0;
}

/** What goes into the agent's prompt, in at most `limit` characters: the file without the lines that every memory begins with. */
export function memoryForPrompt(agent: string, memory: AgentMemory, limit: number): string {
  const intro = new Set(newIntro(agent));
  const lines = memory.lines.flatMap(({ text, kind, heading }) => (kind === "heading" ? [`${heading}:`] : [text]));
  const text = lines.filter((line) => line.trim() !== "" && !intro.has(line)).join("\n");
  if (text.length <= limit) {
    return text;
  }
  const cut = text.lastIndexOf("\n", limit);
  return `${text.slice(0, cut > 0 ? cut : limit)}\n(The file goes on: ${text.length} characters, of which the first ${limit} are read.)`;
}

function newIntro(agent: string): string[] {
  return [
    `# Memory of ${agent}`,
    "",
    `Notes that @${agent} reads before it answers. One line is one note; edit or delete lines as you like.`,
  ];
}
