import assert from "node:assert/strict";
import { test } from "node:test";
import { readFlowProgress, resumeFlowCommand } from "../../../src/core/training/flowResume.ts";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import { buildPlan } from "../../support/runFixtures.ts";

function check(words: string, expected: string | undefined, kind: LaunchPlan["kind"] = "flow"): void {
  const command = ["python", "flow.py", ...words.split(" ")];
  const plan = { ...buildPlan("/w", command, { kind }), script: "/w/flow.py", command };
  assert.equal(resumeFlowCommand(plan, "9")?.slice(2).join(" "), expected, words);
}

test("a flow is resumed from its own run, with what resume takes and what stands in front of it", () => {
  check("run", "resume --origin-run-id 9");
  check(
    "--environment=pypi run --lr 0.1 --max-workers 2",
    "--environment=pypi resume --origin-run-id 9 --max-workers 2",
  );
  check("run --with=kubernetes --max-workers=4 lr", "resume --origin-run-id 9 --with=kubernetes --max-workers=4");
  check("resume fit --origin-run-id 7 --tag night", "resume --origin-run-id 9 --tag night");
  check("show", undefined);
  check("run", undefined, "training");
});

test("the output of a flow tells its run and the step that spoke last", () => {
  assert.deepEqual(readFlowProgress(["Workflow starting (run-id 7):"]), { runId: "7" });
  assert.deepEqual(readFlowProgress(["00 [7/start/1 (pid 4)] a", "00 [7/fit/t-2 (pid 5)] b", "Done"]), {
    runId: "7",
    step: "fit",
  });
  assert.equal(readFlowProgress(["[7/8] epoch 7", ""]), undefined);
});
