import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointListing } from "../../core/checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import type { ListFolder, ListUntil } from "../../core/checkpoints/listUntil.ts";
import { ThreadClient } from "../base/threadClient.ts";
import type { CheckpointAnswer, CheckpointQuestion, CheckpointReply, CheckpointRequest } from "./checkpointProtocol.ts";
import type { FoundParts } from "./listCheckpointFolder.ts";
import { unpackEntries } from "./packedEntries.ts";
import { SILENCE_MS, SilenceWatch } from "./silenceWatch.ts";

/** A model with 100,000 tensors and its Adam state takes a third of it; what takes more ends the thread and not the window. */
const MAX_HEAP_MB = 1_536;

type Answer<Kind extends CheckpointAnswer["kind"]> = Extract<CheckpointAnswer, { kind: Kind }>;

/** Asks a worker thread what checkpoints hold: their pages, a summary, a whole folder. */
export class CheckpointClient implements Disposable {
  /** The calls of the system that the thread has made. */
  readonly #calls = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #thread = new ThreadClient<CheckpointRequest, CheckpointReply>(
    workerPath(),
    { workerData: this.#calls, name: "trainyard checkpoints", resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } },
    "Reading the checkpoint was stopped before it was done. Open it again.",
  );
  readonly #silence = new SilenceWatch(this.#calls, () => this.#giveUp());
  #late = new AbortController();

  /** What is shown of a file; its tensors are kept under the number of the page for `rows`. */
  open(page: number, path: string): Promise<Answer<"opened">> {
    return this.#ask({ kind: "open", page, path }, "opened");
  }

  async rows(
    page: number,
    query: Extract<CheckpointQuestion, { kind: "rows" }>["query"],
  ): Promise<Answer<"rows">["rows"]> {
    return (await this.#ask({ kind: "rows", page, query }, "rows")).rows;
  }

  async close(page: number): Promise<void> {
    await this.#ask({ kind: "close", page }, "closed");
  }

  async compare(before: string, after: string): Promise<string> {
    return (await this.#ask({ kind: "compare", before, after }, "compared")).text;
  }

  /**
   * What one checkpoint holds, or one in several files without an index; read again only when it has changed. Throws
   * UserError where it cannot be read.
   */
  async summary(found: FoundParts, signal?: AbortSignal): Promise<CheckpointSummary> {
    return (await this.#ask({ kind: "summary", found }, "summarised", signal)).summary;
  }

  /** The same as `listCheckpointFolder`; what the thread has read once it reads again only when it has changed. */
  async list(
    folder: string,
    { until, signal }: { until?: ListUntil | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<CheckpointListing> {
    const { listing, packed } = await this.#ask({ kind: "list", folder, until }, "listed", signal);
    return listing.kind === "listed" ? { ...listing, entries: await unpackEntries(packed, signal) } : listing;
  }

  [Symbol.dispose](): void {
    this.#silence[Symbol.dispose]();
    this.#thread[Symbol.dispose]();
  }

  async #ask<Kind extends CheckpointAnswer["kind"]>(
    question: CheckpointQuestion,
    kind: Kind,
    signal?: AbortSignal,
  ): Promise<Answer<Kind>> {
    const reply: CheckpointAnswer = await this.#silence.during(() => this.#reply(question, signal));
    if (reply.kind === "refused") {
      throw new UserError(reply.message);
    }
    if (!isAnswer(reply, kind)) {
      throw new Error(`The thread answered ${reply.kind} instead of ${kind}.`);
    }
    return reply;
  }

  async #reply(question: CheckpointQuestion, signal: AbortSignal | undefined): Promise<CheckpointReply> {
    const late = this.#late.signal;
    if (signal === undefined) {
      return this.#thread.ask(question, late);
    }
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    try {
      return await this.#thread.ask({ ...question, stop }, AbortSignal.any([signal, late]));
    } finally {
      Atomics.store(stop, 0, 1);
    }
  }

  /** Ends the thread, which may wait for a disk for ever; the next question starts another. */
  #giveUp(): void {
    const late = this.#late;
    this.#late = new AbortController();
    late.abort(
      new UserError(
        `Reading checkpoints was stopped: a disk or a file gave no answer for ${SILENCE_MS / 1000} seconds. Look whether the folder can be reached, then ask again.`,
      ),
    );
    this[Symbol.dispose]();
  }
}

function isAnswer<Kind extends CheckpointAnswer["kind"]>(answer: CheckpointAnswer, kind: Kind): answer is Answer<Kind> {
  return answer.kind === kind;
}

let shared: CheckpointClient | undefined;

/** The one thread of the program; it starts with the first question. */
export function checkpointClient(): CheckpointClient {
  return (shared ??= new CheckpointClient());
}

/** Lists in the thread of the program. */
export const listInThread: ListFolder = (folder, until) => checkpointClient().list(folder, { until });

/** The build puts the worker beside the chunk this file is in; from the sources it is the file next to this one. */
function workerPath(): string {
  const extension = extname(fileURLToPath(import.meta.url));
  return fileURLToPath(new URL(`./checkpointWorker${extension}`, import.meta.url));
}
