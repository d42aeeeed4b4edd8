import { UserError } from "../../core/base/errors.ts";
import { ThreadClient } from "../base/threadClient.ts";
import { workerPath } from "../base/workerPath.ts";
import type { FactsReply, FactsRequest } from "./factsProtocol.ts";

export type FactsQuery = Partial<Omit<FactsRequest, "id">>;

/** A hundred times what a scan of 200,000 files takes: a thread that has no answer by then has none to give. */
const DEADLINE_MS = 60_000;

/** Asks a worker thread for the facts of one workspace folder. */
export class FactsClient implements Disposable {
  readonly #folder: string;
  readonly #thread: ThreadClient<FactsRequest, FactsReply>;

  constructor(folder: string) {
    this.#folder = folder;
    this.#thread = new ThreadClient(
      workerPath(import.meta.url, "factsWorker"),
      { workerData: folder, name: "trainyard facts" },
      `Reading ${folder} was stopped before it was done. Ask again.`,
    );
  }

  /** Refuses when the answer takes longer than the deadline, and ends the thread; the next question starts another. */
  async ask(query: FactsQuery = {}, signal?: AbortSignal): Promise<FactsReply> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      const seconds = DEADLINE_MS / 1000;
      late.abort(
        new UserError(
          `Reading ${this.#folder} took longer than ${seconds} seconds and was stopped. Ask again, or open a smaller folder.`,
        ),
      );
      this[Symbol.dispose]();
    }, DEADLINE_MS);
    try {
      const request = { changed: [], rescan: false, settings: {}, agents: [], ...query };
      return await this.#thread.ask(request, signal ? AbortSignal.any([signal, late.signal]) : late.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }
}
