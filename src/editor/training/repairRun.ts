import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Fix } from "../../core/training/diagnosis/proposeFix.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { requireTrust } from "../base/workspace.ts";
import { diagnose } from "./diagnosis.ts";
import type { FollowerProgram } from "./runTasks.ts";
import { launchPlan } from "./startTraining.ts";

/** Diagnoses a failed run, shows what would be changed, and starts it when the person agrees. */
export async function repairRun(run: Run, program: FollowerProgram): Promise<void> {
  requireTrust("starting a training");
  const { title } = run.record.plan;
  const fix = (await diagnose(run))?.fix;
  if (fix === undefined) {
    throw new UserError(
      `No change of the command is known that would repair ${title}. Trainyard: Diagnose Run… says what to do.`,
    );
  }
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(run.folder));
  if (!folder) {
    throw new UserError(`The folder of run ${run.record.id} is not open any more. Open it, then try again.`);
  }
  const { withDeviceOfToday } = await import("../../node/training/deviceOfToday.ts");
  const { plan, notes } = await withDeviceOfToday(fix.plan);
  const start = () => launchPlan({ plan, request: {}, folder }, program);
  if (!(await agree({ ...fix, plan }, notes, title))) {
    return;
  }
  if (fix.kind === "rerun") {
    await start();
    return;
  }
  await install(fix.command, folder);
  const again = "Start Again";
  const question = `${fix.label.replace("Install", "Installed")}. Start ${title} again?`;
  if ((await vscode.window.showInformationMessage(question, again)) === again) {
    await start();
  }
}

async function agree(fix: Fix, notes: readonly string[], title: string): Promise<boolean> {
  const { renderChanges } = await import("../../core/training/diagnosis/renderDiagnosis.ts");
  const advice =
    fix.kind === "install" ? "\n\nInstalling runs code of the package. Check that it is the one you mean." : "";
  const lines = renderChanges(fix).map((line) => line.trim());
  const detail = [...lines.slice(0, -1), ...notes, "", ...lines.slice(-1)].join("\n").trim();
  const choice = await vscode.window.showInformationMessage(
    `Repair ${title}?`,
    { modal: true, detail: `${detail}${advice}` },
    fix.label,
  );
  return choice === fix.label;
}

/** Runs the installer in a terminal of its own, where the person sees what it says; refuses when it fails. */
async function install(command: readonly string[], folder: vscode.WorkspaceFolder): Promise<void> {
  const [program = "", ...args] = command;
  const definition = { type: "process", name: "install" };
  const execution = new vscode.ProcessExecution(program, args, { cwd: folder.uri.fsPath });
  const task = new vscode.Task(definition, folder, "Install Package", "Trainyard", execution, []);
  const exitCode = await runToItsEnd(task);
  if (exitCode !== 0) {
    throw new UserError(`The installation ended with exit code ${exitCode ?? "unknown"}. Its terminal says why.`);
  }
}

/** The exit code of a task; undefined where its program could not be started. Listens first: a task may end at once. */
function runToItsEnd(task: vscode.Task): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const codes = new Map<vscode.TaskExecution, number | undefined>();
    const ended = new Set<vscode.TaskExecution>();
    let started: vscode.TaskExecution | undefined;
    const finish = () => {
      if (started !== undefined && ended.has(started)) {
        listening.dispose();
        resolve(codes.get(started));
      }
    };
    const listening = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => void codes.set(execution, exitCode)),
      vscode.tasks.onDidEndTask(({ execution }) => {
        ended.add(execution);
        finish();
      }),
    );
    vscode.tasks.executeTask(task).then(
      (execution) => {
        started = execution;
        finish();
      },
      (error: unknown) => {
        listening.dispose();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
