import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";

suite("editor tasks in this host", () => {
  test("a process task runs in the workspace and its exit code arrives", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    const written = join(folder.uri.fsPath, "written-by-task");
    const script = `require("node:fs").writeFileSync(${JSON.stringify(written)}, process.cwd()); process.exit(7)`;
    const execution = new vscode.ProcessExecution(process.execPath, ["-e", script], {
      cwd: folder.uri.fsPath,
      env: { ELECTRON_RUN_AS_NODE: "1" },
    });
    const task = new vscode.Task({ type: "process" }, folder, "exit seven", "test", execution, []);
    const ended = new Promise<number | undefined>((resolve) => {
      vscode.tasks.onDidEndTaskProcess((event) => resolve(event.exitCode));
    });
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 7);
    assert.equal(await readFile(written, "utf8"), folder.uri.fsPath);
  });
});
