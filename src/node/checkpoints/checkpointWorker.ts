import { parentPort } from "node:worker_threads";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import { checkpointPage, encodeTensors, shownTensors } from "../../core/checkpoints/checkpointPage.ts";
import { compareCheckpoints } from "../../core/checkpoints/compareCheckpoints.ts";
import { describeComparison } from "../../core/checkpoints/describeComparison.ts";
import type { ListUntil } from "../../core/checkpoints/listUntil.ts";
import { packRows } from "../../core/checkpoints/packedRows.ts";
import type { TensorEntry } from "../../core/checkpoints/tensorEntry.ts";
import { tableRows } from "../../core/checkpoints/tensorTable.ts";
import type { CheckpointAnswer, CheckpointQuestion, CheckpointRequest } from "./checkpointProtocol.ts";
import { listCheckpointFolder, readFound, SummaryCache } from "./listCheckpointFolder.ts";
import { readCheckpointWithTensors } from "./readCheckpoint.ts";

/*
 * The thread that reads checkpoints for their pages. A pickle of a large model takes a second to walk, one that was made
 * to harm as long as its limits allow; neither holds up the window. It keeps the tensors of the pages that are open. One
 * request at a time, in the order they came; a failure that is no refusal ends the thread, and its client says so.
 */
const open = new Map<number, readonly TensorEntry[]>();
const cache = new SummaryCache();
/** Entries that are still to be fetched, by the number of their listing. */
const listings = new Map<number, readonly CheckpointEntry[]>();
let lastListing = 0;
/** Whoever receives a message holds up its own thread for as long as it takes to copy: a few milliseconds. */
const ENTRIES_AT_ONCE = 100;
/** Whoever gave up does not fetch the rest; what waits then is dropped as others are listed. */
const MAX_LISTINGS = 8;
let last: Promise<unknown> = Promise.resolve();

parentPort?.on("message", (request: CheckpointRequest) => {
  last = last.then(() => reply(request));
});

async function reply({ id, ...question }: CheckpointRequest): Promise<void> {
  const given = await answerOrRefuse(question);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.postMessage({ id, ...given });
}

async function answerOrRefuse(question: CheckpointQuestion): Promise<CheckpointAnswer> {
  try {
    return await answer(question);
  } catch (error) {
    if (error instanceof UserError) {
      return { kind: "refused", message: error.message };
    }
    throw error;
  }
}

async function answer(question: CheckpointQuestion): Promise<CheckpointAnswer> {
  if (question.kind === "open") {
    return openPage(question.page, question.path);
  }
  if (question.kind === "rows") {
    return { kind: "rows", rows: packRows(tableRows(tensorsOf(question.page), question.query)) };
  }
  if (question.kind === "compare") {
    return { kind: "compared", text: await compare(question.before, question.after) };
  }
  if (question.kind === "summary") {
    return { kind: "summarised", summary: await readFound(question.found) };
  }
  if (question.kind === "list") {
    return list(question.folder, question.until);
  }
  if (question.kind === "entries") {
    return entriesFrom(question.listing, question.at);
  }
  open.delete(question.page);
  return { kind: "closed" };
}

async function list(folder: string, until: ListUntil | undefined): Promise<CheckpointAnswer> {
  const listing = await listCheckpointFolder(folder, { cache, until });
  const number = ++lastListing;
  if (listing.kind !== "listed") {
    return { kind: "listed", listing, number, total: 0 };
  }
  const { entries } = listing;
  const first = { ...listing, entries: entries.slice(0, ENTRIES_AT_ONCE) };
  if (entries.length > ENTRIES_AT_ONCE) {
    listings.set(number, entries);
    listings.delete(number - MAX_LISTINGS);
  }
  return { kind: "listed", listing: first, number, total: entries.length };
}

function entriesFrom(number: number, at: number): CheckpointAnswer {
  const entries = listings.get(number);
  if (entries === undefined) {
    throw new UserError("The list of the checkpoints was lost when other folders were read. Ask again.");
  }
  if (at + ENTRIES_AT_ONCE >= entries.length) {
    listings.delete(number);
  }
  return { kind: "entries", entries: entries.slice(at, at + ENTRIES_AT_ONCE) };
}

async function openPage(page: number, path: string): Promise<CheckpointAnswer> {
  const details = await readCheckpointWithTensors(path);
  const tensors = shownTensors(details.tensors);
  open.set(page, tensors);
  return { kind: "opened", page: checkpointPage(details), tensors: encodeTensors(tensors) };
}

function tensorsOf(page: number): readonly TensorEntry[] {
  const tensors = open.get(page);
  if (tensors === undefined) {
    throw new UserError("The list of the tensors was lost when another file was read. Open the checkpoint again.");
  }
  return tensors;
}

async function compare(first: string, second: string): Promise<string> {
  const before = await readCheckpointWithTensors(first);
  const after = await readCheckpointWithTensors(second);
  const sides = { before: before.summary, after: after.summary };
  return describeComparison(sides, compareCheckpoints(before, after));
}
