import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findAgent } from "../../../src/core/agents/agentCatalog.ts";
import { watchAgentFiles } from "../../../src/editor/agents/agentFiles.ts";
import { fake, resetFake, Uri } from "../../support/fakeVscode.ts";
import { waitFor } from "../../support/poll.ts";

const SHIPPED = 19;
const shippedFolder = fileURLToPath(new URL("../../../agents", import.meta.url));

beforeEach(resetFake);

test("the agents of the workspace join the shipped ones, and their problems stand in the editor", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  fake.workspaceFolder = folder;
  const path = join(folder, ".github/agents/mine.agent.md");
  await mkdir(join(folder, ".github/agents"), { recursive: true });
  await writeFile(path, "---\ndescription: Mine.\n---\nHelp.");
  const files = watchAgentFiles(shippedFolder);
  const catalog = await files.load();
  assert.equal(catalog.agents.length, SHIPPED + 1);
  assert.deepEqual(
    catalog.agents.filter(({ origin }) => origin === "workspace").map(({ definition }) => definition.name),
    ["mine"],
  );
  const shown = fake.diagnostics.get(path)?.map(({ code, severity, source }) => [code, severity, source]);
  assert.deepEqual([[...fake.diagnostics.keys()], shown], [[path], [["missing-name", 2, "Trainyard"]]]);
  await writeFile(path, "---\nname: mine\ndescription: Mine.\n---\nHelp.");
  await files.load();
  assert.equal(fake.diagnostics.size, 0);
});

test("problems show before anybody asks an agent, and again when a file is opened", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  fake.workspaceFolder = folder;
  const path = join(folder, ".claude/agents/mine.md");
  await mkdir(join(folder, ".claude/agents"), { recursive: true });
  await writeFile(path, "---\ndescription: Mine.\n---\nHelp.");
  const files = watchAgentFiles(shippedFolder);
  context.after(() => files.dispose());
  await waitFor("the problems of a file that was there", () => fake.diagnostics.has(path));
  await writeFile(path, "---\nname: mine\ndescription: Mine.\n---\nHelp.");
  fake.documentOpened.fire({ uri: Uri.file(path) });
  await waitFor("no problems after the correction", () => !fake.diagnostics.has(path));
});

test("in Restricted Mode nothing of the workspace is looked at", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  fake.workspaceFolder = folder;
  fake.isTrusted = false;
  const path = join(folder, ".github/agents/mine.agent.md");
  await mkdir(join(folder, ".github/agents"), { recursive: true });
  // A file that could not be read would be a problem, so this one is not even tried.
  await symlink(join(folder, "nowhere"), path);
  fake.documents = [{ uri: Uri.file(path), getText: () => assert.fail("what is open was read") }];
  const catalog = await watchAgentFiles(shippedFolder).load();
  assert.equal(catalog.agents.length, SHIPPED);
  assert.deepEqual(
    catalog.problems.filter((problem) => problem.path === path),
    [],
  );
  assert.deepEqual(catalog.withheld, [path]);
  assert.equal(fake.diagnostics.size, 0);
});

test("a file that cannot be read is a problem of that file, and a folder that is added is looked at", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, ".github/agents/large.agent.md");
  await mkdir(join(folder, ".github/agents"), { recursive: true });
  await writeFile(path, "x".repeat(600_000));
  const files = watchAgentFiles(shippedFolder);
  context.after(() => files.dispose());
  fake.workspaceFolder = folder;
  fake.foldersChanged.fire();
  await waitFor("the problem of the folder that was added", () => fake.diagnostics.has(path));
  const [problem] = fake.diagnostics.get(path) ?? [];
  assert.match(problem?.message ?? "", /large\.agent\.md cannot be read: it is larger than 524288 bytes/);
  assert.deepEqual([problem?.code, problem?.range.start.line], ["unreadable-agent", 0]);
});

test("without a folder there are the shipped agents", async () => {
  const catalog = await watchAgentFiles(shippedFolder).load();
  assert.equal(findAgent(catalog, "ml-trainer")?.origin, "shipped");
  assert.equal(catalog.agents.length, SHIPPED);
});

