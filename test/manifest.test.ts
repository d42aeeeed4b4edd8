import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isCheckpointName } from "../src/core/checkpoints/checkpointName.ts";
import { PLACEHOLDERS } from "../src/core/knowledge/fact.ts";
import { createTools } from "../src/core/tools/toolCatalog.ts";
import { renderToolManifest } from "../src/core/tools/toolManifest.ts";
import { activateOnFake, loadSlashCommands } from "./support/activateOnFake.ts";
import { inertToolPorts } from "./support/inertToolPorts.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const { contributes } = manifest;
const settings: Record<string, { default: unknown }> = Object.assign(
  {},
  ...contributes.configuration.map(({ properties }: { properties: object }) => properties),
);
const readme = readFileSync(`${root}README.md`, "utf8");
const sources = globSync("src/{core,editor}/**/*.ts", { cwd: root }).map((file) =>
  readFileSync(`${root}${file}`, "utf8"),
);
const registered = activateOnFake(manifest);

/** Commands that only the extension's own links and buttons call. */
const INNER_COMMANDS = ["trainyard.askAgent"];

/**
 * What is written like a command and is none: the extension's id, a key of its state, a webview's type, the status bar's item,
 * sections of settings, context keys.
 */
const OTHER_NAMES = [
  "trainyard.trainyard",
  "trainyard.watchedFolders",
  "trainyard.flowCard",
  "trainyard.flowGraph",
  "trainyard.curves",
  "trainyard.agentGraph",
  "trainyard.checkpoint",
  "trainyard.run",
  "trainyard.checkpoints",
  "trainyard.metaflow",
  "trainyard.mlChecks",
  "trainyard.hasRuns",
  "trainyard.hasLiveRun",
  "trainyard.hasFlows",
  "trainyard.hasWorkflow",
  "trainyard.hasOpenWorkflow",
  "trainyard.hasBrokenWorkflow",
  "trainyard.workflow",
  "trainyard.facts",
  "trainyard.watchdog",
  "trainyard.curvesShown",
];

/** Context keys of VS Code itself that the rules in the manifest may use. */
const CONTEXT_KEYS = [
  "activeCustomEditorId",
  "editorLangId",
  "explorerResourceIsFolder",
  "isWorkspaceTrusted",
  "resourceExtname",
  "resourceFilename",
  "resourceLangId",
  "view",
  "viewItem",
  "workspaceFolderCount",
];

type Named = { name: string };
type Item = { command: string; when?: string };

const namesOf = (items: readonly Named[]): string[] => items.map(({ name }) => name);
const sorted = (names: Iterable<string>): string[] => [...names].toSorted();

/** Every group that the pattern finds in the sources, each once. */
function foundInSources(pattern: RegExp): string[] {
  return sorted(new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, found = ""]) => found))));
}

/** Every `when` rule of the manifest. */
function collectRules(part: unknown): string[] {
  if (typeof part !== "object" || part === null) {
    return [];
  }
  const own = "when" in part && typeof part.when === "string" ? [part.when] : [];
  return [...own, ...Object.values(part).flatMap(collectRules)];
}

test("every contributed command is registered, and every registered one is contributed or an inner one", () => {
  const contributed: string[] = contributes.commands.map(({ command }: Item) => command);
  assert.deepEqual(sorted(registered.commands), sorted([...contributed, ...INNER_COMMANDS]));
});

test("stopping is in the palette also while nothing runs: a sentence tells more than a command that is not there", () => {
  const rules: Item[] = contributes.menus.commandPalette;
  assert.deepEqual(
    rules.filter(({ command }) => command === "trainyard.stopRun"),
    [],
  );
});

test("every name in the sources that looks like a command's is one, or a view, a setting or another known name", () => {
  const known = new Set([
    ...registered.commands,
    ...registered.views,
    ...registered.views.map((view) => `${view}.focus`),
    ...namesOf(contributes.mcpServerDefinitionProviders.map(({ id }: { id: string }) => ({ name: id }))),
    ...contributes.chatParticipants.map(({ id }: { id: string }) => id),
    ...Object.keys(settings),
    ...OTHER_NAMES,
  ]);
  assert.deepEqual(
    foundInSources(/"(trainyard\.[\w.]+)"/g).filter((name) => !known.has(name)),
    [],
  );
});

