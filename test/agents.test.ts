import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type AgentFile, collectAgents, findAgent } from "../src/core/agents/agentCatalog.ts";
import { findSpokesman } from "../src/core/chat/specialists.ts";

const PARTICIPANTS = ["metaflow-agent", "ml-trainer", "mlops-engineer"];
const SPECIALISTS = ["data-prep", "devops-agent", "docs-agent", "eval-agent", "performance-agent", "test-agent"];
const WORKFLOW = [
  "data-engineer",
  "data-scientist",
  "kubernetes-architect",
  "ml-architect",
  "ml-engineer",
  "ml-explorer",
  "ml-reviewer",
  "ml-writer",
  "observability-engineer",
  "python-pro",
];
/** VS Code's own tool sets; an agent that only looks gets the first two. */
const BUILT_IN_TOOLS = ["read", "search", "edit", "execute"];

const { contributes, publisher, name: extension } = JSON.parse(readText("package.json"));
const fileNames = readdirSync(new URL("../agents/", import.meta.url)).toSorted();
const files = fileNames.map((name): AgentFile => {
  return { path: `agents/${name}`, origin: "shipped", text: readText(`agents/${name}`) };
});
const catalog = collectAgents(files, { isWorkspaceTrusted: false });
const definitions = catalog.agents.map(({ definition }) => definition);

