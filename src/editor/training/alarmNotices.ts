import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { Alarm } from "../../core/training/watchdog/alarm.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** Tells the person once, in one window, what the watchdog noticed about a run that goes on. */
export function registerAlarmNotices(monitor: RunMonitor, onError: (error: unknown) => void): vscode.Disposable {
  const told = new Set<string>();
  const look = () => {
    // What came with an untrusted folder is nobody's news.
    const live = vscode.workspace.isTrusted ? monitor.known.runs.filter(({ state }) => !hasEnded(state)) : [];
    for (const run of live) {
      const fresh = (run.status.alarms ?? []).filter(
        (alarm) => alarm.endedAt === undefined && !told.has(`${run.folder} ${newsOf(alarm)}`),
      );
      for (const alarm of fresh) {
        told.add(`${run.folder} ${newsOf(alarm)}`);
        tellAbout(run, alarm, monitor).catch(onError);
      }
    }
  };
  return vscode.Disposable.from(monitor.onDidChange(look), vscode.workspace.onDidGrantWorkspaceTrust(look));
}

const STOP = "Stop Run";

/** What the buttons do, each with the run's id. */
const COMMANDS: Readonly<Record<string, string>> = {
  [STOP]: "trainyard.stopRun",
  "Show Output": "trainyard.showRunOutput",
  "Show Report": "trainyard.showReport",
};

/** One that was over and came again is news again. */
function newsOf({ kind, raisedAt }: Alarm): `${Alarm["kind"]}.${string}` {
  return `${kind}.${raisedAt.replaceAll(/\D/g, "")}`;
}

async function tellAbout(run: Run, alarm: Alarm, monitor: RunMonitor): Promise<void> {
  const { claimNotification } = await import("../../node/training/stopRequest.ts");
  if (!(await claimNotification(run.folder, newsOf(alarm)))) {
    return;
  }
  const { describeAlarm } = await import("../../core/training/watchdog/alarm.ts");
  const text = `Run ${run.record.plan.title}: ${describeAlarm(alarm, run.status.log)}`;
  const choice = await vscode.window.showWarningMessage(text, ...Object.keys(COMMANDS));
  if (choice === STOP && (await tellThatItEnded(run, monitor))) {
    return;
  }
  const command = choice === undefined ? undefined : COMMANDS[choice];
  if (command !== undefined) {
    await vscode.commands.executeCommand(command, run.record.id);
  }
}

/** A notice stays until it is answered, and its run may have ended meanwhile; false where it goes on. */
async function tellThatItEnded({ record }: Run, monitor: RunMonitor): Promise<boolean> {
  await monitor.refresh();
  const run = monitor.find(record.id);
  if (run === undefined || !hasEnded(run.state)) {
    return false;
  }
  const { describeRunEnd } = await import("../../core/training/describeRun.ts");
  const diagnose = "Diagnose";
  if ((await vscode.window.showInformationMessage(describeRunEnd(run), diagnose)) === diagnose) {
    await vscode.commands.executeCommand("trainyard.diagnoseRun", record.id);
  }
  return true;
}
