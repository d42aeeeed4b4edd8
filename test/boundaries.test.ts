import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Boundary } from "../src/core/agents/boundaries.ts";
import { BOUNDARY_CHECKS } from "../src/core/agents/boundaryChecks.ts";
import { parseAgent } from "../src/core/agents/parseAgent.ts";

const PARTICIPANTS = ["metaflow-agent", "ml-trainer", "mlops-engineer"];
const TITLES = { always: "Always", "ask-first": "Ask first", never: "Never" };

function readText(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

function boundariesOf(name: string): readonly Boundary[] {
  const { definition, problems } = parseAgent(readText(`agents/${name}.agent.md`));
  assert.deepEqual(problems, []);
  return definition?.boundaries ?? [];
}

/** A formatter aligns the columns of a table. */
function withoutPadding(text: string): string {
  return text
    .replaceAll(/ +/g, " ")
    .replaceAll(/-{3,}/g, "---")
    .replaceAll(/\| ?--- ?(?=\|)/g, "|---");
}

function rowOf({ kind, rule, check }: Boundary): string {
  if (check === undefined) {
    return `| ${TITLES[kind]} | ${rule} | prompt | |`;
  }
  const { holder, how } = BOUNDARY_CHECKS[check];
  return `| ${TITLES[kind]} | ${rule} | ${holder} | ${how} (\`${check}\`) |`;
}

test("the table in the docs is that of the agent files and the checks", () => {
  const tables = PARTICIPANTS.map((name) =>
    [`## ${name}`, "", "| kind | rule | held by | how |", "|---|---|---|---|", ...boundariesOf(name).map(rowOf)].join(
      "\n",
    ),
  );
  const shown = withoutPadding(readText("docs/boundaries.md"));
  for (const table of tables) {
    assert.ok(shown.includes(`${withoutPadding(table)}\n`), `docs/boundaries.md needs this table:\n\n${table}\n`);
  }
});

test("every check is named by a rule, and every rule that is never broken but by the prompt is counted in the docs", () => {
  const all = PARTICIPANTS.flatMap(boundariesOf);
  const used = new Set<string | undefined>(all.map(({ check }) => check));
  assert.deepEqual(
    Object.keys(BOUNDARY_CHECKS).filter((name) => !used.has(name)),
    [],
  );
  const held = all.filter(({ check }) => check !== undefined).length;
  assert.ok(readText("docs/boundaries.md").includes(`${held} of ${all.length} rules`), `${held} of ${all.length}`);
});
