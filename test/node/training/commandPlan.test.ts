import assert from "node:assert/strict";
import { test } from "node:test";
import { planCommand } from "../../../src/node/training/cli/commandPlan.ts";

function check(command: readonly string[], expected: { title: string; script: string; program: string }): void {
  const plan = planCommand(command, "/w");
  assert.deepEqual({ title: plan.title, script: plan.script, program: plan.interpreter.path }, expected);
  assert.deepEqual(plan.command, [expected.program, ...command.slice(1)]);
}

test("a typed command is named after its script and runs as typed", () => {
  check(["python", "src/train.py", "--lr", "1"], { title: "train", script: "/w/src/train.py", program: "python" });
  check([".venv/bin/python", "a.py"], { title: "a", script: "/w/a.py", program: "/w/.venv/bin/python" });
  check(["torchrun", "--nproc-per-node=2", "/x/t.py"], { title: "t", script: "/x/t.py", program: "torchrun" });
  check(["./go.sh"], { title: "go", script: "/w/go.sh", program: "/w/go.sh" });
  check(["python", "-m", "pkg.train"], { title: "pkg.train", script: "/w/pkg.train", program: "python" });
});
