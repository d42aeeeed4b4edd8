import assert from "node:assert/strict";
import { test } from "node:test";
import type { FlowArtifact, FlowRun, FlowState, FlowTask } from "../../../src/core/metaflow/runs/flowRun.ts";
import { runStatusTool } from "../../../src/core/tools/runStatus.ts";

const createdAt = Date.parse("2026-11-21T02:00:00Z");

function task(step: string, id: string, state: FlowState): FlowTask {
  return { step, id, attempt: 0, state, isCloned: false, startedAt: createdAt, endedAt: createdAt + 2_000 };
}

function flowRun(id: string, state: FlowState, tasks: readonly FlowTask[]): FlowRun {
  return { flow: "Churn", id, createdAt, user: "ada", tags: [], state, tasks, endedAt: createdAt + 4_000 };
}

const failed = flowRun("20", "failed", [
  task("start", "1", "done"),
  ...["2", "3", "4", "5", "6", "7"].map((id) => task("fit", id, id === "6" ? "failed" : "done")),
]);
const done = flowRun("10", "done", [task("end", "3", "done")]);

const rate: FlowArtifact = { name: "rate", type: "float", sizeBytes: 21, sha: "", text: "0.1", isWhole: true };
const model: FlowArtifact = { name: "model", type: "torch.nn.Linear", sizeBytes: 41_200, sha: "" };

const tool = runStatusTool({
  listRuns: async () => [],
  readLogTail: async () => [],
  openFlowRuns: async () => ({
    runs: [failed, done],
    readContents: async () => ({
      parameters: [rate],
      results: [model],
      failures: new Map(failed.tasks.filter(({ id }) => id === "6").map((each) => [each, "NoPrice: it is gone"])),
    }),
    readTask: async (_run, { id, state }) => ({
      artifacts: state === "done" ? [model] : [],
      log: state === "done" ? "" : `${"line x\n".repeat(60)}fit.py:${id}`,
    }),
  }),
});

const signal = new AbortController().signal;

async function textOf(input: { runId?: string; task?: string }): Promise<string> {
  return (await tool.run(input, signal)).text;
}

test("without an id the runs of Metaflow are listed", async () => {
  const text = await textOf({});
  assert.match(text, /^Runs of Metaflow:\n- Churn · ✗ failed after 4 s in fit/);
  assert.match(text, /- Churn · ✓ done after 4 s/);
});

test("a run of Metaflow has its steps, parameters, artifacts and what failed tasks printed last", async () => {
  const text = await textOf({ runId: "20" });
  assert.match(text, /\| fit \| ✗ failed \| 5 of 6 \|/);
  assert.match(text, /\n- 20\/fit\/6 failed: NoPrice: it is gone\n/);
  assert.match(text, /\| rate \| 0\.1 \| float \|/);
  assert.match(text, /\| model \| 41\.2 kB \| torch\.nn\.Linear \|/);
  assert.match(text, /\nLast output of 20\/fit\/6:\n(?:line .\n){29}fit\.py:6$/);
});

test("a step has its tasks, those that failed first and no more than can be read", async () => {
  const text = await textOf({ runId: "20", task: "fit" });
  assert.match(text, /^20\/fit\/6: failed\nIt left no artifacts\.\nLast output of/);
  assert.match(
    text,
    /\n20\/fit\/2: done\nArtifacts:\n {2}model: torch\.nn\.Linear, 41\.2 kB\n20\/fit\/2 left no output/,
  );
  assert.match(text, /\n1 more task; name one as <step>\/<task>\.$/);
  assert.match(await textOf({ runId: "20", task: "fit/7" }), /^20\/fit\/7: done\n/);
});

test("what is not there is refused with what there is", async () => {
  const refusals: [{ runId?: string; task?: string }, RegExp][] = [
    [{ runId: "30" }, /has no run 30 among its newest\. Newest first: 20, 10\.$/],
    [{ runId: "20", task: "end" }, /^Run 20 has no task end\. Its steps so far: start, fit\.$/],
    [{ runId: "20", task: "fit/99" }, /^Run 20 has no task fit\/99\./],
    [{ task: "fit" }, /^Only runs of Metaflow have tasks\./],
    [{ runId: "20261121-digits-0001", task: "fit" }, /^Only runs of Metaflow have tasks\./],
  ];
  for (const [input, message] of refusals) {
    await assert.rejects(tool.run(input, signal), { name: "UserError", message });
  }
});
