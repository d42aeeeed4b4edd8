import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../support/poll.ts";
import { ask, clickButton, openChat, replyButtons } from "./support/chat.ts";
import { journey } from "./support/journey.ts";
import { answerTo, pick, pickLabels, runCommand } from "./support/quickInput.ts";
import {
  activeTab,
  clearNotifications,
  clickDialogButton,
  dialogText,
  openActivity,
  terminalText,
  treeRows,
  waitForNotification,
} from "./support/workbench.ts";

journey(
  import.meta.url,
  "a flow is scaffolded, accepted by Metaflow and run to success, and never overwritten",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;

    await runCommand(page, "Trainyard: New Metaflow Flow…");
    await waitFor("the templates instead of the commands", async () => {
      const labels = await pickLabels(page);
      // The list shows as many as fit, and scrolls.
      return labels[0]?.startsWith("Training") === true && labels.some((label) => label.startsWith("Kubernetes"));
    });
    await shot("template");
    await pick(page, "Foreach sweep");
    await answerTo(page, "what is it for?", "digit sweep");
    await answerTo(page, "in which folder?", "flows");
    await waitFor("the flow in an editor", async () => (await activeTab(page)).includes("digit_sweep_flow.py"));
    await waitForNotification(page, "DigitSweepFlow was written to flows/digit_sweep_flow.py.");
    await shot("written");

    const file = join(workspace, "flows", "digit_sweep_flow.py");
    await clearNotifications(page);
    await runCommand(page, "Trainyard: Check Metaflow Flow…");
    await waitForNotification(page, "Metaflow accepts flows/digit_sweep_flow.py", 60_000);
    await shot("accepted");
    await clearNotifications(page);

    await runCommand(page, "Trainyard: Run Metaflow Flow…");
    await page.locator(".quick-input-widget:visible").getByText("Continue", { exact: true }).click();
    const plan = await dialogText(page);
    assert.match(plan, /Start digit_sweep_flow\?/);
    assert.match(plan, /--no-pylint run/);
    assert.match(plan, /METAFLOW_USER=trainyard/);
    await shot("plan");
    await clickDialogButton(page, "Start");
    await openActivity(page, "Trainyard");
    await waitForNotification(page, /Run digit_sweep_flow finished/, 180_000);
    await waitFor("the finished run in the view", async () =>
      (await treeRows(page, "Runs and Checkpoints")).join().includes("finished"),
    );
    assert.match(await terminalText(page), /Done!|Task finished successfully/);
    await shot("finished");
    await clearNotifications(page);

    await writeFile(file, "# mine now\n");
    await runCommand(page, "Trainyard: New Metaflow Flow…");
    await pick(page, "Foreach sweep");
    await answerTo(page, "what is it for?", "digit sweep");
    await answerTo(page, "in which folder?", "flows");
    assert.match(await dialogText(page), /flows\/digit_sweep_flow\.py exists and was left as it is/);
    await shot("exists");
    await clickDialogButton(page, "Compare");
    await waitFor("the comparison", async () => (await activeTab(page)).includes("digit_sweep_flow.py ↔"));
    await shot("compared");
    assert.equal(await readFile(file, "utf8"), "# mine now\n");

    await openChat(page, { width: 560 });
    const reply = await ask(page, "@metaflow-agent /scaffold training flow called churn in flows/");
    assert.match(reply, /Wrote flows\/churn_flow\.py with the flow ChurnFlow/);
    await shot("chat-written");
    assert.deepEqual((await replyButtons(page)).slice(0, 2), ["Check", "Run…"]);
    const written = await readFile(join(workspace, "flows", "churn_flow.py"), "utf8");
    assert.match(written, /class ChurnFlow\(FlowSpec\)/);
    await clickButton(page, "Check");
    await waitForNotification(page, "Metaflow accepts flows/churn_flow.py", 60_000);
    await clearNotifications(page);

    assert.match(await ask(page, "@metaflow-agent /scaffold training flow called churn in flows/"), /exists already/);
    await shot("chat-exists");
    assert.equal(await readFile(join(workspace, "flows", "churn_flow.py"), "utf8"), written);
  },
);
