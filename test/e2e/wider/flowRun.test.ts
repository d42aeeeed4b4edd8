import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answerTo, pick, runCommand } from "../support/quickInput.ts";
import {
  activeTab,
  clearNotifications,
  clickDialogButton,
  clickNotificationButton,
  dialogText,
  waitForNotification,
} from "../support/workbench.ts";

const FLOW = `from metaflow import FlowSpec, Parameter, step


class SumsFlow(FlowSpec):
    """Adds numbers up, slowly."""

    rate = Parameter("learning-rate", type=float, default=0.1, help="How much each number counts")
    pause = Parameter("pause", type=int, default=4, help="Seconds that each number takes")

    @step
    def start(self):
        """Lay out the numbers."""
        if self.rate <= 0 or self.pause < 0:
            raise ValueError("learning-rate must be positive, and pause not negative.")
        self.numbers = [1, 2, 3]
        self.next(self.weigh, foreach="numbers")

    @step
    def weigh(self):
        """Weigh one number."""
        from time import sleep

        sleep(self.pause)
        self.weighed = self.input * self.rate
        self.next(self.join)

    @step
    def join(self, inputs):
        """Add them up."""
        self.total = sum(each.weighed for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        """Say what came out."""
        print(self.total)


if __name__ == "__main__":
    SumsFlow()
`;

journey(
  import.meta.url,
  "a flow runs with parameters from a form, its graph shows how far it is, and its artifacts are shown",
  { settings: { "workbench.colorTheme": "Default Dark Modern" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const file = join(workspace, "sums_flow.py");
    await writeFile(file, FLOW);
    await editor.door.execute("vscode.open", { $path: file });
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await editor.door.execute("workbench.action.closeSidebar");
    await waitFor("the file", async () => (await activeTab(page)).includes("sums_flow.py"));
    const lens = (text: string) => page.locator(".codelens-decoration a").filter({ hasText: text }).first();
    await lens("Resume…").waitFor();
    await lens("Spin").waitFor();
    await shot("lenses");

    await lens("Run…").click();
    await pick(page, "learning-rate");
    const input = page.locator(".quick-input-widget:visible input.input");
    await waitFor("the value", async () => (await input.inputValue()) === "0.1");
    await input.fill("fast");
    await page.locator(".quick-input-widget").getByText("learning-rate is a number, for example 0.001").waitFor();
    await shot("refused-value");
    await input.fill("0.5");
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-widget").getByText("--learning-rate 0.5").waitFor();
    await shot("form");
    await page.locator(".quick-input-widget:visible").getByText("Continue", { exact: true }).click();
    const plan = await dialogText(page);
    assert.match(plan, /--no-pylint run --learning-rate 0\.5/);
    await shot("plan");
    await clickDialogButton(page, "Start");

    await lens("Show Graph").click();
    const panel = page.frameLocator("iframe.webview").first().frameLocator("iframe");
    const graph = panel.locator("#graph");
    await graph.locator('[data-node="weigh"].state-running').waitFor({ timeout: 90_000 });
    await panel
      .locator("#choice")
      .filter({ hasText: /Run \d+: ▶ running/ })
      .waitFor();
    await shot("graph-running");
    await graph.locator('[data-node="end"].state-done').waitFor({ timeout: 120_000 });
    await graph.locator('[data-node="weigh"] .status').filter({ hasText: "✓ done 3 of 3" }).waitFor();
    await waitForNotification(page, /Run sums_flow finished/, 60_000);
    await shot("graph-done");
    await clearNotifications(page);

    await runCommand(page, "Trainyard: Show Runs of Metaflow Flows…");
    await page.locator(".quick-input-widget:visible").getByText("SumsFlow, started").waitFor();
    await shot("runs");
    await page.keyboard.press("Enter");
    await waitFor("the report", async () => (await activeTab(page)).includes("Run SumsFlow"));
    const report = page.frameLocator("iframe.webview.ready >> nth=-1").frameLocator("#active-frame");
    await report.getByRole("cell", { name: "total" }).waitFor();
    await shot("report");

    await editor.door.execute("vscode.open", { $path: file });
    await runCommand(page, "Trainyard: Add Step to Metaflow Flow…");
    await pick(page, "join → end");
    await pick(page, "A step");
    await answerTo(page, "Name of the step", "publish");
    await waitFor("the difference", async () => (await activeTab(page)).includes("add step between join and end"));
    await page.locator(".editor.modified .view-line").filter({ hasText: "def publish" }).first().waitFor();
    await shot("difference");
    assert.equal(await readFile(file, "utf8"), FLOW);
    await clickNotificationButton(page, /add step between/, "Apply");
    await page.locator(".view-line").filter({ hasText: "self.next(self.publish)" }).first().waitFor();
    await editor.door.execute("workbench.action.files.saveAll");
    await waitFor("the saved file", async () => (await readFile(file, "utf8")).includes("def publish(self):"));
    await panel.locator('[data-node="publish"]').waitFor();
    await shot("added");

    await openChat(page, { width: 560 });
    const reply = await ask(page, "@metaflow-agent /results");
    assert.match(reply, /SumsFlow · ✓ done/);
    assert.match(reply, /rate\s*0\.5\s*float/);
    assert.match(reply, /total\s*3\.0\s*float/);
    await shot("results-in-chat");
  },
);
