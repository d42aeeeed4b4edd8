import assert from "node:assert/strict";
import { waitFor } from "../support/poll.ts";
import { ask, clickButton, modelName, openChat, replyButtons } from "./support/chat.ts";
import { journey } from "./support/journey.ts";
import { openActivity, treeRows, waitForNotification, waitForStatusBar } from "./support/workbench.ts";

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
    await openActivity(page, "Trainyard");
    await shot("running");
    await waitForNotification(page, /Run train finished/, 180_000);
    await waitFor("the whole checkpoints", async () =>
      (await treeRows(page, "Runs and Checkpoints")).join().includes("finished"),
    );
    await shot("finished");
  },
);
