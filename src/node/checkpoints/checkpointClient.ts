import type { CheckpointListing } from "../../core/checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import type { ListFolder, ListUntil } from "../../core/checkpoints/listUntil.ts";
import type { Answer, CheckpointQuestion } from "./checkpointProtocol.ts";
import type { FoundParts } from "./listCheckpointFolder.ts";
import { unpackEntries } from "./packedEntries.ts";
import { ReaderThread } from "./readerThread.ts";

/**
 * Asks worker threads what checkpoints hold: their pages, a summary, a whole folder. What lists folders, what shows pages
 * and what compares are threads of their own, since a pickle of a large model takes one of them a second to walk.
 */
export class CheckpointClient implements Disposable {
  readonly #listing = new ReaderThread("trainyard checkpoints");
  readonly #pages = new ReaderThread("trainyard checkpoint pages");
  #comparisons = 0;
  readonly #comparing = new ReaderThread("trainyard checkpoint comparison");

  /** What is shown of a file; its tensors are kept under the number of the page for `rows`. */
  open(page: number, path: string): Promise<Answer<"opened">> {
    return this.#pages.ask({ kind: "open", page, path }, "opened");
  }

  async rows(
    page: number,
    query: Extract<CheckpointQuestion, { kind: "rows" }>["query"],
  ): Promise<Answer<"rows">["rows"]> {
    return (await this.#pages.ask({ kind: "rows", page, query }, "rows")).rows;
  }

  async close(page: number): Promise<void> {
    await this.#pages.ask({ kind: "close", page }, "closed");
  }

  /**
   * What differs between two checkpoints, as Markdown; with `hasNumbers` also in the numbers of their tensors. Its thread ends with
   * the last comparison, and gives back what two large models take.
   */
  async compare(
    before: string,
    after: string,
    { hasNumbers = false, signal }: { hasNumbers?: boolean; signal?: AbortSignal } = {},
  ): Promise<string> {
    this.#comparisons++;
    try {
      return (await this.#comparing.ask({ kind: "compare", before, after, hasNumbers }, "compared", signal)).text;
    } finally {
      this.#comparisons--;
      if (this.#comparisons === 0) {
        this.#comparing[Symbol.dispose]();
      }
    }
  }

  /**
   * What one checkpoint holds, or one in several files without an index; read again only when it has changed. Throws
   * UserError where it cannot be read.
   */
  async summary(found: FoundParts, signal?: AbortSignal): Promise<CheckpointSummary> {
    return (await this.#listing.ask({ kind: "summary", found }, "summarised", signal)).summary;
  }

  /** The same as `listCheckpointFolder`; what the thread has read once it reads again only when it has changed. */
  async list(
    folder: string,
    { until, signal }: { until?: ListUntil | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<CheckpointListing> {
    const { listing, packed } = await this.#listing.ask({ kind: "list", folder, until }, "listed", signal);
    return listing.kind === "listed" ? { ...listing, entries: await unpackEntries(packed, signal) } : listing;
  }

  [Symbol.dispose](): void {
    this.#listing[Symbol.dispose]();
    this.#pages[Symbol.dispose]();
    this.#comparing[Symbol.dispose]();
  }
}

let shared: CheckpointClient | undefined;

/** The one thread of the program; it starts with the first question. */
export function checkpointClient(): CheckpointClient {
  return (shared ??= new CheckpointClient());
}

/** Lists in the thread of the program. */
export const listInThread: ListFolder = (folder, until) => checkpointClient().list(folder, { until });
