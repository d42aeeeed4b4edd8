import { resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { withNoun } from "../../core/base/withNoun.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import type { CheckpointWriter } from "../../core/checkpoints/checkpointWriter.ts";
import { describeDoubt, describePrune } from "../../core/checkpoints/describePrune.ts";
import type { PrunePlan } from "../../core/checkpoints/planPrune.ts";
import type { PrunePolicy } from "../../core/checkpoints/prunePolicy.ts";
import { type CliCall, type CliVerb, JSON_OPTION, onlyWord, UsageError } from "../base/cliVerb.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { toJson } from "./cliCheckpoints.ts";
import { folderLister, listCheckpointFolder } from "./listCheckpointFolder.ts";
import { describeMoved, describeRestored, type Moved, moveAway } from "./moveAway.ts";
import { FolderPrune } from "./pruneFolder.ts";
import { pathsOf, restoreTrash } from "./trash.ts";

type ReadWritersOf = (root: string, entries: readonly CheckpointEntry[]) => Promise<readonly CheckpointWriter[]>;

/** `trainyard prune`; what the trainings of a workspace did is known by another slice. */
export function pruneVerb(readWriters: ReadWritersOf): CliVerb {
  return {
    ...VERB_TEXTS.prune,
    options: {
      "keep-best": { type: "string", value: "K", help: "how many of the best by the metric stay; 1 without it" },
      "keep-last": { type: "string", value: "N", help: "how many of the newest stay; 3 without it" },
      "keep-every": { type: "string", value: "M", help: "every M-th epoch or step stays as well" },
      metric: {
        type: "string",
        value: "name",
        help: "judge by this one; name:max where more of it is better, which its name does not tell",
      },
      saves: { type: "boolean", help: "numbers in names count saves, also where they may tell models apart" },
      yes: { type: "boolean", short: "y", help: "move them to .trainyard/trash instead of only naming them" },
      json: JSON_OPTION,
      undo: { type: "string", value: "trash folder", help: "put back what was moved to this folder" },
    },
    workspace: "used",
    async run(call) {
      const { undo } = call.options;
      if (typeof undo === "string") {
        const count = await restoreTrash(resolve(call.folder, undo));
        call.host.print(describeRestored(count));
        return 0;
      }
      const folder = resolve(call.folder, onlyWord(call, "A folder of checkpoints"));
      const prune = new FolderPrune(folder, policyOf(call), {
        listFolder: folderLister(),
        listAfresh: listCheckpointFolder,
        readWriters: (entries) => readWriters(call.root, entries),
      });
      const proposed = await prune.plan();
      const isMeant = call.options["yes"] === true && proposed.removed.length > 0;
      const plan = isMeant ? await prune.planAgain(proposed.removed) : proposed;
      const isDone = isMeant && plan.removed.length > 0;
      const moved = isDone ? await moveAway(await pathsOf(plan.removed), { root: call.root, folder }) : undefined;
      if (moved !== undefined && moved.stayed.length > 0) {
        throw new UserError(describeMoved(moved, withNoun(plan.removed.length, "checkpoint")));
      }
      call.host.print(call.options["json"] === true ? toJson(dataOf(plan, moved)) : textOf(plan, moved));
      return 0;
    },
  };
}

function policyOf({ options }: CliCall): PrunePolicy {
  const { metric } = options;
  const keepEvery = countIn(options["keep-every"], "--keep-every", 1);
  return {
    keepBest: countIn(options["keep-best"], "--keep-best", 0) ?? 1,
    keepLast: countIn(options["keep-last"], "--keep-last", 0) ?? 3,
    ...(keepEvery === undefined ? {} : { keepEvery }),
    ...(typeof metric === "string" ? metricOf(metric) : {}),
    areSaves: options["saves"] === true,
  };
}

/** `val_cider:max` where the name does not tell which way it is better. */
function metricOf(text: string): Pick<PrunePolicy, "metric" | "direction"> {
  const [, metric = text, direction] = /^(.+):(min|max)$/.exec(text) ?? [];
  return direction === "min" || direction === "max" ? { metric, direction } : { metric };
}

function countIn(value: string | boolean | undefined, name: string, least: number): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== "string" || !/^\d{1,9}$/.test(value) || Number(value) < least) {
    throw new UsageError(`${name} takes a whole number of at least ${least}, not ${String(value)}.`);
  }
  return Number(value);
}

function textOf(plan: PrunePlan, moved: Moved | undefined): string {
  if (moved === undefined) {
    const none = plan.removed.length === 0 ? [] : ["Nothing was moved. The same with --yes moves them to the trash."];
    return [describePrune(plan), ...none, describeDoubt(plan, "the same with --saves") ?? []].flat().join("\n");
  }
  const undo = moved.inFolder.length > 0 ? ` trainyard prune --undo ${moved.trash} puts them back.` : "";
  return `${describePrune(plan)}\n${describeMoved(moved, withNoun(plan.removed.length, "checkpoint"))}${undo}`;
}

function dataOf({ kept, removed, freedBytes, metric, judgement }: PrunePlan, moved: Moved | undefined): object {
  return {
    isDryRun: moved === undefined,
    metric,
    judgedBy: judgement.metrics,
    notJudgedBy: judgement.leftOut,
    unjudged: judgement.unjudged,
    onlyTraining: judgement.onlyTraining,
    freedBytes,
    removed: removed.map(({ path }) => path),
    kept: kept.map(({ entry, reason }) => ({ path: entry.path, reason })),
    trash: moved?.trash,
    vanished: moved?.vanished,
  };
}
