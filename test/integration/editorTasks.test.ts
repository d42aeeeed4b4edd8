import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { runTabName } from "../../src/core/training/runId.ts";
import { exportTask } from "../../src/editor/training/exportTask.ts";
import { type FollowerProgram, showRunTask, startRunTask } from "../../src/editor/training/runTasks.ts";
import { planCommand } from "../../src/node/training/cli/commandPlan.ts";
import { createRun, readRun } from "../../src/node/training/runLedger.ts";
import { waitFor } from "../support/poll.ts";

const PRINTS_AND_FAILS = ["/bin/sh", "-c", "pwd; echo val_acc=0.5; exit 7"];
const receipt = { host: "test", platform: "test", trainyardVersion: "test" };

/** Does something and waits for the exit code of the terminal that shows the run. */
async function exitCodeOf(runId: string, show: () => Promise<unknown>): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve) => {
    const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.definition["runId"] === runId) {
        listening.dispose();
        resolve(exitCode);
      }
    });
  });
  await show();
  return ended;
}

function terminalsOf(runId: string): readonly vscode.Terminal[] {
  return vscode.window.terminals.filter(({ name }) => name.includes(runTabName(runId)));
}

async function findTask(label: string): Promise<vscode.Task | undefined> {
  return (await vscode.tasks.fetchTasks()).find(({ name }) => name === label);
}

suite("editor tasks of runs", () => {
  const trainyard = vscode.extensions.getExtension("trainyard.trainyard");
  const program: FollowerProgram = {
    supervisorPath: join(trainyard?.extensionPath ?? "", "dist", "supervisor.js"),
    version: "test",
  };
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";

  suiteSetup(async () => {
    await trainyard?.activate();
  });

  async function startAndEnd(command: readonly string[]): Promise<{ runId: string; runFolder: string }> {
    const runFolder = await createRun(folder, planCommand(command, folder), receipt);
    const runId = basename(runFolder);
    assert.equal(await exitCodeOf(runId, () => startRunTask(runId, runFolder, program)), 7);
    return { runId, runFolder };
  }

  test("starting a run trains in the workspace, and its exit code is the terminal's and the run's", async () => {
    const { runFolder } = await startAndEnd(PRINTS_AND_FAILS);
    const { state, status } = await readRun(runFolder);
    assert.deepEqual({ state, exitCode: status.exitCode }, { state: "failed", exitCode: 7 });
    const log = await readFile(join(runFolder, "train.log"), "utf8");
    assert.ok(log.includes(folder), log);
    assert.match(log, /val_acc=0\.5/);
  });

  test("an ended run is shown again with its exit code and is not trained again", async () => {
    const { runId, runFolder } = await startAndEnd(PRINTS_AND_FAILS);
    const before = await readRun(runFolder);
    assert.equal(await exitCodeOf(runId, () => showRunTask(runId, runFolder, program)), 7);
    assert.deepEqual(await readRun(runFolder), before);
  });

  test("a run that goes on has one terminal, however often it is shown", async () => {
    const gate = join(folder, "gate");
    const command = ["/bin/sh", "-c", `while [ ! -e "${gate}" ]; do sleep 0.05; done; exit 7`];
    const runFolder = await createRun(folder, planCommand(command, folder), receipt);
    const runId = basename(runFolder);
    const code = await exitCodeOf(runId, async () => {
      await startRunTask(runId, runFolder, program);
      await waitFor("the run's terminal", () => terminalsOf(runId).length > 0);
      await showRunTask(runId, runFolder, program);
      await showRunTask(runId, runFolder, program);
      assert.equal(terminalsOf(runId).length, 1);
      assert.equal(vscode.window.activeTerminal?.name, terminalsOf(runId)[0]?.name);
      await writeFile(gate, "");
    });
    assert.equal(code, 7);
    await rm(gate);
  });

  test("a task of tasks.json shows the run it names, and one with a made-up id is left out", async () => {
    const { runId, runFolder } = await startAndEnd(PRINTS_AND_FAILS);
    const before = await readRun(runFolder);
    const tasks = [
      { type: "trainyard", label: "yesterday", runId },
      { type: "trainyard", label: "hostile", runId: "../../../somewhere" },
    ];
    await mkdir(join(folder, ".vscode"), { recursive: true });
    await writeFile(join(folder, ".vscode", "tasks.json"), JSON.stringify({ version: "2.0.0", tasks }));
    try {
      const task = await waitFor("the task of tasks.json", async () =>
        (await vscode.tasks.fetchTasks({ type: "trainyard" })).find(({ definition }) => definition["runId"] === runId),
      );
      assert.equal(await exitCodeOf(runId, () => Promise.resolve(vscode.tasks.executeTask(task))), 7);
      assert.deepEqual(await readRun(runFolder), before);
      const names = (await vscode.tasks.fetchTasks({ type: "trainyard" })).map(({ name }) => name);
      assert.ok(!names.some((name) => name.includes("hostile")), names.join(", "));
    } finally {
      await rm(join(folder, ".vscode"), { recursive: true });
    }
  });

  test("a run outside of the window's folders is refused with a sentence", async () => {
    await assert.rejects(showRunTask("20261121-030000-digits-0001", "/somewhere/else", program), {
      message: "Run 20261121-030000-digits-0001 is not in a folder of this window. Open its folder to see its output.",
    });
  });

  test("an exported run is a task that gives its program the very same words", async () => {
    const words = ["${oc.env:HOME}", "${model.lr}", "$HOME", `--data=${folder}/x`, "*", "a 'b' \"c\""];
    const command = ["/bin/sh", "-c", 'printf "%s\\n" "$@" > exported.txt', "sh", ...words];
    const runFolder = await createRun(folder, planCommand(command, folder), receipt);
    const file = join(folder, ".vscode", "tasks.json");
    await mkdir(join(folder, ".vscode"), { recursive: true });
    await writeFile(file, '{\n  // ours\n  "version": "2.0.0",\n  "tasks": [\n    // none yet\n  ],\n}\n');
    // Not awaited: it ends with its notice.
    void exportTask(await readRun(runFolder));
    const task = await waitFor("the exported task", () => findTask("Train sh"));
    const ended = new Promise((resolve) => vscode.tasks.onDidEndTaskProcess(resolve));
    await vscode.tasks.executeTask(task);
    await ended;
    assert.deepEqual((await readFile(join(folder, "exported.txt"), "utf8")).trim().split("\n"), words);
    assert.match(await readFile(file, "utf8"), /\/\/ ours[\s\S]*\/\/ none yet/);
    await rm(file);
  });

  test("a damaged tasks.json is left as it is, and the person is told its line", async () => {
    const file = join(folder, ".vscode", "tasks.json");
    await mkdir(join(folder, ".vscode"), { recursive: true });
    await writeFile(file, '{\n  "tasks": [\n    {\n}\n');
    const runFolder = await createRun(folder, planCommand(PRINTS_AND_FAILS, folder), receipt);
    await assert.rejects(
      exportTask(await readRun(runFolder)),
      /tasks\.json` is no JSON: .*\(line 4\)\. Nothing was changed\./,
    );
    assert.equal(await readFile(file, "utf8"), '{\n  "tasks": [\n    {\n}\n');
    await rm(file);
  });
});
