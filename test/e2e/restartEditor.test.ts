import assert from "node:assert/strict";
import { waitFor } from "../support/poll.ts";
import { journey } from "./support/journey.ts";
import { runCommand } from "./support/quickInput.ts";
import { newestRun, startTraining } from "./support/runs.ts";
import { openActivity, terminalText, treeRows, waitForNotification, waitForStatusBar } from "./support/workbench.ts";

journey(
  import.meta.url,
  "a training survives the death of the editor and is found when it starts again",
  {},
  async (editor, shot) => {
    await startTraining(editor);
    await waitForStatusBar(editor.page, /epoch \d+\/10/);
    await shot("before");
    const before = await newestRun(editor.workspace);

    await editor.crash();
    await waitFor(
      "more output without any editor",
      async () => (await newestRun(editor.workspace)).log.length > before.log.length,
    );
    const alone = await newestRun(editor.workspace);
    assert.equal(alone.status.training?.pid, before.status.training?.pid);
    assert.equal(alone.status.state, "running");

    await editor.start();
    await openActivity(editor.page, "Trainyard");
    await waitForStatusBar(editor.page, /epoch \d+\/10/);
    await waitFor("the run in the view", async () =>
      (await treeRows(editor.page, "Runs and Checkpoints")).some((row) => row.includes("running")),
    );
    await runCommand(editor.page, "Trainyard: Show Run Output…");
    await waitFor("the output again", async () => /Epoch \d+\/10/.test(await terminalText(editor.page)));
    await shot("found-again");
    assert.equal((await newestRun(editor.workspace)).status.training?.pid, before.status.training?.pid);

    await waitForNotification(editor.page, /Run train finished/, 200_000);
    await shot("finished");
  },
);
