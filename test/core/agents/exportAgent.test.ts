import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import type { AgentDefinition } from "../../../src/core/agents/agentDefinition.ts";
import { AGENT_TEMPLATES, renderAgentTemplate } from "../../../src/core/agents/agentTemplate.ts";
import { type ExportTarget, exportAgents } from "../../../src/core/agents/exportAgent.ts";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";
import { agentWords } from "../../../src/core/chat/agentWords.ts";
import { readAgents } from "../../../src/node/agents/readAgents.ts";

const trainer: AgentDefinition = {
  name: "ML Trainer",
  description: "Trains: all of it",
  models: ["claude-4-5-opus"],
  tools: ["read", "search", "github/list_issues", "trainyard.trainyard/trainyardStopRun"],
  handoffs: [{ label: "Evaluate", agent: "eval-agent", prompt: "Please evaluate.", send: false }],
  triggers: ["torch in dependencies"],
  boundaries: [{ kind: "never", rule: "Overwrite a checkpoint." }],
  extra: { mcp: ["git"], "argument-hint": "what to train", extends: "ml-trainer" },
  body: "Train with `{train_command}`.",
};

function exported(target: ExportTarget, agent: AgentDefinition = trainer) {
  const files = exportAgents([agent], target, { name: "My Agents" });
  return files.map(({ path, text, leftOut }) => ({ path, lines: text.split("\n"), leftOut }));
}

test("a custom agent of VS Code keeps everything", () => {
  const [file] = exported("github");
  assert.deepEqual(file, {
    path: "ml-trainer.agent.md",
    lines: [
      "---",
      "name: ML Trainer",
      'description: "Trains: all of it"',
      "tools:",
      "  - read",
      "  - search",
      "  - github/list_issues",
      "  - trainyard.trainyard/trainyardStopRun",
      "model: claude-4-5-opus",
      "handoffs:",
      "  - label: Evaluate",
      "    agent: eval-agent",
      "    prompt: Please evaluate.",
      "    send: false",
      "triggers:",
      "  - torch in dependencies",
      "boundaries:",
      "  never:",
      "    - Overwrite a checkpoint.",
      "mcp:",
      "  - git",
      "argument-hint: what to train",
      "---",
      "",
      "Train with `{train_command}`.",
      "",
    ],
    leftOut: [],
  });
});

test("an agent of Claude Code has its names for tools and models, and says who goes on in words", () => {
  const [file] = exported("claude");
  assert.deepEqual(file, {
    path: "ml-trainer.md",
    lines: [
      "---",
      "name: ml-trainer",
      'description: "Trains: all of it"',
      "tools: Read, Grep, Glob, mcp__github__list_issues",
      "model: opus",
      "---",
      "",
      "Train with `{train_command}`.",
      "",
      "## Who goes on",
      "",
      "When your part is done, name who should take over:",
      "",
      '- Evaluate: the agent `eval-agent`. "Please evaluate."',
      "",
    ],
    leftOut: [
      "the tools `trainyard.trainyard/trainyardStopRun`",
      "`triggers`",
      "`boundaries`, which only Trainyard checks",
      "the buttons of `handoffs`, which became a section of the instructions",
    ],
  });
});

test("an agent whose tools Claude Code does not have may read there and not do everything", () => {
  const [file] = exported("claude", { ...trainer, tools: ["trainyard.trainyard/trainyardStopRun"], models: [] });
  assert.deepEqual(file?.lines.slice(3, 5), ["tools: Read, Grep, Glob", "model: inherit"]);
});

test("a plugin has a manifest, and agents with the keys that VS Code knows", () => {
  const [manifest, agent] = exported("plugin");
  assert.deepEqual(JSON.parse(manifest?.lines.join("\n") ?? ""), {
    name: "my-agents",
    version: "0.1.0",
    description: "Agents: ML Trainer",
  });
  assert.equal(agent?.path, "agents/ml-trainer.agent.md");
  assert.deepEqual(
    agent?.lines.filter((line) => /^\S+:/.test(line)).map((line) => line.split(":")[0]),
    ["name", "description", "tools", "model", "handoffs", "argument-hint"],
  );
});

test("an agent of Claude Code becomes one of VS Code", () => {
  const { definition } = parseAgent(
    "---\nname: x\ndescription: d\ntools: Read, Bash(git:*), mcp__github__log\nmodel: opus\ncolor: red\n---\nHelp.",
  );
  assert.ok(definition);
  const [file] = exported("github", definition);
  assert.deepEqual(file?.lines.slice(1, 8), [
    "name: x",
    "description: d",
    "tools:",
    "  - read",
    "  - execute",
    "  - github/log",
    "---",
  ]);
});

test("every shipped agent can be exported to every place, without a problem in what is written", async () => {
  const folder = fileURLToPath(new URL("../../../agents", import.meta.url));
  const { files } = await readAgents([{ path: folder, origin: "shipped" }]);
  const { agents } = collectAgents(files, { isWorkspaceTrusted: true });
  const definitions = agents.map(({ definition }) => definition);
  const words = agentWords(
    definitions.flatMap(({ tools }) => tools),
    [],
  );
  for (const [target, place] of [
    ["github", ".github/agents/"],
    ["claude", ".claude/agents/"],
    ["plugin", ".github/agents/"],
  ] as const) {
    const written = exportAgents(definitions, target).filter(({ path }) => path.endsWith(".md"));
    const catalog = collectAgents(
      written.map(({ path, text }) => ({ path: `${place}${path}`, origin: "workspace", text })),
      { isWorkspaceTrusted: true, words },
    );
    assert.deepEqual([catalog.agents.length, catalog.problems], [definitions.length, []], target);
  }
});

test("every template makes an agent without a problem", () => {
  for (const template of AGENT_TEMPLATES) {
    const text = renderAgentTemplate({ name: "bias-auditor", task: 'Finds "bias"', template });
    const tools = template.tools.filter((tool) => tool.includes("/"));
    const { agents, problems } = collectAgents([{ path: "bias-auditor.agent.md", origin: "workspace", text }], {
      isWorkspaceTrusted: true,
      words: agentWords(tools, []),
    });
    assert.deepEqual([agents[0]?.definition.description, problems], ['Finds "bias"', []], template.title);
  }
});