function readText(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

function handoffsOf(name: string): string[][] {
  const handoffs = findAgent(catalog, name)?.definition.handoffs ?? [];
  return handoffs.map(({ label, agent, prompt, send }) => [label, agent, prompt, ...(send ? ["sends"] : [])]);
}

function checkFirstHandoffs(name: string, expected: readonly (readonly string[])[]): void {
  assert.deepEqual(handoffsOf(name).slice(0, expected.length), expected);
}

test("nineteen agents are shipped, and none of them has a problem or a missing colleague", () => {
  assert.deepEqual(catalog.problems, []);
  assert.deepEqual(
    definitions.map(({ name }) => name).toSorted(),
    [...PARTICIPANTS, ...SPECIALISTS, ...WORKFLOW].toSorted(),
  );
});

test("every agent is called as its file and contributed once", () => {
  assert.deepEqual(
    definitions.map(({ name }) => `${name}.agent.md`),
    fileNames,
  );
  assert.deepEqual(
    contributes.chatAgents.map(({ path }: { path: string }) => path).toSorted(),
    fileNames.map((name) => `./agents/${name}`),
  );
});

test("metaflow-agent hands on with the promised labels and prompts", () => {
  checkFirstHandoffs("metaflow-agent", [
    ["Train Model", "ml-trainer", "Please implement or optimize the model training logic for this workflow step."],
    ["Prepare Data", "data-prep", "Please improve the data preprocessing pipeline for this workflow."],
    ["Deploy Workflow", "devops-agent", "Please configure the deployment and scheduling for this Metaflow pipeline."],
    ["Test Pipeline", "test-agent", "Please write tests for the workflow steps and end-to-end pipeline."],
    [
      "Document Workflow",
      "docs-agent",
      "Please document this Metaflow pipeline including setup, execution, and monitoring.",
    ],
  ]);
});

test("ml-trainer hands on with the promised labels and prompts", () => {
  checkFirstHandoffs("ml-trainer", [
    [
      "Evaluate Model",
      "eval-agent",
      "Please evaluate the trained model performance using appropriate metrics and benchmarks.",
    ],
    ["Improve Data", "data-prep", "Please review and improve the data preprocessing based on training results."],
    ["Optimize Training", "performance-agent", "Please analyze and optimize the training pipeline for performance."],
    ["Document Training", "docs-agent", "Please document the training process, hyperparameters, and results."],
  ]);
});

test("only the question how training goes is sent without a person", () => {
  const sent = definitions.flatMap(({ name, handoffs }) =>
    handoffs.filter(({ send }) => send).map(({ agent }) => `${name} → ${agent}`),
  );
  assert.deepEqual(sent, ["mlops-engineer → ml-trainer"]);
});

test("every agent can be reached by a handoff, and hands on itself", () => {
  const reached = new Set(definitions.flatMap(({ handoffs }) => handoffs.map(({ agent }) => agent)));
  assert.deepEqual(
    definitions.filter(({ name, handoffs }) => !reached.has(name) || handoffs.length === 0).map(({ name }) => name),
    [],
  );
});

test("every tool is one of VS Code's sets or a tool that this extension contributes", () => {
  const own = contributes.languageModelTools.map(
    ({ toolReferenceName }: { toolReferenceName: string }) => `${publisher}.${extension}/${toolReferenceName}`,
  );
  const known = new Set([...BUILT_IN_TOOLS, ...own]);
  for (const { name, tools = [] } of definitions) {
    assert.deepEqual(
      tools.filter((tool) => !known.has(tool)),
      [],
      name,
    );
    assert.equal(new Set(tools).size, tools.length, name);
    assert.ok(tools.length > 0, `${name} names none and would get every tool`);
  }
});

test("agents that explore, design or review cannot write or run anything", () => {
  for (const name of ["ml-explorer", "ml-architect", "ml-reviewer"]) {
    const tools = findAgent(catalog, name)?.definition.tools ?? [];
    assert.doesNotMatch(tools.join(" "), /\b(edit|execute)\b|Launch|Stop|Scaffold/, name);
  }
});

test("VS Code reads the same files: every handoff says `agent`, and no placeholder is left", () => {
  for (const { text, path } of files) {
    assert.doesNotMatch(text, /^\s*(?:- )?target:/m, path);
    assert.doesNotMatch(text, /\{\{|\$\{|TODO|<[a-z_]+>/, path);
    // A value on one line is what every reader of front matter understands alike.
    assert.doesNotMatch(text, /^\w+: [>|]/m, path);
    // The front matter is data; the brief below it is what has to be read.
    const brief = text.slice(text.indexOf("\n---\n", 4) + 5);
    assert.ok(brief.split("\n").length < 120, `${path} is 120 lines or longer`);
  }
});

test("every brief says what it decides, how it checks itself and what it returns", () => {
  for (const { name, body } of definitions) {
    for (const heading of ["What you decide", "Boundaries", "How you check yourself", "What you return"]) {
      assert.ok(body.includes(`\n## ${heading}\n`), `${name} lacks ${heading}`);
    }
  }
});

test("no sentence stands in two briefs", () => {
  const owners = new Map<string, string>();
  for (const { name, body } of definitions) {
    const sentences = body.replace(/\s+/g, " ").split(/(?<=[.:;?]) /);
    for (const sentence of sentences.filter(({ length }) => length > 40)) {
      const owner = owners.get(sentence);
      assert.ok(owner === undefined || owner === name, `${owner} and ${name}: ${sentence}`);
      owners.set(sentence, name);
    }
  }
});

test("every shipped custom agent has somebody who speaks for it without a model, by a command that exists", () => {
  const spokesmen = [...SPECIALISTS, ...WORKFLOW].map((name) => findSpokesman(name));
  const commands: string[] = contributes.chatParticipants.flatMap(
    ({ name, commands: own }: { name: string; commands: { name: string }[] }) =>
      own.map((command) => `@${name} /${command.name}`),
  );
  const spoken = spokesmen.flatMap((each) => (each?.command ? [`@${each.participant} /${each.command}`] : []));
  assert.deepEqual(
    spoken.filter((command) => !commands.includes(command)),
    [],
  );
  assert.ok(spokesmen.every((each) => each !== undefined && PARTICIPANTS.includes(each.participant)));
});

test("the agent that the documentation shows has no problem", () => {
  const [, text = ""] = /```text\n(---\n.*?)```/s.exec(readText("docs/agents.md")) ?? [];
  const shown: AgentFile = { path: ".github/agents/drift-watcher.agent.md", origin: "workspace", text };
  const { agents, problems } = collectAgents([...files, shown], { isWorkspaceTrusted: true });
  assert.deepEqual(problems, []);
  assert.equal(agents.at(-1)?.definition.triggers[0], "evidently in dependencies");
});
