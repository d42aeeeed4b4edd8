import assert from "node:assert/strict";
import { test } from "node:test";
import {
  mayHaveValues,
  namedRun,
  onlyNamedRun,
  runsToCompare,
  startedFirst,
} from "../../../src/core/training/namedRun.ts";
import { describeNamesakes } from "../../../src/core/training/namesakes.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { buildRun } from "../../support/runBuilder.ts";

function run(title: string, number: number): Run {
  const built = buildRun("finished");
  const id = `20261121-03000${number}-${title}-000${number}`;
  return { ...built, record: { ...built.record, id, plan: { ...built.record.plan, title } } };
}

const [gan, newTrain, oldTrain, mnist] = [run("gan", 4), run("train", 3), run("train", 2), run("mnist", 1)];
const runs = [gan, newTrain, oldTrain, mnist];

test("a run is named by its id, the beginning of it, its title or its script", () => {
  for (const [text, expected] of [
    [`report on ${oldTrain.record.id}, please`, oldTrain],
    ["20261121-030001", mnist],
    ["20261121", undefined],
    ["is `gan` done?", gan],
    ["GAN's loss", gan],
    ["mnist.py", mnist],
    ["train", newTrain],
    ["how is train doing?", newTrain],
    ["show me the train loss", undefined],
    ["rerun train with lr 0.1", newTrain],
    ["resume train with lr 0.1", newTrain],
    ["train with lr 0.1", newTrain],
    ["resume, and train with lr 0.1", undefined],
    ["rerun it with train loss printed", undefined],
    ["train and mnist", undefined],
    ["latest", gan],
    ["the run", undefined],
  ] as const) {
    assert.equal(namedRun(runs, text), expected, text);
  }
  const isOld = (each: Run) => each === oldTrain || each === mnist;
  assert.equal(namedRun(runs, "how is train doing?", isOld), oldTrain);
  assert.equal(namedRun(runs, newTrain.record.id, isOld), newTrain);
  assert.equal(namedRun(runs, "gan", isOld), gan);
  assert.equal(namedRun(runs, "latest", isOld), gan);
  assert.equal(onlyNamedRun(runs, "train"), undefined);
  assert.equal(onlyNamedRun(runs, "mnist"), mnist);
  assert.equal(onlyNamedRun([run("run", 5), gan], "stop the run"), undefined);
  assert.equal(onlyNamedRun([run("training", 5), gan], "the training"), undefined);
});

test("where several runs are called so, an answer says which of them it is about", () => {
  const now = new Date("2026-11-21T08:00:00Z");
  const [going, beside] = [1, 0].map((number): Run => ({ ...run("train", number), state: "running" }));
  assert.ok(going && beside);
  const say = (each: Run, known: readonly Run[]) => describeNamesakes(each, known, now);
  assert.equal(say(mnist, runs), undefined);
  assert.equal(say(newTrain, runs), "2 runs are called train; this is `20261121-030003-train-0003`, the newest.");
  assert.match(say(oldTrain, runs) ?? "", /0002`, started .*\. Newer: `20261121-030003-train-0003`, finished\.$/);
  assert.match(
    say(going, [newTrain, going]) ?? "",
    /0001`, the one that goes on\. Newer: `20261121-030003-train-0003`, finished\.$/,
  );
  assert.match(say(newTrain, [newTrain, going]) ?? "", /the newest\. `20261121-030001-train-0001` goes on\.$/);
  assert.match(say(newTrain, [newTrain, going, beside]) ?? "", /the newest\. 2 others go on\.$/);
});

test("the newest of each name is compared, else as many of the newest as are asked for", () => {
  for (const [text, expected] of [
    ["compare train and mnist", [newTrain, mnist]],
    ["compare mnist with the last one", [mnist, gan]],
    [`compare ${oldTrain.record.id} and ${mnist.record.id}`, [oldTrain, mnist]],
    ["compare the last three runs", [gan, newTrain, oldTrain]],
    ["compare the last 9 runs", runs],
    ["compare my runs", [gan, newTrain]],
  ] as const) {
    assert.deepEqual(runsToCompare(runs, text), expected, text);
  }
  assert.deepEqual(runsToCompare([gan], "compare the last two runs"), [gan]);
});

test("a run that failed before it printed a value hides no older one of its name where values are compared", () => {
  const failed: Run = { ...run("train", 9), state: "failed" };
  const progress = { metrics: { loss: 1 }, updatedAt: "2026-11-21T03:00:30.000Z" };
  const printed: Run = { ...failed, status: { ...failed.status, progress } };
  assert.deepEqual(runsToCompare([failed, ...runs], "compare mnist and train"), [newTrain, mnist]);
  assert.deepEqual(runsToCompare([printed, ...runs], "compare mnist and train"), [printed, mnist]);
  assert.equal(namedRun([failed, ...runs], "evaluate train", mayHaveValues), newTrain);
  assert.deepEqual(runsToCompare([failed], "plot the loss of train"), [failed]);
});

test("a run that could not be started hides no older one of its name where values are asked for", () => {
  const { startedAt: _none, ...status } = buildRun("failed").status;
  const failed: Run = { ...run("train", 9), state: "failed", status };
  const known = startedFirst([failed, ...runs]);
  assert.equal(namedRun(known, "evaluate train"), newTrain);
  assert.equal(namedRun(known, "latest"), gan);
  assert.equal(namedRun(known, failed.record.id), failed);
  assert.deepEqual(runsToCompare(known, "compare mnist and train"), [newTrain, mnist]);
  assert.equal(namedRun(startedFirst([failed]), "evaluate train"), failed);
});
