import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, openChat, replyButtons } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answer } from "../support/quickInput.ts";
import { newestRun, runFolders, startTraining } from "../support/runs.ts";
import {
  clearNotifications,
  clickDialogButton,
  clickNotificationButton,
  dialogText,
  waitForNotification,
} from "../support/workbench.ts";

/** Its loss explodes in the fourth epoch, and it is cut off while it saves the sixth; resumed, it goes well. */
const EXPLODES = `import argparse
import os
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--checkpoint-dir", default="saved")
parser.add_argument("--resume")
args = parser.parse_args()
os.makedirs(args.checkpoint_dir, exist_ok=True)
first = torch.load(args.resume)["epoch"] + 1 if args.resume else 1
for epoch in range(first, 7):
    loss = 1 / epoch if epoch < 4 or args.resume else float("nan")
    print(f"epoch {epoch}/6 loss {loss:.4f}", flush=True)
    path = os.path.join(args.checkpoint_dir, f"epoch_{epoch}{'_again' if args.resume else ''}.pt")
    torch.save({"epoch": epoch, "model": {"w": torch.zeros(64)}, "optimizer": {"state": {}}}, path)
    time.sleep(1)
if not args.resume:
    os.truncate(path, 300)
    raise SystemExit(1)
`;

journey(
  import.meta.url,
  "a training goes on from before its loss exploded, past a torn file, and old checkpoints are pruned and put back",
  { settings: { "trainyard.watchdog.enabled": false } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    // The folder of a run is there a moment before its status.
    const state = () =>
      newestRun(workspace).then(
        ({ status }) => status.state,
        () => undefined,
      );
    await writeFile(join(workspace, "explodes.py"), EXPLODES);
    await startTraining(editor, "explodes.py");
    await waitFor("the failure", async () => (await state()) === "failed", 90_000);
    await waitForNotification(page, /explodes failed/);
    await clearNotifications(page);

    await openChat(page, { width: 560 });
    const reply = await ask(page, "@ml-trainer /resume");
    assert.match(reply, /Resume explodes from epoch_3\.pt[\s\S]*Passed over, newest first/);
    assert.match(reply, /epoch_6\.pt: (?:torn|writing)[\s\S]*epoch_5\.pt: saved after loss became NaN at step 4/);
    assert.match(reply, /--resume\ssaved\/epoch_3\.pt/);
    assert.ok((await replyButtons(page)).includes("Resume from Epoch 3"));
    await shot("offered");
    await clickButton(page, "Resume from Epoch 3");
    assert.match(await dialogText(page), /Resume explodes\?[\s\S]*--resume saved\/epoch_3\.pt/);
    await shot("agreed");
    await clickDialogButton(page, "Resume from Epoch 3");
    await waitFor("a second run", async () => (await runFolders(workspace)).length === 2, 60_000);
    await waitFor("its end", async () => (await state()) === "finished", 90_000);
    await waitForNotification(page, /explodes finished/);
    assert.match((await newestRun(workspace)).log, /epoch 4\/6 loss 0\.2500/);
    await clearNotifications(page);

    const saved = join(workspace, "saved");
    const before = (await readdir(saved)).toSorted();
    void editor.door.execute("trainyard.pruneCheckpoints", { $path: saved });
    await answer(page, "best 0, last 2");
    await page.locator(".quick-input-widget:visible").getByRole("checkbox").first().waitFor();
    await shot("what-goes");
    await page.locator(".quick-input-widget:visible").getByRole("button", { name: "OK" }).click();
    assert.match(await dialogText(page), /to the trash\?[\s\S]*epoch_6_again\.pt: the newest whole one/);
    await clickDialogButton(page, "Move to Trash");
    await waitForNotification(page, /moved to .*trash/);
    const left = (await readdir(saved)).toSorted();
    assert.ok(left.includes("epoch_6_again.pt") && left.length < before.length, left.join());
    await shot("pruned");
    await clickNotificationButton(page, /moved to .*trash/, "Undo");
    await waitFor("all of them back", async () => (await readdir(saved)).toSorted().join() === before.join());
  },
);
