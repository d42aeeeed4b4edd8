import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { createScriptScaffolder } from "../../src/node/training/scaffoldScript.ts";
import { repositoryRoot, runPython, temporaryFolder } from "../support/python.ts";

const sampleFolder = join(repositoryRoot, "examples/digits");

async function scaffold(workspaceFolder: string): Promise<void> {
  const scaffolder = createScriptScaffolder({ workspaceFolder, sampleFolder });
  const written = await scaffolder.write(await scaffolder.plan({ name: "train cats" }));
  assert.equal(written.kind, "written");
  assert.equal(written.script.relativePath, "train_cats.py");
}

/** Asks PyTorch, with `weights_only=True` as its default is, what a checkpoint holds. */
async function inspect(cwd: string, expression: string, ...files: string[]): Promise<unknown> {
  const source = `
import json, sys, torch
a, b = [torch.load(name, weights_only=True) for name in sys.argv[1:]] if len(sys.argv) == 3 else (torch.load(sys.argv[1], weights_only=True), None)
def same(x, y):
    if isinstance(x, torch.Tensor):
        return torch.equal(x, y)
    if isinstance(x, dict):
        return x.keys() == y.keys() and all(same(x[key], y[key]) for key in x)
    if isinstance(x, (list, tuple)):
        return len(x) == len(y) and all(map(same, x, y))
    return x == y
print(json.dumps(${expression}))`;
  const finished = await runPython(["-c", source, ...files], { cwd });
  assert.equal(finished.exitCode, 0, finished.stderr);
  return JSON.parse(finished.stdout);
}

