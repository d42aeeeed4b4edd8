import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isCheckpointName } from "../src/core/checkpoints/checkpointName.ts";
import { createTools } from "../src/core/tools/toolCatalog.ts";
import { renderToolManifest } from "../src/core/tools/toolManifest.ts";
import { inertToolPorts } from "./support/inertToolPorts.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const { contributes } = manifest;

test("the tools of the manifest are those of the code, with the schemas of the code", () => {
  const expected = createTools(inertToolPorts).map(renderToolManifest);
  assert.deepEqual(contributes.languageModelTools, expected, "run node scripts/updateManifest.mjs");
});

test("there are at most twelve tools, and none looks like a built-in one", () => {
  const names: string[] = contributes.languageModelTools.map(({ name }: { name: string }) => name);
  assert.ok(names.length <= 12);
  assert.deepEqual(
    names.filter((name) => !/^trainyard_[a-z]+(_[a-z]+)*$/.test(name)),
    [],
  );
});

test("no proposed interface is asked for", () => {
  assert.equal(manifest.enabledApiProposals, undefined);
  assert.ok(!contributes.chatParticipants.some((participant: object) => "locations" in participant));
});

test("every file the manifest names exists", () => {
  const files: string[] = [
    manifest.icon,
    contributes.viewsContainers.activitybar[0].icon,
    ...contributes.chatAgents.map(({ path }: { path: string }) => path),
  ];
  assert.deepEqual(
    files.filter((file) => !existsSync(`${root}${file}`)),
    [],
  );
});

test("every command in a menu, a welcome text or a view is contributed", () => {
  const contributed = new Set(contributes.commands.map(({ command }: { command: string }) => command));
  const inMenus = Object.values<{ command: string }[]>(contributes.menus).flatMap((items) =>
    items.map(({ command }) => command),
  );
  const inTexts = [...JSON.stringify(contributes.viewsWelcome).matchAll(/command:(trainyard\.\w+)/g)].map(
    ([, command]) => command,
  );
  assert.deepEqual(
    [...inMenus, ...inTexts].filter((command) => !contributed.has(command)),
    [],
  );
});

test("what runs the workspace's code is not offered in Restricted Mode", () => {
  const rules = ["view/title", "explorer/context", "editor/title/run"].flatMap((menu) =>
    contributes.menus[menu]
      .filter(({ command }: { command: string }) => command === "trainyard.train")
      .map(({ when }: { when: string }) => when),
  );
  assert.equal(rules.length, 3);
  assert.deepEqual(
    rules.filter((when: string) => !when.endsWith("&& isWorkspaceTrusted")),
    [],
  );
});

test("the explorer offers to inspect what is read as a checkpoint by its name, and nothing else but folders", () => {
  const { when } = contributes.menus["explorer/context"].find(
    ({ command }: { command: string }) => command === "trainyard.inspectCheckpoints",
  );
  const [, pattern = "", flags] = /^explorerResourceIsFolder \|\| resourceFilename =~ \/(.*)\/(i)$/.exec(when) ?? [];
  const isOffered = (name: string) => new RegExp(pattern, flags).test(name);
  const names = "a.pt b.PTH c.ckpt d.safetensors e.h5 f.hdf5 g.keras h.pth.tar model.safetensors.index.json".split(" ");
  assert.deepEqual(
    [...names, "train.py", "a.tar", "index.json"].filter(
      (name) => isOffered(name) !== isCheckpointName(name.toLowerCase()),
    ),
    [],
  );
});

test("the interpreter setting cannot be set by an untrusted workspace", () => {
  assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes("trainyard.pythonPath"));
});
