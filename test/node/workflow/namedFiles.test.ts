import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { TaskOutput } from "../../../src/core/workflow/taskOutput.ts";
import { checkNamedFiles } from "../../../src/node/workflow/namedFiles.ts";
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
});

const WHOLE = fileURLToPath(new URL("../../fixtures/checkpoints/model.safetensors", import.meta.url));

test("what an agent names is there: files, and lines of files", async (context) => {
  const workspace = temporaryFolder(context);
  const check = async (output: TaskOutput, expected: readonly RegExp[]) => {
    const found = await checkNamedFiles(evidencePorts(workspace), output);
    assert.equal(found.length, expected.length, found.join("\n"));
    expected.forEach((pattern, index) => assert.match(found[index] ?? "", pattern));
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

test("a checkpoint that is handed over is whole, by its own reader", async (context) => {
  const workspace = temporaryFolder(context);
  await copyFile(WHOLE, join(workspace, "best.safetensors"));
  const bytes = await readFile(WHOLE);
  await writeFile(join(workspace, "torn.safetensors"), bytes.subarray(0, bytes.length - 5));
  await writeFile(join(workspace, "empty.pt"), "");
  await writeFile(join(workspace, "words.pt"), "the best model\n");
  const judge = async (path: string) => (await checkNamedFiles(evidencePorts(workspace), files(path))).join("\n");
  assert.equal(await judge("best.safetensors"), "");
  assert.match(await judge("torn.safetensors"), /torn\.safetensors is not whole/);
  assert.match(await judge("empty.pt"), /empty\.pt is/);
  assert.match(await judge("words.pt"), /words\.pt is/);
});
