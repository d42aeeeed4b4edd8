import { setImmediate as nextTurn } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointEntry, CheckpointListing } from "../../core/checkpoints/checkpointListing.ts";
import { seriesNameOf } from "../../core/checkpoints/checkpointSeries.ts";
import type { CheckpointWriter } from "../../core/checkpoints/checkpointWriter.ts";
import { requireAll } from "../../core/checkpoints/leftOutFolders.ts";
import type { ListFolder } from "../../core/checkpoints/listUntil.ts";
import { namedFactsOf } from "../../core/checkpoints/namedFacts.ts";
import { narrowToAgreed, type PrunePlan, planSteps } from "../../core/checkpoints/planPrune.ts";
import type { PrunePolicy } from "../../core/checkpoints/prunePolicy.ts";
import { requireFolderOfCheckpoints } from "./folderOfCheckpoints.ts";
import { notesBeside } from "./notesBeside.ts";
import { pointersBeside } from "./pointerFiles.ts";
import { linksBeside } from "./scanCheckpointFolder.ts";

const NAMES_PER_TURN = 200;

/** What is known of the trainings that may have to do with these checkpoints; another slice knows it. */
export type ReadWriters = (entries: readonly CheckpointEntry[]) => Promise<readonly CheckpointWriter[]>;

/** What is known of a folder and of those that write to it. */
export type PruneSources = {
  listFolder: ListFolder;
  /** Reads every file once more, whatever was read before. */
  listAfresh: (folder: string) => Promise<CheckpointListing>;
  readWriters: ReadWriters;
};

/** The plans for one folder: the one that a person is asked about, and the one that is carried out. */
export class FolderPrune {
  readonly #folder: string;
  readonly #policy: PrunePolicy;
  readonly #sources: PruneSources;

  constructor(folder: string, policy: PrunePolicy, sources: PruneSources) {
    this.#folder = folder;
    this.#policy = policy;
    this.#sources = sources;
  }

  /**
   * What may go as the folder and the trainings are now. Throws UserError where the folder cannot be listed whole, and where
   * it is one checkpoint itself.
   */
  async plan(): Promise<PrunePlan> {
    return this.#planOf(await this.#sources.listFolder(this.#folder));
  }

  /**
   * The same once more, to be called right before anything is moved: a training may meanwhile have deleted what was to
   * stay, so nothing is taken from what was read before. Of what was agreed to, only that goes which this plan lets go too.
   */
  async planAgain(agreed: readonly CheckpointEntry[]): Promise<PrunePlan> {
    return narrowToAgreed(await this.#planOf(await this.#sources.listAfresh(this.#folder)), agreed, this.#policy);
  }

  async #planOf(listing: CheckpointListing): Promise<PrunePlan> {
    await requireFolderOfCheckpoints(this.#folder);
    if (listing.kind !== "listed") {
      throw new UserError(listing.message);
    }
    requireAll(listing);
    const { entries, links = [] } = listing;
    await readNames(entries);
    const texts = [...(await pointersBeside(entries)), ...(await notesBeside(entries))];
    const allLinks = [...links, ...(await linksBeside(this.#folder)), ...texts];
    return inTurns(planSteps(entries, this.#policy, await this.#sources.readWriters(entries), allLinks));
  }
}

/** What their names say is kept, and asked for in each step of a plan: a thousand at once take longer than a frame. */
async function readNames(entries: readonly CheckpointEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += NAMES_PER_TURN) {
    for (const { summary } of entries.slice(at, at + NAMES_PER_TURN)) {
      seriesNameOf(summary);
      namedFactsOf(summary);
    }
    await nextTurn();
  }
}

/** Lets others work after each step: the thread may be that of the editor. */
async function inTurns<Result>(steps: Generator<void, Result>): Promise<Result> {
  let step = steps.next();
  while (step.done !== true) {
    await nextTurn();
    step = steps.next();
  }
  return step.value;
}
