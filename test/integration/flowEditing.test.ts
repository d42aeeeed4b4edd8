import assert from "node:assert/strict";
import * as vscode from "vscode";
import { waitFor } from "../support/poll.ts";

const FLOW = `from metaflow import FlowSpec, step


class ChurnFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.trian)

    @step
    def train(self):
        """Fits the model."""
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ChurnFlow()
`;

function graphTabs(): string[] {
  const labels = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
  return labels.filter((label) => ["ChurnFlow", "Agents"].includes(label));
}

suite("editing a flow", () => {
  let document: vscode.TextDocument;

  setup(async () => {
    await vscode.extensions.getExtension("trainyard.trainyard")?.activate();
    document = await vscode.workspace.openTextDocument({ language: "python", content: FLOW });
    await vscode.window.showTextDocument(document);
  });

  teardown(async () => {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  function findings(): vscode.Diagnostic[] {
    return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "Trainyard");
  }

  async function replace(from: string, to: string): Promise<void> {
    const at = document.getText().indexOf(from);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
    await vscode.workspace.applyEdit(edit);
  }

  test("a mistake is underlined, repaired by its quick fix, and gone", async () => {
    const [found] = await waitFor("the finding", () => (findings().length > 0 ? findings() : undefined));
    assert.ok(found);
    assert.equal(found.code, "unknown-transitions");
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      found.range,
    );
    const fix = actions.find(({ title }) => title === "Go to train");
    assert.ok(fix?.edit, actions.map(({ title }) => title).join());
    await vscode.workspace.applyEdit(fix.edit);
    assert.ok(document.getText().includes("self.next(self.train)"));
    await waitFor("no finding", () => findings().length === 0);
  });

  test("a comment of the quick fix silences the rule on its line", async () => {
    const [found] = await waitFor("the finding", () => (findings().length > 0 ? findings() : undefined));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      found?.range,
    );
    const ignore = actions.find(({ title }) => title === "Ignore unknown-transitions here");
    assert.ok(ignore?.edit);
    await vscode.workspace.applyEdit(ignore.edit);
    assert.ok(document.getText().includes("self.next(self.trian)  # trainyard: ignore[unknown-transitions]"));
    await waitFor("no finding of that rule", () => !findings().some(({ code }) => code === "unknown-transitions"));
  });

  test("the severity of a rule is a setting", async () => {
    const settings = vscode.workspace.getConfiguration("trainyard.metaflow");
    await waitFor("the finding", () => findings().length > 0);
    await settings.update("severity", { "unknown-transitions": "hint" }, vscode.ConfigurationTarget.Workspace);
    await waitFor("a hint", () => findings()[0]?.severity === vscode.DiagnosticSeverity.Hint);
    await settings.update("severity", undefined, vscode.ConfigurationTarget.Workspace);
    await waitFor("an error again", () => findings()[0]?.severity === vscode.DiagnosticSeverity.Error);
  });

  test("the class has its actions, and a step says what it is", async () => {
    await replace("self.trian", "self.train");
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      document.uri,
      10,
    );
    assert.ok(lenses.some(({ command }) => command?.command === "trainyard.showFlowGraph"));
    const at = document.positionAt(document.getText().indexOf("self.train") + 7);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      at,
    );
    const texts = hovers.flatMap(({ contents }) =>
      contents.map((each) => (typeof each === "string" ? each : each.value)),
    );
    assert.ok(texts.join("\n").includes("Fits the model."), texts.join("\n"));
  });

  test("the cursor follows the flow", async () => {
    await replace("self.trian", "self.train");
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(6, 8, 6, 8);
    await vscode.commands.executeCommand("trainyard.nextStep");
    assert.equal(document.lineAt(editor.selection.active.line).text.trim(), "def train(self):");
    await vscode.commands.executeCommand("trainyard.nextStep");
    await vscode.commands.executeCommand("trainyard.previousStep");
    assert.equal(document.lineAt(editor.selection.active.line).text.trim(), "def train(self):");
  });

  test("a graph that is asked for again is the one that is open", async () => {
    for (const _ of ["first", "again"]) {
      await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
      await vscode.commands.executeCommand("trainyard.showFlowGraph");
      await vscode.commands.executeCommand("trainyard.showAgents");
    }
    await waitFor("both panels", () => graphTabs().length >= 2);
    assert.deepEqual(graphTabs().toSorted(), ["Agents", "ChurnFlow"]);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await waitFor("the panels to close", () => graphTabs().length === 0);
    await vscode.commands.executeCommand("trainyard.showAgents");
    await waitFor("a panel of its own again", () => graphTabs().join() === "Agents");
  });

  test("a file without Metaflow gets nothing", async () => {
    const other = await vscode.workspace.openTextDocument({ language: "python", content: "print(1)\n" });
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", other.uri);
    assert.deepEqual(
      lenses.filter(({ command }) => command?.command.startsWith("trainyard.")),
      [],
    );
  });
});
