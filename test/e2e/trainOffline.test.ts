import assert from "node:assert/strict";
import { waitFor } from "../support/poll.ts";
import { ask, clickButton, modelName, openChat, replyButtons } from "./support/chat.ts";
import { journey } from "./support/journey.ts";
import { openActivity, treeRow, treeRows, waitForNotification, waitForStatusBar } from "./support/workbench.ts";

const VIEW = "Runs and Checkpoints";

journey(
  import.meta.url,
  "a training starts from the chat without any AI, and its checkpoints are seen",
  {},
  async (editor, shot) => {
    const { page } = editor;
    await openChat(page, { width: 560 });
    assert.equal(await modelName(page), "Built-in (no AI)");
    const plan = await ask(page, "@ml-trainer /train epochs 3");
    assert.match(plan, /train\.py/);
    assert.match(plan, /--epochs 3/);
    await shot("plan");
    assert.deepEqual(await replyButtons(page), ["Start", "Edit Arguments…", "Save as Preset…"]);
    await clickButton(page, "Start");
    await waitForStatusBar(page, /epoch \d/);
    await waitForStatusBar(page, /epoch_\d\.pt.* val_acc/, 120_000);
    await openActivity(page, "Trainyard");
    await shot("running");
    await waitForNotification(page, /Run train finished/, 180_000);
    await treeRow(page, VIEW, /^\s*train/).click();
    for (const row of [
      /checkpoint_epoch_3\.pt, .*val_acc 0\.9\d+ · epoch 3 · .* whole/,
      /best_epoch_\d\.pt, .*val_acc \S+ · epoch \d/,
    ]) {
      await waitFor(`${row} in the view`, async () => (await treeRows(page, VIEW)).some((text) => row.test(text)));
    }
    await shot("finished");
  },
);
