import { ThreadClient } from "../base/threadClient.ts";
import { workerPath } from "../base/workerPath.ts";
import type {
  FolderQuestion,
  FolderReply,
  FoundLogs,
  MetricsReply,
  MetricsRequest,
  RunCurvesReply,
  RunsQuestion,
} from "./metricsProtocol.ts";

const STOPPED = "Reading the curves was stopped before it was done. Open them again.";

/** Asks a worker thread for curves; it keeps what it read, so that the next question costs what was added. */
export class MetricsClient implements Disposable {
  readonly #thread: ThreadClient<MetricsRequest, MetricsReply>;

  constructor(path: string) {
    this.#thread = new ThreadClient(path, { name: "trainyard curves" }, STOPPED);
  }

  /** The curves of each run, in their order. */
  async readRuns(runs: RunsQuestion): Promise<readonly RunCurvesReply[]> {
    return (await this.#thread.ask({ runs })).runs ?? [];
  }

  /** The curves of the logs in a folder. Refuses where it is not there. */
  async readFolder(folder: FolderQuestion): Promise<FolderReply> {
    const reply = await this.#thread.ask({ folder });
    return reply.folder ?? { runs: [], known: [], problems: [], lookedFor: "" };
  }

  /** What holds logs at the top of some folders, what was written last first. */
  async findLogs(roots: readonly string[]): Promise<readonly FoundLogs[]> {
    return (await this.#thread.ask({ roots })).found ?? [];
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }
}

export function openMetrics(): MetricsClient {
  return new MetricsClient(workerPath(import.meta.url, "metricsWorker"));
}