test("the participants, their slash commands and descriptions are those of the code", async () => {
  assert.deepEqual(
    sorted(contributes.chatParticipants.map(({ id }: { id: string }) => id)),
    sorted(registered.participants),
  );
  const commands = await loadSlashCommands(manifest);
  for (const participant of contributes.chatParticipants) {
    const own = commands.filter(({ participant: name }) => name === participant.name);
    assert.deepEqual(sorted(namesOf(participant.commands)), sorted(namesOf(own)), `@${participant.name}`);
  }
  const names = namesOf(contributes.chatParticipants);
  assert.deepEqual(
    commands.filter(({ participant }) => !names.includes(participant)),
    [],
  );
});

test("views, task types, models and MCP servers are contributed as they are registered", () => {
  const views = Object.values<{ id: string }[]>(contributes.views).flat();
  assert.deepEqual(
    views.map(({ id }) => id),
    registered.views,
  );
  assert.deepEqual(
    contributes.taskDefinitions.map(({ type }: { type: string }) => type),
    registered.taskTypes,
  );
  assert.deepEqual(
    contributes.languageModelChatProviders.map(({ vendor }: { vendor: string }) => vendor),
    registered.modelVendors,
  );
  assert.deepEqual(
    contributes.mcpServerDefinitionProviders.map(({ id }: { id: string }) => id),
    registered.mcpProviders,
  );
  assert.deepEqual(
    contributes.customEditors.map(({ viewType }: { viewType: string }) => viewType),
    registered.others["registerCustomEditorProvider"],
  );
  assert.deepEqual(namesOf(contributes.languageModelTools), registered.others["registerTool"]);
  assert.deepEqual(
    Object.keys(contributes.views).filter(
      (container) => !contributes.viewsContainers.activitybar.some(({ id }: { id: string }) => id === container),
    ),
    [],
  );
});

