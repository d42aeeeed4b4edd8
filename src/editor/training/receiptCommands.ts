import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";
import type { CommandTable } from "../base/commands.ts";
import { showReport } from "../base/shownText.ts";
import { requireTrust } from "../base/workspace.ts";
import { exportTask } from "./exportTask.ts";
import { pickRun } from "./pickRun.ts";
import type { RunMonitor } from "./runMonitor.ts";
import type { FollowerProgram } from "./runTasks.ts";
import { launchPlan } from "./startTraining.ts";

const NO_RUNS = "This workspace has no runs yet, so there is no receipt. Start one with Trainyard: Train.";

/** What is done with the receipts of runs besides reading one. */
export function receiptCommands({ monitor, program }: { monitor: RunMonitor; program: FollowerProgram }): CommandTable {
  return {
    compareReceipts: (target) => compare(monitor, target),
    async exportTask(target) {
      const run = await pickRun(monitor, target, { title: "Export which run to tasks.json?", none: NO_RUNS });
      if (run) {
        await exportTask(run);
      }
    },
    async reproduceRun(target) {
      const run = await pickRun(monitor, target, { title: "Reproduce which run?", none: NO_RUNS });
      if (run) {
        await reproduce(run, program);
        await monitor.refresh();
      }
    },
  };
}

async function compare(monitor: RunMonitor, target: unknown): Promise<void> {
  const first = await pickRun(monitor, target, { title: "Compare the receipt of which run?", none: NO_RUNS });
  if (!first) {
    return;
  }
  const second = await pickRun(monitor, undefined, {
    title: `Compare the receipt of ${first.record.plan.title} with that of which run?`,
    none: "There is no other run to compare with.",
    qualifies: ({ folder }) => folder !== first.folder,
  });
  if (!second) {
    return;
  }
  const { nameRun } = await import("../../core/training/describeLaunch.ts");
  const { compareReceipts, renderReceiptDifferences } = await import("../../core/training/runReceipt.ts");
  // What came first stands on the left, whichever was picked first.
  const [left, right] = [first, second].toSorted((a, b) => a.record.createdAt.localeCompare(b.record.createdAt));
  if (left && right) {
    const differences = compareReceipts(left.record, right.record);
    const now = new Date();
    const names = [nameRun(left, now), nameRun(right, now)] as const;
    await showReport(`Receipts of ${names.join(" and ")}`, renderReceiptDifferences(differences, names));
  }
}

/** Starts the same command again, after it was said what around it is not the same any more. */
async function reproduce({ record, folder: runFolder }: Run, program: FollowerProgram): Promise<void> {
  requireTrust("starting a training");
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(runFolder));
  if (!folder) {
    throw new UserError(`The folder of run ${record.id} is not open any more. Open it, then try again.`);
  }
  const { collectReceipt } = await import("../../node/training/receipt.ts");
  const { compareReceipts, renderReceiptDifferencesText } = await import("../../core/training/runReceipt.ts");
  const { renderPlanCommand } = await import("../../core/training/renderPlan.ts");
  const { noteMissingSecrets } = await import("../../core/training/unrecordedSecrets.ts");
  const { withDeviceOfToday } = await import("../../node/training/deviceOfToday.ts");
  const { plan, notes } = await withDeviceOfToday(record.plan);
  const secrets = noteMissingSecrets(plan, process.env);
  const receipt = await collectReceipt(folder.uri.fsPath, program.version, plan);
  const differences = compareReceipts(record, { ...record, receipt });
  const detail =
    differences.length === 0
      ? "Nothing that was recorded differs: commit, configuration, sizes of data files, packages and host."
      : `Not as it was then:\n${renderReceiptDifferencesText(differences)}`;
  const start = differences.length === 0 ? "Start" : "Start Anyway";
  const choice = await vscode.window.showInformationMessage(
    `Reproduce ${record.plan.title}?`,
    { modal: true, detail: [renderPlanCommand(plan), ...notes, ...secrets, detail].join("\n\n") },
    start,
  );
  if (choice === start) {
    await launchPlan({ plan, request: {}, folder }, program);
  }
}
