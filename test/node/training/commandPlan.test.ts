import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceName } from "../../../src/core/training/gpuChoice.ts";
import { planCommand } from "../../../src/node/training/cli/commandPlan.ts";

function check(command: readonly string[], expected: { title: string; script: string; program: string }): void {
  const plan = planCommand(command, "/w");
  assert.deepEqual({ title: plan.title, script: plan.script, program: plan.interpreter.path }, expected);
  assert.deepEqual(plan.command, [expected.program, ...command.slice(1)]);
}

function read(...words: string[]) {
  const { environment, command } = planCommand(words, "/w");
  return { environment, command };
}

test("what people write for a shell is understood: variables before the command, and quotes around all of it", () => {
  const devices = { CUDA_VISIBLE_DEVICES: "0" };
  assert.deepEqual(read("CUDA_VISIBLE_DEVICES=0", "python", "train.py", "lr=1"), {
    environment: devices,
    command: ["python", "train.py", "lr=1"],
  });
  assert.deepEqual(read("CUDA_VISIBLE_DEVICES=0 python train.py --name 'a b'"), {
    environment: devices,
    command: ["python", "train.py", "--name", "a b"],
  });
  assert.throws(() => read("cd src && python train.py"), {
    message: "No shell reads the command. To let one do so: trainyard run -- sh -c 'cd src && python train.py'",
  });
  assert.throws(() => read("A=1", "B=2"), { message: "There is no command behind A=1 B=2." });
});

test("what a typed command computes on is not called the CPU", () => {
  assert.equal(deviceName(planCommand(["python", "train.py"], "/w").device), "what the program itself chooses");
});

test("a typed command is named after its script and runs as typed", () => {
  check(["python", "src/train.py", "--lr", "1"], { title: "train", script: "/w/src/train.py", program: "python" });
  check([".venv/bin/python", "a.py"], { title: "a", script: "/w/a.py", program: "/w/.venv/bin/python" });
  check(["torchrun", "--nproc-per-node=2", "/x/t.py"], { title: "t", script: "/x/t.py", program: "torchrun" });
  check(["./go.sh"], { title: "go", script: "/w/go.sh", program: "/w/go.sh" });
  check(["bash", "dist.sh", "configs/x.py", "8"], { title: "bash", script: "/w/bash", program: "bash" });
  check(["python", "-u", "-m", "pkg.train", "a.py"], { title: "pkg.train", script: "/w/pkg.train", program: "python" });
  check(["uv", "run", "-m", "pkg.train", "a.py"], { title: "pkg.train", script: "/w/pkg.train", program: "uv" });
  check(["nohup", "python", "-X", "dev", "t.py", "-m", "x"], { title: "t", script: "/w/t.py", program: "nohup" });
  check(["python", "-c", "pass", "a.py"], { title: "python", script: "/w/python", program: "python" });
  check(["./t.py", "a.py"], { title: "t", script: "/w/t.py", program: "/w/t.py" });
  check(["python", "-m", "pkg.train"], { title: "pkg.train", script: "/w/pkg.train", program: "python" });
});
