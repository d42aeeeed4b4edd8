import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { RunSource } from "../../../src/core/dashboard/curveMessages.ts";
import { MetricsEngine } from "../../../src/node/metrics/metricsEngine.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const VIEW = { axis: "step", smoothing: 0, maxPoints: 100 } as const;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function runIn(root: string): RunSource {
  return {
    id: "20261121-1",
    title: "train",
    state: "running",
    logFolder: join(root, "logs"),
    consoleLog: join(root, "train.log"),
    startedMs: Date.now() - 1_000,
    parameters: {},
  };
}

async function valuesOf(engine: MetricsEngine, root: string): Promise<number[][]> {
  const { curves } = await engine.answer({ roots: [root], runs: [], view: VIEW });
  return curves.map(({ points }) => [...points.values]);
}

test("what is added to a log is seen, and a header that is rewritten in place as well", async (context) => {
  const root = temporaryFolder(context);
  const log = join(root, "logs", "metrics.csv");
  write(log, "step,loss\n1,3\n2,2\n");
  const engine = new MetricsEngine();
  assert.deepEqual(await valuesOf(engine, root), [[3, 2]]);
  appendFileSync(log, "3,1\n4,0.");
  assert.deepEqual(await valuesOf(engine, root), [[3, 2, 1]]);
  appendFileSync(log, "5\n");
  assert.deepEqual(await valuesOf(engine, root), [[3, 2, 1, 0.5]]);
  write(log, "acc,step,loss\n,1,3\n,2,2\n,3,1\n,4,0.5\n0.9,4,\n");
  assert.deepEqual(await valuesOf(engine, root), [[3, 2, 1, 0.5], [0.9]]);
});

test("curves are made again only where something was added", async (context) => {
  const root = temporaryFolder(context);
  write(join(root, "metrics.jsonl"), '{"step": 1, "loss": 2}\n');
  const engine = new MetricsEngine();
  const first = await engine.answer({ roots: [root], runs: [], view: VIEW });
  const again = await engine.answer({ roots: [root], runs: [], view: VIEW, knownVersion: first.version });
  assert.deepEqual([again.version, again.curves], [first.version, []]);
  appendFileSync(join(root, "metrics.jsonl"), '{"step": 2, "loss": 1}\n');
  const later = await engine.answer({ roots: [root], runs: [], view: VIEW, knownVersion: first.version });
  assert.deepEqual([later.version > first.version, later.curves.length], [true, 1]);
});

test("logs belong to the run that wrote them, and a run that logs nothing is read from what it printed", async (context) => {
  const root = temporaryFolder(context);
  const run = runIn(root);
  write(
    run.consoleLog,
    "2026-11-21T03:44:55.123Z epoch 1/3: loss=0.5\n2026-11-21T03:44:56.123Z epoch 2/3: loss=0.25\n",
  );
  const printed = await new MetricsEngine().answer({ roots: [root], runs: [run], view: VIEW });
  assert.deepEqual(
    printed.runs.map(({ name, source }) => [name, source?.id]),
    [["train · printed", run.id]],
  );
  assert.deepEqual([...(printed.curves[0]?.points.x ?? [])], [1, 2]);
  write(join(root, "logs", "run-2", "metrics.csv"), "step,loss\n1,3\n");
  const logged = await new MetricsEngine().answer({ roots: [root], runs: [run], view: VIEW });
  assert.deepEqual(
    logged.runs.map(({ name, source }) => [name, source?.id]),
    [["train · logs/run-2", run.id]],
  );
});

test("a log that vanishes is named, and the others are still read", async (context) => {
  const root = temporaryFolder(context);
  write(join(root, "a", "metrics.csv"), "step,loss\n1,3\n");
  write(join(root, "b", "metrics.csv"), "step,loss\n1,4\n");
  const engine = new MetricsEngine();
  await engine.answer({ roots: [root], runs: [] });
  rmSync(join(root, "a", "metrics.csv"));
  const { runs } = await engine.answer({ roots: [root], runs: [] });
  assert.deepEqual(
    runs.map(({ name, problems }) => [name, problems.length]),
    [
      ["a", 1],
      ["b", 0],
    ],
  );
});

test("where nothing is found, the frame says where it was looked for", async (context) => {
  const root = temporaryFolder(context);
  const { runs, searched } = await new MetricsEngine().answer({ roots: [root], runs: [] });
  assert.deepEqual({ runs, searched }, { runs: [], searched: [root] });
});
