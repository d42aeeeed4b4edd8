import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { isCheckpointName, trainerFolderStep } from "../../core/checkpoints/checkpointName.ts";
import { savesInto } from "../../core/training/checkpointWriters.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { errorCode } from "../base/fileErrors.ts";

/**
 * What a person should know of the folder that a training will save to, before it starts: that checkpoints lie there, that
 * another run of `runs` saves there now, or that nothing can be written there. Flows save to Metaflow's datastore, and of a
 * folder that merely exists nobody knows whether it is used.
 */
export async function describeFolderUse(
  plan: LaunchPlan,
  runs: readonly Run[],
): Promise<Pick<LaunchPlan, "checkpointFolder" | "warnings">> {
  const { checkpointFolder: folder, kind } = plan;
  if (folder === undefined || kind === "flow") {
    return { warnings: [] };
  }
  const names = await readdir(folder.path).catch((): string[] => []);
  const isUsed = folder.isGuessed !== true;
  const holdsSome = isUsed && names.some((name) => isCheckpointName(name) || trainerFolderStep(name) !== undefined);
  const remark =
    "holds checkpoints, of which those of the same name are replaced unless the script makes a folder of its own";
  const warnings = [...(await closedWarning(plan, folder.path)), ...rivalWarnings(plan, folder.path, runs)];
  return {
    ...(holdsSome && { checkpointFolder: { ...folder, reason: `${folder.reason} · ${remark}` } }),
    warnings: isUsed ? warnings : [],
  };
}

function rivalWarnings(plan: LaunchPlan, folder: string, runs: readonly Run[]): string[] {
  const rivals = runs.filter((run) => !hasEnded(run.state) && savesInto(run, folder));
  return rivals.map(
    ({ record }) =>
      `The run \`${record.id}\` of \`${record.plan.title}\` has not ended and saves to \`${shownPath(plan, folder)}\` too, so each may replace the other's checkpoints. ${advice(plan, folder)}`,
  );
}

/** Asked before the start: the first checkpoint may be hours away. */
async function closedWarning(plan: LaunchPlan, folder: string): Promise<string[]> {
  const refusal = await whyNotWritable(folder);
  return refusal === undefined
    ? []
    : [`Nothing can be saved to \`${shownPath(plan, folder)}\`: ${refusal}. ${advice(plan, folder)}`];
}

/** Of a folder that does not exist yet, that of the nearest one above it. */
async function whyNotWritable(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    const above = dirname(folder);
    if (code === "ENOENT" && above !== folder) {
      return whyNotWritable(above);
    }
    return code === undefined ? undefined : REFUSALS[code];
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  EROFS: "its file system is read-only",
  EACCES: "it may not be written by you",
  EPERM: "it may not be written by you",
  ENOTDIR: "a file is in its place",
};

/** By the argument that names the folder, where there is one. */
function advice(plan: LaunchPlan, folder: string): string {
  const named = plan.arguments.find(({ value }) => value !== undefined && resolve(plan.cwd, value) === folder);
  return named === undefined
    ? "Let it save to a folder of its own."
    : `Give it a folder of its own with \`${named.flag}\`.`;
}

function shownPath({ cwd }: LaunchPlan, folder: string): string {
  const path = relative(cwd, folder);
  return path === "" || path.startsWith("..") ? folder : path;
}
