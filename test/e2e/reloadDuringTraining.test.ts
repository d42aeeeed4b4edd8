import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../support/poll.ts";
import { journey } from "./support/journey.ts";
import { newestRun } from "./support/runs.ts";
import {
  clickDialogButton,
  dialogText,
  openActivity,
  terminalText,
  treeRows,
  waitForNotification,
  waitForStatusBar,
} from "./support/workbench.ts";

/** It goes on until the window has been reloaded, however long that takes on a busy machine. */
const SCRIPT = `import os
import time

step = 0
while not os.path.exists("reloaded") and step < 2_000:
    step += 1
    print(f"Epoch 1/1 step {step}/2000 loss={1 / step:.3f}")
    time.sleep(0.5)
raise SystemExit(7)
`;

journey(
  import.meta.url,
  "a training goes on through a window reload, with the same process, and its exit code arrives",
  { files: { "train.py": SCRIPT } },
  async (editor, shot) => {
    void editor.door.execute("trainyard.train", { $path: join(editor.workspace, "train.py") });
    assert.match(await dialogText(editor.page), /Start train\?/);
    await shot("plan");
    await clickDialogButton(editor.page, /^Start/);
    await waitForStatusBar(editor.page, /train · .*loss/);
    const before = (await newestRun(editor.workspace)).status;
    await shot("before-reload");

    await editor.reload();
    await waitForStatusBar(editor.page, /train · .*loss/);
    const after = (await newestRun(editor.workspace)).status;
    assert.equal(after.training?.pid, before.training?.pid);
    assert.equal(after.state, "running");
    await openActivity(editor.page, "Trainyard");
    await waitFor("the output after the reload", async () => /step \d+\/2000/.test(await terminalText(editor.page)));
    await shot("after-reload");

    await writeFile(join(editor.workspace, "reloaded"), "");
    await waitForNotification(editor.page, /Run train failed/, 60_000);
    assert.equal((await newestRun(editor.workspace)).status.exitCode, 7);
    assert.ok((await treeRows(editor.page, "Runs and Checkpoints")).some((row) => row.includes("exit code 7")));
    await waitFor("the exit code in the terminal", async () => /exit code: 7/.test(await terminalText(editor.page)));
    await shot("ended");
  },
);
