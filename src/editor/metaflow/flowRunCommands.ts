import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { FlowOutline } from "../../core/metaflow/flowOutline.ts";
import type { FlowRun } from "../../core/metaflow/runs/flowRun.ts";
import type { PlanRequest } from "../../core/training/launchPlan.ts";
import type { CommandTable } from "../base/commands.ts";
import { fileOf } from "../base/commandTarget.ts";
import { requireTrust } from "../base/workspace.ts";
import { outlineOf, type PickFlow, placeOf } from "./flowPlace.ts";
import { requireLocalRuns } from "./flowRunAccess.ts";
import { flowRunDetailCommands, PICKED_RUNS, pickRun } from "./flowRunDetails.ts";
import { askRun } from "./runForm.ts";
import { usableGpus } from "./usableGpus.ts";

/** The commands that run flows and look at what ran. `pickFlow` asks for a flow where none was pointed at. */
export function flowRunCommands(pickFlow: PickFlow): CommandTable {
  return {
    runFlow: (target) => runFlow(target, pickFlow),
    resumeFlow: (target) => resumeFlow(target, pickFlow),
    spinStep,
    ...flowRunDetailCommands,
  };
}

/** "Trainyard: Run Metaflow Flow…": the parameters, then the plan, then the run. */
async function runFlow(target: unknown, pickFlow: PickFlow): Promise<void> {
  requireTrust("running a flow");
  const place = await placeOf(target, pickFlow, "Run which flow?");
  if (!place) {
    return;
  }
  const outline = await outlineOf(place.file, place.flow);
  const chosen = await askRun(outline, await usableGpus());
  if (chosen !== undefined) {
    await plan(place.file, chosen);
  }
}

async function plan(file: vscode.Uri, chosen: Pick<PlanRequest, "arguments" | "device">): Promise<void> {
  await vscode.commands.executeCommand("trainyard.planRun", { script: file.fsPath, ...chosen });
}

/** "Trainyard: Resume Metaflow Flow…": which run, from where, then the plan. The origin is always named. */
async function resumeFlow(target: unknown, pickFlow: PickFlow): Promise<void> {
  requireTrust("resuming a flow");
  const place = await placeOf(target, pickFlow, "Resume which flow?");
  if (!place) {
    return;
  }
  const outline = await outlineOf(place.file, place.flow);
  const { runs } = await requireLocalRuns(place.file, { flow: outline.name, count: PICKED_RUNS });
  const run = await pickRun(runs, `Resume which run of ${outline.name}?`);
  const step = run && (await pickStep(outline, run));
  if (run && step !== undefined) {
    const from = step === "" ? [] : [step];
    await plan(place.file, { arguments: ["--no-pylint", "resume", ...from, "--origin-run-id", run.id] });
  }
}

async function pickStep({ steps }: FlowOutline, run: FlowRun): Promise<string | undefined> {
  const failed = run.tasks.find(({ state }) => state === "failed" || state === "gone")?.step;
  const rows = [
    {
      label: "$(debug-continue) Where it ended",
      description: failed === undefined ? "every step is taken over" : `runs again from ${failed}`,
      step: "",
    },
    ...steps.map(({ name, purpose }) => ({ label: name, description: purpose, step: name })),
  ];
  return (await vscode.window.showQuickPick(rows, { title: "Resume from which step?", matchOnDescription: true }))
    ?.step;
}

/** The lens above a step: runs it alone, with the artifacts that an earlier run had before it. */
async function spinStep(target: unknown): Promise<void> {
  requireTrust("running a step");
  const uri = fileOf(target);
  const [flow = "", step = ""] = uri?.fragment.split("/") ?? [];
  if (!uri || step === "") {
    throw new UserError("Open a flow and choose Spin above one of its steps.");
  }
  const file = uri.with({ fragment: "" });
  const { runs } = await requireLocalRuns(file, { flow, count: PICKED_RUNS });
  const task = runs.flatMap((run) =>
    run.tasks.flatMap((each) => (each.step === step && each.state === "done" ? [{ run, task: each }] : [])),
  )[0];
  if (!task) {
    throw new UserError(`No run of ${flow} has finished ${step} yet, so its inputs are not known. Run the flow first.`);
  }
  const pathspec = `${flow}/${task.run.id}/${step}/${task.task.id}`;
  await plan(file, { arguments: ["--no-pylint", "spin", pathspec] });
}
