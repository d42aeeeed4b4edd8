import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { LaunchPlan, PlanRequest } from "../../core/training/launchPlan.ts";
import type { Run, RunSettings } from "../../core/training/runRecord.ts";
import type { StartArguments } from "../../core/training/startArguments.ts";
import type { PlanContext } from "../../node/training/planLaunch.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { activePython, configuredPython } from "../base/pythonSettings.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";
import { askSecrets } from "./askSecrets.ts";
import { editArguments } from "./editArguments.ts";
import { findSpokenScript, type ScriptKind } from "./pickScript.ts";
import { savePresetOf } from "./presets.ts";
import { type FollowerProgram, startRunTask } from "./runTasks.ts";
import { readWatchdogSettings } from "./watchdogSettings.ts";

/** A plan, and what is needed to make it again or to start it. */
export type PlannedTraining = {
  plan: LaunchPlan;
  request: PlanRequest;
  folder: vscode.WorkspaceFolder;
  /** The id of the run whose end is waited for. */
  after?: string | undefined;
};

/** Reads the workspace and says what would run. Starts nothing. */
export async function planTraining(
  request: PlanRequest,
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
): Promise<PlannedTraining> {
  requireTrust("starting a training");
  const context = await planContext(folder, signal);
  if (request.command !== undefined) {
    const { planCommandWords } = await import("../../node/training/planCommandText.ts");
    return { plan: await planCommandWords(request.command, context), request, folder };
  }
  const { planLaunch } = await import("../../node/training/planLaunch.ts");
  return { plan: await planLaunch(request, context), request, folder };
}

/** Which GPU is free once another run has ended is known only then. */
export const DEVICE_AFTER_RUN = "free" satisfies PlanRequest["device"];

type SpokenPlan = {
  planned: PlannedTraining;
  notes: string[];
  isMistaken: boolean;
  presetProblems: readonly string[];
};

type SpokenPlanOptions = {
  folder: vscode.WorkspaceFolder;
  signal: AbortSignal;
  device?: PlanRequest["device"];
  /** The arguments that a script was started with before, where they shall stay. */
  earlier?: (script: string) => readonly string[];
  /** Scripts, best first, of which one is meant where the text names none. */
  preferred?: readonly string[];
  /** What the run ran that the text names to have it again. */
  repeated?: string | undefined;
  isAfterRun?: boolean;
};

/**
 * Plans what a person put into words. The notes are sentences about words that were not understood; `isMistaken` where
 * one of them names an argument or a value that the script would refuse.
 */
export async function planFromText(kind: ScriptKind, text: string, options: SpokenPlanOptions): Promise<SpokenPlan> {
  requireTrust("starting a training");
  return (await planTypedCommand(text, options)) ?? planWords(kind, text, options);
}

/** Undefined where the text is no whole command. */
async function planTypedCommand(
  text: string,
  { folder, signal, device }: SpokenPlanOptions,
): Promise<SpokenPlan | undefined> {
  const { readLaunchCommand } = await import("../../node/training/planCommandText.ts");
  const command = await readLaunchCommand(text, folder.uri.fsPath);
  if (command === undefined) {
    return undefined;
  }
  const leftOut = command.leftOut.replaceAll("`", "");
  const notes = leftOut === "" ? [] : [`Not understood and left out: \`${leftOut}\`.`];
  if (device !== undefined) {
    notes.push(
      "A whole command runs as it is, on the devices that it chooses itself, so it does not wait for a free GPU.",
    );
  }
  const planned = await planTraining({ command: command.words }, folder, signal);
  return { planned, notes, isMistaken: false, presetProblems: [] };
}

async function renewed(
  before: readonly string[],
  given: readonly string[],
  { script, folder, signal }: Pick<SpokenPlanOptions, "folder" | "signal"> & { script: string },
): Promise<string[]> {
  const [{ renewArguments }, { readScript }] = await Promise.all([
    import("../../core/training/runAgain.ts"),
    import("../../node/training/planLaunch.ts"),
  ]);
  return renewArguments(before, given, (await readScript(script, await planContext(folder, signal))).arguments);
}

