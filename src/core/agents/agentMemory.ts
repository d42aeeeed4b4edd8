import { UserError } from "../base/errors.ts";
import { findSecret } from "../base/secrets.ts";
import {
  type AgentMemory,
  type FiledNote,
  insertNote,
  type MemoryNote,
  notesOf,
  readNote,
  removeNotes,
  renderMemory,
  renderNote,
} from "./memoryFile.ts";

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

/** The whole file goes into the agent's prompt, so it must stay a small part of one: about 4,000 tokens. */
export const MAX_MEMORY_CHARACTERS = 16_000;
/** A note is a sentence or two with its place; more belongs into a document. */
const MAX_NOTE_CHARACTERS = 400;

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
  const others = forget(memory, ({ what }) => what === note.what);
  const added = insertNote(others, agent, { ...note, heading: MEMORY_TOPICS[given.topic] });
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
  const line = renderNote({ date: given.date, what, ...(where === "" ? {} : { where }) });
  // Brackets at the end of the sentence are its place, as they will be when the file is read.
  return readNote(line) ?? { date: given.date, what };
}

/**
 * One line without control characters, so that a note can neither become a heading nor hide text. What is invisible goes
 * without a trace: a blank in its place would split a secret into two harmless words.
 */
function asLine(text: string): string {
  return text
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

function compact(memory: AgentMemory, agent: string, newest: MemoryNote): Omit<RememberedNote, "note"> {
  let excess = renderMemory(memory).length - MAX_MEMORY_CHARACTERS;
  // Sorting is stable: of two notes of one day, the one higher in the file is the older.
  const oldestFirst = notesOf(memory)
    .filter(({ what }) => what !== newest.what)
    .toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  let count = 0;
  for (const oldest of oldestFirst) {
    if (excess <= 0) {
      break;
    }
    excess -= renderNote(oldest).length + memory.newline.length;
    count += 1;
  }
  if (excess > 0) {
    throw new UserError(
      `The memory of ${agent} is full of text that is no dated note, which is never removed by itself. Shorten the file, then try again.`,
    );
  }
  const dropped = oldestFirst.slice(0, count);
  return { memory: without(memory, dropped), dropped };
}

/** The notes that contain every word of `words` as a whole word, in any case. */
export function findNotes(memory: AgentMemory, words: string): FiledNote[] {
  const wanted = words.split(/\s+/).flatMap((word) => {
    const bare = word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
    const literal = bare.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    return bare === "" ? [] : [new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "iu")];
  });
  return notesOf(memory).filter(
    (note) => wanted.length > 0 && wanted.every((word) => word.test(`${note.heading} ${renderNote(note)}`)),
  );
}

/** The memory without some of its notes. */
export function without(memory: AgentMemory, notes: readonly FiledNote[]): AgentMemory {
  const gone = new Set(notes.map(noteKey));
  return forget(memory, (note) => gone.has(noteKey(note)));
}

/** A heading of ours that has nothing left under it goes along; a person's stays. */
function forget(memory: AgentMemory, isGone: (note: FiledNote) => boolean): AgentMemory {
  return removeNotes(memory, isGone, Object.values(MEMORY_TOPICS));
}

/** Puts a removed note back under its heading, with the day it was written on. */
export function restore(memory: AgentMemory, agent: string, note: FiledNote): AgentMemory {
  return insertNote(without(memory, [note]), agent, note);
}

function noteKey(note: FiledNote): string {
  return JSON.stringify([note.heading, note.date, note.what, note.where]);
}
