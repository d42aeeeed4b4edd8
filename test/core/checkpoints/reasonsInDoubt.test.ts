import assert from "node:assert/strict";
import { test } from "node:test";
import { narrowToAgreed, planSteps } from "../../../src/core/checkpoints/planPrune.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { planPrune } from "../../support/planPrune.ts";

const NONE = { keepBest: 0, keepLast: 0 };
const epochs = [1, 2, 3].map((epoch) => entryOf(`epoch_${epoch}.pt`, epoch, { epoch }));

test("keeps all of a folder that scripts look for by its name", () => {
  for (const [run, count] of [
    ["best", 3],
    ["a/checkpoint_last", 3],
    ["bestiary", 1],
  ] as const) {
    const { kept } = planPrune(
      epochs.map((entry) => ({ ...entry, run })),
      NONE,
    );
    assert.equal(kept.length, count, run);
  }
});

test("the bytes of a file under several names become free only once, and when all of its names go", () => {
  const link = { ...entryOf("epoch_0.pt", 0), sameFileAs: "epoch_1.pt" };
  assert.equal(planPrune([...epochs, link], NONE).freedBytes, 2000);
  const kept = { ...entryOf("best.pt", 9), sameFileAs: "epoch_1.pt" };
  const plan = planPrune([...epochs, kept], NONE);
  assert.deepEqual(
    [plan.removed.map(({ summary }) => summary.name), plan.freedBytes],
    [["epoch_2.pt", "epoch_1.pt"], 1000],
  );
});

test("a plan that was narrowed says by what those were judged that go", () => {
  const judged = epochs.map((entry) => ({
    ...entry,
    path: `/a/${entry.summary.name}`,
    run: "a",
    summary: { ...entry.summary, metrics: { val_acc: entry.modifiedMs } },
  }));
  const bare = epochs.map((entry) => ({ ...entry, run: "b" }));
  const plan = planPrune([...judged, ...bare], NONE);
  assert.deepEqual(plan.judgement, { metrics: ["val_acc"], leftOut: [], unjudged: 2 });
  const [one] = bare;
  assert.ok(one !== undefined);
  assert.deepEqual(narrowToAgreed(plan, [one], NONE).judgement, { metrics: [], leftOut: [], unjudged: 1 });
});

test("a plan is made in steps, so that the thread of the editor has its turn between them", () => {
  const runs = ["a", "b"].map((run) => epochs.map((entry) => ({ ...entry, path: `/${run}/${entry.path}`, run })));
  const stepsOf = (entries: typeof epochs) => [...planSteps(entries, NONE)].length;
  assert.ok(stepsOf(epochs) > 7);
  assert.ok(stepsOf(runs.flat()) > 12);
});
