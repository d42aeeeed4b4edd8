import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ThreadClient } from "../base/threadClient.ts";
import type { FactsReply, FactsRequest } from "./factsProtocol.ts";

export type FactsQuery = Partial<Omit<FactsRequest, "id">>;

/** Asks a worker thread for the facts of one workspace folder. */
export class FactsClient implements Disposable {
  readonly #thread: ThreadClient<FactsRequest, FactsReply>;

  constructor(folder: string) {
    this.#thread = new ThreadClient(
      workerPath(),
      { workerData: folder, name: "trainyard facts" },
      `Reading ${folder} was stopped before it was done. Ask again.`,
    );
  }

  ask(query: FactsQuery = {}, signal?: AbortSignal): Promise<FactsReply> {
    return this.#thread.ask({ changed: [], rescan: false, settings: {}, agents: [], ...query }, signal);
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }
}

/** The build puts the worker beside the chunk this file is in; from the sources it is the file next to this one. */
function workerPath(): string {
  const extension = extname(fileURLToPath(import.meta.url));
  return fileURLToPath(new URL(`./factsWorker${extension}`, import.meta.url));
}
