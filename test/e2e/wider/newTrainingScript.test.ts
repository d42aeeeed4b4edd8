import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { linkSamplePython } from "../../support/workspaces.ts";
import { journey } from "../support/journey.ts";
import { answer, proposedAnswer, runCommand } from "../support/quickInput.ts";
import {
  activeTab,
  clickDialogButton,
  clickNotificationButton,
  dialogText,
  openActivity,
  treeRows,
  waitForNotification,
} from "../support/workbench.ts";

journey(
  import.meta.url,
  "an empty folder gets a training script that trains with edited arguments",
  { files: { "notes.md": "# An idea\n" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await linkSamplePython(workspace);

    await runCommand(page, "Trainyard: New Training Script…");
    assert.equal(await proposedAnswer(page), "train");
    await answer(page, "train");
    await waitFor("the script in an editor", async () => (await activeTab(page)).includes("train.py"));
    await waitForNotification(page, "train.py was written.");
    await shot("written");

    await clickNotificationButton(page, "train.py was written.", "Train…");
    assert.match(await dialogText(page), /Start train\?/);
    await shot("plan");
    await clickDialogButton(page, "Edit Arguments…");
    await answer(page, "--epochs 1");
    await waitFor("the new plan", async () => (await dialogText(page)).includes("--epochs 1"));
    await shot("edited-plan");
    await clickDialogButton(page, "Start");
    await openActivity(page, "Trainyard");
    await waitForNotification(page, /Run train finished/, 120_000);
    await waitFor("the finished run in the view", async () =>
      (await treeRows(page, "Runs and Checkpoints")).join().includes("finished"),
    );
    await shot("finished");
    assert.deepEqual((await readdir(join(workspace, ".trainyard", "runs"))).length, 1);
  },
);
