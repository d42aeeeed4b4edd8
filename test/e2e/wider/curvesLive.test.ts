import assert from "node:assert/strict";
import { join } from "node:path";
import { findTensorBoard } from "../../../src/node/metrics/tensorBoard.ts";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat } from "../support/chat.ts";
import { curvesFrame } from "../support/curves.ts";
import { journey } from "../support/journey.ts";
import { runCommand } from "../support/quickInput.ts";
import { startTraining } from "../support/runs.ts";
import { clickNotificationButton, waitForNotification } from "../support/workbench.ts";

journey(
  import.meta.url,
  "the curves of the sample training are drawn while it runs, pictured in the chat, and shown by TensorBoard",
  {},
  async (editor, shot) => {
    const { page } = editor;
    await startTraining(editor, "train.py", "--epochs 1");
    await runCommand(page, "Trainyard: Show Curves");
    const frame = await curvesFrame(page);
    const loss = frame.getByRole("img", { name: /step_loss of train: from/ });
    await loss.waitFor({ timeout: 180_000 });
    const first = await loss.getAttribute("aria-label");
    await waitFor("the curve to grow", async () => (await loss.getAttribute("aria-label")) !== first, 120_000);
    await shot("live");

    await openChat(page, { width: 520 });
    await ask(page, "@ml-trainer /monitor");
    await page.locator(".interactive-item-container img[src^='data:image/svg']").first().waitFor();
    await shot("in-chat");

    const logs = join(editor.workspace, "logs");
    await runCommand(page, "Trainyard: Open TensorBoard");
    await waitForNotification(page, /TensorBoard shows logs at/, 120_000);
    assert.ok(await findTensorBoard(logs));
    await shot("tensorboard");
    await clickNotificationButton(page, /TensorBoard shows logs at/, "Stop");
    await waitFor("TensorBoard to stop", async () => (await findTensorBoard(logs)) === undefined);
  },
);
