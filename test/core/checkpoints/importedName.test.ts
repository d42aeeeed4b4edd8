import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeTrust,
  fewImports,
  type ImportedName,
  leastTrustOf,
  type PickleTrust,
} from "../../../src/core/checkpoints/importedName.ts";

function named(trust: PickleTrust, count: number): ImportedName[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${trust}.n${index}`, trust }));
}

const LONG: ImportedName = { name: "x".repeat(16_000), trust: "unlisted" };

test("of many imports as many are kept as the sentence about them needs", () => {
  const lists = [
    [],
    named("known", 2),
    named("unlisted", 1),
    named("unlisted", 9_000),
    [...named("known", 5_000), ...named("unlisted", 5_000), ...named("dangerous", 40)],
    [LONG],
    [...fewImports(named("unlisted", 50)), ...fewImports(named("unlisted", 60))],
  ];
  for (const imports of lists) {
    const few = fewImports(imports);
    assert.ok(few.length <= 12 && JSON.stringify(few).length < 3_000, JSON.stringify(few));
    assert.equal(leastTrustOf(few), leastTrustOf(imports));
    assert.equal(describeTrust(few), describeTrust(imports));
    assert.deepEqual(fewImports(few), few);
  }
  assert.match(describeTrust(lists.at(-1) ?? []) ?? "", / and 107 more$/);
});
