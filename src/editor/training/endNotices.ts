import * as vscode from "vscode";
import { describeRunEnd, describeRunInList } from "../../core/training/describeRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { endedBadly, finishedWithoutNumbers } from "../../core/training/runState.ts";
import { describeSweepEnd, sweepsOf } from "../../core/training/sweep/sweepResults.ts";
import { claimNotification } from "../../node/training/stopRequest.ts";
import { handOver, type LoadHandoffs, nextHandoff } from "./handOffRun.ts";

/** More at once would hide each other, and none would be read. */
const MAX_NOTICES = 3;

/** Tells the person once how runs ended: each by itself, or in one sentence where many did since the last look. */
export async function tellAboutRuns(runs: readonly Run[], loadHandoffs: LoadHandoffs): Promise<void> {
  const claims = await Promise.all(runs.map(({ folder }) => claimNotification(folder)));
  const news = runs.filter((_, at) => claims[at] === true);
  if (news.length > MAX_NOTICES) {
    await tellAboutMany(news);
    return;
  }
  await Promise.all(news.map((run) => tellAboutRun(run, loadHandoffs)));
}

async function tellAboutMany(runs: readonly Run[]): Promise<void> {
  const [newest] = runs.toSorted((a, b) => momentOf(b).localeCompare(momentOf(a)));
  if (newest === undefined) {
    return;
  }
  const bad = runs.filter(endedBadly).length;
  const badly = bad === 0 ? "" : `, ${bad === runs.length ? "all" : bad} of them badly`;
  const show = "Show Runs";
  const text = `${runs.length} runs ended${badly}. The newest is ${newest.record.plan.title}: ${describeRunInList(newest)}.`;
  const choice = await vscode.window.showInformationMessage(text, show, ...(endedBadly(newest) ? ["Diagnose"] : []));
  await (choice === show ? vscode.commands.executeCommand("trainyard.runs.focus") : act(choice, newest));
}

function momentOf({ status, record }: Run): string {
  return status.endedAt ?? record.createdAt;
}

/** How a run ended, with what can be done next. */
async function tellAboutRun(run: Run, loadHandoffs: LoadHandoffs): Promise<void> {
  const text = describeRunEnd(run);
  // A person stops a run for what the watchdog said about it, and wants to repair it then.
  const hasAlarm = (run.status.alarms ?? []).some(({ endedAt }) => endedAt === undefined);
  if (run.state === "lost" && run.status.startedAt === undefined) {
    await act(await vscode.window.showWarningMessage(text, "Start Again"), run);
    return;
  }
  if (endedBadly(run) || (run.state === "stopped" && hasAlarm)) {
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
  const { showInformationMessage, showWarningMessage, showErrorMessage } = vscode.window;
  const isBroken = finishedWithoutNumbers(run);
  const show = run.state === "stopped" ? showInformationMessage : isBroken ? showWarningMessage : showErrorMessage;
  const choice = await show(
    isExplained && run.state !== "stopped" && !isBroken
      ? renderDiagnosisBriefly(run.record.plan.title, diagnosed)
      : text,
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

/** Tells the person once how a sweep ended, in place of one notice for each of its runs. */
export async function tellAboutSweep(sweepId: string, runs: readonly Run[]): Promise<void> {
  const [sweep] = sweepsOf(runs);
  const first = sweep?.runs[0];
  const isNews = runs.some(({ status }) => status.startedAt !== undefined);
  if (!sweep || !first || !isNews || !(await claimNotification(first.folder, "sweep"))) {
    return;
  }
  const show = "Show Results";
  if ((await vscode.window.showInformationMessage(describeSweepEnd(sweep), show)) === show) {
    await vscode.commands.executeCommand("trainyard.showSweep", sweepId);
  }
}
