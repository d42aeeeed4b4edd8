import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { startTraining, waitForRunRow } from "../support/runs.ts";
import { clearNotifications, openActivity, waitForNotification, waitForStatusBar } from "../support/workbench.ts";

journey(
  import.meta.url,
  "checkpoints that cannot be written end a training with a sentence, and lose nothing that was there",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    const folder = join(workspace, "checkpoints");
    await openActivity(page, "Trainyard");

    // A file where the folder should be: nothing can be written there, whoever asks.
    await writeFile(folder, "notes\n");
    await startTraining(editor, "train.py", "--epochs 1");
    const blocked = await waitForNotification(page, /Run train failed/, 180_000);
    assert.match(await blocked.innerText(), /FileExistsError.*checkpoints/);
    await shot("a-file-in-its-place");
    assert.equal(await readFile(folder, "utf8"), "notes\n");
    await clearNotifications(page);
    await rm(folder);

    // A read-only folder with a checkpoint in it.
    await startTraining(editor, "train.py", "--epochs 1");
    await waitForNotification(page, /Run train finished/, 180_000);
    await clearNotifications(page);
    const kept = (await readdir(folder)).toSorted();
    await makeReadOnly(folder, async () => {
      await startTraining(editor, "train.py", "--epochs 2 --resume checkpoints/checkpoint_epoch_1.pt");
      const refused = await waitForNotification(page, /Run train failed/, 180_000);
      assert.match(await refused.innerText(), /PermissionError|OSError/);
      await shot("read-only");
      assert.deepEqual((await readdir(folder)).toSorted(), kept);
      await clearNotifications(page);
    });

    // The folder vanishes while the training writes to it.
    await startTraining(editor);
    await waitForStatusBar(page, /epoch 2\/10/, 180_000);
    await rename(join(folder, "run-2"), join(folder, "elsewhere"));
    const lost = await waitForNotification(page, /Run train failed/, 180_000);
    assert.match(await lost.innerText(), /FileNotFoundError/);
    await shot("vanished");
    assert.ok((await readdir(join(folder, "elsewhere"))).includes("checkpoint_epoch_1.pt"));
    await clearNotifications(page);
    await waitForRunRow(page, /failed after/);

    await openChat(page, { width: 560 });
    const report = await ask(page, "@ml-trainer /checkpoints");
    assert.match(report, /checkpoint_epoch_1\.pt/);
    await shot("what-is-left");
  },
);

/** Root writes where permissions forbid it; a mount or an attribute that is read-only holds for everyone. */
async function makeReadOnly(folder: string, work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) {
    await chmod(folder, 0o555);
    try {
      await work();
    } finally {
      await chmod(folder, 0o755);
    }
    return;
  }
  execFileSync("mount", ["--bind", folder, folder]);
  try {
    execFileSync("mount", ["-o", "remount,bind,ro", folder]);
    await work();
  } finally {
    execFileSync("umount", ["--lazy", folder]);
  }
}
