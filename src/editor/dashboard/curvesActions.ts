import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import { savePicture, saveValues } from "./curvesExport.ts";
import { askCurves } from "./readCurves.ts";
import type { CurvesAction } from "./shownCurves.ts";

/** What a button of the page does in the editor. Runs that are not shown any more are not acted on. */
export async function answerAction(action: CurvesAction, runs: readonly Run[], client: MetricsClient): Promise<void> {
  const run = "runId" in action ? runs.find(({ record }) => record.id === action.runId) : undefined;
  switch (action.kind) {
    case "open-checkpoint":
      await vscode.commands.executeCommand("trainyard.inspectCheckpoints", vscode.Uri.file(action.path));
      return;
    case "resume":
      await vscode.commands.executeCommand("trainyard.resumeTraining", vscode.Uri.file(action.path));
      return;
    case "show-output":
      await (run && vscode.commands.executeCommand("trainyard.showRunOutput", run.record.id));
      return;
    case "open-alarm":
      await (run && openLogAt(run, action.line));
      return;
    case "open-tensorboard":
      await vscode.commands.executeCommand("trainyard.openTensorBoard", runs[0]?.record.id);
      return;
    case "export-picture":
      await savePicture(action);
      return;
    case "export-values": {
      const shown = runs.filter(({ record }) => !action.hidden.includes(record.id));
      await saveValues(action.tags, async (tag) => {
        const read = await askCurves(shown, client, { maxPoints: Infinity, smoothing: 0, tags: [tag] });
        return shown.map(({ record }, index) => ({ name: record.id, series: read[index]?.series ?? [] }));
      });
    }
  }
}

/** The line of the log that proves an alarm; lines count from one. */
async function openLogAt(run: Run, line = 1): Promise<void> {
  const { LOG_FILE, locateLogLine } = await import("../../core/training/logParts.ts");
  const { readLogParts } = await import("../../node/base/logFiles.ts");
  const place = locateLogLine(line, await readLogParts(path.join(run.folder, LOG_FILE)));
  if (place === undefined) {
    throw new UserError(
      `Line ${line} of run ${run.record.id} is no longer in its log, which keeps its beginning and its end. The report of the run has what was noticed there.`,
    );
  }
  const selection = new vscode.Range(place.line - 1, 0, place.line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(path.join(run.folder, place.file)), {
    preview: true,
    selection,
  });
}

/** The ids of the runs that the person picks; none when they leave. */
export async function chooseRuns(
  runs: readonly Run[],
  chosen: readonly string[],
  maxRuns: number,
): Promise<readonly string[]> {
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const { describeLaunch } = await import("../../core/training/describeLaunch.ts");
  const rows = runs.map((run) => ({
    label: run.record.plan.title,
    description: describeRunInList(run),
    detail: describeLaunch(run, new Date()),
    id: run.record.id,
    picked: chosen.includes(run.record.id),
  }));
  const picked = await vscode.window.showQuickPick(rows, {
    title: `Show the curves of which runs? (up to ${maxRuns})`,
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return (picked ?? []).map(({ id }) => id);
}
