import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunRecord } from "../../../src/core/training/runRecord.ts";
import type { LoggedValue } from "../../../src/core/training/watchdog/loggedValue.ts";
import { MetricLooks } from "../../../src/node/training/metricLooks.ts";
import { buildPlan, testReceipt } from "../../support/runFixtures.ts";

const SECOND = 1_000;
const VALUE: LoggedValue = { file: "/w/runs/a.csv", place: "/w/runs", tag: "loss", step: 1, axis: "step", value: 2 };

type Change = { watchdog?: RunRecord["watchdog"]; folders?: boolean; read?: () => Promise<LoggedValue[]> };

/** A run in `/w` with a log folder that is not there yet, and everything that is done with its metric files. */
function follow({ watchdog, folders = true, read = async () => [VALUE] }: Change = {}) {
  const done: string[] = [];
  const record: RunRecord = {
    schemaVersion: 1,
    id: "run",
    createdAt: new Date(0).toISOString(),
    plan: buildPlan(
      "/w",
      ["python3"],
      folders ? { logFolder: { path: "/w/no/such/runs", reason: "given by the test" } } : {},
    ),
    receipt: testReceipt,
    ...(watchdog === undefined ? {} : { watchdog }),
  };
  const looks = new MetricLooks(record, {
    follow: async () => ({
      passOver: async () => void done.push("passed over"),
      readAdded: () => {
        done.push("read");
        return read();
      },
    }),
    take: (values) => void done.push(...values.map(({ file, tag }) => `took ${tag} of ${file}`)),
    tell: (problem) => void done.push(problem),
  });
  looks.begin(0, 0);
  return { looks, done };
}

/** Asks four times a second, as the owner does, from one second to another. */
async function askFor(
  looks: MetricLooks,
  [from, to]: [number, number],
  lossAt?: (second: number) => number | undefined,
) {
  for (let second = from; second < to; second += 0.25) {
    const loss = lossAt?.(second);
    looks.look(second * SECOND, loss === undefined ? undefined : loss * SECOND);
    await new Promise(setImmediate);
  }
}

test("the files are looked at every five seconds once ten have passed without a loss", async () => {
  const { looks, done } = follow();
  await askFor(looks, [0, 9.9]);
  assert.deepEqual(done, []);
  await askFor(looks, [10, 20.1]);
  assert.equal(done.filter((what) => what === "read").length, 3);
  assert.equal(done[1], "took loss of runs/a.csv");
});

test("nothing is read while the losses are printed, and what was logged meanwhile is passed over", async () => {
  const { looks, done } = follow();
  await askFor(looks, [0, 200], (second) => (second < 5 ? undefined : Math.min(second, 100)));
  assert.deepEqual(done.slice(0, 3), ["passed over", "read", "took loss of runs/a.csv"]);
  assert.equal(done.filter((what) => what === "read").length, 7);
});

test("a training that ends soon is looked at once at its end, unless it printed its losses", async () => {
  const silent = follow();
  await silent.looks.end(undefined);
  assert.deepEqual(silent.done, ["read", "took loss of runs/a.csv"]);
  const spoken = follow();
  await spoken.looks.end(1);
  assert.deepEqual(spoken.done, []);
});

test("without a folder, and with the watchdog off, nothing is read", async () => {
  for (const { looks, done } of [follow({ folders: false }), follow({ watchdog: { isEnabled: false } })]) {
    await askFor(looks, [0, 60]);
    await looks.end(undefined);
    assert.deepEqual(done, []);
  }
});

test("files that cannot be read are given up after three looks, and that is told once", async () => {
  const { looks, done } = follow({ read: () => Promise.reject(new Error("EIO: i/o error")) });
  await askFor(looks, [0, 600]);
  const problem = "The metric files of this run cannot be read (EIO: i/o error); the watchdog goes by what is printed.";
  assert.deepEqual(done, ["read", "read", "read", problem]);
});
