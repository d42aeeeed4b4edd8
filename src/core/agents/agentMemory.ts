import { UserError } from "../base/errors.ts";
import { findSecret } from "../base/secrets.ts";

/*
 * What an agent remembers of a workspace: Markdown that a person may edit.
 *
 *   # Memory of mlops-engineer
 *
 *   ## Model registry
 *   - 2026-11-21: Models are promoted by alias, never by stage [deploy/promote.py:14]
 *     ^date       ^what                                        ^where, optional
 *
 * Lines that are no notes stay where they are, word for word.
 */

/** The topics a note can be filed under. */
export const MEMORY_TOPIC_NAMES = [
  "orchestration",
  "registry",
  "infrastructure",
  "data",
  "monitoring",
  "delivery",
  "failures",
  "other",
] as const;

export type MemoryTopic = (typeof MEMORY_TOPIC_NAMES)[number];

/** The heading of each topic. */
export const MEMORY_TOPICS: Readonly<Record<MemoryTopic, string>> = {
  orchestration: "Orchestration and DAG patterns",
  registry: "Model registry",
  infrastructure: "Infrastructure",
  data: "Data sources and schemas",
  monitoring: "Monitoring and alerts",
  delivery: "CI/CD and deployment",
  failures: "Failures and what resolved them",
  other: "Other",
};

export type MemoryNote = {
  /** Day of writing, `YYYY-MM-DD`. */
  date: string;
  what: string;
  /** The file, line or place it was seen at. */
  where?: string;
};

type MemoryLine = ({ kind: "note" } & MemoryNote) | { kind: "text"; text: string };

/** A part of the file under one heading; the first part, before any `##`, has none. */
type MemorySection = { heading?: string; lines: readonly MemoryLine[] };

export type AgentMemory = { sections: readonly MemorySection[] };

/** A note beside the heading it stands under. */
export type FiledNote = MemoryNote & { heading: string };

/** The whole file goes into the agent's prompt, so it must stay a small part of one: about 4,000 tokens. */
export const MAX_MEMORY_CHARACTERS = 16_000;
/** A note is a sentence or two with its place; more belongs into a document. */
const MAX_NOTE_CHARACTERS = 400;

const NOTE = /^[-*] (\d{4}-\d{2}-\d{2}): (.+?)(?: \[([^\]]+)\])?$/;

/** Reads any text; what is no note is kept as it is. */
export function parseMemory(text: string): AgentMemory {
  const sections: { heading?: string; lines: MemoryLine[] }[] = [{ lines: [] }];
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    const heading = /^## +(.+)$/.exec(line)?.[1]?.trim();
    if (heading === undefined) {
      sections.at(-1)?.lines.push(parseLine(line));
    } else {
      sections.push({ heading, lines: [] });
    }
  }
  return { sections: sections.map((section) => ({ ...section, lines: withoutBlankEdges(section.lines) })) };
}

function parseLine(line: string): MemoryLine {
  const match = NOTE.exec(line.trimEnd());
  if (match === null) {
    return { kind: "text", text: line };
  }
  const [, date = "", what = "", where] = match;
  return { kind: "note", date, what, ...(where === undefined ? {} : { where }) };
}

function withoutBlankEdges(lines: readonly MemoryLine[]): readonly MemoryLine[] {
  const isBlank = (line: MemoryLine) => line.kind === "text" && line.text.trim() === "";
  const first = lines.findIndex((line) => !isBlank(line));
  const last = lines.findLastIndex((line) => !isBlank(line));
  return first === -1 ? [] : lines.slice(first, last + 1);
}

/** The text of the file; headings without a line under them are left out. */
export function renderMemory(agent: string, memory: AgentMemory): string {
  const [opening, ...topics] = memory.sections;
  const intro = opening === undefined || opening.lines.length === 0 ? newIntro(agent) : opening.lines.map(renderLine);
  const parts = topics
    .filter(({ lines }) => lines.length > 0)
    .map(({ heading, lines }) => [`## ${heading}`, ...lines.map(renderLine)].join("\n"));
  return `${[intro.join("\n"), ...parts].join("\n\n")}\n`;
}

/** What goes into the agent's prompt: the file without the lines that every memory begins with. */
export function memoryForPrompt(agent: string, memory: AgentMemory): string {
  const intro = new Set(newIntro(agent));
  const [opening, ...topics] = memory.sections;
  const own = (opening?.lines ?? []).map(renderLine).filter((line) => !intro.has(line));
  const parts = topics.map(({ heading, lines }) => [`${heading}:`, ...lines.map(renderLine)].join("\n"));
  return [...own, ...parts].join("\n");
}

function newIntro(agent: string): string[] {
  return [
    `# Memory of ${agent}`,
    "",
    `Notes that @${agent} reads before it answers. One line is one note; edit or delete lines as you like.`,
  ];
}

function renderLine(line: MemoryLine): string {
  return line.kind === "text" ? line.text : renderNote(line);
}

