import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readRun } from "../../../src/node/training/runLedger.ts";
import { waitFor } from "../../support/poll.ts";
import { journey } from "../support/journey.ts";
import { runCommand } from "../support/quickInput.ts";
import {
  clickDialogButton,
  dialogText,
  openActivity,
  terminalText,
  treeRows,
  waitForNotification,
  waitForStatusBar,
} from "../support/workbench.ts";

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

journey(
  import.meta.url,
  "a run of the command line is seen at once, outlives its killed supervisor, and is stopped by name",
  {},
  async (editor, shot) => {
    await openActivity(editor.page, "Trainyard");
    const command = [
      cli,
      "run",
      "--detach",
      "--",
      join(editor.workspace, ".venv/bin/python"),
      "train.py",
      "--epochs",
      "500",
    ];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: editor.workspace });
    const folder = join(editor.workspace, ".trainyard", "runs", stdout.trim());
    try {
      await waitForStatusBar(editor.page, /train · epoch \d+\/500/, 90_000);
      await runCommand(editor.page, "Trainyard: Show Run Output…");
      await waitFor("the output", async () => /Epoch \d+\/500/.test(await terminalText(editor.page)));
      await shot("started-elsewhere");

      const before = (await readRun(folder)).status;
      process.kill(before.supervisor?.pid ?? -1, "SIGKILL");
      const after = await waitFor("another supervisor", async () => {
        const { state, status } = await readRun(folder);
        return state === "running" && status.supervisor?.pid !== before.supervisor?.pid && status;
      });
      assert.deepEqual(after.training, before.training);
      const logged = await readFile(join(folder, "train.log"), "utf8");
      assert.match(logged, /was killed and another one took over; process \d+ trained on/);
      await waitForStatusBar(editor.page, /train · epoch \d+\/500/);
      await shot("taken-over");

      await runCommand(editor.page, "Trainyard: Stop Run…");
      assert.match(await dialogText(editor.page), /Stop train\?/);
      await shot("stop-by-name");
      await clickDialogButton(editor.page, "Stop");
      await waitForNotification(editor.page, /Run train was stopped after/);
      await waitFor("the stopped run in the view", async () =>
        (await treeRows(editor.page, "Runs and Checkpoints")).some((row) => row.includes("stopped")),
      );
      await shot("stopped");
    } finally {
      // It does not carry the mark of the journey's processes, since the editor did not start it.
      const { state, status } = await readRun(folder);
      if (state === "running" && status.training !== undefined) {
        process.kill(-status.training.pid, "SIGKILL");
      }
    }
  },
);
