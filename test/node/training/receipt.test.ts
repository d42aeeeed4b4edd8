import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { planCommand } from "../../../src/node/training/cli/commandPlan.ts";
import { collectReceipt } from "../../../src/node/training/receipt.ts";
import { readRunRecord } from "../../../src/node/training/runFolder.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { buildPlan, makeWorkspace } from "../../support/runFixtures.ts";

test("a receipt has packages, and fingerprints of script, configuration, lock file and data", async (context) => {
  const root = await makeWorkspace(context);
  await mkdir(join(root, "data", "2024", "may"), { recursive: true });
  await symlink(join(root, "data"), join(root, "data", "2024", "circle"));
  await writeFile(join(root, "data", "2024", "may", "train.csv"), "a,b\n");
  await writeFile(join(root, "train.py"), "print(1)\n");
  await writeFile(join(root, "big.yaml"), "x".repeat(2_000_000));
  await writeFile(join(root, "uv.lock"), "version = 1\n");
  const plan = buildPlan(root, ["python3", "train.py", "--config=big.yaml", "--data-dir", "data"], {
    arguments: [{ flag: "--data-dir", value: "data", source: "given" }],
  });
  const before = await collectReceipt(root, "1.2.3", plan);
  assert.deepEqual(
    before.files?.map(({ path, sizeBytes }) => [path, sizeBytes]),
    [
      ["train.py", 9],
      ["big.yaml", 2_000_000],
      ["uv.lock", 12],
    ],
  );
  assert.deepEqual(
    before.data?.map(({ path, sizeBytes }) => [path, sizeBytes]),
    [["data", 4]],
  );
  assert.ok(Object.keys(before.packages ?? {}).length > 0);

  await writeFile(join(root, "train.py"), "print(2)\n");
  await appendFile(join(root, "data", "2024", "may", "train.csv"), "1,2\n");
  const after = await collectReceipt(root, "1.2.3", plan);
  const hashes = (receipt: typeof before) =>
    [...(receipt.files ?? []), ...(receipt.data ?? [])].map(({ hash }) => hash);
  const changed = hashes(before).map((hash, index) => hash !== hashes(after)[index]);
  assert.deepEqual(changed, [true, false, false, true]);
});

test("a program that is no Python is not asked for packages", async (context) => {
  const root = await makeWorkspace(context);
  const receipt = await collectReceipt(root, "1.2.3", buildPlan(root, ["bash", "-c", "touch asked"]));
  assert.equal(receipt.packages, undefined);
});

test("a run on a GPU has the version of its driver", async (context) => {
  const root = await makeWorkspace(context);
  const before = { ...process.env };
  context.after(() => {
    process.env = before;
  });
  process.env = { ...before, ...replayedGpus("two") };
  const onGpu = buildPlan(root, ["true"], { device: { kind: "cuda", reason: "as asked for", gpus: [] } });
  const receipt = await collectReceipt(root, "1.2.3", onGpu);
  assert.equal(receipt.driver, "560.35.03");
  assert.equal((await collectReceipt(root, "1.2.3", buildPlan(root, ["true"]))).driver, undefined);
  // It may take one.
  assert.equal((await collectReceipt(root, "1.2.3", planCommand(["true"], root))).driver, "560.35.03");
});

test("what git does not know is kept with the run: uncommitted changes as a patch, new code by its hash", async (context) => {
  const root = await makeWorkspace(context);
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@x", ...words], { cwd: root });
  await writeFile(join(root, "train.py"), "print(1)\n");
  await writeFile(join(root, "latin.py"), Buffer.from("# caf\xe9 1\n", "latin1"));
  await writeFile(join(root, "weights.bin"), Buffer.from([0, 1, 2, 0xff]));
  git("init", "--quiet");
  git("config", "diff.noprefix", "true");
  git("add", ".");
  git("commit", "--quiet", "-m", "first");
  await writeFile(join(root, "train.py"), "print(2)\n");
  await writeFile(join(root, "latin.py"), Buffer.from("# caf\xe9 2\n", "latin1"));
  await writeFile(join(root, "weights.bin"), Buffer.from([0, 3, 2, 0xff]));
  await writeFile(join(root, "model.py"), "x = 1\n");
  await writeFile(join(root, "notes.txt"), "no code\n");
  const plan = buildPlan(root, ["python3", "train.py"]);
  const taken = await collectReceipt(root, "1.2.3", plan);
  assert.deepEqual(
    taken.files?.map(({ path }) => path),
    ["train.py", "model.py"],
  );

  const folder = await createRun(root, plan, taken);
  const { receipt } = await readRunRecord(folder);
  assert.deepEqual([receipt.git?.isDirty, receipt.git?.diffFile], [true, "changes.patch"]);
  git("stash", "--quiet");
  git("apply", join(folder, "changes.patch"));
  assert.equal(await readFile(join(root, "train.py"), "utf8"), "print(2)\n");
  assert.equal(await readFile(join(root, "latin.py"), "latin1"), "# caf\xe9 2\n");
  assert.deepEqual([...(await readFile(join(root, "weights.bin")))], [0, 3, 2, 0xff]);
});

test("code that git does not know yet is kept with the run, and comes back from there", async (context) => {
  const root = await makeWorkspace(context);
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@x", ...words], { cwd: root });
  await writeFile(join(root, "README.md"), "x\n");
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "-m", "first");
  const files: Record<string, Buffer> = {
    "pkg/train.py": Buffer.from("print(1)\nprint(2)\n"),
    "pkg/my modèle.py": Buffer.from("# caf\xe9 without an end", "latin1"),
    "pkg/__init__.py": Buffer.from(""),
    "pkg/data.json": Buffer.from('{"token": "x"}'),
  };
  await mkdir(join(root, "pkg"));
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(root, name), bytes);
  }
  const plan = buildPlan(join(root, "pkg"), ["python3", "train.py"]);
  const folder = await createRun(root, plan, await collectReceipt(join(root, "pkg"), "1.2.3", plan));
  const { receipt } = await readRunRecord(folder);
  const { isDirty, diffFile, newCodeFile } = receipt.git ?? {};
  assert.deepEqual([isDirty, diffFile, newCodeFile], [false, undefined, "new-code.patch"]);
  await rm(join(root, "pkg"), { recursive: true });
  git("apply", join(folder, "new-code.patch"));
  for (const [name, bytes] of Object.entries(files)) {
    const found = await readFile(join(root, name)).catch(() => undefined);
    assert.deepEqual(found, name.endsWith(".py") ? bytes : undefined, name);
  }
});