/** A note as its line in the file. */
export function renderNote({ date, what, where }: MemoryNote): string {
  return `- ${date}: ${what}${where === undefined ? "" : ` [${where}]`}`;
}

/** Every note in the order of the file. */
export function notesOf(memory: AgentMemory): FiledNote[] {
  return memory.sections.flatMap(({ heading, lines }) =>
    lines.flatMap((line) => {
      if (line.kind === "text") {
        return [];
      }
      const { kind: _kind, ...note } = line;
      return [{ ...note, heading: heading ?? MEMORY_TOPICS.other }];
    }),
  );
}

export type RememberedNote = { memory: AgentMemory; note: MemoryNote; dropped: readonly FiledNote[] };

/**
 * Adds a note under its topic. The same statement written again replaces the older one. When the file would grow over its
 * limit, the oldest notes leave first and are returned. Throws a UserError for a secret, an empty or an over-long note,
 * and when what is no note fills the file.
 */
export function remember(
  memory: AgentMemory,
  agent: string,
  given: { topic: MemoryTopic; what: string; where?: string; date: string },
): RememberedNote {
  const note = checkedNote(given);
  const isSame = (line: MemoryLine) => line.kind === "note" && line.what === note.what;
  const others = mapLines(memory, (lines) => lines.filter((line) => !isSame(line)));
  const added = appendTo(others, MEMORY_TOPICS[given.topic], { kind: "note", ...note });
  return { ...compact(added, agent, note), note };
}

function checkedNote(given: { what: string; where?: string; date: string }): MemoryNote {
  const what = asLine(given.what);
  const where = given.where === undefined ? "" : asLine(given.where).replaceAll(/[[\]]/g, "");
  if (what === "") {
    throw new UserError("The note is empty. Say what to remember in one sentence, and where it was seen.");
  }
  if (what.length + where.length > MAX_NOTE_CHARACTERS) {
    throw new UserError(
      `The note has ${what.length + where.length} characters; at most ${MAX_NOTE_CHARACTERS} fit. Write the fact in a sentence and name the file that has the rest.`,
    );
  }
  const secret = findSecret(`${what} ${where}`);
  if (secret !== undefined) {
    throw new UserError(
      `The note contains what looks like ${secret.kind}, and memory is a plain file. Nothing was written. Note where the secret is kept instead.`,
    );
  }
  return { date: given.date, what, ...(where === "" ? {} : { where }) };
}

/** One line without control characters, so that a note can neither become a heading nor hide text. */
function asLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
}

function appendTo(memory: AgentMemory, heading: string, line: MemoryLine): AgentMemory {
  if (memory.sections.some((section) => section.heading === heading)) {
    return {
      sections: memory.sections.map((section) =>
        section.heading === heading ? { ...section, lines: [...section.lines, line] } : section,
      ),
    };
  }
  return { sections: [...memory.sections, { heading, lines: [line] }] };
}

function compact(memory: AgentMemory, agent: string, newest: MemoryNote): Omit<RememberedNote, "note"> {
  // Sorting is stable: of two notes of one day, the one higher in the file is the older.
  const oldestFirst = notesOf(memory)
    .filter(({ what }) => what !== newest.what)
    .toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  const dropped: FiledNote[] = [];
  let left = memory;
  while (renderMemory(agent, left).length > MAX_MEMORY_CHARACTERS) {
    const oldest = oldestFirst.shift();
    if (oldest === undefined) {
      throw new UserError(
        `The memory of ${agent} is full of text that is no dated note, which is never removed by itself. Shorten the file, then try again.`,
      );
    }
    dropped.push(oldest);
    left = without(left, [oldest]);
  }
  return { memory: left, dropped };
}

/** The notes that contain every word of `words`, in any case. */
export function findNotes(memory: AgentMemory, words: string): FiledNote[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return notesOf(memory).filter((note) => {
    const text = `${note.heading} ${renderNote(note)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** The memory without some of its notes. */
export function without(memory: AgentMemory, notes: readonly FiledNote[]): AgentMemory {
  const gone = new Set(notes.map(noteKey));
  return {
    sections: memory.sections.map((section) => ({
      ...section,
      lines: section.lines.filter(
        (line) =>
          line.kind === "text" || !gone.has(noteKey({ ...line, heading: section.heading ?? MEMORY_TOPICS.other })),
      ),
    })),
  };
}

/** Puts a removed note back under its heading, with the day it was written on. */
export function restore(memory: AgentMemory, { heading, ...note }: FiledNote): AgentMemory {
  return appendTo(without(memory, [{ heading, ...note }]), heading, { kind: "note", ...note });
}

function noteKey(note: FiledNote): string {
  return JSON.stringify([note.heading, note.date, note.what, note.where]);
}

function mapLines(memory: AgentMemory, change: (lines: readonly MemoryLine[]) => readonly MemoryLine[]): AgentMemory {
  return { sections: memory.sections.map((section) => ({ ...section, lines: change(section.lines) })) };
}
