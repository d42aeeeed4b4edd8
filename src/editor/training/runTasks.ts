import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { isTabOfRun, runTabName } from "../../core/training/runId.ts";

const TASK_TYPE = "trainyard";

/** Where the follower's program lies. The host's own executable runs it, since a GPU server may have no Node. */
export type FollowerProgram = { supervisorPath: string; version: string };

/** `secrets`: variables for the training that no file of its run holds. */
type RunTaskStart = {
  program: FollowerProgram;
  verb: "start" | "follow";
  secrets?: Readonly<Record<string, string>>;
};

/**
 * The editor task that shows a run: a background process task, the one kind that VS Code reconnects after a
 * window reload. The task runs a follower; the training belongs to a detached owner.
 */
function createRunTask(
  definition: vscode.TaskDefinition,
  folder: vscode.WorkspaceFolder,
  { program: { supervisorPath }, verb, secrets }: RunTaskStart,
): vscode.Task {
  const runId = String(definition["runId"]);
  if (!/^[\w-]+$/.test(runId)) {
    throw new UserError(`${runId} is not the id of a run.`);
  }
  const runFolder = path.join(folder.uri.fsPath, ".trainyard", "runs", runId);
  const execution = new vscode.ProcessExecution(process.execPath, [supervisorPath, verb, runFolder], {
    cwd: folder.uri.fsPath,
    env: { ...secrets, ELECTRON_RUN_AS_NODE: "1" },
  });
  const task = new vscode.Task(definition, folder, runTabName(runId), "Trainyard", execution, []);
  task.isBackground = true;
  task.presentationOptions = {
    panel: vscode.TaskPanelKind.Dedicated,
    reveal: vscode.TaskRevealKind.Always,
    focus: false,
    // The command line of the follower says nothing to a person; the training's own command is in the log's first lines.
    echo: false,
    showReuseMessage: false,
  };
  return task;
}

/**
 * Offers no tasks by itself (a run is started from a plan), but gives VS Code back the task of a known run.
 * `onEnd` hears of every follower that ends, also of one that was started before a window reload.
 */
export function registerRunTasks(
  program: FollowerProgram,
  onEnd: (runId: string, exitCode: number | undefined) => void,
): vscode.Disposable {
  const ended = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
    if (execution.task.definition.type === TASK_TYPE) {
      onEnd(String(execution.task.definition["runId"]), exitCode);
    }
  });
  const provider = vscode.tasks.registerTaskProvider(TASK_TYPE, {
    provideTasks: () => [],
    resolveTask(task) {
      const folder = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
      // The definition object itself has to come back, or VS Code drops the resolved task.
      // What came with a folder is only ever shown; starting is for plans that a person agreed to.
      return folder && createRunTask(task.definition, folder, { program, verb: "follow" });
    },
  });
  return vscode.Disposable.from(ended, provider);
}

/** Opens the terminal of a run: the one that already follows it, or a new follower. */
export async function showRunTask(runId: string, runFolder: string, program: FollowerProgram): Promise<void> {
  await executeRunTask(runId, runFolder, { program, verb: "follow" });
}

/** Starts a run that was just prepared, in a terminal that follows it. */
export async function startRunTask(
  runId: string,
  runFolder: string,
  program: FollowerProgram,
  secrets: RunTaskStart["secrets"] = {},
): Promise<void> {
  await executeRunTask(runId, runFolder, { program, verb: "start", secrets });
}

async function executeRunTask(runId: string, runFolder: string, start: RunTaskStart): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(runFolder));
  if (!folder) {
    throw new UserError(`Run ${runId} is not in a folder of this window. Open its folder to see its output.`);
  }
  const following = vscode.tasks.taskExecutions.find(({ task }) => task.definition["runId"] === runId);
  const terminal = following && findRunTerminal(runId);
  if (terminal) {
    terminal.show(true);
    return;
  }
  await vscode.tasks.executeTask(createRunTask({ type: TASK_TYPE, runId }, folder, start));
}

function findRunTerminal(runId: string): vscode.Terminal | undefined {
  return vscode.window.terminals.find(({ name }) => isTabOfRun(name, runId));
}