test("every contributed setting is read by the code, and every setting that the code reads is contributed", () => {
  const whole = foundInSources(/getConfiguration\(\)\s*\.get(?:<[^(]*>)?\((\w+)/g).length;
  assert.ok(whole <= 1, "read a setting by its section, or extend this test");
  const read = sources
    .filter((text) => text.includes("getConfiguration("))
    .flatMap((text) => {
      const sections = [...text.matchAll(/getConfiguration\("([\w.]+)"/g)].map(([, section]) => section);
      assert.ok(new Set(sections).size <= 1, "one file reads one section");
      const keys = [...text.matchAll(/\.get(?:<[^(]*>)?\("([\w.]+)"/g)].map(([, key]) => `${sections[0]}.${key}`);
      const placeholders = text.includes("PLACEHOLDERS.map") ? PLACEHOLDERS.map((key) => `${sections[0]}.${key}`) : [];
      const constants = [...text.matchAll(/SETTING = "([\w.]+)"/g)].map(([, setting = ""]) => setting);
      return sections.length > 0 ? [...keys, ...placeholders] : constants;
    });
  assert.deepEqual(sorted(new Set(read)), sorted(Object.keys(settings)));
});

test("the README's table of settings names every setting and nothing else", () => {
  const rows = [...readme.matchAll(/^\| `(trainyard\.[\w.]+)`/gm)].map(([, setting = ""]) => setting);
  const facts = PLACEHOLDERS.map((key) => `trainyard.facts.${key}`);
  const others = Object.keys(settings).filter((setting) => !facts.includes(setting));
  assert.deepEqual(sorted(rows), sorted(others));
  assert.match(readme, /^\| `trainyard\.facts\.\*`/m);
});

test("every slash command in the README is contributed", () => {
  const used = [...readme.matchAll(/`@([\w-]+) \/(\w+)/g)].map(([, agent, command]) => ({ agent, command }));
  assert.ok(used.length > 5);
  const unknown = used.filter(
    ({ agent, command }) =>
      !contributes.chatParticipants.some(
        ({ name, commands }: { name: string; commands: Named[] }) =>
          name === agent && namesOf(commands).includes(command ?? ""),
      ),
  );
  assert.deepEqual(unknown, []);
});

test("the rules in the manifest use keys that VS Code or the code sets", () => {
  const rules = collectRules(contributes).filter((rule) => rule !== "false");
  const set = foundInSources(/"setContext",\s*"([\w.]+)"/g);
  const used = rules.flatMap((rule) =>
    rule
      .replaceAll(/\/(?:[^/\\]|\\.)+\/\w*/g, "")
      .split(/&&|\|\|/)
      .map((part) => /^\s*!?\s*([\w.]+)/.exec(part)?.[1] ?? part),
  );
  assert.deepEqual(
    used.filter((key) => !CONTEXT_KEYS.includes(key) && !set.includes(key)),
    [],
  );
  assert.deepEqual(
    set.filter((key) => !used.includes(key)),
    [],
  );
  const views = rules.flatMap((rule) => /\bview == ([\w.]+)/.exec(rule)?.[1] ?? []);
  assert.deepEqual(
    views.filter((view) => !registered.views.includes(view)),
    [],
  );
});

test("every rule about rows of a view fits a row that the code makes", () => {
  const rows = foundInSources(
    /"((?:run|sweep|folder|checkpoint|writing|unreadable|agent|suggestion|workflow|phase|flowRun|flowTask)(?:\.\w+)?)"/g,
  );
  assert.ok(rows.includes("run.live"));
  for (const rule of collectRules(contributes.menus["view/item/context"])) {
    const [, pattern, name] = /viewItem (?:=~ \/(.+?)\/(?: |$)|== ([\w.]+))/.exec(rule) ?? [];
    const fits = (row: string) => (pattern === undefined ? row === name : new RegExp(pattern).test(row));
    assert.ok(rows.some(fits), rule);
  }
});

test("a command that the palette hides is offered elsewhere", () => {
  const hidden = contributes.menus.commandPalette.filter(({ when }: Item) => when === "false");
  const shown = Object.entries<Item[]>(contributes.menus).flatMap(([menu, items]) =>
    menu === "commandPalette" ? [] : items.map(({ command }) => command),
  );
  const named = foundInSources(/"(trainyard\.\w+)"/g);
  assert.deepEqual(
    hidden
      .map(({ command }: Item) => command)
      .filter((command: string) => !shown.includes(command) && !named.includes(command)),
    [],
  );
});

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

test("every command in a menu, a welcome text or the walkthrough is contributed", () => {
  const contributed = new Set(contributes.commands.map(({ command }: { command: string }) => command));
  const inMenus = Object.values<({ command: string } | { submenu: string })[]>(contributes.menus).flatMap((items) =>
    items.flatMap((item) => ("command" in item ? [item.command] : [])),
  );
  const texts = JSON.stringify([contributes.viewsWelcome, contributes.walkthroughs]);
  const inTexts = [...texts.matchAll(/command:(trainyard\.\w+)/gi)].map(([, command]) => command);
  assert.deepEqual(
    [...inMenus, ...inTexts].filter((command) => !contributed.has(command)),
    [],
  );
});

test("the buttons of the walkthrough bear the titles of their commands, and its pictures exist", () => {
  const titles = new Map(
    contributes.commands.map(({ command, title }: { command: string; title: string }) => [command, title]),
  );
  const steps: { description: string; media: { image: string; altText: string } }[] = contributes.walkthroughs[0].steps;
  for (const { description, media } of steps) {
    for (const [, label, command] of description.matchAll(/\[(.+?)\]\(command:(.+?)\)/g)) {
      assert.equal(label, titles.get(command), description);
    }
    assert.ok(existsSync(new URL(`../${media.image}`, import.meta.url)), media.image);
    assert.notEqual(media.altText, "");
  }
});

test("the explorer's menu has one entry of Trainyard, whatever is clicked, and below it what fits", () => {
  const [{ id, label }] = contributes.submenus;
  assert.deepEqual(contributes.menus["explorer/context"], [{ submenu: id, group: "7_trainyard" }]);
  assert.equal(label, manifest.displayName);
  assert.deepEqual(
    contributes.menus[id].filter(({ when }: { when?: string }) => !/resource/i.test(when ?? "")),
    [],
  );
});

test("what runs the workspace's code is not offered in Restricted Mode", () => {
  const rules = ["view/title", "trainyard.explorer", "editor/title/run"].flatMap((menu) =>
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
  const { when } = contributes.menus["trainyard.explorer"].find(
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