async function planWords(
  kind: ScriptKind,
  text: string,
  { folder, signal, device, earlier, preferred = [], repeated, isAfterRun = false }: SpokenPlanOptions,
): Promise<SpokenPlan> {
  const { planRequestFromText } = await import("../../node/training/planRequest.ts");
  const namesScript = /\.(?:py|ipynb|sh)\b/.test(text);
  let others: readonly string[] = [];
  const fallback = async () => {
    if (namesScript) {
      return undefined;
    }
    const found = await findSpokenScript({ kind, text, preferred, repeated }, folder, signal);
    others = found.others;
    return found.script;
  };
  const spoken = await planRequestFromText(text, await planContext(folder, signal), fallback);
  const unknown = spoken.unknown.map((part) => `\`${part.replaceAll("`", "")}\``).join(", ");
  const wanted = device ?? spoken.request.device ?? (isAfterRun ? DEVICE_AFTER_RUN : undefined);
  const { script = "", arguments: given = [] } = spoken.request;
  const before = earlier?.(path.join(folder.uri.fsPath, script)) ?? [];
  const request = {
    ...spoken.request,
    arguments: before.length === 0 ? given : await renewed(before, given, { script, folder, signal }),
    ...(wanted === undefined ? {} : { device: wanted }),
  };
  const planned = await planTraining(request, folder, signal);
  return {
    planned: others.length === 0 ? planned : { ...planned, plan: { ...planned.plan, others: [...others] } },
    notes: [...spoken.problems, ...(unknown === "" ? [] : [`Not understood and left out: ${unknown}.`])],
    isMistaken: spoken.problems.length > 0,
    presetProblems: spoken.presetProblems,
  };
}

export async function planContext(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<PlanContext> {
  const { userLeases } = await import("../../node/training/runLeases.ts");
  return {
    workspaceFolder: folder.uri.fsPath,
    environment: process.env,
    pythonPath: configuredPython(folder),
    activeInterpreter: activePython(folder),
    leases: userLeases(),
    async findModelSize(checkpoints) {
      const { findModelSize } = await import("../../node/checkpoints/modelSize.ts");
      const { listInThread } = await import("../../node/checkpoints/checkpointClient.ts");
      return findModelSize(checkpoints, listInThread);
    },
    signal,
  };
}

/** Plans with a progress notification that can be cancelled; the plan is what a person then agrees to. */
export async function planWithProgress(
  request: PlanRequest,
  folder: vscode.WorkspaceFolder,
  after?: string,
): Promise<PlannedTraining> {
  const planned = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Planning the run", cancellable: true },
    (_progress, token) => withAbortSignal(token, (signal) => planTraining(request, folder, signal)),
  );
  return { ...planned, after };
}

/** What the settings say about every run that is started in a folder. */
export async function runSettings(folder: vscode.WorkspaceFolder): Promise<RunSettings> {
  const settings = vscode.workspace.getConfiguration("trainyard", folder.uri);
  const stopGraceMs = settings.get("stopGraceSeconds", 10) * 1000;
  const { logLimitSchema } = await import("../../core/training/logParts.ts");
  const logLimitMiB = logLimitSchema.safeParse(settings.get("logLimit")).data;
  return {
    stopGraceMs,
    watchdog: await readWatchdogSettings(folder),
    ...(logLimitMiB === undefined ? {} : { logLimitMiB }),
  };
}

/** Records the run, starts it and shows its terminal. Resolves with the run's id as soon as it is on its way. */
export async function launchPlan(
  { plan: agreed, folder, after }: PlannedTraining,
  program: FollowerProgram,
): Promise<string> {
  requireTrust("starting a training");
  const { createRun } = await import("../../node/training/runLedger.ts");
  const { collectReceipt } = await import("../../node/training/receipt.ts");
  const { waitOf } = await import("../../core/training/runWait.ts");
  const { withoutSecrets } = await import("../../core/training/unrecordedSecrets.ts");
  const { plan, secrets: typed } = withoutSecrets(agreed);
  const secrets = await askSecrets(plan, typed);
  const receipt = await collectReceipt(folder.uri.fsPath, program.version, plan);
  const wait = waitOf(plan, after);
  const runFolder = await createRun(folder.uri.fsPath, plan, receipt, {
    ...(await runSettings(folder)),
    ...(wait === undefined ? {} : { wait }),
  });
  const runId = path.basename(runFolder);
  await startRunTask(runId, runFolder, program, secrets);
  return runId;
}

/** Shows a plan in a dialog until the person starts it or leaves; undefined when they leave. */
export async function agreeOnPlan(planned: PlannedTraining): Promise<PlannedTraining | undefined> {
  const { renderPlanText } = await import("../../core/training/renderPlan.ts");
  const { describeWait, waitOf } = await import("../../core/training/runWait.ts");
  const { plan, folder, after } = planned;
  const condition = describeWait(waitOf(plan, after));
  const start = condition !== "" ? "Queue" : plan.warnings.length > 0 ? "Start Anyway" : "Start";
  const choice = await vscode.window.showInformationMessage(
    `${condition === "" ? "Start" : "Queue"} ${plan.title}?`,
    { modal: true, detail: [condition, renderPlanText(plan, folder.uri.fsPath)].filter(Boolean).join("\n\n") },
    start,
    ...(isContended(plan) ? [WHEN_GPU_IS_FREE] : []),
    "Edit Arguments…",
    ...(planned.request.command === undefined ? [SAVE] : []),
  );
  if (choice === SAVE) {
    await savePresetOf({ ...planned.request, script: plan.script }, folder);
    return agreeOnPlan(planned);
  }
  if (choice === start) {
    return planned;
  }
  if (choice === WHEN_GPU_IS_FREE) {
    return agreeOnPlan(await planWithProgress({ ...planned.request, device: "free" }, folder, after));
  }
  return choice === undefined ? undefined : editAndPlan(planned);
}

const SAVE = "Save as Preset…";

/** Keeps what a button in a chat showed under a name. */
export async function saveShownPlan(argument: unknown): Promise<void> {
  const { request, folderUri } = await readStartArguments(argument);
  await savePresetOf(request, await chooseWorkspaceFolder(vscode.Uri.parse(folderUri)));
}

/** The button that queues a run instead of starting it. */
export const WHEN_GPU_IS_FREE = "Start When a GPU Is Free";

/** Whether starting at once means to share a GPU with somebody. */
export function isContended({ device }: LaunchPlan): boolean {
  return device.kind === "cuda" && device.isContended === true;
}

async function editAndPlan(planned: PlannedTraining): Promise<PlannedTraining | undefined> {
  const edited = await editArguments(planned);
  return edited ? agreeOnPlan(await planWithProgress(edited, planned.folder, planned.after)) : undefined;
}

/** Plans, asks and starts; the way of the Command Palette. Resolves with the run's id, or undefined when the person leaves. */
export async function trainWithDialog(
  request: PlanRequest,
  { near, after }: { near?: vscode.Uri | undefined; after?: string | undefined },
  program: FollowerProgram,
): Promise<string | undefined> {
  const folder = await chooseWorkspaceFolder(near);
  const agreed = await agreeOnPlan(await planWithProgress(request, folder, after));
  return agreed && launchPlan(agreed, program);
}

/** Buttons that were pressed and have not started their run yet; a chat keeps its buttons, and people press twice. */
const starting = new Set<string>();

/**
 * Starts what a button in a chat showed; asks again where the plan has changed since, or where it was started already.
 * `runs` are the known ones, newest first.
 */
export async function startShownPlan(
  argument: unknown,
  program: FollowerProgram,
  runs: () => Promise<readonly Run[]>,
): Promise<string | undefined> {
  const shown = await readStartArguments(argument);
  const key = JSON.stringify(shown);
  if (starting.has(key)) {
    throw new UserError("This plan is being started already. Its terminal opens in a moment.");
  }
  starting.add(key);
  try {
    if (!(await mayStart(shown, await runs()))) {
      return undefined;
    }
    const { planned, isSame } = await planAgain(shown);
    const agreed = isSame ? planned : await agreeOnPlan(planned);
    return agreed && (await launchPlan(agreed, program));
  } finally {
    starting.delete(key);
  }
}

/** A plan that was started once is started again only on purpose. */
async function mayStart(shown: StartArguments, runs: readonly Run[]): Promise<boolean> {
  const { findStartOf } = await import("../../core/training/startArguments.ts");
  const earlier = findStartOf(shown, runs);
  if (earlier === undefined) {
    return true;
  }
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const { formatLocalTime } = await import("../../core/base/localTime.ts");
  const again = "Start Again";
  const startedAt = formatLocalTime(earlier.record.createdAt, new Date());
  const choice = await vscode.window.showWarningMessage(
    `This plan was started at ${startedAt} (run ${earlier.record.id}, ${describeRunInList(earlier)}). Start it again?`,
    { modal: true },
    again,
  );
  return choice === again;
}

/** Opens the arguments of a shown plan for editing, then asks with the new plan. */
export async function editShownPlan(shown: unknown, program: FollowerProgram): Promise<string | undefined> {
  const { planned } = await planAgain(await readStartArguments(shown));
  const agreed = await editAndPlan(planned);
  return agreed && launchPlan(agreed, program);
}

async function readStartArguments(argument: unknown): Promise<StartArguments> {
  const { startArgumentsSchema } = await import("../../core/training/startArguments.ts");
  const shown = startArgumentsSchema.safeParse(argument).data;
  if (!shown) {
    throw new UserError("This button belongs to an older version of Trainyard. Ask for the plan again with /train.");
  }
  return shown;
}

async function planAgain(shown: StartArguments): Promise<{ planned: PlannedTraining; isSame: boolean }> {
  const folder = await chooseWorkspaceFolder(vscode.Uri.parse(shown.folderUri));
  const { planDigest } = await import("../../core/training/renderPlan.ts");
  const planned = await planWithProgress(shown.request, folder, shown.after);
  return { planned, isSame: planDigest(planned.plan) === shown.digest };
}
