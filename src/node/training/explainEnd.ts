import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { closestName } from "../../core/base/closestName.ts";
import { renderBytes } from "../../core/base/renderBytes.ts";
import { renderShownCommand } from "../../core/training/commandLine.ts";
import type { Diagnosis, EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";
import { adviseOn, moduleOfText, nameOfText } from "../../core/training/diagnosis/failureAdvice.ts";
import { CAUSE_TITLES, type FailureCause, SELF_EVIDENT } from "../../core/training/diagnosis/failureCause.ts";
import { endsAtFailure, goesOnAfterFailure } from "../../core/training/diagnosis/scriptStages.ts";
import { readFlowProgress, renderFlowResume } from "../../core/training/flowResume.ts";
import { isPythonProgram, isShellProgram } from "../../core/training/interpreterChoice.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { hasReachedLastEpoch } from "../../core/training/runProgress.ts";
import type { Run, RunStatus } from "../../core/training/runRecord.ts";
import { readSource } from "../base/readSource.ts";
import { shortPath } from "../base/shortPath.ts";
import { type BackgroundOutput, proveByFacts } from "./backgroundOutput.ts";
import { lookForMemoryLimit, lookForTimeLimit } from "./commandLimits.ts";
import { commandText } from "./commandText.ts";
import { diagnoseInPieces } from "./diagnoseInPieces.ts";
import { findPythonWith, hasModule } from "./environmentBeside.ts";
import { findOwnModule } from "./ownModule.ts";
import { workspaceOfRun } from "./runFolder.ts";
import { hasSaved } from "./savedFiles.ts";

/** A run that has ended, as far as its end is to be explained. */
export type EndedRun = {
  folder: string;
  plan: LaunchPlan;
  state: Run["state"];
  status: Pick<
    RunStatus,
    | "startedAt"
    | "exitCode"
    | "signal"
    | "memoryKills"
    | "memoryKillsElsewhere"
    | "progress"
    | "isInBackground"
    | "backgroundOutput"
  >;
  /** What trainings in the background printed to files of their own. */
  backgroundFiles?: readonly BackgroundOutput[];
};

/**
 * Why a run ended badly, from the last lines of its output and from what its files and its disk say; undefined for a good
 * end. The only place that decides it: what a terminal says at the end of a run is what is said about it later.
 */
export async function explainEnd(
  lines: Iterable<EvidenceLine>,
  { folder, plan, state, status, backgroundFiles = [] }: EndedRun,
): Promise<Diagnosis | undefined> {
  const { startedAt, exitCode, signal, memoryKills, memoryKillsElsewhere } = status;
  const hasFailed = state !== "finished";
  const end = { exitCode, signal, memoryKills, memoryKillsElsewhere, hasFailed };
  const isScript = !hasFailed && isShellProgram(plan.interpreter.path);
  const goesOn = isScript && !endsAtFailure(plan.command) && goesOnAfterFailure(await commandText(plan));
  const context = { ...end, interpreterPath: plan.interpreter.path, goesOnAfterFailure: goesOn };
  const isFlow = plan.kind === "flow";
  const hasCheckpoint = hasFailed && !isFlow ? await hasSaved(plan, startedAt) : undefined;
  const printed = [...lines];
  const found = await diagnoseInPieces(printed, { ...context, isFlow, hasCheckpoint });
  const isOpen = found === undefined || found.cause === "unknown";
  for (const { path, lines: ofFile } of isOpen ? backgroundFiles : []) {
    const ofTraining = { interpreterPath: plan.interpreter.path, isFlow, hasCheckpoint };
    const inBackground = await diagnoseInPieces(ofFile, ofTraining);
    if (inBackground !== undefined) {
      return proveByFacts(await lookAround(inBackground, { plan, folder }), path);
    }
  }
  const advice =
    found &&
    (adviseOnUnheard(found, status, backgroundFiles) ??
      adviseOnFlow(found, plan, printed) ??
      (await adviseOnSaved(found, plan, status)));
  return found && lookAround({ ...found, advice: advice ?? found.advice }, { plan, folder });
}

/** A flow whose code is corrected need not start from its beginning. */
function adviseOnFlow(
  { advice }: Diagnosis,
  plan: LaunchPlan,
  printed: readonly EvidenceLine[],
): Diagnosis["advice"] | undefined {
  const progress = advice === SELF_EVIDENT ? readFlowProgress(printed.map(({ text }) => text)) : undefined;
  const isBehindStart = progress?.step !== undefined && progress.step !== "start";
  const command = isBehindStart ? renderFlowResume(plan, progress.runId) : undefined;
  return command && `Correct what the line says, then go on with the steps that finished taken over: ${command}`;
}

/** A training that stopped for a mistake in the code need not start from its beginning either, if it saved something. */
async function adviseOnSaved(
  { advice }: Diagnosis,
  plan: LaunchPlan,
  { startedAt, progress }: EndedRun["status"],
): Promise<Diagnosis["advice"] | undefined> {
  if (advice !== SELF_EVIDENT || plan.checkpointFolder === undefined || progress === undefined) {
    return undefined;
  }
  // Only what it saved itself: an earlier run may have left the rest.
  const checkpointFolder = { ...plan.checkpointFolder, isGuessed: true };
  return (await hasSaved({ ...plan, checkpointFolder }, startedAt))
    ? "Correct what the line says, then resume from the newest checkpoint that is whole."
    : undefined;
}

/** What to do about an end that nobody heard and nothing explains; undefined where nothing more is known of it. */
function adviseOnUnheard(
  { cause }: Diagnosis,
  { exitCode, signal, progress, isInBackground, backgroundOutput }: EndedRun["status"],
  files: readonly BackgroundOutput[],
): string | undefined {
  if (cause !== "unknown" || exitCode !== undefined || signal !== undefined) {
    return undefined;
  }
  const hasReachedEnd = hasReachedLastEpoch(progress);
  if (backgroundOutput !== undefined) {
    const unended = files.find((file) => !hasReachedLastEpoch(file.progress))?.path;
    const output = hasReachedEnd ? backgroundOutput : (unended ?? backgroundOutput);
    const all = files.length > 1 ? files.map(({ path }) => path).join(", ") : backgroundOutput;
    const where = hasReachedEnd
      ? `Its last epoch is in ${all} and no error, so it has probably finished: look at what it saved`
      : `What it printed is in ${output}: read its end`;
    return `${where} before you start it again, or let it be explained: trainyard diagnose ${renderShownCommand([output])}`;
  }
  return hasReachedEnd ? LOOK_FIRST : isInBackground === true ? LOOK_AT_OUTPUT : undefined;
}

const LOOK_FIRST =
  "It had printed its last epoch, so it may have finished: look at what it saved before you start it again.";
const LOOK_AT_OUTPUT =
  "Nothing says that it failed, so it may have finished: look at its last lines and at what it saved before you start it again.";

function lookAround(diagnosis: Diagnosis, run: LookedAtRun): Promise<Diagnosis> | Diagnosis {
  return LOOKS[diagnosis.cause]?.(diagnosis, run) ?? diagnosis;
}

type LookedAtRun = Pick<EndedRun, "plan" | "folder">;

type Look = (diagnosis: Diagnosis, run: LookedAtRun) => Promise<Diagnosis>;

const LOOKS: Readonly<Partial<Record<FailureCause, Look>>> = {
  "missing-package": lookForModule,
  "missing-name": lookForName,
  "disk-full": measureDisk,
  killed: lookForTimeLimit,
  "host-memory": lookForMemoryLimit,
};

/** A module of the workspace has to be found, not installed: a package of that name would be a stranger's. */
async function lookForModule(diagnosis: Diagnosis, run: LookedAtRun): Promise<Diagnosis> {
  const { plan } = run;
  const module = moduleOfText(diagnosis.evidence[0]?.text ?? "");
  const own = module === undefined ? undefined : await findOwnModule(module, plan);
  if (module === undefined) {
    return diagnosis;
  }
  if (own === undefined) {
    return (await hasModule(plan.interpreter.path, module))
      ? {
          ...diagnosis,
          cause: "other-python",
          title: CAUSE_TITLES["other-python"],
          advice: adviseOn("other-python", { text: "" }),
        }
      : lookForEnvironment(module, diagnosis, run);
  }
  const advice = own.isSearched
    ? `${own.path} is there and has no ${module.split(".").at(-1)}. Correct the import, or add the file.`
    : `It is no package to install: it is ${own.path}, where Python does not look. Set PYTHONPATH=${own.folder}, or make it installable and run: ${plan.interpreter.path} -m pip install -e .`;
  return { ...diagnosis, cause: "own-module", title: CAUSE_TITLES["own-module"], advice };
}

/** A package that an environment of the folder has is not to be installed a second time, into the Python of the system. */
async function lookForEnvironment(
  module: string,
  diagnosis: Diagnosis,
  { plan, folder }: LookedAtRun,
): Promise<Diagnosis> {
  const python = await findPythonWith(module, plan, workspaceOfRun(folder));
  if (python === undefined) {
    return diagnosis;
  }
  const cause = "other-environment";
  const { path } = plan.interpreter;
  const used = isPythonProgram(path) ? path : "another one";
  const advice = `${shortPath(plan.cwd, python)} has ${module}, but the run used ${used}: start it with the first, or activate its environment before.`;
  return { ...diagnosis, cause, title: CAUSE_TITLES[cause], advice };
}

/** What a person's own file calls the thing that an import asks for. */
async function lookForName(diagnosis: Diagnosis, { plan: { cwd } }: LookedAtRun): Promise<Diagnosis> {
  const asked = nameOfText(diagnosis.evidence[0]?.text ?? "");
  if (asked?.file === undefined || diagnosis.advice.includes("nearest name")) {
    return diagnosis;
  }
  const source = await readSource(isAbsolute(asked.file) ? asked.file : resolve(cwd, asked.file));
  const near = source === undefined ? undefined : closestName(asked.name, namesIn(source));
  return near === undefined
    ? diagnosis
    : { ...diagnosis, advice: diagnosis.advice.replace(/(?<=\.) (?=Correct)/, ` The nearest name is ${near}. `) };
}

/** The names that a file defines or imports at its top. */
function namesIn(source: string): string[] {
  const names = source.matchAll(
    /^(?:(?:async )?def |class )(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)|^(?:from \S+ )?import ([\w, ]+)/gm,
  );
  return [...names].flatMap(([, defined, assigned, imported]) => defined ?? assigned ?? imported?.split(/, ?/) ?? []);
}

/** The disk that the training saves to, as it is now: where that is not known, the fullest one that its command names. */
async function measureDisk(diagnosis: Diagnosis, { plan }: LookedAtRun): Promise<Diagnosis> {
  const { checkpointFolder, cwd, command } = plan;
  const named = command.slice(1).map((word) => word.replace(/^-[^=]*=/, ""));
  const paths = named.filter((word) => word.includes("/") && existsSync(resolve(cwd, word)));
  const saved =
    checkpointFolder === undefined ? [cwd, ...paths.map((path) => resolve(cwd, path))] : [checkpointFolder.path];
  const disks = (await Promise.all(saved.map(diskOf))).filter((disk) => disk !== undefined);
  const [fullest] = disks.toSorted((a, b) => a.freeBytes - b.freeBytes);
  if (fullest === undefined) {
    return diagnosis;
  }
  const [free, total] = [fullest.freeBytes, fullest.totalBytes].map((bytes) => renderBytes(bytes));
  const fact = `The disk of ${fullest.path} has ${free} of ${total} free.`;
  const other = "Where that is enough, the training writes to another disk, or to a quota of its user.";
  const isFull = fullest.freeBytes < FULL_DISK_BYTES;
  return { ...diagnosis, facts: [...(diagnosis.facts ?? []), ...(isFull ? [fact] : [fact, other])] };
}

/** Less than one checkpoint of a model of some size. */
const FULL_DISK_BYTES = 2e9;

type Disk = { path: string; freeBytes: number; totalBytes: number };

/** The disk of a path, or of the nearest folder above it that is there. */
async function diskOf(path: string): Promise<Disk | undefined> {
  const found = await statfs(path).catch(() => undefined);
  // /proc and its like are no disks and have no size.
  if (found !== undefined && found.blocks > 0) {
    return { path, freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
  }
  return path === dirname(path) ? undefined : diskOf(dirname(path));
}
