import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnoseRunTool } from "../../../src/core/tools/diagnoseRun.ts";
import type { DiagnosedRun } from "../../../src/core/training/diagnosis/renderDiagnosis.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { buildRun } from "../../support/runBuilder.ts";

const signal = new AbortController().signal;
const failed = buildRun("failed", { exitCode: 1 });
const { plan } = failed.record;

const FOUND: DiagnosedRun = {
  diagnosis: {
    cause: "gpu-memory",
    title: "GPU out of memory",
    evidence: [{ line: 12, text: "torch.OutOfMemoryError: CUDA out of memory." }],
    advice: "Use a smaller batch.",
  },
  fix: {
    kind: "rerun",
    label: "Retry with batch 16",
    changes: [{ name: "--batch-size", from: "32", to: "16" }],
    plan: { ...plan, command: [...plan.command, "--batch-size", "16"] },
  },
};

function diagnose(runs: readonly Run[], input: { runId?: string }, found: DiagnosedRun | undefined = FOUND) {
  const tool = diagnoseRunTool({ listRuns: async () => runs, diagnoseRun: async () => found });
  return tool.run(input, signal);
}

test("of the runs that ended, one whose loss is not a number is among the bad ones", async () => {
  const alarm = { kind: "not-a-number" as const, message: "", advice: "", raisedAt: "2026-11-21T03:00:30.000Z" };
  const broken = buildRun("finished", { exitCode: 0, alarms: [alarm] });
  const { text } = await diagnose([buildRun("finished", { exitCode: 0 }), broken], {});
  assert.match(text, /finished · loss is not a number\nGPU out of memory/);
});

test("the model gets the cause, the proof, the next step and the command that would repair it", async () => {
  const { text, data } = await diagnose([buildRun("running"), failed], {});
  assert.equal(
    text,
    [
      `Run ${failed.record.id}: failed · exit code 1`,
      "GPU out of memory",
      "  line 12: torch.OutOfMemoryError: CUDA out of memory.",
      "Next: Use a smaller batch.",
      "Fix: Retry with batch 16",
      "  --batch-size 32 → 16",
      "  .venv/bin/python train.py --batch-size 16",
    ].join("\n"),
  );
  assert.deepEqual(data, { runId: failed.record.id, ...FOUND });
});

test("what goes on, ended well or is not there is said in words", async () => {
  const running = buildRun("running");
  assert.match((await diagnose([running], {})).text, /^No run of this workspace ended badly\.$/);
  const { id } = running.record;
  const tool = diagnoseRunTool({ listRuns: async () => [running], diagnoseRun: async () => undefined });
  assert.match((await tool.run({ runId: id }, signal)).text, /there is nothing to diagnose\.$/);
  await assert.rejects(tool.run({ runId: "another" }, signal), /There is no run another\. Known runs/);
});
