import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { planCommandWords, readLaunchCommand } from "../../../src/node/training/planCommandText.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { testReceipt } from "../../support/runFixtures.ts";
import { addVirtualEnvironment, scriptWorkspace } from "../../support/scriptWorkspace.ts";

const SCRIPT =
  'import argparse\np = argparse.ArgumentParser()\np.add_argument("--lr", default="0.1")\np.parse_args()\n';

test("a launcher runs beside the Python of the workspace, with what its script says", async () => {
  await using workspace = await scriptWorkspace();
  const root = workspace.folder;
  await addVirtualEnvironment(join(root, ".venv"));
  await chmod(await workspace.write(".venv/bin/torchrun", `#!${root}/.venv/bin/python\n`), 0o755);
  await workspace.write("train.py", SCRIPT);
  await workspace.write("Makefile", "train:\n\tpython train.py\n");
  await workspace.write("pyproject.toml", '[project]\nname = "x"\n[project.scripts]\nx-train = "x:main"\n');
  const context = { workspaceFolder: root, environment: { PATH: "" } };
  const { words = [] } = (await readLaunchCommand("torchrun --standalone train.py --lr 0.3", root)) ?? {};
  const plan = await planCommandWords(words, context);
  assert.deepEqual(plan.command, [join(root, ".venv/bin/torchrun"), "--standalone", "train.py", "--lr", "0.3"]);
  assert.deepEqual([plan.cwd, plan.script], [root, join(root, "train.py")]);
  assert.deepEqual(
    plan.arguments.map(({ flag, value }) => [flag, value]),
    [["--lr", "0.3"]],
  );
  const module = await planCommandWords(["python", "-m", "train"], context);
  assert.deepEqual(module.command, [join(root, ".venv/bin/python"), "-m", "train"]);
  assert.deepEqual(await readLaunchCommand("make train", root), { words: ["make", "train"], leftOut: "" });
  await assert.rejects(planCommandWords((await readLaunchCommand("x-train", root))?.words ?? [], context), {
    message: /^`x-train` was found neither beside `.*\/\.venv\/bin\/python` nor on PATH\. Install it there/,
  });
});

test("a command is told who saves to its folder already", async () => {
  await using workspace = await scriptWorkspace();
  const root = workspace.folder;
  await addVirtualEnvironment(join(root, ".venv"));
  await workspace.write(
    "train.py",
    'import argparse\np = argparse.ArgumentParser()\np.add_argument("--checkpoint-dir", default="out")\np.parse_args()\n',
  );
  const context = { workspaceFolder: root, environment: { PATH: "" } };
  const first = await planCommandWords(["python", "-m", "train"], context);
  assert.deepEqual(first.warnings, []);
  await createRun(root, first, testReceipt);
  const { warnings } = await planCommandWords(["python", "-m", "train"], context);
  assert.match(
    warnings.join(),
    /has not ended and saves to `out` too.* Give it a folder of its own with `--checkpoint-dir`\./,
  );
});

test("a launcher that is told how many processes to start gets GPUs that nobody uses", async () => {
  await using workspace = await scriptWorkspace();
  const root = workspace.folder;
  await addVirtualEnvironment(join(root, ".venv"));
  await chmod(await workspace.write(".venv/bin/torchrun", `#!${root}/.venv/bin/python\n`), 0o755);
  await chmod(await workspace.write(".venv/bin/deepspeed", `#!${root}/.venv/bin/python\n`), 0o755);
  await workspace.write("train.py", SCRIPT);
  const context = { workspaceFolder: root, environment: replayedGpus("eight") };
  const plan = await planCommandWords(["torchrun", "--nproc-per-node", "2", "train.py"], context);
  const gpus = plan.device.kind === "cuda" ? plan.device.gpus : [];
  assert.equal(gpus.length, 2, JSON.stringify(plan.device));
  assert.deepEqual(
    plan.environment["CUDA_VISIBLE_DEVICES"]?.split(","),
    gpus.map(({ uuid }) => uuid),
  );
  const masked = { ...context, environment: { ...context.environment, CUDA_VISIBLE_DEVICES: String(gpus[0]?.index) } };
  for (const [words, where] of [
    [["torchrun", "--nproc-per-node", "2", "train.py"], masked],
    [["torchrun", "train.py"], context],
    [["deepspeed", "--num_gpus", "2", "train.py"], context],
  ] as const) {
    assert.equal(
      (await planCommandWords(words, where)).environment["CUDA_VISIBLE_DEVICES"],
      undefined,
      words.join(" "),
    );
  }
});
