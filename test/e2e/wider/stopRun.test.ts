import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import type { Editor } from "../support/editor.ts";
import { journey } from "../support/journey.ts";
import { runCommand } from "../support/quickInput.ts";
import { newestRun, runFolders, startTraining, waitForRunRow } from "../support/runs.ts";
import {
  clearNotifications,
  clickDialogButton,
  dialogText,
  openActivity,
  statusBarTexts,
  terminalText,
  treeRow,
  waitForNotification,
  waitForStatusBar,
} from "../support/workbench.ts";

const LOAD = "import sys, torch\nfor path in sys.argv[1:]: print(torch.load(path, weights_only=True)['step'])";
const isTraining = /train · epoch \d+\/10/;

/** What a graceful stop leaves, in the window and on disk, for run number `count`. */
async function assertStopped({ page, workspace }: Editor, count: number): Promise<void> {
  const [announced] = await Promise.all([
    waitForStatusBar(page, /epoch_\d+_interrupted_step_\d+/),
    waitForNotification(page, /Run train was stopped after/),
  ]);
  assert.match(announced, /checkpoint_epoch_\d+_interrupted_step_\d+\.pt/);
  await waitFor(
    "the run to leave the status bar",
    async () => !(await statusBarTexts(page)).some((text) => isTraining.test(text)),
  );
  await waitForRunRow(page, /stopped after/);
  const { status, log } = await newestRun(workspace);
  assert.equal(status.state, "stopped");
  assert.equal(status.exitCode, 130, "the training ended by itself, after its checkpoint");
  assert.equal(log.match(/A stop was asked/g)?.length, 1);
  assert.equal((await runFolders(workspace)).length, count);
  await clearNotifications(page);
}

journey(
  import.meta.url,
  "a training stops from the palette, from the view and with Ctrl-C, each time with a checkpoint, and not with its terminal",
  {},
  async (editor, shot) => {
    const { page, workspace, door } = editor;
    await openActivity(page, "Trainyard");

    await startTraining(editor);
    await waitForStatusBar(page, isTraining);
    await runCommand(page, "Trainyard: Stop Run…");
    assert.match(await dialogText(page), /Stop train\?[^]*It gets time to save a checkpoint/);
    await clickDialogButton(page, "Stop");
    await waitForNotification(page, /Run train was stopped/);
    await shot("palette");
    await assertStopped(editor, 1);

    await startTraining(editor);
    await waitForStatusBar(page, isTraining);
    const live = treeRow(page, "Runs and Checkpoints", /^\s*train(?!\s*stopped)/);
    await live.hover();
    await shot("inline-button");
    await live.getByRole("button", { name: "Stop Run…" }).click();
    await assertStopped(editor, 2);

    await startTraining(editor);
    await waitForStatusBar(page, isTraining);
    const before = await newestRun(workspace);
    await door.execute("workbench.action.terminal.kill");
    await waitFor(
      "more output without a terminal",
      async () => (await newestRun(workspace)).log.length > before.log.length,
    );
    await waitForStatusBar(page, isTraining);
    await shot("terminal-closed");
    assert.equal((await newestRun(workspace)).status.training?.pid, before.status.training?.pid);

    const newest = (await runFolders(workspace)).toSorted().at(-1) ?? "";
    await door.execute("trainyard.showRunOutput", basename(newest));
    const hasTab = page.locator(".terminal-tabs-entry").filter({ hasText: basename(newest).slice(-4) });
    await hasTab.first().waitFor();
    await waitFor("the output in a new terminal", async () => /Epoch \d+\/10 step/.test(await terminalText(page)));
    await door.execute("workbench.action.terminal.focus");
    await page.locator(".terminal-wrapper.active .xterm.focus").first().waitFor();
    await page.keyboard.press("Control+C");
    await waitFor("the answer to Ctrl-C", async () => /Asked the training to stop/.test(await terminalText(page)));
    await assertStopped(editor, 3);
    await shot("ctrl-c");

    const files = await readdir(join(workspace, "checkpoints"), { recursive: true });
    const saved = files.filter((file) => file.endsWith(".pt")).map((file) => join(workspace, "checkpoints", file));
    assert.ok(saved.length >= 3, saved.join());
    assert.deepEqual(
      files.filter((file) => file.endsWith(".tmp")),
      [],
    );
    const steps = execFileSync(join(workspace, ".venv", "bin", "python"), ["-c", LOAD, ...saved], { encoding: "utf8" });
    assert.equal(steps.trim().split("\n").length, saved.length, "PyTorch loads every one");
  },
);
