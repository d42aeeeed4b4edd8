import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type AgentFile, collectAgents, findAgent } from "../../../src/core/agents/agentCatalog.ts";

const NAMES = ["metaflow-agent", "ml-trainer", "mlops-engineer"];
const files = NAMES.map((name): AgentFile => {
  const path = `agents/${name}.agent.md`;
  return { path, origin: "shipped", text: readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8") };
});
const catalog = collectAgents(files, { isWorkspaceTrusted: false });

function handoffsOf(name: string): string[] {
  const handoffs = findAgent(catalog, name)?.definition.handoffs ?? [];
  return handoffs.map(({ label, agent, send }) => `${label} → ${agent}${send ? " (sends)" : ""}`);
}

test("the shipped agents have no problems but their optional colleagues", () => {
  assert.deepEqual(
    catalog.agents.map((agent) => agent.definition.name),
    NAMES,
  );
  assert.deepEqual(
    [...new Set(catalog.problems.map((problem) => `${problem.severity} ${problem.code}`))],
    ["information unknown-handoff-target"],
  );
});

test("the handoffs are those that were promised, and one of them sends by itself", () => {
  assert.deepEqual(handoffsOf("metaflow-agent"), [
    "Train Model → ml-trainer",
    "Prepare Data → data-prep",
    "Deploy Workflow → devops-agent",
    "Test Pipeline → test-agent",
    "Document Workflow → docs-agent",
    "Operate Workflow → mlops-engineer",
  ]);
  assert.deepEqual(handoffsOf("ml-trainer"), [
    "Evaluate Model → eval-agent",
    "Improve Data → data-prep",
    "Optimize Training → performance-agent",
    "Document Training → docs-agent",
    "Deploy Model → mlops-engineer",
    "Build Workflow → metaflow-agent",
  ]);
  assert.deepEqual(handoffsOf("mlops-engineer"), [
    "Check Training → ml-trainer (sends)",
    "Build Workflow → metaflow-agent",
  ]);
});

test("VS Code reads the same files: every handoff says `agent`, and no placeholder is left", () => {
  for (const { text, path } of files) {
    assert.doesNotMatch(text, /^\s*(?:- )?target:/m, path);
    assert.doesNotMatch(text, /\{\{|\$\{|TODO|<[a-z_]+>/, path);
    assert.ok(text.split("\n").length <= 120, `${path} is 120 lines or longer`);
  }
});
