import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import type { AgentDefinition } from "../../../src/core/agents/agentDefinition.ts";
import { AGENT_TEMPLATES, renderAgentTemplate } from "../../../src/core/agents/agentTemplate.ts";
import { type ExportTarget, exportAgents, renderLeftOut } from "../../../src/core/agents/exportAgent.ts";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";
import { agentWords } from "../../../src/core/chat/agentWords.ts";
import { readAgents } from "../../../src/node/agents/readAgents.ts";

const hand = { label: "Evaluate", agent: "eval-agent", prompt: "Please evaluate.", send: false };

const trainer: AgentDefinition = {
  name: "ML Trainer",
  description: "Trains: all of it",
  models: ["claude-4-5-opus"],
  tools: ["read", "search", "github/list_issues", "trainyard.trainyard/trainyardStopRun"],
  handoffs: [hand],
  triggers: ["torch in dependencies"],
  boundaries: [{ kind: "never", rule: "Overwrite a checkpoint." }],
  extra: { mcp: ["git"], "argument-hint": "what to train", extends: "ml-trainer" },
  body: "Train with `{train_command}`.",
};

function exported(target: ExportTarget, agent: AgentDefinition = trainer) {
  const { files } = exportAgents([agent], target, { name: "My Agents" });
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
      "the tools `trainyard.trainyard/trainyardStopRun`, which Claude Code does not have",
      "`triggers`, which only Trainyard reads",
      "`boundaries`, which only Trainyard checks",
      "`mcp`, which Claude Code does not read",
      "`argument-hint`, which Claude Code does not read",
      "the buttons of `handoffs`, which became a section of the instructions",
    ],
  });
});

function refusal(tools: readonly string[]): string {
  const { files, refused } = exportAgents([{ ...trainer, tools }], "claude");
  assert.deepEqual([files.length, refused.length], [0, 1]);
  return refused[0] ?? "";
}

