import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { requireTrust } from "../base/workspace.ts";
import { pickRun } from "./pickRun.ts";
import type { RunMonitor } from "./runMonitor.ts";
import { type FollowerProgram, showRunTask } from "./runTasks.ts";
import {
  editShownPlan,
  type StartArguments,
  startShownPlan,
  trainWithDialog,
} from "./startTraining.ts";
import { isLive } from "./statusBar.ts";

export type TrainingCommandDeps = { monitor: RunMonitor; program: FollowerProgram };

/** What the Command Palette, the views and the buttons call, by command name. */
export function trainingCommands({ monitor, program }: TrainingCommandDeps): Record<string, (target?: unknown, more?: unknown) => Promise<unknown>> {
  const any = { none: "This workspace has no runs yet. Start one with Trainyard: Train…." };
  return {
    train: (target) => train(target, "training", { monitor, program }),
    runFlow: (target) => train(target, "flow", { monitor, program }),
    startShownPlan: (shown) => startShownPlan(shown as StartArguments, program),
    editShownPlan: (shown) => editShownPlan(shown as StartArguments, program),
    refreshRuns: () => monitor.refresh(),
    async stopRun(target) {
      const run = await pickRun(monitor, target, {
        title: "Stop which run?",
        none: "No run is going on in this workspace.",
        qualifies: isLive,
      });
      if (run) {
        const { requestStop } = await import("../../node/training/runLedger.ts");
        // A second request for the same run means that the first was not enough.
        await requestStop(run.folder, run.state === "stopping" ? "now" : "graceful");
        await monitor.refresh();
      }
    },
    async showRunOutput(target) {
      const run = await pickRun(monitor, target, { title: "Show the output of which run?", ...any });
      if (run) {
        requireTrust("showing a run in a terminal");
        await showRunTask(run.record.id, run.folder, program);
      }
    },
    async openRunLog(target) {
      const run = await pickRun(monitor, target, { title: "Open the log of which run?", ...any });
      if (run) {
        await openFile(path.join(run.folder, "train.log"), `Run ${run.record.id} has no log: it ended before it printed anything.`);
      }
    },
    async showReceipt(target) {
      const run = await pickRun(monitor, target, { title: "Show the receipt of which run?", ...any });
      if (run) {
        await openFile(path.join(run.folder, "run.json"), `The receipt of run ${run.record.id} is missing.`);
      }
    },
    async showReport(target) {
      const run = await pickRun(monitor, target, { title: "Report on which run?", ...any });
      if (run) {
        await vscode.commands.executeCommand("workbench.action.chat.open", { query: `@ml-trainer /runs ${run.record.id}` });
      }
    },
  };
}

async function train(target: unknown, kind: "training" | "flow", { monitor, program }: TrainingCommandDeps): Promise<void> {
  const file = target instanceof vscode.Uri ? target : undefined;
  const script = file?.fsPath ?? (await pickScript(kind));
  if (script !== undefined) {
    await trainWithDialog({ script }, vscode.Uri.file(script), program);
    await monitor.refresh();
  }
}

async function openFile(file: string, missing: string): Promise<void> {
  const uri = vscode.Uri.file(file);
  try {
    await vscode.workspace.fs.stat(uri);
  } catch (cause) {
    throw new UserError(missing, { cause });
  }
  await vscode.window.showTextDocument(uri, { preview: true });
}
