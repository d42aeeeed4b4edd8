import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HandoffPacket } from "../../src/core/chat/handoffPacket.ts";
import { waitFor } from "../support/poll.ts";
import {
  ask,
  clickButton,
  inputText,
  openChat,
  replyAuthor,
  replyMark,
  sendInput,
  waitForReply,
} from "./support/chat.ts";
import { journey } from "./support/journey.ts";
import { pick } from "./support/quickInput.ts";
import { clickNotificationButton, waitForNotification } from "./support/workbench.ts";

async function readPackets(workspace: string): Promise<HandoffPacket[]> {
  const folder = join(workspace, ".trainyard", "handoffs");
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name): Promise<HandoffPacket> => JSON.parse(await readFile(join(folder, name), "utf8"))),
  );
}

journey(
  import.meta.url,
  "a finished run is handed on with its context, prefilled or sent",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openChat(page, { width: 560 });
    await ask(page, "@ml-trainer /train epochs 1");
    await clickButton(page, "Start");
    await waitForNotification(page, /Run train finished/, 180_000);
    await shot("finished");

    // From the notice of the end: a new Local session, the input filled and waiting.
    await clickNotificationButton(page, /Run train finished/, "Hand Off…");
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
  },
);
