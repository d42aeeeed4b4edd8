import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { FactIndex } from "../../../src/node/knowledge/factIndex.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

const SITE_PACKAGES = "lib/python3.11/site-packages";

/** Files with the texts that they may have; what is in folders that a scan does not enter must never count. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  ".gitignore": ["", "ignored/\n*.local.txt\n", "sub/\n", "[z-a]\n!x\n"],
  "sub/.gitignore": ["", "deep/\n", "*.txt\n"],
  "requirements.txt": ["torch>=2\n", "torch==2.4.0\n-r sub/more.list\n", "jax\n-r link.list\n", "\n"],
  "sub/requirements.txt": ["keras\n", "xgboost==2\n"],
  "sub/more.list": ["lightgbm\n", "catboost\n-r ../requirements.txt\n"],
  "sub/deep/train.py": ["import torch\nloss.backward()\n", "import jax\n", "pass\n"],
  "sub/deep/last.ckpt": ["x"],
  "a.local.txt": ["x"],
  "ignored/requirements.txt": ["mxnet\n"],
  "ignored/last.ckpt": ["x"],
  "dist/requirements.txt": ["mxnet\n"],
  ".ipynb_checkpoints/a.py": ["import mxnet\n"],
  "node_modules/x/requirements.txt": ["mxnet\n"],
  ".venv/pyvenv.cfg": ["version = 3.11.7\n", "version = 3.12.1\n"],
  [`.venv/${SITE_PACKAGES}/torch-2.4.0.dist-info/METADATA`]: ["Name: torch\nVersion: 2.4.0\n"],
  [`.venv/${SITE_PACKAGES}/keras/train.py`]: ["import keras\n"],
  "tools/pyvenv.cfg": ["version = 3.10.2\n"],
  "tools/a.py": ["import fastai\n"],
  [`tools/${SITE_PACKAGES}/jax-0.5.0.dist-info/METADATA`]: ["Name: jax\nVersion: 0.5.0\n"],
};

const PATHS = Object.keys(FILES);

/** Numbers below a bound, the same for the same seed (a linear congruential generator). */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Changes a file, or removes it or one of its folders, and gives the path that a watcher would tell. */
async function change(folder: string, throwDie: (bound: number) => number): Promise<string> {
  const path = PATHS[throwDie(PATHS.length)] ?? "";
  const names = path.split("/");
  const part = names.slice(0, 1 + throwDie(names.length)).join("/");
  const kind = throwDie(8);
  if (kind < 2) {
    await rm(join(folder, part), { recursive: true, force: true });
    return part;
  }
  await rm(join(folder, path), { recursive: true, force: true });
  await mkdir(join(folder, dirname(path)), { recursive: true });
  if (kind === 2) {
    const targets = ["requirements.txt", "sub", "sub/requirements.txt", ".ipynb_checkpoints", "../outside", path];
    await symlink(join(folder, targets[throwDie(targets.length)] ?? ""), join(folder, path));
  } else {
    const texts = FILES[path] ?? [];
    await writeFile(join(folder, path), texts[throwDie(texts.length)] ?? "");
  }
  return path;
}

for (const seed of [1, 2, 3]) {
  test(`what is kept after changes is what a scan finds (sequence ${seed})`, async () => {
    await using workspace = await scriptWorkspace();
    const throwDie = dice(seed);
    const kept = new FactIndex(workspace.folder);
    await kept.scan();
    const told: string[] = [];
    for (let step = 0; step < 120; step++) {
      told.push(await change(workspace.folder, throwDie));
      if (throwDie(3) > 0) {
        continue;
      }
      await kept.update(told);
      const fresh = new FactIndex(workspace.folder);
      await fresh.scan();
      assert.deepEqual([kept.facts({}), kept.evidence({})], [fresh.facts({}), fresh.evidence({})], told.join(", "));
      told.length = 0;
    }
  });
}

function frameworksOf(index: FactIndex): string[] {
  return index
    .facts({})
    .facts.filter(({ key }) => key === "ml_framework")
    .map(({ value }) => value);
}

test("hundreds of changes in an environment are one look at it, and those in other folders of tools are none", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("requirements.txt", "torch\n");
  await workspace.write(".venv/pyvenv.cfg", "version = 3.11.7\n");
  const index = new FactIndex(workspace.folder);
  await index.scan();
  const before = index.filesRead;
  await workspace.write("dist/requirements.txt", "mxnet\n");
  await index.update([
    "dist/requirements.txt",
    ...Array.from({ length: 300 }, (_, number) => `.venv/${SITE_PACKAGES}/x${number}.py`),
  ]);
  assert.equal(index.filesRead, before);
  assert.deepEqual(frameworksOf(index), ["torch"]);
  const installed = `.venv/${SITE_PACKAGES}/torch-2.4.0.dist-info/METADATA`;
  await workspace.write(installed, "Metadata-Version: 2.1\nName: torch\nVersion: 2.4.0\n");
  await index.update([installed]);
  assert.deepEqual(frameworksOf(index), ["torch 2.4.0"]);
});
