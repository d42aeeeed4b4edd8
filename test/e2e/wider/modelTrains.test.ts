import assert from "node:assert/strict";
import { basename } from "node:path";
import { lastReply, openChat, sendInput, typePrompt, waitForAllow, waitForReply } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { newestRun } from "../support/runs.ts";
import { waitForNotification, waitForStatusBar } from "../support/workbench.ts";

journey(
  import.meta.url,
  "a model starts a training once the person allows it, and Stop ends the talking but not the training",
  { hasScriptedModel: true },
  async (editor, shot) => {
    const { page, workspace, model } = editor;
    await model.play({
      rules: [{ prompt: "tell me", turns: [{ text: "Once upon a time there was a loss", waitsForStop: true }] }],
      turns: [
        {
          toolCalls: [
            { name: "trainyard_launch_training", input: { script: "train.py", arguments: ["--epochs", "4"] } },
          ],
        },
        { text: "The training runs." },
      ],
    });
    await openChat(page, { width: 560 });
    await typePrompt(page, "@ml-trainer please start a short training");
    const mark = await sendInput(page);
    const allow = await waitForAllow(page);
    await shot("asked");
    await allow.click();
    assert.match(await waitForReply(page, mark), /The training runs\./);
    await waitForStatusBar(page, /epoch \d\/4/);
    await shot("running");
    const { folder } = await newestRun(workspace);
    assert.ok(JSON.stringify((await model.requests()).at(-1)).includes(basename(folder)), "the model is told the run");

    await typePrompt(page, "@ml-trainer tell me a story");
    await sendInput(page);
    await lastReply(page).getByText("Once upon a time").waitFor();
    await page
      .locator(".interactive-session")
      .getByRole("button", { name: /^Cancel|^Stop/ })
      .first()
      .click();
    await lastReply(page).locator(".chat-response-loading").waitFor({ state: "detached" });
    await shot("stopped-talking");
    assert.equal((await newestRun(workspace)).status.state, "running");
    await waitForNotification(page, /Run train finished/, 120_000);
    await shot("finished");
  },
);
