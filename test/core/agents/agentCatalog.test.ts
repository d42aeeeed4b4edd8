import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AgentFile,
  type CatalogedAgent,
  collectAgents,
  findAgent,
  takenNames,
} from "../../../src/core/agents/agentCatalog.ts";
import { complainAboutName } from "../../../src/core/agents/agentName.ts";
import { renderAgentTemplate } from "../../../src/core/agents/agentTemplate.ts";
import { buildHandoffGraph } from "../../../src/core/agents/handoffGraph.ts";
import { resolveHandoffTarget } from "../../../src/core/chat/handoffTarget.ts";

function file(path: string, origin: AgentFile["origin"], ...frontMatter: string[]): AgentFile {
  return { path, origin, text: ["---", ...frontMatter, "---", `From ${path}.`].join("\n") };
}

const trusted = { isWorkspaceTrusted: true };
const shipped = file(
  "a/ml-trainer.agent.md",
  "shipped",
  "name: ml-trainer",
  "description: Trains.",
  "tools: [one]",
  "mcp: [git]",
  "argument-hint: what to train",
  "boundaries:",
  "  never: [Overwrite a checkpoint.]",
  "handoffs:",
  "  - {label: Go, agent: other, prompt: P}",
);
const other = file("a/other.agent.md", "shipped", "name: other", "description: Else.");

test("a workspace agent replaces the shipped one of its name", () => {
  const own = file("w/ml-trainer.agent.md", "workspace", "name: ml-trainer", "description: Ours.");
  const catalog = collectAgents([own, shipped, other], trusted);
  assert.deepEqual(
    catalog.agents.map(({ definition, origin }) => [definition.name, definition.description, origin]),
    [
      ["ml-trainer", "Ours.", "workspace"],
      ["other", "Else.", "shipped"],
    ],
  );
  assert.deepEqual(catalog.problems, []);
});

function rulesOf(agent: CatalogedAgent | undefined) {
  return agent?.definition.boundaries.map(({ kind, rule }) => `${kind}: ${rule}`);
}

test("a workspace agent that extends keeps what it does not say", () => {
  const own = file(
    "w/ml-trainer.agent.md",
    "workspace",
    "name: ml-trainer",
    "description: Ours.",
    "extends: ml-trainer",
    "mcp: [filesystem]",
    "boundaries:",
    "  ask-first: [Train for more than a day.]",
    "handoffs:",
    "  - {label: New, agent: other, prompt: P}",
  );
  const agent = findAgent(collectAgents([shipped, other, own], trusted), "ml-trainer");
  assert.deepEqual(agent?.definition.tools, ["one"]);
  assert.deepEqual(
    agent?.definition.handoffs.map((handoff) => handoff.label),
    ["Go", "New"],
  );
  assert.equal(agent?.definition.body, "From a/ml-trainer.agent.md.\n\nFrom w/ml-trainer.agent.md.");
  assert.deepEqual(rulesOf(agent), ["never: Overwrite a checkpoint.", "ask-first: Train for more than a day."]);
  assert.deepEqual(agent?.definition.extra, {
    mcp: ["git", "filesystem"],
    "argument-hint": "what to train",
    extends: "ml-trainer",
  });
});

test("workspace agents are withheld until the workspace is trusted", () => {
  const own = file("w/ml-trainer.agent.md", "workspace", "name: ml-trainer", "description: Ours.");
  const catalog = collectAgents([shipped, other, own], { isWorkspaceTrusted: false });
  assert.equal(findAgent(catalog, "ml-trainer")?.origin, "shipped");
  assert.deepEqual(catalog.withheld, ["w/ml-trainer.agent.md"]);
});

test("of two workspace agents with one name the first path counts and the other is told", () => {
  const first = file("w/.github/agents/a.agent.md", "workspace", "name: x", "description: First.");
  const second = file("w/.github/agents/b.agent.md", "workspace", "name: x", "description: Second.");
  const claude = file("w/.claude/agents/a-claude.md", "workspace", "name: x", "description: Third.");
  const catalog = collectAgents([second, claude, first], trusted);
  assert.equal(findAgent(catalog, "x")?.definition.description, "First.");
  assert.deepEqual(
    catalog.problems.map(({ code, path, range }) => [code, path, range.start.line, range.start.column]),
    [
      ["duplicate-agent", "w/.github/agents/b.agent.md", 1, 6],
      ["duplicate-agent", "w/.claude/agents/a-claude.md", 1, 6],
    ],
  );
});

test("the file of Claude Code for the same agent is no second one", () => {
  const ours = file("w/.github/agents/x.agent.md", "workspace", "name: x", "description: Ours.");
  const claude = file("w/.claude/agents/x.md", "workspace", "name: x", "description: For Claude Code.");
  const catalog = collectAgents([claude, ours], trusted);
  assert.deepEqual([findAgent(catalog, "x")?.definition.description, catalog.problems], ["Ours.", []]);
});