test("an agent that would have no tools in Claude Code is not exported, since it would have all", () => {
  assert.match(refusal([]), /^The agent `ML Trainer` was not exported\. It may use no tool, /);
  assert.match(refusal(["trainyard.trainyard/trainyardStopRun"]), /Claude Code has none of its tools, /);
  const all = exportAgents(
    [
      { ...trainer, tools: undefined },
      { ...trainer, tools: [] },
    ],
    "claude",
  );
  assert.deepEqual([all.files.length, all.refused.length], [1, 1]);
  assert.doesNotMatch(all.files[0]?.text ?? "", /^tools:/m);
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

function checkNative(frontMatter: readonly string[], tools: string | undefined, leftOut: readonly string[] = []): void {
  const text = ["---", "name: x", "description: d", ...frontMatter, "---", "Help."].join("\n");
  const { definition } = parseAgent(text);
  assert.ok(definition);
  const [file] = exportAgents([definition], "github").files;
  const written = parseAgent(file?.text ?? "").definition;
  assert.equal(written?.tools?.join(", "), tools, frontMatter.join());
  assert.deepEqual(file?.leftOut, leftOut, frontMatter.join());
}

test("an agent of Claude Code becomes one of VS Code", () => {
  checkNative(["model: opus", "color: red"], undefined, [
    "`model: opus`, a name that only Claude Code has for a model",
    "`color`, which only Claude Code reads",
  ]);
  checkNative(["tools: Read, Bash, MultiEdit, mcp__github__log"], "read, execute, edit, github/log");
  checkNative(["tools: Read, search/codebase, github/*"], "read, search/codebase, github/*");
});

const ofClaude = (tool: string) => `the tool \`${tool}\`, which only Claude Code has`;

test("an agent of Claude Code has no more rights in VS Code, and what cannot be said there is told", () => {
  checkNative(["tools: Skill, NotebookEdit"], "", [ofClaude("Skill"), ofClaude("NotebookEdit")]);
  checkNative(["tools: []"], "");
  checkNative(["tools:"], undefined);
  checkNative(["tools: [Bash(git status)]"], "", [
    "the tool `Bash(git status)`, whose limits VS Code cannot say, so that it is not allowed there",
  ]);
  checkNative(["tools: Read, Bash(git status)"], "read", [
    "the tool `Bash(git status)`, whose limits VS Code cannot say, so that it is not allowed there",
  ]);
  const shorter = "`disallowedTools`, in whose place `tools` is shorter";
  checkNative(["disallowedTools: Bash, Write(/etc/*)"], "read, search, web, todo, agent", [shorter]);
  checkNative(["tools: Read, Write, mcp__a", "disallowedTools: [Edit, mcp__a__drop]"], "read", [shorter]);
  checkNative(["tools: edit/createFile", "disallowedTools: Edit, Read, Grep"], "", [shorter]);
  checkNative(["permissionMode: plan"], "read, search, todo", ["`permissionMode`, which only Claude Code reads"]);
  checkNative(["permissionMode: acceptEdits"], undefined, ["`permissionMode`, which only Claude Code reads"]);
});

test("a single tool of VS Code does not become the right to edit or run everything", () => {
  const agent = { ...trainer, tools: ["read/readFile", "execute/runTests", "edit/createFile"] };
  const [file] = exportAgents([agent], "claude").files;
  assert.match(file?.text ?? "", /^tools: Read$/m);
  assert.equal(file?.leftOut[0], "the tools `execute/runTests`, `edit/createFile`, which Claude Code does not have");
});

test("keys that the other format does not read are told, and those that it reads stay", () => {
  const extra = { mcp: ["git"], hooks: { Stop: [] }, disallowedTools: "Bash", agents: ["a"], weird: 1 };
  const agent = { ...trainer, triggers: [], boundaries: [], handoffs: [], tools: undefined, extra };
  const [claude] = exportAgents([agent], "claude").files;
  assert.deepEqual(
    claude?.leftOut,
    ["mcp", "agents", "weird"].map((key) => `\`${key}\`, which Claude Code does not read`),
  );
  assert.deepEqual(parseAgent(claude?.text ?? "").definition?.extra, { hooks: { Stop: [] }, disallowedTools: "Bash" });
  const [, plugin] = exportAgents([{ ...agent, extra: { mcp: ["git"], weird: 1, hooks: {} } }], "plugin").files;
  assert.deepEqual(
    plugin?.leftOut,
    ["mcp", "weird"].map((key) => `\`${key}\`, which VS Code does not read`),
  );
});

const leaving = (path: string, ...leftOut: string[]) => ({ path, text: "", leftOut });

test("what was left out is told file by file with its reason, behind what was refused", () => {
  assert.equal(renderLeftOut([leaving("a.md")], []), "");
  const model = "`model: opus`, a name that only Claude Code has for a model";
  assert.equal(
    renderLeftOut([leaving("a.md", model, "`color`, which …"), leaving("b.md"), leaving("c.md", model)], ["No tool."]),
    `- No tool.\n- **a.md** has no place for ${model}; \`color\`, which ….\n- **c.md** has no place for ${model}.`,
  );
});

test("keys of a handoff that mean nothing here are kept", () => {
  const handoffs = ["handoffs:", "  - {label: L, agent: o, prompt: P, model: GPT-5, send: false}"];
  const { definition } = parseAgent(["---", "name: x", "description: d", ...handoffs, "---", "Help."].join("\n"));
  const [file] = definition === undefined ? [] : exportAgents([definition], "github").files;
  assert.match(file?.text ?? "", /^ {4}model: GPT-5$/m);
});

test("agents whose names make one file name get files of their own", () => {
  const named = (name: string): AgentDefinition => ({ ...trainer, name, handoffs: [] });
  const agents = ["Foo Bar", "foo-bar", "агент", "代理"].map(named);
  const paths = (target: ExportTarget) => exportAgents(agents, target).files.map(({ path }) => path);
  assert.deepEqual(
    paths("github"),
    ["foo-bar", "foo-bar-2", "agent", "agent-2"].map((stem) => `${stem}.agent.md`),
  );
  const claude = exportAgents([...agents, { ...trainer, handoffs: [{ ...hand, agent: "代理" }] }], "claude").files;
  assert.deepEqual(claude.map(({ text }) => /^name: (.*)$/m.exec(text)?.[1]).slice(0, 4), [
    "foo-bar",
    "foo-bar-2",
    "agent",
    "agent-2",
  ]);
  assert.match(claude[4]?.text ?? "", /the agent `agent-2`/);
});

test("every shipped agent can be exported to every place, without a problem in what is written", async () => {
  const folder = fileURLToPath(new URL("../../../agents", import.meta.url));
  const { files } = await readAgents([{ path: folder, origin: "shipped" }]);
  const { agents } = collectAgents(files, { isWorkspaceTrusted: true });
  const definitions = agents.map(({ definition }) => definition);
  const words = agentWords(
    definitions.flatMap(({ tools }) => tools ?? []),
    [],
  );
  for (const [target, place] of [
    ["github", ".github/agents/"],
    ["claude", ".claude/agents/"],
    ["plugin", ".github/agents/"],
  ] as const) {
    const written = exportAgents(definitions, target).files.filter(({ path }) => path.endsWith(".md"));
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

test("a tool that is called like a part of every object is none of the sets", () => {
  const [file] = exported("claude", { ...trainer, tools: ["constructor", "toString/valueOf"] });
  assert.ok(file?.lines.includes("tools: mcp__toString__valueOf"), file?.lines.join("\n"));
});
