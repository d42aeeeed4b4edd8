import assert from "node:assert/strict";
import * as vscode from "vscode";
import { waitFor } from "../support/poll.ts";

const SCRIPT = `import torch
from model import Net

model = Net()
for x, y in loader:
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()

for x, y in val_loader:
    correct += (model(x).argmax(1) == y).sum()
`;

suite("checks of machine-learning code", () => {
  let document: vscode.TextDocument;

  setup(async () => {
    await vscode.extensions.getExtension("trainyard.trainyard")?.activate();
    document = await vscode.workspace.openTextDocument({ language: "python", content: SCRIPT });
    await vscode.window.showTextDocument(document);
  });

  teardown(async () => {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  const rules = () =>
    vscode.languages
      .getDiagnostics(document.uri)
      .filter(({ source }) => source === "Trainyard")
      .map(({ code }) => (typeof code === "object" ? code.value : code));

  const diagnosticOf = (rule: string) =>
    vscode.languages.getDiagnostics(document.uri).find(({ code }) => typeof code === "object" && code.value === rule);

  async function apply(title: string, diagnostic: vscode.Diagnostic | undefined): Promise<void> {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      diagnostic?.range,
    );
    const action = actions.find((each) => each.title === title);
    assert.ok(action?.edit, actions.map((each) => each.title).join());
    await vscode.workspace.applyEdit(action.edit);
  }

  test("what is wrong is underlined, and its rule leads to its paragraph", async () => {
    await waitFor("the findings", () => rules().length === 3, 45_000);
    assert.deepEqual(rules(), ["unseeded-training", "evaluation-in-training-mode", "gradients-in-evaluation"]);
    const code = diagnosticOf("gradients-in-evaluation")?.code;
    assert.ok(typeof code === "object");
    const line = Number(code.target.fragment.slice(1));
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(code.target.with({ fragment: "" })));
    assert.equal(text.split("\n")[line - 1], "### `gradients-in-evaluation`");
  });

  test("a quick fix sets the seed, and another silences a rule on its line", async () => {
    await waitFor("the findings", () => rules().length === 3, 45_000);
    await apply("Set a seed behind the imports", diagnosticOf("unseeded-training"));
    await waitFor("two findings", () => rules().length === 2);
    assert.match(document.getText(), /import Net\n\ntorch\.manual_seed\(0\)\n/);
    await apply("Ignore gradients-in-evaluation here", diagnosticOf("gradients-in-evaluation"));
    await waitFor("one finding", () => rules().length === 1);
    assert.match(document.getText(), /in val_loader: {2}# trainyard: ignore\[gradients-in-evaluation\]\n/);
  });

  test("the setting switches them off, and on again", async () => {
    const settings = vscode.workspace.getConfiguration("trainyard.mlChecks");
    await waitFor("the findings", () => rules().length === 3, 45_000);
    await settings.update("enabled", false, vscode.ConfigurationTarget.Workspace);
    await waitFor("nothing", () => rules().length === 0);
    await settings.update("enabled", undefined, vscode.ConfigurationTarget.Workspace);
    await settings.update("severity", { "unseeded-training": "off" }, vscode.ConfigurationTarget.Workspace);
    await waitFor("two of them", () => rules().length === 2);
    await settings.update("severity", undefined, vscode.ConfigurationTarget.Workspace);
    await waitFor("all of them again", () => rules().length === 3);
  });
});