test("a file of Claude Code that replaces a shipped agent keeps what that format cannot say", () => {
  const claude = file(
    "w/.claude/agents/ml-trainer.md",
    "workspace",
    "name: ml-trainer",
    "description: Ours.",
    "tools: Read, Bash",
    "color: red",
  );
  const agent = findAgent(collectAgents([shipped, other, claude], trusted), "ml-trainer");
  const { description, tools, handoffs, extra } = agent?.definition ?? {};
  assert.deepEqual([description, tools, handoffs?.map(({ label }) => label)], ["Ours.", ["one"], ["Go"]]);
  assert.deepEqual(rulesOf(agent), ["never: Overwrite a checkpoint."]);
  assert.deepEqual(extra, { mcp: ["git"], "argument-hint": "what to train", color: "red" });
});

function problemsOfExtending(name: string, base: string) {
  const own = file("w/z.md", "workspace", `name: ${name}`, "description: d", `extends: ${base}`);
  return collectAgents([shipped, other, own], trusted).problems.filter(({ path }) => path === "w/z.md");
}

test("`extends` that adds to nobody is told, with what was meant", () => {
  const messages = (name: string, base: string) => problemsOfExtending(name, base).map(({ message }) => message);
  assert.deepEqual(messages("ml-trainer", "ml-trainer"), []);
  assert.deepEqual(messages("mine", "nobody"), [
    "No shipped agent is called `nobody`, so this file adds to none. Remove `extends`.",
  ]);
  assert.deepEqual(messages("mine", "mine"), [
    "No shipped agent is called `mine`, so this file adds to none. Remove `extends`.",
  ]);
  assert.deepEqual(messages("mine", "ml-trainer"), [
    "`extends` adds to the agent of the same name, and this one is called `mine`. Write `name: ml-trainer`, or remove `extends`.",
  ]);
  const [misspelled] = problemsOfExtending("ml-trainer", "ml-traner");
  assert.deepEqual([misspelled?.fix?.text, misspelled?.range.start.line], ["ml-trainer", 3]);
});

test("an unknown handoff target is told at its place, with what was probably meant and who exists", () => {
  const own = file(
    "w/x.md",
    "workspace",
    "name: x",
    "description: d",
    "handoffs:",
    "  - {label: Go, agent: ml-traner, prompt: P}",
  );
  const [problem] = collectAgents([shipped, other, own], trusted).problems;
  assert.deepEqual(problem, {
    code: "unknown-handoff-target",
    severity: "warning",
    message:
      'No agent is called `ml-traner`. Did you mean `ml-trainer`? The button "Go" will offer who can take over, or to create ' +
      "`.github/agents/ml-traner.agent.md`.",
    range: { start: { line: 4, column: 23 }, end: { line: 4, column: 32 } },
    path: "w/x.md",
    fix: {
      title: "Change to `ml-trainer`",
      range: { start: { line: 4, column: 23 }, end: { line: 4, column: 32 } },
      text: "ml-trainer",
    },
  });
});

test("the agents that VS Code brings are targets, however they are written", () => {
  const own = file(
    "w/x.md",
    "workspace",
    "name: x",
    "description: d",
    "handoffs:",
    ...["agent", "Ask", "edit", "plan", "Plan"].map((agent) => `  - {label: Go ${agent}, agent: ${agent}, prompt: P}`),
  );
  const catalog = collectAgents([own, other], trusted);
  assert.deepEqual(catalog.problems, []);
  assert.deepEqual(
    ["Agent", "plan", "other", "nobody"].map((name) => {
      const target = resolveHandoffTarget(name, ["ml-trainer"], catalog);
      return [target.kind, target.name];
    }),
    [
      ["custom-agent", "agent"],
      ["custom-agent", "Plan"],
      ["custom-agent", "other"],
      ["missing", "nobody"],
    ],
  );
  const graph = buildHandoffGraph(catalog, []);
  assert.deepEqual(
    graph.nodes.map(({ name, kind }) => [name, kind]),
    [
      ["other", "custom-agent"],
      ["x", "custom-agent"],
      ["agent", "built-in"],
      ["ask", "built-in"],
      ["edit", "built-in"],
      ["Plan", "built-in"],
    ],
  );
  const plan = file("w/plan.agent.md", "workspace", "name: plan", "description: Ours.");
  assert.deepEqual(resolveHandoffTarget("plan", [], collectAgents([plan], trusted)), {
    kind: "custom-agent",
    name: "plan",
  });
});

test("an agent of VS Code without a name is called after its file, and that is no mistake", () => {
  const own = file("w/.github/agents/bias-auditor.agent.md", "workspace", "description: Looks for bias.");
  const catalog = collectAgents([own], trusted);
  assert.equal(findAgent(catalog, "bias-auditor")?.definition.description, "Looks for bias.");
  assert.deepEqual(
    catalog.problems.map(({ severity }) => severity),
    ["information"],
  );
});

