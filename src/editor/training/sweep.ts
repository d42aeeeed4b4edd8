import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { SweepPlan } from "../../core/training/sweep/sweepPlan.ts";
import type { SweepRequest } from "../../node/training/planSweep.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { showReport } from "../base/shownText.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";
import { askGrid } from "./askGrid.ts";
import { pickScript } from "./pickScript.ts";
import type { RunMonitor } from "./runMonitor.ts";
import type { FollowerProgram } from "./runTasks.ts";
import { planContext, runSettings } from "./startTraining.ts";

/** More commands than this do not fit into a dialog; they are shown in a document beside it. */
const MAX_COMMANDS_IN_DIALOG = 12;

export type PlannedSweep = {
  sweep: SweepPlan;
  request: SweepRequest;
  folder: vscode.WorkspaceFolder;
  /** Sentences about words that were not understood. */
  notes: readonly string[];
  /** Sentences about presets that cannot be read. */
  presetProblems: readonly string[];
};

/** Reads the workspace and says what a sweep would run. Starts nothing. */
export async function planSweepIn(
  folder: vscode.WorkspaceFolder,
  request: SweepRequest,
  signal: AbortSignal,
): Promise<PlannedSweep> {
  requireTrust("starting a sweep");
  const { planSweep } = await import("../../node/training/planSweep.ts");
  const cpuSlots = vscode.workspace.getConfiguration("trainyard", folder.uri).get("sweep.cpuRuns", 1);
  const { sweep, ...said } = await planSweep(request, { ...(await planContext(folder, signal)), cpuSlots });
  return { sweep, request: { ...request, script: sweep.script, id: sweep.id }, folder, ...said };
}

/** Asks for script and grid, shows every command and queues them; the way of the Command Palette. */
export async function sweepWithDialog(script: string | undefined, program: FollowerProgram): Promise<void> {
  requireTrust("starting a sweep");
  const chosen = script ?? (await pickScript());
  const folder = chosen === undefined ? undefined : await chooseWorkspaceFolder(vscode.Uri.file(chosen));
  const text = chosen && folder && (await askGrid(chosen, folder));
  if (folder === undefined || !text) {
    return;
  }
  const planned = await planWithProgress(folder, { text, script: chosen });
  if (await agreeOnSweep(planned)) {
    await launch(planned, program);
  }
}

/** Starts what a button in a chat showed; asks again where the plan has changed since. */
export async function startShownSweep(argument: unknown, program: FollowerProgram, monitor: RunMonitor): Promise<void> {
  const { shownSweepSchema } = await import("../../core/training/startArguments.ts");
  const { sweepDigest } = await import("../../core/training/sweep/sweepPlan.ts");
  const shown = shownSweepSchema.safeParse(argument).data;
  if (!shown) {
    throw new UserError("This button belongs to an older version of Trainyard. Ask for the sweep again with /sweep.");
  }
  await monitor.refresh();
  if (
    starting.has(shown.request.id) ||
    monitor.known.runs.some(({ record }) => record.sweep?.id === shown.request.id)
  ) {
    throw new UserError("This sweep was started already. Ask for another one with /sweep.");
  }
  starting.add(shown.request.id);
  try {
    const planned = await planWithProgress(
      await chooseWorkspaceFolder(vscode.Uri.parse(shown.folderUri)),
      shown.request,
    );
    if (sweepDigest(planned.sweep) === shown.digest || (await agreeOnSweep(planned))) {
      await launch(planned, program);
    }
  } finally {
    starting.delete(shown.request.id);
  }
}

/** Sweeps whose button was pressed and whose first run is not recorded yet. */
const starting = new Set<string>();

async function planWithProgress(folder: vscode.WorkspaceFolder, request: SweepRequest): Promise<PlannedSweep> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Planning the sweep", cancellable: true },
    (_progress, token) => withAbortSignal(token, (signal) => planSweepIn(folder, request, signal)),
  );
}

async function agreeOnSweep({ sweep, notes, presetProblems }: PlannedSweep): Promise<boolean> {
  const { renderSweepMarkdown, renderSweepText, sweepWarnings } = await import(
    "../../core/training/sweep/sweepPlan.ts"
  );
  const isLong = sweep.runs.length > MAX_COMMANDS_IN_DIALOG;
  if (isLong) {
    await showReport(`Sweep of ${sweep.title}`, renderSweepMarkdown(sweep));
  }
  const start = sweepWarnings(sweep).length > 0 ? "Start Anyway" : "Start";
  const detail = isLong ? "The document behind this dialog lists every command." : renderSweepText(sweep);
  const choice = await vscode.window.showInformationMessage(
    `Start ${sweep.runs.length} runs of ${sweep.title}?`,
    { modal: true, detail: [...notes, ...presetProblems, detail].join("\n\n") },
    start,
  );
  return choice === start;
}

async function launch({ sweep, folder }: PlannedSweep, { supervisorPath, version }: FollowerProgram): Promise<void> {
  const { startSweep } = await import("../../node/training/startSweep.ts");
  const settings = await runSettings(folder);
  const title = `Queuing ${sweep.runs.length} runs of ${sweep.title}`;
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    startSweep(sweep, { root: folder.uri.fsPath, supervisorPath, version, settings }),
  );
}