test("problems follow what is typed, and the agents what is saved", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  fake.workspaceFolder = folder;
  const path = join(folder, ".github/agents/mine.agent.md");
  await mkdir(join(folder, ".github/agents"), { recursive: true });
  await writeFile(path, "---\nname: mine\ndescription: Mine.\n---\nHelp.");
  const files = watchAgentFiles(shippedFolder);
  context.after(() => files.dispose());
  await files.load();
  assert.equal(fake.diagnostics.size, 0);
  const uri = Uri.file(path);
  fake.documents = [{ uri, getText: () => "---\nname: typed\ndescription: Mine.\ntools: [edti]\n---\nHelp." }];
  fake.documentChanged.fire({ document: { uri } });
  await waitFor("the problem of what is typed", () => fake.diagnostics.has(path));
  assert.deepEqual(
    files.problemsOf(path).map(({ code, fix }) => [code, fix?.text]),
    [["unknown-tool", "edit"]],
  );
  assert.ok(findAgent(await files.load(), "mine"));
  assert.ok(findAgent(await files.inspect(), "typed"));
});

test("of two loads that overlap the later one is shown, whichever ends last", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, ".github/agents/mine.agent.md");
  await mkdir(join(folder, ".github/agents"), { recursive: true });
  await writeFile(path, "---\nname: mine\ndescription: Mine.\ntools: [edti]\n---\nHelp.");
  const files = watchAgentFiles(shippedFolder);
  context.after(() => files.dispose());
  // Only now, since a window that opens with agents loads them by itself.
  fake.workspaceFolder = folder;
  const older = await new Promise<{ load: Promise<unknown>; end(): void }>((hasRead) => {
    fake.beforeModels = () => new Promise((end) => hasRead({ load, end }));
    const load = files.load();
  });
  fake.beforeModels = () => Promise.resolve();
  await writeFile(path, "---\nname: mine\ndescription: Mine.\ntools: [edit]\n---\nHelp.");
  await files.load();
  assert.equal(fake.diagnostics.size, 0);
  older.end();
  await older.load;
  assert.equal(fake.diagnostics.size, 0);
  assert.deepEqual(files.problemsOf(path), []);
});

test("problems follow the models and the tools that come and go", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  fake.workspaceFolder = folder;
  const path = join(folder, ".github/agents/mine.agent.md");
  await mkdir(join(folder, ".github/agents"), { recursive: true });
  await writeFile(path, "---\nname: mine\ndescription: Mine.\nmodel: Sonnet 9\ntools: [acme.charts/draw]\n---\nHelp.");
  const shown = () => fake.diagnostics.get(path)?.map(({ code }) => code);
  fake.models = [{ vendor: "v", family: "f", name: "Sonnet 9", id: "s" }];
  fake.extensions = [chartsWith("draw")];
  const files = watchAgentFiles(shippedFolder);
  context.after(() => files.dispose());
  await files.load();
  assert.deepEqual(shown(), undefined);
  fake.models = [{ vendor: "v", family: "f", name: "Other", id: "o" }];
  fake.modelsChanged.fire();
  await waitFor("the problem of the model that is gone", () => shown()?.includes("unknown-model"));
  fake.models = [{ vendor: "v", family: "f", name: "Sonnet 9", id: "s" }];
  fake.modelsChanged.fire();
  await waitFor("no problem once it is back", () => shown() === undefined);
  fake.extensions = [chartsWith("paint")];
  fake.extensionsChanged.fire();
  await waitFor("the problem of the tool that is gone", () => shown()?.includes("unknown-tool"));
});

function chartsWith(tool: string): { id: string; packageJSON: object } {
  return { id: "acme.charts", packageJSON: { contributes: { languageModelTools: [{ toolReferenceName: tool }] } } };
}

test("models that come while nobody has looked at agents load nothing", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const files = watchAgentFiles(shippedFolder);
  let settled = 0;
  files.onDidSettle(() => (settled += 1));
  fake.modelsChanged.fire();
  context.mock.timers.tick(10_000);
  // What the event had begun would be done before these are.
  await files.load();
  await files.inspect();
  assert.equal(settled, 0);
  files.dispose();
});
