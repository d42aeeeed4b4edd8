import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { journey } from "../support/journey.ts";
import { activeTab } from "../support/workbench.ts";

const SCRIPT = `import numpy as np
import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = np.load("x.npy"), np.load("y.npy")
X = StandardScaler().fit_transform(X)
X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
model = torch.nn.Linear(64, 10)
optimizer = torch.optim.Adam(model.parameters())


def validate(config={}):
    return (model(torch.tensor(X_val)).argmax(1) == torch.tensor(y_val)).float().mean()


for epoch in range(10):
    loss = torch.nn.functional.cross_entropy(model(torch.tensor(X_train)), torch.tensor(y_train))
    loss.backward()
    optimizer.step()
    torch.save(model.state_dict(), "model.pt")
`;

journey(
  import.meta.url,
  "leakage and a careless evaluation are underlined, lead to their explanation, and are found in a shell too",
  { files: { "train.py": SCRIPT } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await editor.door.execute("vscode.open", { $path: join(workspace, "train.py") });
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await editor.door.execute("workbench.action.closeSidebar");
    await waitFor("the file", async () => (await activeTab(page)).includes("train.py"));
    const warnings = page.locator(".squiggly-warning");
    await waitFor("four underlined places", async () => (await warnings.count()) === 4);
    await page.locator(".squiggly-info").first().waitFor();

    await page.keyboard.press("Control+G");
    await page.locator(".quick-input-widget:visible input.input").fill(":7:8");
    await page.keyboard.press("Enter");
    await editor.door.execute("editor.action.showHover");
    const hover = page.locator(".monaco-hover:visible").filter({ hasText: "fit-before-split" });
    await hover.first().waitFor();
    await shot("explained");
    await hover.getByText("fit-before-split", { exact: true }).first().click();
    await waitFor("the paragraph", async () => (await activeTab(page)).includes("ml-checks.md"));
    await page.locator(".view-line").filter({ hasText: "fit-before-split" }).first().waitFor();
    await shot("paragraph");

    await editor.door.execute("vscode.open", { $path: join(workspace, "train.py") });
    await waitFor("the file again", async () => (await activeTab(page)).includes("train.py"));
    await editor.door.execute("workbench.actions.view.problems");
    await page.locator(".markers-panel").getByText("mutable-default").first().waitFor();
    await shot("problems");

    const cli = join(import.meta.dirname, "..", "..", "..", "dist", "cli.js");
    let printed = "";
    try {
      execFileSync(process.execPath, [cli, "check", "--ml", "."], { cwd: workspace, encoding: "utf8" });
    } catch (error) {
      // Warnings end with exit code 1.
      printed = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
    }
    for (const rule of [
      "fit-before-split",
      "evaluation-in-training-mode",
      "gradients-in-evaluation",
      "mutable-default",
      "unseeded-training",
      "unversioned-checkpoint",
    ]) {
      assert.match(printed, new RegExp(`^train\\.py:\\d+:\\d+: \\w+: .*\\[${rule}\\]$`, "m"));
    }
    assert.equal(await readFile(join(workspace, "train.py"), "utf8"), SCRIPT, "looking changes nothing");
  },
);
