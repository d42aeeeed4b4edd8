import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentFile, collectAgents, findAgent } from "../../../src/core/agents/agentCatalog.ts";
import { renderAgentTemplate } from "../../../src/core/agents/agentTemplate.ts";

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

test("a workspace agent that extends keeps what it does not say", () => {
  const own = file(
    "w/ml-trainer.agent.md",
    "workspace",
    "name: ml-trainer",
    "description: Ours.",
    "extends: ml-trainer",
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
});

test("workspace agents are withheld until the workspace is trusted", () => {
  const own = file("w/ml-trainer.agent.md", "workspace", "name: ml-trainer", "description: Ours.");
  const catalog = collectAgents([shipped, other, own], { isWorkspaceTrusted: false });
  assert.equal(findAgent(catalog, "ml-trainer")?.origin, "shipped");
  assert.deepEqual(catalog.withheld, ["w/ml-trainer.agent.md"]);
});

test("of two workspace agents with one name the first path counts and the other is told", () => {
  const first = file("w/.claude/agents/x.md", "workspace", "name: x", "description: First.");
  const second = file("w/.github/agents/y.agent.md", "workspace", "name: x", "description: Second.");
  const catalog = collectAgents([second, first], trusted);
  assert.equal(findAgent(catalog, "x")?.definition.description, "First.");
  assert.deepEqual(
    catalog.problems.map(({ code, path, range }) => [code, path, range.start.line, range.start.column]),
    [["duplicate-agent", "w/.github/agents/y.agent.md", 1, 6]],
  );
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
      "`.github/agents/ml-traner.agent.md`. Agents that exist: `ml-trainer`, `other`.",
    range: { start: { line: 4, column: 23 }, end: { line: 4, column: 32 } },
    path: "w/x.md",
  });
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

function loopsAmong(...handoffs: string[]): string[] {
  const files = handoffs.map((written) => {
    const [from, agent, send] = written.split(" ");
    const handoff = `handoffs: [{label: Go, agent: ${agent}, prompt: P, send: ${send === "sends"}}]`;
    return file(`w/${from}.md`, "workspace", `name: ${from}`, "description: d", handoff);
  });
  return collectAgents(files, trusted).problems.map(
    ({ code, path, range, message }) =>
      `${code} ${path}:${range.start.line} ${/itself: (.*)\. Write/.exec(message)?.[1]}`,
  );
}

test("a loop of handoffs that all send by themselves is told in each of its files", () => {
  assert.deepEqual(loopsAmong("a b sends", "b c sends", "c a sends"), [
    "automatic-loop w/a.md:3 a → b → c → a",
    "automatic-loop w/b.md:3 b → c → a → b",
    "automatic-loop w/c.md:3 c → a → b → c",
  ]);
  assert.deepEqual(loopsAmong("a a sends"), ["automatic-loop w/a.md:3 a → a"]);
});

test("a loop in which one handoff waits for the person is none, nor is a chain that leads into a loop", () => {
  assert.deepEqual(loopsAmong("a b sends", "b a waits"), []);
  assert.deepEqual(loopsAmong("a b sends", "b b sends"), ["automatic-loop w/b.md:3 b → b"]);
});
