import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { PlanRequest } from "../../core/training/launchPlan.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { endedBadly, hasEnded } from "../../core/training/runState.ts";
import type { CommandTable } from "../base/commands.ts";
import { fileOf } from "../base/commandTarget.ts";
import { showReport } from "../base/shownText.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";
import { showDiagnosis } from "./diagnosis.ts";
import { handOffRun } from "./handOffRun.ts";
import { openRunLog } from "./openRunLog.ts";
import { pickRun } from "./pickRun.ts";
import { pickScript } from "./pickScript.ts";
import { pickPreset } from "./presets.ts";
import { repairRun } from "./repairRun.ts";
import type { RunMonitor } from "./runMonitor.ts";
import { type FollowerProgram, showRunTask } from "./runTasks.ts";
import { editShownPlan, saveShownPlan, startShownPlan, trainWithDialog } from "./startTraining.ts";

export type TrainingCommandDeps = {
  monitor: RunMonitor;
  program: FollowerProgram;
};

const NO_FAILURES = "No run of this workspace ended badly, so there is nothing to diagnose.";
const NO_RUNS = "This workspace has no runs yet. Start one with Trainyard: Train.";

/** What the Command Palette, the views and the buttons call to plan, start and stop. */
export function startCommands({ monitor, program }: TrainingCommandDeps): CommandTable {
  const start = async (request: PlanRequest, script: string, after?: string) => {
    await trainWithDialog(request, { near: vscode.Uri.file(script), after }, program);
    await monitor.refresh();
  };
  return {
    async train(target) {
      const named = fileOf(target)?.fsPath;
      const preset = named === undefined ? await pickPreset(await chooseWorkspaceFolder()) : "script";
      const script = preset === "script" ? (named ?? (await pickScript())) : preset?.script;
      if (script !== undefined) {
        await start(preset === "script" ? { script } : { ...preset, script }, script);
      }
    },
    async trainAfter(target) {
      const none = "No run is going on in this workspace, so there is none to wait for. Start with Trainyard: Train.";
      const run = await pickRun(monitor, target, { title: "Start after which run?", none, qualifies: isGoingOn });
      const script = run === undefined ? undefined : await pickScript();
      if (run !== undefined && script !== undefined) {
        await start({ script }, script, run.record.id);
      }
    },
    async planRun(argument, after) {
      const { planRequestSchema } = await import("../../core/training/startArguments.ts");
      const request = planRequestSchema.safeParse(argument).data;
      if (request?.script === undefined) {
        throw new UserError("This button lost what it would start. Open the flow and run it from there.");
      }
      await start(request, request.script, typeof after === "string" ? after : undefined);
    },
    async startShownPlan(shown) {
      await startShownPlan(shown, program, async () => {
        await monitor.refresh();
        return monitor.known.runs;
      });
      await monitor.refresh();
    },
    async editShownPlan(shown) {
      await editShownPlan(shown, program);
      await monitor.refresh();
    },
    async savePreset(shown) {
      await saveShownPlan(shown);
    },
    stopRun: (target) => stopRun(monitor, target),
    async repairRun(target) {
      const run = await pickRun(monitor, target, {
        title: "Repair which run?",
        none: NO_FAILURES,
        qualifies: endedBadly,
      });
      if (run) {
        await repairRun(run, program);
        await monitor.refresh();
      }
    },
  };
}

function isGoingOn({ state }: Run): boolean {
  return !hasEnded(state);
}

async function stopRun(monitor: RunMonitor, target: unknown): Promise<void> {
  const title = "Stop which run?";
  const none = "No run is going on in this workspace.";
  const run = await pickRun(monitor, target, { title, none, qualifies: isGoingOn });
  if (!run) {
    return;
  }
  const wasPointedAt = target !== undefined || monitor.known.runs.filter(isGoingOn).length > 1;
  const { readStopRequest, requestStop } = await import("../../node/training/stopRequest.ts");
  const wasAsked = run.state === "stopping" || (await readStopRequest(run.folder)) !== undefined;
  if (isGoingOn(run) && wasAsked) {
    if (await confirmKill(run.record.plan.title)) {
      await requestStop(run, "now");
    }
  } else if (wasPointedAt || (await confirmStop(run))) {
    await requestStop(run, "graceful");
  }
  await monitor.refresh();
}

/** From the palette with one run going on, nobody pointed at it or picked it, so it is named before it ends. */
async function confirmStop(run: Run): Promise<boolean> {
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const stop = "Stop";
  const what = run.state === "waiting" ? "It leaves the queue." : "It gets time to save a checkpoint.";
  const choice = await vscode.window.showWarningMessage(
    `Stop ${run.record.plan.title}?`,
    { modal: true, detail: `Run ${run.record.id}, ${describeRunInList(run)}. ${what}` },
    stop,
  );
  return choice === stop;
}

/** What shows runs and passes them on. */
export function runCommands({ monitor, program }: TrainingCommandDeps): CommandTable {
  const pick = (target: unknown, title: string) => pickRun(monitor, target, { title, none: NO_RUNS });
  return {
    refreshRuns: () => monitor.refresh(),
    async showRunOutput(target) {
      const run = await pick(target, "Show the output of which run?");
      if (run) {
        requireTrust("showing a run in a terminal");
        await showRunTask(run.record.id, run.folder, program);
      }
    },
    async diagnoseRun(target) {
      const run = await pickRun(monitor, target, {
        title: "Diagnose which run?",
        none: NO_FAILURES,
        qualifies: endedBadly,
      });
      if (run) {
        await showDiagnosis(run);
      }
    },
    async openRunLog(target) {
      const run = await pick(target, "Open the log of which run?");
      if (run) {
        await openRunLog(run);
      }
    },
    async showReceipt(target) {
      const run = await pick(target, "Show the receipt of which run?");
      if (run) {
        const { renderReceipt } = await import("../../core/training/renderRuns.ts");
        await showReport(`Receipt of ${run.record.plan.title}`, renderReceipt(run));
      }
    },
    async handOffRun(target) {
      const run = await pick(target, "Hand over which run?");
      if (run) {
        await handOffRun(run);
      }
    },
    async showReport(target) {
      const run = await pick(target, "Report on which run?");
      if (run) {
        const query = { query: `@ml-trainer /runs ${run.record.id}` };
        await vscode.commands.executeCommand("workbench.action.chat.open", query);
      }
    },
    async showGpus() {
      const { describeGpus } = await import("./trainingReplies.ts");
      await showReport("GPUs", await describeGpus(new AbortController().signal));
    },
  };
}

/** A second request for the same run means that the first was not enough, or that a finger slipped. */
async function confirmKill(title: string): Promise<boolean> {
  const kill = "End at Once";
  const choice = await vscode.window.showWarningMessage(
    `${title} is stopping already. End it at once?`,
    { modal: true, detail: "What it has not saved is lost, a checkpoint in progress too." },
    kill,
  );
  return choice === kill;
}
