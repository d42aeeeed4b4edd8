import { parentPort, workerData } from "node:worker_threads";
import { UserError } from "../../core/base/errors.ts";
import { checkpointPage, encodeTensors, shownTensors } from "../../core/checkpoints/checkpointPage.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import { describeComparison } from "../../core/checkpoints/describeComparison.ts";
import { packRows } from "../../core/checkpoints/packedRows.ts";
import type { TensorEntry } from "../../core/checkpoints/tensorEntry.ts";
import { tableRows } from "../../core/checkpoints/tensorTable.ts";
import type { CheckpointAnswer, CheckpointQuestion, CheckpointRequest } from "./checkpointProtocol.ts";
import { compareFiles } from "./compareFiles.ts";
import { beforeEachFileCall } from "./fileCalls.ts";
import { type FoundParts, listCheckpointFolder, readFound, SummaryCache } from "./listCheckpointFolder.ts";
import { packEntries } from "./packedEntries.ts";
import { readCheckpointWithTensors } from "./readCheckpoint.ts";
import { seeCheckpoint } from "./seeCheckpoint.ts";

/*
 * A thread that reads checkpoints: for listings, for pages or for comparisons. A pickle of a large model takes a second to
 * walk, one that was made to harm as long as its limits allow; neither holds up the window. It keeps the tensors of the
 * pages that are open. One request at a time, in the order they came; a failure that is no refusal ends the thread, and its
 * client says so. Calls of the system are waited for, so that no message arrives meanwhile: the client and this thread share
 * memory instead.
 */
/** How many calls there were: while it rises, the disk answers. */
const calls: Int32Array = workerData;
const open = new Map<number, readonly TensorEntry[]>();
const cache = new SummaryCache();
/** A disk with coarse times may give both of two changes within it the same. */
const SAME_TIME_MS = 5_000;
let last: Promise<unknown> = Promise.resolve();
let asked: { stop: Int32Array | undefined; abort: AbortController } | undefined;

class AbandonedError extends Error {}

beforeEachFileCall(() => {
  Atomics.add(calls, 0, 1);
  noticeAbandoned();
});

function noticeAbandoned(): void {
  if (asked?.stop !== undefined && Atomics.load(asked.stop, 0) === 1) {
    asked.abort.abort(new AbandonedError("Nobody waits for the answer any more."));
  }
}

parentPort?.on("message", (request: CheckpointRequest) => {
  last = last.then(() => reply(request));
});

async function reply({ id, stop, ...question }: CheckpointRequest): Promise<void> {
  const abort = new AbortController();
  asked = { stop, abort };
  const given = await answerOrRefuse(question, abort.signal);
  const handedOver = given.kind === "listed" ? given.packed.map(({ buffer }) => buffer) : [];
  parentPort?.postMessage({ id, ...given }, handedOver);
}

async function answerOrRefuse(question: CheckpointQuestion, signal: AbortSignal): Promise<CheckpointAnswer> {
  try {
    noticeAbandoned();
    signal.throwIfAborted();
    return await answer(question, signal);
  } catch (error) {
    if (error instanceof UserError || error instanceof AbandonedError) {
      return { kind: "refused", message: error.message };
    }
    throw error;
  }
}

async function answer(question: CheckpointQuestion, signal: AbortSignal): Promise<CheckpointAnswer> {
  if (question.kind === "open") {
    return openPage(question.page, question.path);
  }
  if (question.kind === "rows") {
    return { kind: "rows", rows: packRows(tableRows(tensorsOf(question.page), question.query)) };
  }
  if (question.kind === "compare") {
    const { before, after, hasNumbers } = question;
    const { sides, comparison } = await compareFiles(before, after, { hasNumbers, signal });
    return { kind: "compared", text: describeComparison(sides, comparison) };
  }
  if (question.kind === "summary") {
    return { kind: "summarised", summary: await summaryOf(question.found) };
  }
  if (question.kind === "list") {
    return list(question, signal);
  }
  open.delete(question.page);
  return { kind: "closed" };
}

async function summaryOf(found: FoundParts): Promise<CheckpointSummary> {
  const seen = await seeCheckpoint(found);
  const changedMs = seen?.changedMs ?? seen?.modifiedMs ?? Number.POSITIVE_INFINITY;
  return seen !== undefined && Date.now() - changedMs > SAME_TIME_MS ? cache.summaryOf(seen) : readFound(found);
}

type ListQuestion = Extract<CheckpointQuestion, { kind: "list" }>;

async function list({ folder, until }: ListQuestion, signal: AbortSignal): Promise<CheckpointAnswer> {
  const listing = await listCheckpointFolder(folder, { cache, until, signal });
  return listing.kind === "listed"
    ? { kind: "listed", listing: { ...listing, entries: [] }, packed: packEntries(listing.entries) }
    : { kind: "listed", listing, packed: [] };
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
