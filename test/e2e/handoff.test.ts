import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../../scripts/host/profile.mjs";
import type { HandoffPacket } from "../../src/core/chat/handoffPacket.ts";
import { waitFor } from "../support/poll.ts";
import {
  ask,
  clickButton,
  inputText,
  openChat,
  replyAuthor,
  replyButtons,
  replyMark,
  replyText,
  scrollToStart,
  sendInput,
  waitForReply,
} from "./support/chat.ts";
import { journey } from "./support/journey.ts";
import { pick, pickLabels } from "./support/quickInput.ts";
import { clickNotificationButton, waitForNotification } from "./support/workbench.ts";

async function readPackets(workspace: string): Promise<HandoffPacket[]> {
  const folder = join(workspace, ".trainyard", "handoffs");
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name): Promise<HandoffPacket> => JSON.parse(await readFile(join(folder, name), "utf8"))),
  );
}

/** Adds a handoff to an agent that nobody has written yet. */
async function writeAgent(workspace: string): Promise<void> {
  const folder = join(workspace, ".github", "agents");
  await mkdir(folder, { recursive: true });
  const handoff = "  - {label: Ask for Review, agent: house-reviewer, prompt: Please review.}";
  const lines = ["name: mlops-engineer", "description: Operates.", "extends: mlops-engineer", "handoffs:", handoff];
  await writeFile(
    join(folder, "mlops-engineer.agent.md"),
    ["---", ...lines, "---", "You follow the rules of the house."].join("\n"),
  );
}

journey(
  import.meta.url,
  "a finished run is handed on with its context, prefilled or sent, to a specialist without a model, and a missing agent is said to be missing",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openChat(page, { width: 560 });
    await ask(page, "@ml-trainer /train epochs 1");
    await clickButton(page, "Start");
    await waitForNotification(page, /Run train finished/, 180_000);
    await shot("finished");

    // From the notice of the end: a new Local session, the input filled and waiting.
    await clickNotificationButton(page, /Run train finished/, "Hand Over…");
    await pick(page, "Deploy Model");
    const prefilled = await waitFor("the prefilled input", async () => {
      const text = await inputText(page);
      return text.includes("#handoff:") && text;
    });
    assert.match(prefilled, /^@mlops-engineer Please prepare the trained model for deployment/);
    const [packet] = await readPackets(workspace);
    assert.equal(packet?.to, "mlops-engineer");
    assert.equal(packet.run?.state, "finished");
    assert.match(packet.checkpoint?.path ?? "", /^checkpoints\/(?:best|checkpoint)_epoch_1\.pt$/);
    assert.equal(typeof packet.metrics["val_acc"], "number");
    assert.equal(packet.metrics["batch_size"], undefined, "a setting is no metric");
    await shot("prefilled");
    const received = await waitForReply(page, await sendInput(page));
    assert.equal(await replyAuthor(page), "MLOps Engineer");
    assert.ok(received.includes(packet.run.id), received);
    assert.match(received, /best_epoch_1\.pt|checkpoint_epoch_1\.pt/);
    await scrollToStart(page);
    await shot("received");

    // A handoff that sends by itself, from below an answer.
    await ask(page, "@mlops-engineer /receipt");
    await shot("receipt");
    const mark = await replyMark(page);
    await clickButton(page, "Check Training");
    const report = await waitForReply(page, mark);
    assert.equal(await replyAuthor(page), "ML Trainer");
    assert.ok(report.includes(packet.run.id), report);
    await shot("sent");

    // A specialist, which is a custom agent: without a model the command that speaks for it opens, with the context.
    assert.ok((await replyButtons(page)).includes("Evaluate Model"), await replyText(page));
    await clickButton(page, "Evaluate Model");
    const specialist = await waitFor("the specialist's command", async () => {
      const text = await inputText(page);
      return text.includes("/evaluate") && text.includes("#handoff:") && text;
    });
    assert.match(specialist, /^@ml-trainer \/evaluate/);
    const evaluation = await waitForReply(page, await sendInput(page));
    assert.match(evaluation, /For eval-agent, which needs a language model/);
    assert.match(evaluation, /Evaluation of train/);
    assert.match(evaluation, /val_acc/);
    assert.match(evaluation, /Best checkpoint .*best_epoch_1\.pt/);
    assert.ok(!(await replyButtons(page)).includes("Evaluate Model"), "it was just answered");
    await shot("specialist");

    // A target that is not installed, named by an agent file of the workspace.
    await writeAgent(workspace);
    await ask(page, "@mlops-engineer /receipt");
    await clickButton(page, "Hand Over…");
    await pick(page, "Ask for Review");
    await waitFor("the agents that can take over", async () =>
      (await pickLabels(page)).some((label) => label.includes("Create house-reviewer")),
    );
    const offers = (await pickLabels(page)).join("\n");
    assert.match(offers, /Hand over to @ml-trainer/);
    await shot("missing-agent");
    await page.keyboard.type("Create house-reviewer");
    await page.keyboard.press("Enter");
    await waitFor("the new agent's file", () =>
      exists(join(workspace, ".github", "agents", "house-reviewer.agent.md")),
    );
    await shot("created-agent");
  },
);