test("a target that resembles nobody is told with some who exist, and where the others are", () => {
  const many = Array.from({ length: 7 }, (_, index) =>
    file(`w/${index}.md`, "workspace", `name: agent-${index}`, "description: d"),
  );
  const own = file(
    "w/x.md",
    "workspace",
    "name: x",
    "description: d",
    "handoffs:",
    "  - {label: Go, agent: quartermaster, prompt: P}",
  );
  const messages = collectAgents([...many, own], trusted).problems.map(({ message }) => message);
  assert.match(messages.join(), /exist: `agent-0`.*`agent-5` and 1 more \(Trainyard: Show Agents\)\.$/);
});

test("an agent made from the template is free of problems and hands back", () => {
  const text = renderAgentTemplate({ name: "eval-agent", task: 'Say "how good"\nit is: now', from: "ml-trainer" });
  const catalog = collectAgents(
    [shipped, other, { path: "w/eval-agent.agent.md", origin: "workspace", text }],
    trusted,
  );
  assert.deepEqual(catalog.problems, []);
  assert.deepEqual(
    findAgent(catalog, "eval-agent")?.definition.handoffs.map((handoff) => handoff.agent),
    ["ml-trainer"],
  );
});

test("a new agent gets no name that an agent or a file has, in whatever letters", () => {
  const own = file("w/.github/agents/Bias-Auditor.agent.md", "workspace", "name: auditor", "description: Audits.");
  const broken: AgentFile = { path: "w/.github/agents/broken.agent.md", origin: "workspace", text: "" };
  const taken = takenNames(collectAgents([shipped, own, broken], trusted));
  const cases: [name: string, complaint: RegExp | undefined][] = [
    ["", undefined],
    ["bias-checker", undefined],
    ["auditor", /^There is an agent called auditor\. Choose another name\.$/],
    ["bias-auditor", /^There is an agent called Bias-Auditor, and capital letters tell no two files apart/],
    ["ML-Trainer", /called ml-trainer, and capital letters/],
    ["Broken", /called broken/],
    ["plan", /^VS Code itself has an agent called Plan\./],
    ["a b", /^Use letters, digits and dashes/],
  ];
  for (const [name, complaint] of cases) {
    const said = complainAboutName(name, taken);
    assert.equal(said === undefined, complaint === undefined, name);
    assert.match(said ?? "", complaint ?? /^$/);
  }
});

test("names that differ in capital letters only are told on the later file", () => {
  const own = file("w/ML-Trainer.agent.md", "workspace", "name: ML-Trainer", "description: Ours.");
  const helper = file("w/a.agent.md", "workspace", "name: helper", "description: H.");
  const twin = file("w/b.agent.md", "workspace", "name: Helper", "description: H.");
  const same = file("w/c.agent.md", "workspace", "name: other", "description: Replaces.");
  const { problems, agents } = collectAgents([shipped, other, own, helper, twin, same], trusted);
  assert.deepEqual(
    problems.map(({ code, path, range }) => `${code} ${path}:${range.start.line + 1}:${range.start.column}`),
    ["look-alike-name w/ML-Trainer.agent.md:2:6", "look-alike-name w/b.agent.md:2:6"],
  );
  assert.match(problems[0]?.message ?? "", /`ML-Trainer` and `ml-trainer` \(a shipped agent\) differ only in capital/);
  assert.equal(agents.length, 5);
});

/** What is said about one workspace file beside the shipped agents: severity, code, place, and what is to be written. */
function problemsOfOwn(path: string, ...frontMatter: string[]): string[] {
  const own = file(path, "workspace", "name: own", "description: d", ...frontMatter);
  return collectAgents([shipped, own], trusted)
    .problems.filter((problem) => problem.path === path)
    .map(({ severity, code, range: { start, end }, fix }) =>
      [severity, code, `${start.line + 1}:${start.column}-${end.column}`, fix?.text ?? ""].join(" ").trim(),
    );
}

const NATIVE = ".github/agents/own.agent.md";
const CLAUDE = ".claude/agents/team/own.md";

test("agents that a file wants to start have to be there", () => {
  assert.deepEqual(problemsOfOwn(NATIVE, "agents: ['*', ml-trainer, own, Plan, Explore]"), []);
  assert.deepEqual(problemsOfOwn(NATIVE, "tools: [read, agent]", "agents: [ml-traner, ghost]"), [
    "warning unknown-subagent 5:9-18 ml-trainer",
    "warning unknown-subagent 5:20-25",
  ]);
  assert.deepEqual(problemsOfOwn(NATIVE, "tools: [read]", "agents: [ml-trainer]"), ["warning useless-agents 5:9-19"]);
  assert.deepEqual(
    problemsOfOwn(CLAUDE, "tools: Read, Agent(ml-trainer, general-purpose, my-plugin:helper), Bash(git:*)"),
    [],
  );
  assert.deepEqual(
    problemsOfOwn(CLAUDE, "tools: Read, Agent(own, ml-traner), Task(ghost)", "disallowedTools: Agent(Explor)"),
    [
      "warning unknown-subagent 4:24-33 ml-trainer",
      "warning unknown-subagent 4:41-46",
      "warning unknown-subagent 5:23-29",
    ],
  );
  assert.deepEqual(problemsOfOwn(CLAUDE, "tools:", '  - "Agent(ghost)"'), ["warning unknown-subagent 5:4-18"]);
});
