import assert from "node:assert/strict";
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkFlow } from "../../src/node/metaflow/checkFlow.ts";
import { repositoryRoot, runPython, samplePython, temporaryFolder } from "../support/python.ts";

/** The sample's files without what earlier runs or an environment left beside them. */
async function copySample(target: string): Promise<void> {
  for (const file of ["train.py", "evaluate.py", "export.py", "flow.py"]) {
    await cp(join(repositoryRoot, "examples/digits", file), join(target, file));
  }
}

test("the sample trains to more than 95 % on validation, and its best checkpoint holds on the test images", async () => {
  await using folder = await temporaryFolder();
  await copySample(folder.path);
  const trained = await runPython(["train.py"], { cwd: folder.path });
  assert.equal(trained.exitCode, 0, trained.stderr);
  const best = Number(/^Finished: best val_acc=([\d.]+)$/m.exec(trained.stdout)?.[1]);
  assert.ok(best > 0.95, `best val_acc ${best}`);

  const checkpoints = await readdir(join(folder.path, "checkpoints"));
  assert.equal(checkpoints.filter((name) => /^checkpoint_epoch_\d+\.pt$/.test(name)).length, 10);
  const bestEpoch = Math.max(...checkpoints.map((name) => Number(/^best_epoch_(\d+)\.pt$/.exec(name)?.[1] ?? 0)));
  const bestCheckpoint = `checkpoints/best_epoch_${bestEpoch}.pt`;

  const evaluated = await runPython(["evaluate.py", bestCheckpoint], { cwd: folder.path });
  assert.equal(evaluated.exitCode, 0, evaluated.stderr);
  assert.ok(Number(/test_acc=([\d.]+) on 270 images/.exec(evaluated.stdout)?.[1]) > 0.95, evaluated.stdout);

  const exported = await runPython(["export.py", bestCheckpoint, "digits.safetensors"], { cwd: folder.path });
  assert.equal(exported.exitCode, 0, exported.stderr);
  const again = await runPython(["export.py", bestCheckpoint, "digits.safetensors"], { cwd: folder.path });
  assert.equal(again.exitCode, 2);
  assert.match(again.stderr, /digits\.safetensors exists already and is not overwritten/);
});

test("the sample's flow is accepted by Metaflow and trains exactly what the script trains", async () => {
  await using folder = await temporaryFolder();
  await copySample(folder.path);
  assert.deepEqual(await checkFlow(samplePython(), join(folder.path, "flow.py")), { kind: "ok" });
  const script = await runPython(["train.py", "--epochs", "1", "--device", "cpu"], { cwd: folder.path });
  const flow = await runPython(["flow.py", "--no-pylint", "run", "--epochs", "1"], { cwd: folder.path });
  assert.equal(flow.exitCode, 0, flow.stdout + flow.stderr);
  const line = /Epoch 1\/1: (train_loss=\S+ val_loss=\S+ val_acc=\S+)/;
  assert.notEqual(line.exec(script.stdout), null, script.stderr);
  assert.equal(line.exec(flow.stdout)?.[1], line.exec(script.stdout)?.[1]);
});

test("every Python file compiles without a warning", async () => {
  const files = ["examples/digits", "templates"].map(async (folder) =>
    (await readdir(join(repositoryRoot, folder)))
      .filter((name) => name.endsWith(".py"))
      .map((name) => join(folder, name)),
  );
  const source =
    "import sys\nfor name in sys.argv[1:]:\n    compile(open(name, encoding='utf-8').read(), name, 'exec')";
  const args = ["-W", "error", "-c", source, ...(await Promise.all(files)).flat()];
  const finished = await runPython(args, { cwd: repositoryRoot });
  assert.equal(finished.exitCode, 0, finished.stderr);
});
