import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { agentsVerb } from "../../../src/node/agents/cliAgents.ts";
import { UsageError } from "../../../src/node/base/cliVerb.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

function workspace(context: TestContext, files: Readonly<Record<string, readonly string[]>>): string {
  const root = temporaryFolder(context);
  for (const [path, frontMatter] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), ["---", ...frontMatter, "---", "Does it."].join("\n"));
  }
  return root;
}

async function run(root: string, ...argv: string[]): Promise<{ code: number; printed: string }> {
  const printed: string[] = [];
  const code = await agentsVerb.run({
    root,
    folder: root,
    words: argv.filter((word) => word !== "--json"),
    options: { json: argv.includes("--json") },
    rest: [],
    host: { supervisorPath: "src/supervisor.ts", version: "", print: (text) => void printed.push(text) },
  });
  return { code, printed: printed.join("\n") };
}

const handsOn = "handoffs: [{label: Go, agent: ml-trainer, prompt: P}]";

test("a workspace whose agents hand on to shipped ones passes", async (context) => {
  const root = workspace(context, {
    ".github/agents/x.agent.md": ["name: x", "description: d", handsOn],
    ".claude/agents/y.md": ["name: y", "description: d", "tools: Read, Grep", "color: blue"],
    "CHANGELOG.md": ["title: no agent"],
  });
  assert.deepEqual(await run(root, "check", "."), { code: 0, printed: "2 agent files, no problems." });
});

test("markdown beside the agents is no problem, however large and many", async (context) => {
  const root = workspace(context, { ".github/agents/x.agent.md": ["name: x", "description: d"] });
  writeFileSync(join(root, "CHANGELOG.md"), "x".repeat(600_000));
  Array.from({ length: 201 }, (_, index) => writeFileSync(join(root, `${index}.md`), "no agent"));
  assert.deepEqual(await run(root, "check", "."), { code: 0, printed: "1 agent file, no problems." });
});

test("a problem is printed with its file, line and column as an editor counts them, and the exit code is 1", async (context) => {
  const root = workspace(context, {
    ".github/agents/x.agent.md": ["name: x", "description: d", handsOn.replace("trainer", "traner")],
    ".github/agents/y.agent.md": ["name: y", "description: d"],
  });
  const { code, printed } = await run(root, "check", ".");
  assert.equal(code, 1);
  assert.match(
    printed,
    /^\.github\/agents\/x\.agent\.md:4:31 warning: No agent is called `ml-traner`\. Did you mean `ml-trainer`\?/,
  );
  assert.match(printed, /\n2 agent files, 1 problem\.$/);
});

test("an agent with the name of a shipped one is remarked on, and the exit code stays 0", async (context) => {
  const root = workspace(context, {
    ".github/agents/ml-trainer.agent.md": ["name: ml-trainer", "description: d"],
    ".github/agents/eda.agent.md": ["name: x", "description: d"],
  });
  const { code, printed } = await run(root, "check", ".");
  assert.equal(code, 0);
  assert.match(
    printed,
    /^\.github\/agents\/ml-trainer\.agent\.md:2:\d+ remark: This agent takes the place of the shipped agent `ml-trainer`/m,
  );
  assert.match(printed, /\n2 agent files, no problems, 1 remark\.$/);
});

test("the JSON of a folder of agent files names files, problems and failures", async (context) => {
  const root = workspace(context, {
    "agents/x.md": ["name: [x]", "description: d"],
    "agents/y.md": ["name: y", "description: d"],
  });
  const { code, printed } = await run(root, "check", "agents", "--json");
  const report = JSON.parse(printed);
  assert.equal(code, 1);
  assert.deepEqual(Object.keys(report), ["files", "problems", "failures"]);
  assert.deepEqual(report.files, ["x.md", "y.md"]);
  assert.deepEqual(
    report.problems.map(({ code: problem, path }: { code: string; path: string }) => [problem, path]),
    [["missing-name", "x.md"]],
  );
  assert.deepEqual(report.failures, []);
});

test("one file is checked beside those it hands on to, and only its own problems are told", async (context) => {
  const root = workspace(context, {
    ".github/agents/x.agent.md": ["name: x", "description: d", "handoffs: [{label: Go, agent: y, prompt: P}]"],
    ".claude/agents/y.md": ["name: y", "description: d", "tools: Raed"],
    "drafts/notes.md": ["name: z", "description: d", "handofs: []"],
  });
  assert.deepEqual(await run(root, "check", ".github/agents/x.agent.md"), {
    code: 0,
    printed: "1 agent file, no problems.",
  });
  const claude = await run(root, "check", ".claude/agents/y.md");
  assert.equal(claude.code, 1);
  assert.match(claude.printed, /^y\.md:4:8 warning: No tool is called `Raed`\. Did you mean `Read`\?/);
  const draft = JSON.parse((await run(root, "check", "drafts/notes.md", "--json")).printed);
  assert.deepEqual(
    draft.problems.map(({ code, path }: { code: string; path: string }) => [code, path]),
    [["unknown-key", "notes.md"]],
  );
});

test("problems are printed as a person reads the files, those of folders below Claude Code's too", async (context) => {
  const root = workspace(context, {
    ".claude/agents/team/deep.md": ["name: deep", "description: d", "tools: Raed, Agent(x)", "color: bleu"],
    ".github/agents/x.agent.md": ["name: x", "agents: [deap]", "tools: [agnet, serch]"],
  });
  const places = async (...argv: string[]) =>
    (await run(root, "check", ...argv)).printed.split("\n").flatMap((line) => /^(\S+?:\d+:\d+) /.exec(line)?.[1] ?? []);
  const deep = ["4:8", "5:8"];
  assert.deepEqual(await places("."), [
    ...deep.map((place) => `.claude/agents/team/deep.md:${place}`),
    ...["1:1", "3:10", "3:10", "4:9", "4:16"].map((place) => `.github/agents/x.agent.md:${place}`),
  ]);
  assert.deepEqual(
    await places(".claude/agents/team/deep.md"),
    deep.map((place) => `deep.md:${place}`),
  );
  assert.deepEqual(
    await places(".claude/agents/team"),
    deep.map((place) => `deep.md:${place}`),
  );
});

test("a file that is no markdown, and one that cannot be read, are told", async (context) => {
  const root = workspace(context, { "train.py": [], "x.agent.md": [] });
  writeFileSync(join(root, "x.agent.md"), Buffer.from("---\nname: x\n---\n", "utf16le"));
  await assert.rejects(run(root, "check", "train.py"), /is no agent file\. Name a workspace, a folder of agent files/);
  const { code, printed } = await run(root, "check", "x.agent.md");
  assert.equal(code, 1);
  assert.match(printed, /x\.agent\.md cannot be read: it has null bytes.*\n0 agent files, 1 problem\.$/);
});

test("a call without a folder, a folder that is none, and one without agents are refused", async (context) => {
  const root = workspace(context, { "CHANGELOG.md": ["title: no agent"] });
  await assert.rejects(run(root), UsageError);
  await assert.rejects(run(root, "check"), UsageError);
  await assert.rejects(
    run(root, "check", "absent"),
    (error) => error instanceof UserError && /absent/.test(error.message),
  );
  await assert.rejects(run(root, "check", "."), /There are no agent files in .*\.github\/agents/);
});
