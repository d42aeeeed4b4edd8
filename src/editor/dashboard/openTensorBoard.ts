import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { fileOf } from "../base/commandTarget.ts";
import { activePython, configuredPython } from "../base/pythonSettings.ts";
import { chooseWorkspaceFolder, displayPath, requireTrust } from "../base/workspace.ts";

const TASK_NAME = "TensorBoard";
/** Importing TensorFlow takes half a minute on a busy machine with a network disk. */
const START_MS = 90_000;

/** One that was started elsewhere is not ours to stop. */
type Server = { url: string; task: vscode.TaskExecution | undefined };

/** Opens the real TensorBoard for the logs of a run or for a folder: the one that shows it already, or a new one. */
export async function openTensorBoard(target: unknown, run: Run | undefined): Promise<void> {
  requireTrust("starting TensorBoard");
  const logFolder = fileOf(target)?.fsPath ?? run?.record.plan.logFolder?.path;
  if (logFolder === undefined) {
    throw new UserError(
      "No folder of logs is known: no run of this workspace has one. Open TensorBoard from the context menu of a folder in the explorer.",
    );
  }
  const server = (await findServer(logFolder)) ?? (await startServer(logFolder, run));
  // Over SSH and in a browser the address is another one; this forwards the port.
  const outside = await vscode.env.asExternalUri(vscode.Uri.parse(server.url));
  await vscode.env.openExternal(outside);
  const [open, stop] = ["Open Again", "Stop"];
  const said = `TensorBoard shows ${displayPath(logFolder)} at ${outside.toString(true)}`;
  const { task } = server;
  const choices = task === undefined ? [open] : [open, stop];
  const choice = await vscode.window.showInformationMessage(said, ...choices);
  if (choice === open) {
    await vscode.env.openExternal(outside);
  } else if (choice === stop) {
    task?.terminate();
  }
}

async function findServer(logFolder: string): Promise<Server | undefined> {
  const { findTensorBoard } = await import("../../node/metrics/tensorBoard.ts");
  const url = await findTensorBoard(logFolder);
  return url === undefined ? undefined : { url, task: taskOf(logFolder) };
}

function taskOf(logFolder: string): vscode.TaskExecution | undefined {
  return vscode.tasks.taskExecutions.find(
    ({ task }) => task.name === TASK_NAME && task.definition["logFolder"] === logFolder,
  );
}

async function startServer(logFolder: string, run: Run | undefined): Promise<Server> {
  const folder = await chooseWorkspaceFolder(vscode.Uri.file(logFolder));
  const python = await findPython(folder, run);
  const { findFreePort, tensorBoardUrl, tensorBoardWords } = await import("../../node/metrics/tensorBoard.ts");
  const port = await findFreePort();
  const execution = new vscode.ProcessExecution(python, tensorBoardWords(logFolder, port), { cwd: folder.uri.fsPath });
  const definition = { type: "process", name: TASK_NAME, logFolder };
  const task = new vscode.Task(definition, folder, TASK_NAME, "Trainyard", execution, []);
  task.isBackground = true;
  task.presentationOptions = { panel: vscode.TaskPanelKind.Dedicated, reveal: vscode.TaskRevealKind.Silent };
  const started = await vscode.tasks.executeTask(task);
  const url = tensorBoardUrl(port);
  await waitUntilItAnswers(url, started);
  return { url, task: started };
}

/** The Python that trained has what it logs with; without a run the one that would train. Refuses without TensorBoard. */
async function findPython(folder: vscode.WorkspaceFolder, run: Run | undefined): Promise<string> {
  const { findInterpreter, probeInterpreter } = await import("../../node/training/interpreters.ts");
  const python =
    run?.record.plan.interpreter.path ??
    findInterpreter({
      workspaceFolder: folder.uri.fsPath,
      scriptFolder: folder.uri.fsPath,
      environment: process.env,
      configured: configuredPython(folder),
      active: activePython(folder),
    }).path;
  const probe = await probeInterpreter(python, ["tensorboard"], { environment: process.env });
  if ("problem" in probe) {
    throw new UserError(probe.problem);
  }
  if (probe.missing.length > 0) {
    throw new UserError(
      `TensorBoard is not installed for ${python}. Install it with \`${python} -m pip install tensorboard\`, then open it again. Trainyard: Show Curves needs nothing installed.`,
    );
  }
  return python;
}

async function waitUntilItAnswers(url: string, started: vscode.TaskExecution): Promise<void> {
  const { waitForTensorBoard } = await import("../../node/metrics/tensorBoard.ts");
  const ended = new AbortController();
  const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
    if (execution === started) {
      ended.abort(
        new UserError(
          `TensorBoard ended with exit code ${exitCode ?? "unknown"} before it answered. Its terminal says why.`,
        ),
      );
    }
  });
  const tooLate = setTimeout(
    () => ended.abort(new UserError(`TensorBoard did not answer within ${START_MS / 1000} s. Its terminal says why.`)),
    START_MS,
  );
  let isUp = false;
  try {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: "Starting TensorBoard",
      cancellable: true,
    };
    await vscode.window.withProgress(options, (_progress, token) => {
      token.onCancellationRequested(() => ended.abort(new vscode.CancellationError()));
      return waitForTensorBoard(url, ended.signal);
    });
    isUp = true;
  } finally {
    if (!isUp) {
      started.terminate();
    }
    clearTimeout(tooLate);
    listening.dispose();
  }
}
