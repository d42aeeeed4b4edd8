import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { parseArgumentText } from "../../core/training/argumentText.ts";
import { argumentWords, readArgumentVector } from "../../core/training/argumentVector.ts";
import type { PlanRequest } from "../../core/training/launchPlan.ts";
import { isNameOf } from "../../core/training/namedScript.ts";
import { folderArguments, unsetFolderArgument } from "../../core/training/outputFolders.ts";
import { takePreset } from "../../core/training/presets.ts";
import { makeRunId, runTabName } from "../../core/training/runId.ts";
import { NO_ARGUMENTS, type ScriptArguments } from "../../core/training/scriptArguments.ts";
import {
  gridPoints,
  gridProblem,
  pointFolder,
  readSweepText,
  type SweepAxis,
  type SweepPoint,
} from "../../core/training/sweep/sweepGrid.ts";
import type { SweepPlan } from "../../core/training/sweep/sweepPlan.ts";
import { type PlanContext, planEach, readScript } from "./planLaunch.ts";
import { readPresetsAndProblems } from "./presetFile.ts";
import { quoteScriptPath } from "./quoteScriptPath.ts";

/** Where the runs of a sweep save whose script names no folder itself. */
const UNSET_FOLDER = "outputs";

/** What is needed to plan the same sweep again. */
export type SweepRequest = {
  /** The grid and what the runs have in common, in words: `lr=1e-3,1e-4 with 5 epochs on cpu`. */
  text: string;
  /** Taken where the text names none. */
  script?: string | undefined;
  /** Of a sweep that was planned before; its folders carry it. */
  id?: string | undefined;
};

/**
 * Plans every run of a sweep. The notes are sentences about words that were not understood, the others about presets that
 * cannot be read, one of which may be meant.
 */
export async function planSweep(
  request: SweepRequest,
  context: PlanContext & { cpuSlots: number },
): Promise<{ sweep: SweepPlan; notes: string[]; presetProblems: readonly string[] }> {
  const { presets, problems: presetProblems } = await readPresetsAndProblems(context.workspaceFolder);
  const { preset, rest: spoken } = takePreset(request.text, presets);
  const text = await quoteScriptPath(spoken, context.workspaceFolder);
  const { script: named } = parseArgumentText(text, NO_ARGUMENTS);
  const script = await readScript(named ?? preset?.script ?? request.script, context);
  const { axes, rest, problems } = readSweepText(text, script.arguments);
  const said = parseArgumentText(rest, script.arguments);
  requireGrid([...problems, ...said.problems], axes);
  const given = [...(preset?.arguments ?? []), ...said.arguments];
  const title = basename(script.path, ".py");
  const id = request.id ?? makeSweepId(title);
  const points = gridPoints(axes);
  const [first = [], ...others] = sweepWords({ ...script, label: script.facts.label }, points, {
    given,
    id,
  }).map((words) => [...given, ...words]);
  const plans = await planEach(
    script,
    { vectors: [first, ...others], device: deviceOf(said.device ?? preset?.device) },
    context,
  );
  const isOnGpu = plans[0].device.kind === "cuda";
  const leftOut = said.unknown.filter((part) => !isNameOf(part, [basename(script.path)]));
  const unknown = leftOut.map((part) => `\`${part.replaceAll("`", "")}\``).join(", ");
  return {
    sweep: {
      id,
      title,
      script: script.path,
      wait: isOnGpu ? { gpus: 1 } : { cpuSlots: context.cpuSlots },
      runs: plans.map((plan, at) => ({ values: points[at]?.values ?? {}, plan })),
    },
    notes: unknown === "" ? [] : [`Not understood and left out: ${unknown}.`],
    presetProblems,
  };
}

export function makeSweepId(title: string): string {
  return makeRunId(`${title}-sweep`, new Date(), randomBytes(2).toString("hex"));
}

/** Refuses what is no grid, with every reason at once. */
export function requireGrid(problems: readonly string[], axes: readonly SweepAxis[]): void {
  const wrong = problems.length > 0 ? problems.join(" ") : gridProblem(axes);
  if (wrong !== undefined) {
    throw new UserError(wrong);
  }
}

/**
 * The words that each run adds to those that all have: its values, and folders of its own where an argument names them.
 */
export function sweepWords(
  { label, arguments: declared }: { label: string; arguments: ScriptArguments },
  points: readonly SweepPoint[],
  { given, id }: { given: readonly string[]; id: string },
): string[][] {
  const entries = readArgumentVector(given, declared);
  const facts = { label, arguments: declared, given: entries };
  const unset = unsetFolderArgument(facts);
  const folders = [
    ...folderArguments(facts).map(({ argument, folder }) => ({ argument, path: folder.path })),
    ...(unset === undefined ? [] : [{ argument: unset, path: UNSET_FOLDER }]),
  ];
  return points.map(({ words, values }, at) => {
    const varied = new Set(readArgumentVector(words, declared).map((entry) => entry.declared?.name));
    const own = folders
      .filter(({ argument }) => !varied.has(argument.name))
      .flatMap(({ argument, path }) =>
        argumentWords(argument, `${path}/${runTabName(id)}/${pointFolder(values, at + 1)}`),
      );
    return [...words, ...own];
  });
}

function deviceOf(said: PlanRequest["device"]): PlanRequest["device"] {
  if (Array.isArray(said)) {
    throw new UserError(
      "A sweep takes whatever GPU is free. Leave the numbers out, or set CUDA_VISIBLE_DEVICES to narrow the choice.",
    );
  }
  return said === "cpu" ? "cpu" : "free";
}
