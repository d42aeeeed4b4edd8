import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { endedSweeps, tellAboutSweep } from "./endOfSweep.ts";
import { handOver, type LoadHandoffs, nextHandoff } from "./handOffRun.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** A run that ended longer ago than this is history, not news. */
const NEWS_MAX_AGE_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * Tells the person once, in one window, how a run ended, with a button that hands the work on. A run that
 * ended while no window was open is told about when one opens.
 */
export function registerEndOfRun(
  monitor: RunMonitor,
  loadHandoffs: LoadHandoffs,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const told = new Set<string>();
  const look = () => {
    // What came with an untrusted folder is nobody's news.
    const runs = vscode.workspace.isTrusted ? monitor.known.runs : [];
    const ended = runs.filter((run) => isOver(run) && !told.has(run.folder) && isNews(run, Date.now()));
    for (const run of ended.filter(({ record }) => record.sweep === undefined)) {
      told.add(run.folder);
      tellAbout(run, loadHandoffs).catch(onError);
    }
    for (const [sweepId, members] of endedSweeps(runs)) {
      if (!told.has(sweepId) && members.some((run) => isNews(run, Date.now()))) {
        told.add(sweepId);
        tellAboutSweep(sweepId, members).catch(onError);
      }
    }
  };
  return vscode.Disposable.from(monitor.onDidChange(look), vscode.workspace.onDidGrantWorkspaceTrust(look));
}

/** Who takes a run out of the queue knows that it will not start. */
function isOver({ state, status }: Run): boolean {
  return hasEnded(state) && !(state === "stopped" && status.startedAt === undefined);
}

function isNews({ status, record }: Run, now: number): boolean {
  return now - Date.parse(status.endedAt ?? status.heartbeatAt ?? record.createdAt) < NEWS_MAX_AGE_MS;
}

async function tellAbout(run: Run, loadHandoffs: LoadHandoffs): Promise<void> {
  const { claimNotification } = await import("../../node/training/stopRequest.ts");
  if (!(await claimNotification(run.folder))) {
    return;
  }
  const { describeRunEnd } = await import("../../core/training/describeRun.ts");
  const text = describeRunEnd(run);
  // A person stops a run for what the watchdog said about it, and wants to repair it then.
  const hasAlarm = (run.status.alarms ?? []).some(({ endedAt }) => endedAt === undefined);
  if (run.state === "lost" && run.status.startedAt === undefined) {
    await act(await vscode.window.showWarningMessage(text, "Start Again"), run);
    return;
  }
  if (run.state === "failed" || run.state === "lost" || (run.state === "stopped" && hasAlarm)) {
    await tellAboutFailure(run, text);
    return;
  }
  const next = await nextHandoff(loadHandoffs);
  const buttons = [...(next ? [next.label] : []), "Hand Over…", "Show Report"];
  const choice = await vscode.window.showInformationMessage(text, ...buttons);
  if (next && choice === next.label) {
    await handOver(run, next);
    return;
  }
  await act(choice, run);
}

/** The cause in place of the bare end where it is known, and first the button that would repair it. */
async function tellAboutFailure(run: Run, text: string): Promise<void> {
  const { diagnose } = await import("./diagnosis.ts");
  const { renderDiagnosisBriefly } = await import("../../core/training/diagnosis/renderDiagnosis.ts");
  const diagnosed = await diagnose(run);
  const isExplained = diagnosed !== undefined && !isBareException(diagnosed.diagnosis.cause);
  const repair = diagnosed?.fix?.label;
  const show = run.state === "stopped" ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
  const choice = await show(
    isExplained && run.state !== "stopped" ? renderDiagnosisBriefly(run.record.plan.title, diagnosed) : text,
    ...(repair === undefined ? [] : [repair]),
    "Diagnose",
    "Open Log",
  );
  if (choice !== undefined && choice === repair) {
    await vscode.commands.executeCommand("trainyard.repairRun", run.record.id);
    return;
  }
  await act(choice, run);
}

/** The end of the run says as much already. */
function isBareException(cause: string): boolean {
  return cause === "exception" || cause === "unknown";
}

/** What the other buttons of the notice do. */
const COMMANDS: Readonly<Record<string, string>> = {
  "Hand Over…": "trainyard.handOffRun",
  "Show Report": "trainyard.showReport",
  "Open Log": "trainyard.openRunLog",
  Diagnose: "trainyard.diagnoseRun",
  "Start Again": "trainyard.reproduceRun",
};

async function act(choice: string | undefined, run: Run): Promise<void> {
  const command = choice === undefined ? undefined : COMMANDS[choice];
  if (command !== undefined) {
    await vscode.commands.executeCommand(command, run.record.id);
  }
}
