import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRuns, type ReadRun } from "../../../src/core/metaflow/runs/compareRuns.ts";
import { confineCard } from "../../../src/core/metaflow/runs/confineCard.ts";
import type { FlowArtifact } from "../../../src/core/metaflow/runs/flowRun.ts";
import { renderFlowComparison } from "../../../src/core/training/renderFlowComparison.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");

function artifact(name: string, type: string, text?: string): FlowArtifact {
  const sha = `${name}:${text ?? "model"}`;
  return { name, type, sizeBytes: 4_200, sha, ...(text === undefined ? {} : { text, isWhole: true }) };
}

function run(id: string, seconds: number, contents: Pick<ReadRun, "parameters" | "results">): ReadRun {
  const times = { startedAt: NOW - 60_000, endedAt: NOW - 60_000 + seconds * 1000 };
  const task = { step: "fit", id: "2", attempt: 0, state: "done" as const, isCloned: false, ...times };
  return {
    run: {
      flow: "SweepFlow",
      id,
      createdAt: NOW - 70_000,
      user: "ada",
      tags: [],
      state: "done",
      tasks: [task],
      endedAt: times.endedAt,
    },
    ...contents,
  };
}

const before = run("101", 10, {
  parameters: [artifact("rate", "float", "0.1"), artifact("data", "str", '"a|b"')],
  results: [artifact("accuracy", "float", "0.8"), artifact("model", "torch.Tensor"), artifact("old", "int", "1")],
});

test("what differs is shown side by side, what is the same is counted", () => {
  const after = run("102", 25, {
    parameters: [artifact("rate", "float", "0.05"), artifact("data", "str", '"a|b"')],
    results: [artifact("accuracy", "float", "0.9"), artifact("model", "torch.Tensor"), artifact("fresh", "str", '"x"')],
  });
  const text = renderFlowComparison(compareRuns(before, after, NOW), new Date(NOW));
  assert.match(text, /\*\*Parameters\*\*, 1 of 2 is the same:/);
  assert.match(text, /\| `rate` \| `0\.1` \| `0\.05` \| -0\.05 \(-50\.0 %\) \|/);
  assert.match(text, /\| `accuracy` \| `0\.8` \| `0\.9` \| \+0\.1 \(\+12\.5 %\) \|/);
  assert.match(text, /\| `fresh` \| – \| `"x"` \| new \|\n\| `old` \| `1` \| – \| gone \|/);
  assert.doesNotMatch(text, /`model`|`data`/);
  assert.match(text, /\| `fit` \| ✓ done, 10 s \| ✓ done, 25 s \| \+15 s \|/);
});

test("contents are compared where values cannot be shown", () => {
  const other = { ...artifact("model", "torch.Tensor"), sha: "other" };
  const { results } = compareRuns(before, run("102", 10, { parameters: [], results: [other] }), NOW);
  assert.deepEqual(
    results.map(({ name, isSame }) => [name, isSame]),
    [
      ["accuracy", false],
      ["model", false],
      ["old", false],
    ],
  );
  const unreadable = { ...artifact("model", ""), sha: "" };
  const blind = run("1", 1, { parameters: [], results: [unreadable] });
  assert.equal(compareRuns(blind, blind, NOW).results[0]?.isSame, false);
});

test("two runs that are the same say so", () => {
  const text = renderFlowComparison(compareRuns(before, before, NOW), new Date(NOW));
  assert.match(text, /\*\*Parameters:\*\* all 2 are the same\.\n\n\*\*Artifacts:\*\* all 3 are the same\./);
});

function confined(page: string): string {
  return confineCard(page).replace(/content="[^"]*"/, 'content="…"');
}

test("the policy of a card stands before all that it holds, once", () => {
  const meta = '<meta http-equiv="Content-Security-Policy" content="…">';
  assert.equal(
    confined("\n<!doctype HTML><html><script>1</script>"),
    `\n<!doctype HTML>${meta}<html><script>1</script>`,
  );
  assert.equal(confined("<img src=x>"), `<!DOCTYPE html>${meta}<img src=x>`);
  assert.match(confineCard(""), /default-src 'none';(?!.*(?:https?:|unsafe-eval|connect-src))/);
});
