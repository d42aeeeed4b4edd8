import { UserError } from "../../core/base/errors.ts";
import { ThreadClient } from "../base/threadClient.ts";
import { workerPath } from "../base/workerPath.ts";
import type {
  Answer,
  CheckpointAnswer,
  CheckpointQuestion,
  CheckpointReply,
  CheckpointRequest,
} from "./checkpointProtocol.ts";
import { SILENCE_MS, SilenceWatch } from "./silenceWatch.ts";

/** A model with 100,000 tensors and its Adam state takes a third of it; what takes more ends the thread and not the window. */
const MAX_HEAP_MB = 1_536;

/** One thread that reads checkpoints, one question after the other; it starts with the first. */
export class ReaderThread implements Disposable {
  /** The calls of the system that the thread has made. */
  readonly #calls = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #thread: ThreadClient<CheckpointRequest, CheckpointReply>;
  readonly #silence = new SilenceWatch(this.#calls, () => this.#giveUp());
  #late = new AbortController();

  /** `name` is shown by whoever lists the threads of the program. */
  constructor(name: string) {
    this.#thread = new ThreadClient(
      workerPath(import.meta.url, "checkpointWorker"),
      { workerData: this.#calls, name, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } },
      "Reading the checkpoint was stopped before it was done. Open it again.",
    );
  }

  /** Throws UserError where the thread refuses, ends or gives no sign of life. */
  async ask<Kind extends CheckpointAnswer["kind"]>(
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

  [Symbol.dispose](): void {
    this.#silence[Symbol.dispose]();
    this.#thread[Symbol.dispose]();
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
