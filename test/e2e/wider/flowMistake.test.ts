import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { journey } from "../support/journey.ts";
import { runCommand } from "../support/quickInput.ts";
import { activeTab } from "../support/workbench.ts";

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
  { files: { "churn_flow.py": FLOW }, settings: { "workbench.colorTheme": "Default Dark Modern" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await editor.door.execute("vscode.open", { $path: join(workspace, "churn_flow.py") });
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await editor.door.execute("workbench.action.closeSidebar");
    await waitFor("the file", async () => (await activeTab(page)).includes("churn_flow.py"));
    await page.locator(".codelens-decoration").filter({ hasText: "Show Graph" }).first().waitFor();
    const mistakes = page.locator(".squiggly-error");
    await waitFor("one mistake", async () => (await mistakes.count()) === 1);

    // Another one is typed: two letters of a step's name the wrong way round.
    await page.keyboard.press("Control+G");
    await page.locator(".quick-input-widget:visible input.input").fill(":20");
    await page.keyboard.press("Enter");
    await page.keyboard.press("End");
    for (const _ of "decide)") {
      await page.keyboard.press("Backspace");
    }
    await page.keyboard.type("decied)");
    await waitFor("two mistakes", async () => (await mistakes.count()) === 2);
    await shot("typed");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+.");
    await page.locator(".action-widget").getByText("Go to decide").waitFor();
    await page.keyboard.press("Enter");
    await waitFor("one mistake again", async () => (await mistakes.count()) === 1);

    // The actions of the class may have been scrolled away.
    await page.keyboard.press("Control+Home");
    await page.locator(".codelens-decoration a").filter({ hasText: "Show Graph" }).first().click();
    const graph = page.frameLocator("iframe.webview").frameLocator("iframe").locator("#graph");
    await graph.locator('[data-node="decide"]').waitFor();
    await shot("graph-of-the-mistake");

    // The line lies under the text, so that the click goes to where it is drawn.
    await mistakes.first().click({ force: true });
    await page.keyboard.press("Control+.");
    await page.locator(".action-widget").getByText("Turn the if into a switch").waitFor();
    await shot("offered");
    await page.keyboard.press("Enter");
    await waitFor("no mistake", async () => (await mistakes.count()) === 0);
    await graph.locator(".note").filter({ hasText: "switch next_step" }).waitFor();
    await shot("repaired");

    await graph.locator('[data-node="publish"]').click();
    await page.locator(".view-line").filter({ hasText: 'print("publish"' }).first().waitFor();
    await shot("step-shown");
    await runCommand(page, "File: Save All Files");
    await waitFor("the saved file", async () =>
      (await readFile(join(workspace, "churn_flow.py"), "utf8")).includes('condition="next_step"'),
    );
  },
);
