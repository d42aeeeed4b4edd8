import { resolve } from "node:path";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import { countOf, describePrune } from "../../core/checkpoints/describePrune.ts";
import type { CheckpointWriter, PrunePlan, PrunePolicy } from "../../core/checkpoints/prunePolicy.ts";
import { type CliCall, type CliVerb, onlyWord, UsageError } from "../base/cliVerb.ts";
import { toJson } from "./cliCheckpoints.ts";
import { FolderPrune } from "./pruneFolder.ts";
import { moveToTrash, restoreTrash } from "./trash.ts";

type ReadWritersOf = (root: string, entries: readonly CheckpointEntry[]) => Promise<readonly CheckpointWriter[]>;

/** `trainyard prune`; what the trainings of a workspace did is known by another slice. */
export function pruneVerb(readWriters: ReadWritersOf): CliVerb {
  return {
    usage:
      "<folder> [--keep-best K] [--keep-last N] [--keep-every M] [--metric name] [--yes] [--json] | --undo <trash folder>",
    summary: "say which checkpoints may go; --yes moves them to .trainyard/trash, --undo puts them back",
    options: {
      "keep-best": { type: "string" },
      "keep-last": { type: "string" },
      "keep-every": { type: "string" },
      metric: { type: "string" },
      yes: { type: "boolean", short: "y" },
      json: { type: "boolean" },
      undo: { type: "string" },
    },
    async run(call) {
      const { undo } = call.options;
      if (typeof undo === "string") {
        const count = await restoreTrash(resolve(call.root, undo));
        call.host.print(`${count} files and folders are back where they were.`);
        return 0;
      }
      const folder = resolve(call.root, onlyWord(call, "A folder of checkpoints"));
      const prune = new FolderPrune(folder, policyOf(call), (entries) => readWriters(call.root, entries));
      const proposed = await prune.plan();
      const isMeant = call.options["yes"] === true && proposed.removed.length > 0;
      const plan = isMeant ? await prune.planAgain(proposed.removed) : proposed;
      const isDone = isMeant && plan.removed.length > 0;
      const trash = isDone ? await moveToTrash(plan.removed, { root: call.root, folder }) : undefined;
      call.host.print(call.options["json"] === true ? toJson(dataOf(plan, trash)) : textOf(plan, trash));
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
    ...(typeof metric === "string" ? { metric } : {}),
  };
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

function textOf(plan: PrunePlan, trash: string | undefined): string {
  if (plan.removed.length === 0) {
    return describePrune(plan);
  }
  const next =
    trash === undefined
      ? "Nothing was moved. The same with --yes moves them to the trash."
      : `${countOf(plan.removed.length)} moved to ${trash}. Delete it to free the space; trainyard prune --undo ${trash} puts them back.`;
  return `${describePrune(plan)}\n${next}`;
}

function dataOf({ kept, removed, freedBytes, metric }: PrunePlan, trash: string | undefined): object {
  return {
    isDryRun: trash === undefined,
    metric,
    freedBytes,
    removed: removed.map(({ path }) => path),
    kept: kept.map(({ entry, reason }) => ({ path: entry.path, reason })),
    trash,
  };
}
