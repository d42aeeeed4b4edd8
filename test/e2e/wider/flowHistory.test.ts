import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "../../support/poll.ts";
import { samplePython } from "../../support/python.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import {
  activeTab,
  clearNotifications,
  clickNotificationButton,
  treeRow,
  treeRows,
  waitForNotification,
} from "../support/workbench.ts";

const FLOW = `from metaflow import FlowSpec, Parameter, card, current, step
from metaflow.cards import Markdown


class SumsFlow(FlowSpec):
    """Adds numbers up."""

    rate = Parameter("rate", type=float, default=0.1, help="How much each number counts")

    @step
    def start(self):
        """Lay out the numbers."""
        self.numbers = [1, 2, 3]
        self.next(self.add)

    @card(type="blank")
    @step
    def add(self):
        """Add them up."""
        self.total = sum(self.numbers) * self.rate
        print("the total is", self.total)
        current.card.append(Markdown(f"# Total: {self.total:.2f}"))
        self.next(self.end)

    @step
    def end(self):
        """Done."""


if __name__ == "__main__":
    SumsFlow()
`;

/** A run from a terminal, which the editor knows nothing of. */
async function runFlow(workspace: string, rate: number): Promise<void> {
  await promisify(execFile)(samplePython(), ["sums_flow.py", "--no-pylint", "run", "--rate", String(rate)], {
    cwd: workspace,
    env: { ...process.env, METAFLOW_USER: "tester", PYTHONDONTWRITEBYTECODE: "1" },
  });
}

journey(
  import.meta.url,
  "runs from a terminal are listed with steps, logs and cards, compared, and judged for a deployment",
  { settings: { "workbench.colorTheme": "Default Dark Modern" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const file = join(workspace, "sums_flow.py");
    await writeFile(file, FLOW);
    await runFlow(workspace, 0.1);
    await runFlow(workspace, 0.5);
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await editor.door.execute("trainyard.flowRuns.focus");
    for (const other of ["Runs And Checkpoints", "Workflows", "Agents"]) {
      await page.locator(".pane-header").filter({ hasText: other }).click();
    }
    const row = (text: string | RegExp) => treeRow(page, "Flow Runs", text);
    await row(/SumsFlow.*done after/).waitFor();
    assert.equal((await treeRows(page, "Flow Runs")).length, 2);
    await row("SumsFlow").locator(".monaco-tl-twistie").click();
    await row(/^add/).locator(".monaco-tl-twistie").click();
    await row(/^task/).locator(".monaco-tl-twistie").click();
    await row("total").filter({ hasText: "3.0 · float" }).waitFor();
    await shot("tree");

    await row("Log").click();
    await waitFor("the log", async () => (await activeTab(page)).includes("add"));
    await page.locator(".view-line").filter({ hasText: "the total is 3.0" }).waitFor();
    await row("Card: blank").click();
    await waitFor("the card", async () => (await activeTab(page)).includes("add: blank"));
    const card = page.frameLocator("iframe.webview.ready >> nth=-1").frameLocator("#active-frame");
    await card.getByText("Total: 3.00").waitFor();
    await shot("card");

    await openChat(page, { width: 560 });
    const reply = await ask(page, "@metaflow-agent /compare");
    assert.match(reply, /rate\s*0\.1\s*0\.5\s*\+0\.4 \(\+400\.0 %\)/);
    assert.match(reply, /total\s*0\.6\S*\s*3\.0\s*\+2\.4/);
    await shot("compared");

    const deploy = await ask(page, "@mlops-engineer /deploy sums_flow.py to argo");
    assert.match(deploy, /Ran locally.*run SumsFlow\/\d+ came to its end/);
    assert.match(deploy, /Datastore.*local datastore alone/);
    assert.doesNotMatch(deploy, /argo-workflows create/);
    await shot("deploy");
    await editor.door.execute("workbench.action.closeAuxiliaryBar");

    await editor.door.execute("vscode.open", { $path: file });
    await runCommand(page, "Trainyard: Deploy Flow…");
    await pick(page, "Argo Workflows");
    await waitForNotification(page, /SumsFlow is not ready for Argo Workflows/);
    await shot("not-ready");
    await clickNotificationButton(page, /SumsFlow is not ready/, "Show Manifest");
    // The Python of the sample has no package for Kubernetes, and that is said.
    await waitForNotification(page, /Python package kubernetes/, 60_000);
    await shot("what-is-missing");
    await clearNotifications(page);
  },
);
