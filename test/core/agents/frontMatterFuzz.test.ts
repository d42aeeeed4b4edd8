import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";
import { seededRandom } from "../../support/seededRandom.ts";

const SEEDS = ["metaflow-agent", "ml-trainer", "mlops-engineer"].map((name) =>
  readFileSync(new URL(`../../../agents/${name}.agent.md`, import.meta.url), "utf8"),
);
const YAML_SNIPPETS =
  "--- - : [ { ] } &a *a | > ? ' \" # !!js/function name: __proto__: <<:*a ${globalThis.wasRun=true}".split(" ");
const SNIPPETS = YAML_SNIPPETS.concat(
  ["---js\n", "\n---\n", "\t", "\r\n", "%YAML 1.1\n", "\u0000", "\u{1f600}", "handoffs: 5", "send: maybe", " "],
  YAML_SNIPPETS.map((snippet) => `\n${snippet} `),
);

function mutate(source: string, random: () => number): string {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  let text = source;
  for (let count = 1 + Math.floor(random() * 6); count > 0; count--) {
    const at = Math.floor(random() * Math.min(text.length, 2_500));
    const length = Math.floor(random() * 30);
    const kinds = [
      () => text.slice(0, at) + (pick(SNIPPETS) ?? "") + text.slice(at),
      () => text.slice(0, at) + text.slice(at + length),
      () => text.slice(0, at) + text.slice(at, at + length) + text.slice(at),
      () => text.slice(0, at),
      () => text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0xffff)) + text.slice(at + 1),
    ];
    text = pick(kinds)?.() ?? text;
  }
  return text;
}

test("10,000 damaged agent files each give a definition or a problem inside the file, and none runs code", () => {
  const random = seededRandom(20_261_121);
  for (let index = 0; index < 10_000; index++) {
    const source = mutate(SEEDS[index % SEEDS.length] ?? "", random);
    const { definition, problems } = parseAgent(source, "damaged");
    assert.ok(definition !== undefined || problems.length > 0, `neither definition nor problem for mutation ${index}`);
    const lineCount = source.split("\n").length;
    for (const { range, message } of problems) {
      assert.ok(range.start.line >= 0 && range.start.line < lineCount && range.start.column >= 0, message);
      assert.ok(range.end.line > range.start.line || range.end.column >= range.start.column, message);
    }
  }
  assert.equal("wasRun" in globalThis, false);
});
