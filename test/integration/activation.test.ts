import assert from "node:assert/strict";
import * as vscode from "vscode";

suite("activation", () => {
  const trainyard = vscode.extensions.getExtension("trainyard.trainyard");

  test("Trainyard is installed and becomes active", async () => {
    assert.ok(trainyard);
    await trainyard.activate();
    assert.equal(trainyard.isActive, true);
  });

  test("the commands that package.json declares are those that are registered", async () => {
    await trainyard?.activate();
    const declared: { command: string }[] = trainyard?.packageJSON.contributes?.commands ?? [];
    const views: { id: string }[] = Object.values<{ id: string }[]>(trainyard?.packageJSON.contributes?.views).flat();
    // VS Code registers some for every view and container: `<view>.focus`, `workbench.view.extension.<container>`.
    const isOfView = (command: string) => views.some(({ id }) => command.startsWith(`${id}.`));
    const registered = (await vscode.commands.getCommands(true)).filter((command) => command.startsWith("trainyard."));
    assert.deepEqual(
      registered.filter((command) => !isOfView(command)).toSorted(),
      [...declared.map(({ command }) => command), "trainyard.askAgent"].toSorted(),
    );
  });

  test("no proposed API is asked for", () => {
    assert.equal(trainyard?.packageJSON.enabledApiProposals, undefined);
  });
});
