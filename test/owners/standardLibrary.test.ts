import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { checkFlow } from "../../src/core/metaflow/lint/checkFlow.ts";
import { loadPythonParser } from "../../src/node/base/pythonParser.ts";
import { walkWorkspace } from "../../src/node/base/workspaceWalk.ts";
import { ownersPython } from "./ownersPython.ts";

test("every file of Python's standard library gives an answer, and none of them is a flow", async () => {
  const parser = await loadPythonParser();
  const program = "import os; print(os.path.dirname(os.__file__))";
  const { stdout } = await promisify(execFile)(ownersPython(), ["-c", program]);
  const folder = stdout.trim();
  const { files } = await walkWorkspace(folder, { limits: { maxSiblings: 10_000, maxFiles: 100_000, maxMs: 60_000 } });
  const sources = files.filter(({ extension }) => extension === ".py");
  assert.ok(sources.length > 500, `there are only ${sources.length} files in ${folder}`);
  for (const { path } of sources) {
    const text = (await readFile(join(folder, path))).toString("utf8");
    const report = checkFlow(parser, { path, text, find: () => undefined, fileExists: () => true });
    assert.deepEqual([path, report.flows.length, report.findings], [path, 0, []]);
  }
});
