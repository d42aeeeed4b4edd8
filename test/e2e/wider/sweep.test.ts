import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { ask, clickButton, openChat, replyButtons } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answer } from "../support/quickInput.ts";
import { runFolders, waitForRunRow } from "../support/runs.ts";
import {
  clearNotifications,
  clickDialogButton,
  clickNotificationButton,
  dialogText,
  openActivity,
  treeRow,
  waitForNotification,
  waitForStatusBar,
} from "../support/workbench.ts";

/** Trains until the file `go` is there; how good it gets follows from its arguments. */
const SCRIPT = `import argparse
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01, help="learning rate")
parser.add_argument("--batch-size", type=int, default=8, help="examples per step")
parser.add_argument("--checkpoint-dir", default="checkpoints", help="where checkpoints are written")
args = parser.parse_args()
print("on", os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
for epoch in range(1, 100_000):
    print(f"Epoch {epoch}: loss={args.lr / epoch:.4f} val_acc={1 - args.lr / args.batch_size:.4f}", flush=True)
    if os.path.exists("go"):
        break
    time.sleep(0.3)
`;

/** The leases of the journey are its own. */
const state = await mkdtemp(join(tmpdir(), "trainyard-sweep-"));
const { REPLAY_FOLDER = "", PATH: replay = "" } = replayedGpus("two");

journey(
  import.meta.url,
  "a sweep of four runs shares two GPUs, survives a reload, ends with a table, and can be stopped as a whole",
  {
    files: { "train.py": SCRIPT },
    // Marked as started from a shell, the host asks no login shell for another PATH.
    env: {
      VSCODE_CLI: "1",
      REPLAY_FOLDER,
      PATH: `${replay.split(":")[0]}:${process.env["PATH"]}`,
      XDG_STATE_HOME: state,
    },
  },
  async (editor, shot) => {
    const { page, workspace } = editor;
    try {
      await openActivity(page, "Trainyard");
      await openChat(page, { width: 560 });
      const reply = (await ask(page, "@ml-trainer /sweep train.py lr=0.1,0.01 batch=4,8")).replaceAll("\u00a0", " ");
      assert.match(reply, /4 runs/);
      assert.match(reply, /--lr 0\.01 --batch-size 8 --checkpoint-dir checkpoints\/train-sweep-/);
      assert.match(reply, /each on a GPU that nobody uses/);
      assert.deepEqual((await replyButtons(page)).slice(0, 1), ["Start 4 Runs"]);
      await shot("planned");
      await clickButton(page, "Start 4 Runs");
      await waitForRunRow(page, /Sweep of train, 0 of 4 finished · 2 running · 2 waiting/, 60_000);
      await waitForRunRow(page, /Run lr=0\.01 batch-size=8, waiting for a free GPU/);
      await waitForStatusBar(page, /train · .*\(\+3\)/);
      await shot("two-run-two-wait");

      await editor.reload();
      await openActivity(editor.page, "Trainyard");
      await waitForRunRow(editor.page, /Sweep of train, 0 of 4 finished · 2 running · 2 waiting/, 60_000);
      const devices = await Promise.all(
        (await runFolders(workspace)).map((folder) => readFile(join(folder, "run.json"), "utf8")),
      );
      assert.equal(devices.filter((text) => /free when its turn came/.test(text)).length, 2);

      await writeFile(join(workspace, "go"), "");
      await waitForNotification(
        editor.page,
        /4 of 4 finished\. Best val_acc 0\.9988 with lr=0\.01 batch-size=8/,
        60_000,
      );
      await shot("ended");
      await clickNotificationButton(editor.page, /4 of 4 finished/, "Show Results");
      await waitFor("the table of results", async () =>
        (await editor.page.locator(".tab.active").innerText()).includes("Results of train-sweep-"),
      );
      await waitFor("the best run in the table", async () => {
        const texts = await Promise.all(
          editor.page.frames().map((frame) =>
            frame
              .locator("body")
              .innerText()
              .catch(() => ""),
          ),
        );
        return texts.some((text) => /best\s+0\.01\s+8\s+0\.9988/.test(text));
      });
      await waitForRunRow(editor.page, /Sweep of train, 4 of 4 finished/);
      await shot("results");
      await clearNotifications(editor.page);

      await rm(join(workspace, "go"));
      // The command answers when the person has, which may take longer than the door waits.
      editor.door.execute("trainyard.startSweep", { $path: join(workspace, "train.py") }).catch(() => undefined);
      await answer(editor.page, "lr=0.1,0.2,0.3");
      const question = await dialogText(editor.page);
      assert.match(question, /Start 3 runs of train\?[^]*--lr 0\.3/);
      assert.doesNotMatch(question, /Warning/);
      await shot("dialog");
      await clickDialogButton(editor.page, "Start");
      await waitForRunRow(editor.page, /0 of 3 finished · 2 running · 1 waiting/, 60_000);
      const row = treeRow(editor.page, "Runs and Checkpoints", /0 of 3 finished/);
      await row.hover();
      await row.getByRole("button", { name: "Stop Sweep…" }).click();
      await clickDialogButton(editor.page, "Stop All");
      await waitForRunRow(editor.page, /0 of 3 finished · 3 stopped/, 60_000);
      await shot("stopped");
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  },
);
