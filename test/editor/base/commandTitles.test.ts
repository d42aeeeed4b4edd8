import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { commandTable } from "../../../src/commandWiring.ts";
import { openWindow } from "../../../src/wiring.ts";

const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

test("every command has a title, which names it when it fails", () => {
  const window = openWindow({
    extensionFolder: "/nowhere",
    state: { keys: () => [], get: () => undefined, update: () => Promise.resolve() },
    program: { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" },
    onError: (error) => assert.fail(String(error)),
  });
  const titled = new Set(manifest.contributes.commands.map(({ command }: { command: string }) => command));
  const names = Object.keys(commandTable(window));
  window.runs.dispose();
  window.agents.dispose();
  window.flowReports.dispose();
  assert.deepEqual(
    names.filter((name) => !titled.has(`trainyard.${name}`)),
    [],
  );
});
