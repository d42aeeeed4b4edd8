import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isShell } from "../../../src/node/training/backgroundTraining.ts";
import { behindStarters, startedWords } from "../../../src/node/training/startedWords.ts";
import { makeWorkspace } from "../../support/runFixtures.ts";

test("what only sets something up for a program is no part of its command", () => {
  const commands = [
    "nice -n 5",
    "env SEED=1 -u WANDB_MODE",
    "timeout -s KILL 600",
    "timeout --kill-after=30 8h",
    "taskset -c 0-3 ionice -c 2",
    "/usr/bin/nohup /usr/bin/nice",
    "stdbuf -oL uv run --frozen",
    "env -C experiments SEED=1",
    "flock -n /tmp/gpu.lock nice",
  ];
  for (const command of commands) {
    assert.deepEqual(behindStarters([...command.split(" "), "bash", "job.sh", "5"]), ["bash", "job.sh", "5"], command);
    assert.equal(isShell([...command.split(" "), "python3", "train.py", "out/make"]), false, command);
  }
  assert.deepEqual(behindStarters(["python3", "nice", "-n"]), ["python3", "nice", "-n"]);
  assert.deepEqual(behindStarters(["env"]), []);
});

test("a shell behind programs that are not known is one, and what a training is given is none", () => {
  const starters = [
    "conda run -n torch --no-capture-output",
    "uv run --project p --frozen",
    "sudo -E",
    "xvfb-run -a",
    "srun --gres gpu:1",
    "setpriv --reuid 1000",
  ];
  for (const starter of starters) {
    assert.equal(isShell([...starter.split(" "), "bash", "job.sh"]), true, starter);
    assert.equal(isShell([...starter.split(" "), "python3", "train.py", "--shell", "bash"]), false, starter);
  }
  assert.equal(isShell("torchrun --standalone train.py sh".split(" ")), false);
  assert.equal(isShell("mytrainer --data out/bash".split(" ")), false);
});

test("a script begins with what its first line names, and a shim of Python does not", async (context) => {
  const cwd = await makeWorkspace(context);
  await mkdir(join(cwd, "shims"));
  const files = {
    trainall: "#!/bin/bash",
    stages: "#!/usr/bin/env -S zsh -e",
    fold: "#!/usr/bin/env python3",
    "shims/python3": "#!/usr/bin/env bash",
    "shims/torchrun": "#!/usr/bin/env bash",
  };
  await Promise.all(Object.entries(files).map(([name, first]) => writeFile(join(cwd, name), `${first}\necho`)));
  const started = (command: string) => startedWords({ command: command.split(" "), cwd }).join(" ");
  assert.equal(started("./trainall 3"), "/bin/bash ./trainall 3");
  assert.equal(started("timeout 60 ./stages"), "zsh -e ./stages");
  assert.equal(started(`${cwd}/fold`), `python3 ${cwd}/fold`);
  for (const command of ["shims/python3 train.py", "shims/torchrun train.py", "./no_such", "trainall"]) {
    assert.equal(started(command), command);
  }
});
