import assert from "node:assert/strict";
import * as vscode from "vscode";

suite("activation", () => {
  const trainyard = vscode.extensions.getExtension("trainyard.trainyard");

  test("Trainyard is installed and becomes active", async () => {
    assert.ok(trainyard);
    await trainyard.activate();
    assert.equal(trainyard.isActive, true);
  });

  test("every command that package.json declares is registered once Trainyard is active", async () => {
    await trainyard?.activate();
    const declared: { command: string }[] = trainyard?.packageJSON.contributes?.commands ?? [];
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = declared.map(({ command }) => command).filter((command) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  test("no proposed API is asked for", () => {
    assert.equal(trainyard?.packageJSON.enabledApiProposals, undefined);
  });
});
