import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { TaskOutput } from "../../../src/core/workflow/taskOutput.ts";
import { checkNamedFiles, findMissingFiles } from "../../../src/node/workflow/namedFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { evidencePorts } from "../../support/workflowFolder.ts";

const notes = (...paths: string[]): TaskOutput => ({
  kind: "notes",
  summary: "s",
  sections: [],
  keyFiles: paths.map((path) => ({ path, reason: "r" })),
});

const files = (...paths: string[]): TaskOutput => ({
  kind: "files",
  summary: "s",
  files: paths.map((path) => ({ path, purpose: "p" })),
  open: [],
});

const finding = (evidence: string): TaskOutput => ({
  kind: "findings",
  findings: [{ title: "t", severity: "low", confidence: 90, evidence, detail: "d", fix: "f" }],
  checked: "",
});

const WHOLE = fileURLToPath(new URL("../../fixtures/checkpoints/model.safetensors", import.meta.url));

test("what an agent names is there: files, and lines of files", async (context) => {
  const workspace = temporaryFolder(context);
  const check = async (output: TaskOutput, expected: readonly RegExp[]) => {
    const found = await checkNamedFiles(evidencePorts(workspace), output);
    assert.equal(found.length, expected.length, JSON.stringify(found));
    expected.forEach((pattern, index) => assert.match(found[index]?.toAgent ?? "", pattern));
  };
  await mkdir(join(workspace, "src"));
  await writeFile(join(workspace, "src", "train.py"), "a\nb\nc\n");
  await check(notes("src/train.py", "src/train.py:2", "src/train.py:1-3", "src"), []);
  await check(notes("src/nowhere.py"), [/^src\/nowhere\.py is not there\. Name only files that exist\./]);
  await check(files("model.py", "../outside.py"), [/model\.py is not there/, /lies outside the workspace folder/]);
  await check(finding(""), []);
  await check(finding("src/train.py:3, and trainyard_check_change at localhost:8080, http://a.example:80"), []);
  await check(finding("src/train.py:4"), [/src\/train\.py has 3 lines, and not a line 4\. Cite a line that is there/]);
  await check(finding("invented.py:12"), [/invented\.py is not there\. Cite a line/]);
});

test("only what can be a line of a file of the workspace is looked for, and each file once", async (context) => {
  const workspace = temporaryFolder(context);
  await mkdir(join(workspace, "my-src"));
  await writeFile(join(workspace, "my-src", "modèle.py"), "a\nb\n");
  const check = async (evidence: string, expected: readonly RegExp[]) => {
    const found = await checkNamedFiles(evidencePorts(workspace), finding(evidence));
    assert.equal(found.length, expected.length, JSON.stringify(found));
    expected.forEach((pattern, index) => assert.match(found[index]?.toAgent ?? "", pattern));
  };
  await check("http://my-api.example.com:8080, redis.local:6379, ftp://a.example/train.py:3", []);
  await check("/usr/lib/python3/dist-packages/some-package/there.py:12 and user@host.py:22", []);
  await check(`${workspace}/my-src/modèle.py:2, my-src/modèle.py:1, my-src\\modèle.py:2`, []);
  await check(`${workspace}/my-src/modèle.py:3`, [/has 2 lines, and not a line 3/]);
  await check("my-src/modèle.py:3 and my-src/modèle.py:9", [/not a line 3/, /not a line 9/]);
  await check(Array.from({ length: 60 }, (_, index) => `a${index}.c:1`).join(), Array(50).fill(/is not there/));
});

test("what a person's sentence says was written and is not there is found", async (context) => {
  const workspace = temporaryFolder(context);
  await mkdir(join(workspace, "src"));
  await writeFile(join(workspace, "src", "model.py"), "");
  const missing = async (summary: string) =>
    (await findMissingFiles(evidencePorts(workspace), { kind: "files", summary, files: [], open: [] })).join();
  for (const [summary, expected] of Object.entries({
    "wrote src/model.py and tests/test_model.py; changed ../../secret.py.": "tests/test_model.py,../../secret.py",
    "Renamed lib/a.py to src/b.py": "src/b.py",
    "Removed lib/a.py. Added src/from.py and tests/b.py": "src/from.py,tests/b.py",
    "Put the tests into tests/b.py": "tests/b.py",
  })) {
    assert.equal(await missing(summary), expected, summary);
  }
  for (const summary of [
    "Removed old/model.py and moved it to src/model.py.",
    "Renamed lib/a.py to src/model.py.",
    "Wrote src/model.py, which writes runs/metrics.csv when it is started",
    "Writes runs/metrics.csv when it is started",
    "Uses torch/nn/functional.py of PyTorch",
    "Changed src/model.py with a loss from torch/nn/functional.py",
    "train.py/eval.py were changed",
    "Changed train.py/eval.py",
    "have not added tests/b.py",
    "wrote src/model.py, model.py, see https://a.example/b/c.py and /data/big/rows.csv",
    "made the 80/20 split of v1.2/v1.3, and/or a test",
  ]) {
    assert.equal(await missing(summary), "", summary);
  }
});

test("a path that cannot be is named, and ends nothing", async (context) => {
  const workspace = temporaryFolder(context);
  await symlink("round", join(workspace, "round"));
  const judge = async (output: TaskOutput) =>
    (await checkNamedFiles(evidencePorts(workspace), output)).map(({ says }) => says).join("\n");
  assert.match(await judge(notes("a\0b.py")), /^a\\0b\.py is no path of a file: it holds a NUL\./);
  assert.match(
    await judge(files(`${"n".repeat(300)}.py`)),
    /^n{100} is no path of a file: it, or a name in it, is too long\./,
  );
  assert.match(await judge(finding(`${"n".repeat(300)}.py:3`)), /it, or a name in it, is too long/);
  assert.match(await judge(notes("round/a.py")), /its links lead in a circle/);
});

test("a checkpoint that is handed over is whole, by its own reader", async (context) => {
  const workspace = temporaryFolder(context);
  await copyFile(WHOLE, join(workspace, "best.safetensors"));
  const bytes = await readFile(WHOLE);
  await writeFile(join(workspace, "torn.safetensors"), bytes.subarray(0, bytes.length - 5));
  await writeFile(join(workspace, "empty.pt"), "");
  await writeFile(join(workspace, "words.pt"), "the best model\n");
  const judge = async (path: string) =>
    (await checkNamedFiles(evidencePorts(workspace), files(path))).map(({ says }) => says).join("\n");
  assert.equal(await judge("best.safetensors"), "");
  assert.match(await judge("torn.safetensors"), /torn\.safetensors is not whole/);
  assert.match(await judge("empty.pt"), /empty\.pt is/);
  assert.match(await judge("words.pt"), /words\.pt is/);
});
