import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEvidence, mergeRankings } from "../../../src/core/knowledge/triggers/mergeRankings.ts";

const torch = {
  trigger: "torch in dependencies",
  found: "torch in dependencies",
  source: { path: "requirements.txt", line: 2 },
};
const script = { trigger: "train.py exists", found: "train.py exists", source: { path: "train.py" } };

test("an agent that fits one folder of the window fits the window, with the evidence of each", () => {
  const merged = mergeRankings([
    {
      folder: "/a",
      ranking: [
        { name: "flows", score: 1, matches: [script] },
        { name: "trainer", score: 0, matches: [] },
      ],
    },
    {
      folder: "/b",
      ranking: [
        { name: "trainer", score: 3, matches: [torch] },
        { name: "flows", score: 0, matches: [] },
      ],
    },
  ]);
  assert.deepEqual(merged, [
    { name: "trainer", score: 3, evidence: [{ ...torch, folder: "/b" }] },
    { name: "flows", score: 1, evidence: [{ ...script, folder: "/a" }] },
  ]);
});

test("evidence names its place once", () => {
  assert.deepEqual(
    [torch, script].map((match) => describeEvidence({ ...match, folder: "/a" })),
    ["torch in dependencies (requirements.txt:3)", "train.py exists"],
  );
});
