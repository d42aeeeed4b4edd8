import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { groupBy } from "../../core/base/groupBy.ts";
import type { CheckpointEntry, CheckpointLink } from "../../core/checkpoints/checkpointListing.ts";
import { LOG_NAME, loggedBest } from "../../core/checkpoints/loggedBest.ts";
import { NOTE_NAME, notedCheckpoints } from "../../core/checkpoints/notedCheckpoints.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";
import { fileCalls } from "./fileCalls.ts";
import { mapConcurrently } from "./mapConcurrently.ts";
import { readStart } from "./pointerFiles.ts";

/** What a person or a script notes is short; a longer text is a log or data. */
const MAX_NOTE_BYTES = 65_536;
/** A row of each of thousands of epochs; a longer text is data. */
const MAX_LOG_BYTES = 1_048_576;
/** More in one folder are data, such as captions of images, but for those whose names say what they are. */
const MAX_NOTES = 50;
const NAMED_AS_LOG = /(?:^|[._-])(?:log|history|results?|metrics?|summary|scores?)(?:[._-]|\d)/i;
const CONCURRENT_FOLDERS = 16;

/** What notes and logs in the folders of these checkpoints, and in those that hold these folders, single out. */
export async function notesBeside(entries: readonly CheckpointEntry[]): Promise<CheckpointLink[]> {
  const inFolder = groupBy(entries, ({ path }) => dirname(path));
  const below = groupBy([...inFolder], ([folder]) => dirname(folder));
  const folders = [...new Set([...inFolder.keys(), ...below.keys()])];
  const found = await mapConcurrently(folders, CONCURRENT_FOLDERS, async (folder) => {
    const inner = (below.get(folder) ?? []).flatMap(([, own]) => own);
    const links: CheckpointLink[] = [];
    for (const note of await readNotes(folder)) {
      links.push(...linksFrom(note, [...(inFolder.get(folder) ?? []), ...inner]));
      // A log beside a thousand checkpoints takes a frame, and the thread may be that of the editor.
      await nextTurn();
    }
    return links;
  });
  return found.flat();
}

type Note = { path: string; name: string; text: string; modifiedMs: number };

function linksFrom(note: Note, entries: readonly CheckpointEntry[]): CheckpointLink[] {
  const isShort = NOTE_NAME.test(note.name) && note.text.length <= MAX_NOTE_BYTES;
  const noted = isShort ? notedCheckpoints(note, entries) : [];
  const logged = LOG_NAME.test(note.name) ? loggedBest(note, entries) : [];
  return [...noted.map((entry) => ({ entry })), ...logged].map(({ entry: { path }, ...why }) => ({
    path: note.path,
    target: path,
    isText: true as const,
    ...why,
  }));
}

async function readNotes(folder: string): Promise<Note[]> {
  const children = (await fileCalls.readdir(folder).catch(passOverFileErrors)) ?? [];
  const names = children
    .filter((child) => child.isFile() && (NOTE_NAME.test(child.name) || LOG_NAME.test(child.name)))
    .map(({ name }) => name);
  const notes: Note[] = [];
  const read = names.length <= MAX_NOTES ? names : names.filter((name) => NAMED_AS_LOG.test(name)).slice(0, MAX_NOTES);
  for (const name of read) {
    const path = join(folder, name);
    const text = await readStart(path, MAX_LOG_BYTES + 1);
    const [status] = await fileCalls.statEach([path]);
    if (text.length <= MAX_LOG_BYTES && status !== undefined && !(status instanceof Error)) {
      notes.push({ path, name, text, modifiedMs: status.mtimeMs });
    }
  }
  return notes;
}
