import { parentPort } from "node:worker_threads";
import { UserError } from "../../core/base/errors.ts";
import { checkpointPage, encodeTensors, shownTensors } from "../../core/checkpoints/checkpointPage.ts";
import { compareCheckpoints } from "../../core/checkpoints/compareCheckpoints.ts";
import { describeComparison } from "../../core/checkpoints/describeComparison.ts";
import type { ListUntil } from "../../core/checkpoints/listUntil.ts";
import { packRows } from "../../core/checkpoints/packedRows.ts";
import type { TensorEntry } from "../../core/checkpoints/tensorEntry.ts";
import { tableRows } from "../../core/checkpoints/tensorTable.ts";
import type { CheckpointAnswer, CheckpointQuestion, CheckpointRequest } from "./checkpointProtocol.ts";
import { listCheckpointFolder, readFound, SummaryCache } from "./listCheckpointFolder.ts";
import { packEntries } from "./packedEntries.ts";
import { readCheckpointWithTensors } from "./readCheckpoint.ts";

/*
 * The thread that reads checkpoints for their pages. A pickle of a large model takes a second to walk, one that was made
 * to harm as long as its limits allow; neither holds up the window. It keeps the tensors of the pages that are open. One
 * request at a time, in the order they came; a failure that is no refusal ends the thread, and its client says so.
 */
const open = new Map<number, readonly TensorEntry[]>();
const cache = new SummaryCache();
let last: Promise<unknown> = Promise.resolve();

parentPort?.on("message", (request: CheckpointRequest) => {
  last = last.then(() => reply(request));
});

async function reply({ id, ...question }: CheckpointRequest): Promise<void> {
  const given = await answerOrRefuse(question);
  const handedOver = given.kind === "listed" ? given.packed.map(({ buffer }) => buffer) : [];
  parentPort?.postMessage({ id, ...given }, handedOver);
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
  open.delete(question.page);
  return { kind: "closed" };
}

async function list(folder: string, until: ListUntil | undefined): Promise<CheckpointAnswer> {
  const listing = await listCheckpointFolder(folder, { cache, until });
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

async function compare(first: string, second: string): Promise<string> {
  const before = await readCheckpointWithTensors(first);
  const after = await readCheckpointWithTensors(second);
  const sides = { before: before.summary, after: after.summary };
  return describeComparison(sides, compareCheckpoints(before, after));
}
