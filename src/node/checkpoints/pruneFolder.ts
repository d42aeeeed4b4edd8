import { UserError } from "../../core/base/errors.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import {
  type CheckpointWriter,
  narrowToAgreed,
  type PrunePlan,
  type PrunePolicy,
  planPrune,
} from "../../core/checkpoints/prunePolicy.ts";
import { listCheckpointFolder, SummaryCache } from "./listCheckpointFolder.ts";

/** What is known of the trainings that may have to do with these checkpoints; another slice knows it. */
export type ReadWriters = (entries: readonly CheckpointEntry[]) => Promise<readonly CheckpointWriter[]>;

/** The plans for one folder: the one that a person is asked about, and the one that is carried out. */
export class FolderPrune {
  readonly #folder: string;
  readonly #policy: PrunePolicy;
  readonly #readWriters: ReadWriters;
  readonly #cache = new SummaryCache();

  constructor(folder: string, policy: PrunePolicy, readWriters: ReadWriters) {
    this.#folder = folder;
    this.#policy = policy;
    this.#readWriters = readWriters;
  }

  /** What may go as the folder and the trainings are now. Throws UserError where the folder cannot be listed. */
  async plan(): Promise<PrunePlan> {
    const listing = await listCheckpointFolder(this.#folder, { cache: this.#cache });
    if (listing.kind !== "listed") {
      throw new UserError(listing.message);
    }
    const { entries, links } = listing;
    return planPrune(entries, this.#policy, await this.#readWriters(entries), links);
  }

  /**
   * The same once more, to be called right before anything is moved: a training may meanwhile have deleted what was to
   * stay. Of what was agreed to, only that goes which this plan lets go too.
   */
  async planAgain(agreed: readonly CheckpointEntry[]): Promise<PrunePlan> {
    return narrowToAgreed(await this.plan(), agreed);
  }
}
