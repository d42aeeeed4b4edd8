import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../support/poll.ts";
import { journey } from "./support/journey.ts";
import { runCommand } from "./support/quickInput.ts";
import { activeTab } from "./support/workbench.ts";

const FLOW = `from metaflow import FlowSpec, step


class ChurnFlow(FlowSpec):
    """Predicts who leaves."""

    @step
    def start(self):
        self.sizes = [8, 16, 32]
        self.next(self.train, foreach="sizes")

    @step
    def train(self):
        self.score = self.input / 100
        self.next(self.join)

    @step
    def join(self, inputs):
        self.best = max(each.score for each in inputs)
        self.next(self.decide)

    @step
    def decide(self):
        if self.best > 0.1:
            self.next(self.publish)
        else:
            self.next(self.end)

    @step
    def publish(self):
        print("publish", self.best)
        self.next(self.end)

    @step
    def end(self):
        print(self.best)


if __name__ == "__main__":
    ChurnFlow()
`;

journey(
  import.meta.url,
  "a mistake in a flow is underlined, repaired, and the graph follows",
  { files: { "churn_flow.py": FLOW } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await editor.door.execute("vscode.open", { $path: join(workspace, "churn_flow.py") });
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await editor.door.execute("workbench.action.closeSidebar");
    await waitFor("the file", async () => (await activeTab(page)).includes("churn_flow.py"));
    await page.locator(".codelens-decoration").filter({ hasText: "Show Graph" }).first().waitFor();
    await page.locator(".squiggly-error").first().waitFor();
    await shot("underlined");

    await page.locator(".codelens-decoration a").filter({ hasText: "Show Graph" }).first().click();
    const graph = page.frameLocator("iframe.webview").frameLocator("iframe").locator("#graph");
    await graph.locator('[data-step="decide"]').waitFor();
    await shot("graph-of-the-mistake");

    // The line lies under the text, so that the click goes to where it is drawn.
    await page.locator(".squiggly-error").first().click({ force: true });
    await page.keyboard.press("Control+.");
    await page.locator(".action-widget").getByText("Turn the if into a switch").waitFor();
    await shot("offered");
    await page.keyboard.press("Enter");
    await page.locator(".squiggly-error").first().waitFor({ state: "detached" });
    await graph.locator(".note").filter({ hasText: "switch next_step" }).waitFor();
    await shot("repaired");

    await graph.locator('[data-step="publish"]').click();
    await page.locator(".view-line").filter({ hasText: 'print("publish"' }).first().waitFor();
    await shot("step-shown");
    await runCommand(page, "File: Save All Files");
    await waitFor("the saved file", async () =>
      (await readFile(join(workspace, "churn_flow.py"), "utf8")).includes('condition="next_step"'),
    );
  },
);
