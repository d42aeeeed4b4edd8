import assert from "node:assert/strict";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { newestRun, startTraining, waitForRunRow } from "../support/runs.ts";
import { notificationTexts, openActivity, waitForNotification } from "../support/workbench.ts";

const isEnd = /Run train finished in/;

journey(
  import.meta.url,
  "a training that ends while no editor is open is told about once, at the next start",
  {},
  async (editor, shot) => {
    await startTraining(editor, "train.py", "--epochs 2");
    const isRunning = async () =>
      (await newestRun(editor.workspace).catch(() => undefined))?.status.state === "running";
    await waitFor("the training", isRunning);
    await editor.quit();
    assert.ok(await isRunning(), "it goes on without the editor");
    await waitFor(
      "the end without any editor",
      async () => (await newestRun(editor.workspace)).status.state === "finished",
      240_000,
    );

    await editor.start();
    const notice = await waitForNotification(editor.page, isEnd);
    assert.match(await notice.innerText(), /val_acc 0\.\d+/);
    await openActivity(editor.page, "Trainyard");
    await waitForRunRow(editor.page, /finished in/);
    assert.equal((await notificationTexts(editor.page)).filter((text) => isEnd.test(text)).length, 1);
    await shot("told");

    await editor.reload();
    await openActivity(editor.page, "Trainyard");
    await waitForRunRow(editor.page, /finished in/);
    // An answer comes after everything that the start of the window has to say.
    await openChat(editor.page, { width: 560 });
    assert.match(await ask(editor.page, "@ml-trainer /runs"), /finished in/);
    assert.deepEqual(await notificationTexts(editor.page), []);
    await shot("not-again");
  },
);