test("a training that was stopped and resumed gives exactly the state of one that was not", async () => {
  await using through = await temporaryFolder();
  await using stopped = await temporaryFolder();
  await scaffold(through.path);
  await scaffold(stopped.path);

  const whole = await runPython(["train_cats.py", "--epochs", "2", "--batch-size", "64"], { cwd: through.path });
  assert.equal(whole.exitCode, 0, whole.stderr);
  assert.match(whole.stdout, /^Configuration: \{"epochs": 2, "batch_size": 64, /m);
  assert.match(whole.stdout, /^Epoch 2\/2 step 20\/20 loss=\d+\.\d{4}$/m);
  assert.match(whole.stdout, /^Epoch 2\/2: train_loss=\S+ val_loss=\S+ val_acc=\S+ lr=0\.0005$/m);

  const interrupted = await runPython(["train_cats.py", "--epochs", "2", "--batch-size", "64"], {
    cwd: stopped.path,
    signalWhen: (stdout) => (stdout.includes("Epoch 1/2 step 5/20") ? "SIGINT" : undefined),
  });
  assert.equal(interrupted.exitCode, 130, interrupted.stderr);
  const path =
    /--resume (checkpoints\/checkpoint_epoch_1_interrupted_step_\d+\.pt)$/m.exec(interrupted.stdout)?.[1] ?? "";
  assert.notEqual(path, "", interrupted.stdout);

  const resumed = await runPython(["train_cats.py", "--resume", path], { cwd: stopped.path });
  assert.equal(resumed.exitCode, 0, resumed.stderr);
  assert.equal(/^Epoch 2\/2: .*$/m.exec(resumed.stdout)?.[0], /^Epoch 2\/2: .*$/m.exec(whole.stdout)?.[0]);
  const last = "checkpoints/checkpoint_epoch_2.pt";
  assert.equal(await inspect("/", "same(a, b)", join(through.path, last), join(stopped.path, last)), true);
});

test("checkpoints hold everything, and the logs every step and epoch", async () => {
  await using folder = await temporaryFolder();
  await scaffold(folder.path);
  const terminated = await runPython(["train_cats.py", "--epochs", "3", "--batch-size", "64"], {
    cwd: folder.path,
    signalWhen: (stdout) => (stdout.includes("Epoch 2/3 step 5/20") ? "SIGTERM" : undefined),
  });
  assert.equal(terminated.exitCode, 143, terminated.stderr);
  const files = (await readdir(join(folder.path, "checkpoints"))).toSorted();
  const interrupted = files.find((file) => file.includes("interrupted")) ?? "";
  assert.deepEqual(files, ["best_epoch_1.pt", "checkpoint_epoch_1.pt", interrupted]);
  assert.match(interrupted, /^checkpoint_epoch_2_interrupted_step_\d+\.pt$/);
  assert.deepEqual(
    await inspect(
      folder.path,
      `[sorted(a), a["epoch"], a["step"], sorted(a["metrics"]), a["config"]]`,
      "checkpoints/checkpoint_epoch_1.pt",
    ),
    [
      [
        "best_metric",
        "config",
        "epoch",
        "epoch_progress",
        "metrics",
        "model_state_dict",
        "optimizer_state_dict",
        "rng_state",
        "scheduler_state_dict",
        "step",
      ],
      1,
      20,
      ["lr", "train_loss", "val_acc", "val_loss"],
      { epochs: 3, batch_size: 64, learning_rate: 0.001, weight_decay: 0.01, seed: 42 },
    ],
  );
  const steps = (await readFile(join(folder.path, "logs/steps.csv"), "utf8")).trim().split(/\r?\n/);
  assert.equal(steps[0], "epoch,step,train_loss");
  assert.equal(`checkpoint_epoch_2_interrupted_step_${steps.length - 1}.pt`, interrupted);
  const epochs = (await readFile(join(folder.path, "logs/epochs.csv"), "utf8")).trim().split(/\r?\n/);
  assert.equal(epochs[0], "epoch,step,train_loss,val_loss,val_acc,lr");
  assert.equal(epochs.length, 2);
  assert.ok((await readdir(join(folder.path, "logs"))).some((name) => name.includes("tfevents")));
});

test("an earlier run is never overwritten", async () => {
  await using folder = await temporaryFolder();
  await scaffold(folder.path);
  await mkdir(join(folder.path, "checkpoints"));
  await writeFile(join(folder.path, "checkpoints/checkpoint_epoch_1.pt"), "precious");
  const finished = await runPython(["train_cats.py", "--epochs", "1", "--batch-size", "256"], { cwd: folder.path });
  assert.equal(finished.exitCode, 0, finished.stderr);
  assert.match(finished.stdout, /^checkpoints holds an earlier run, which stays as it is\.$/m);
  assert.equal(await readFile(join(folder.path, "checkpoints/checkpoint_epoch_1.pt"), "utf8"), "precious");
  assert.deepEqual((await readdir(join(folder.path, "checkpoints/run-2"))).toSorted(), [
    "best_epoch_1.pt",
    "checkpoint_epoch_1.pt",
  ]);
  assert.deepEqual(await readdir(join(folder.path, "logs")), ["run-2"]);

  const more = await runPython(
    ["train_cats.py", "--resume", "checkpoints/run-2/checkpoint_epoch_1.pt", "--epochs", "2"],
    { cwd: folder.path },
  );
  assert.equal(more.exitCode, 0, more.stderr);
  assert.match(more.stdout, /^epochs changes from 1 to 2\.$/m);
  assert.ok((await readdir(join(folder.path, "checkpoints/run-2"))).includes("checkpoint_epoch_2.pt"));
});

test("settings that cannot work are one line, not a traceback", async () => {
  await using folder = await temporaryFolder();
  await scaffold(folder.path);
  await writeFile(join(folder.path, "torn.pt"), "PK\u0003\u0004 torn");
  // One process for all of them, since importing torch takes longer than all the rest.
  const source = `
import contextlib, io, json, sys, torch
from train_cats import Config, Training, main
training = Training(Config(1, 32, 0.001, 0.01, 42), torch.device("cpu"))
training.epoch = 1
torch.save(training.state({}), "finished.pt")
torch.save({"weights": torch.zeros(1)}, "other.pt")
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["train_cats.py", *arguments]
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        try:
            code = main()
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, errors.getvalue().splitlines()[-1]]))`;
  const cases: [string[], string][] = [
    [["--epochs", "0"], "epochs must be greater than zero, not 0."],
    [["--learning-rate", "nan"], "learning_rate must be greater than zero, not nan."],
    [["--seed", "-1"], "seed must not be negative, not -1."],
    [["--resume", "gone.pt"], "There is no checkpoint gone.pt."],
    [["--resume", "torn.pt"], "torn.pt cannot be read as a checkpoint: "],
    [["--resume", "."], ". cannot be read as a checkpoint: "],
    [["--resume", "other.pt"], "other.pt is no checkpoint of this script: it has no config, epoch, "],
    [["--resume", "finished.pt"], "finished.pt has finished its 1 epochs; give more with --epochs."],
  ];
  const finished = await runPython(["-c", source, JSON.stringify(cases.map(([args]) => args))], { cwd: folder.path });
  assert.equal(finished.exitCode, 0, finished.stderr);
  const answers = finished.stdout.trim().split("\n");
  for (const [index, [args, message]] of cases.entries()) {
    const [code, line] = z.tuple([z.number(), z.string()]).parse(JSON.parse(answers[index] ?? "[]"));
    assert.equal(code, 2, args.join(" "));
    assert.ok(line.startsWith(`train_cats.py: error: ${message}`), line);
  }
});

test("a training that diverges says where, and fails", async () => {
  await using folder = await temporaryFolder();
  await scaffold(folder.path);
  const finished = await runPython(["train_cats.py", "--learning-rate", "1e30", "--device", "cpu"], {
    cwd: folder.path,
  });
  assert.equal(finished.exitCode, 1);
  assert.match(
    finished.stdout,
    /^FloatingPointError: The loss is \S+ A lower --learning-rate .* Epoch 1, step \d+ on cpu with Config\(/m,
  );
  assert.match(finished.stderr, /Traceback/);
});
