import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { checkEnvironment, checkFlow } from "../../../src/node/metaflow/checkFlow.ts";
import { samplePython, temporaryFolder } from "../../support/python.ts";

const GOOD = `from metaflow import FlowSpec, step

class GoodFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    GoodFlow()
`;

async function check(text: string, options?: Parameters<typeof checkFlow>[2]) {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "some_flow.py");
  await writeFile(file, text);
  const result = await checkFlow(samplePython(), file, options);
  return { result, files: (await readdir(folder.path)).filter((name) => name !== ".metaflow") };
}

test("Metaflow accepts a good flow", async () => {
  assert.deepEqual(await check(GOOD), { result: { kind: "ok" }, files: ["some_flow.py"] });
});

test("Metaflow accepts a flow that names packages, whose environments a check does not make", async () => {
  const text = GOOD.replace("import FlowSpec", "import FlowSpec, pypi").replace(
    "    @step",
    '    @pypi(packages={"idna": "3.7"})\n    @step',
  );
  assert.ok(text.includes("FlowSpec, pypi"));
  assert.deepEqual((await check(text)).result, { kind: "ok" });
});

test("a transition to nowhere is a problem on its line", async () => {
  const { result } = await check(GOOD.replace("self.next(self.end)", "self.next(self.gone)"));
  assert.ok(result.kind === "problems");
  assert.equal(result.problems[0]?.range.start.line, 5);
  assert.match(result.problems[0]?.message ?? "", /unknown step, gone/);
});

test("a mistake in the Python is a problem on its line", async () => {
  for (const [text, line, message] of [
    ["x = 1\nimport nothere\n", 1, /No module named 'nothere'/],
    ["x = 1\n\nclass F(FlowSpec)\n    pass\n", 2, /SyntaxError/],
    ["from metaflow import foreach\n", 0, /cannot import name 'foreach'/],
  ] as const) {
    const { result } = await check(text);
    assert.ok(result.kind === "problems", text);
    assert.equal(result.problems[0]?.range.start.line, line, text);
    assert.match(result.problems[0]?.message ?? "", message);
  }
});

test("a script that is no flow is told apart from a good flow", async () => {
  const { result } = await check("print('hi')\n");
  assert.equal(result.kind, "not-a-flow");
});

test("a Python without Metaflow is told how to get it", async () => {
  await using folder = await temporaryFolder();
  // Isolated and without site-packages, so that only the standard library is there.
  const python = join(folder.path, "python");
  await writeFile(python, `#!/bin/sh\nexec "${samplePython()}" -I -S "$@"\n`, { mode: 0o755 });
  const file = join(folder.path, "some_flow.py");
  await writeFile(file, GOOD);
  const result = await checkFlow(python, file);
  assert.ok(result.kind === "metaflow-missing");
  assert.match(result.message, /python -m pip install metaflow/);
});

test("an interpreter that does not exist is a sentence", async () => {
  await assert.rejects(checkFlow("/no/such/python", join(import.meta.dirname, "x.py")), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /^\/no\/such\/python could not be started/);
    return true;
  });
});

test("a file that never ends is ended with everything it started", { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "endless.py");
  // The child holds the output open: were it left alive, the check would wait for it.
  await writeFile(file, "import subprocess\nsubprocess.run(['sleep', '600'])\n");
  await assert.rejects(checkFlow(samplePython(), file, { timeoutMs: 1_000 }), /was ended after 1 s/);
  const controller = new AbortController();
  const checking = checkFlow(samplePython(), file, { signal: controller.signal });
  controller.abort();
  await assert.rejects(checking, { name: "AbortError" });
});

test("a user name is given only where Metaflow would find none", () => {
  assert.equal(checkEnvironment({ USER: "root" })["METAFLOW_USER"], "trainyard");
  assert.equal(checkEnvironment({})["METAFLOW_USER"], "trainyard");
  assert.equal(checkEnvironment({ USER: "ada" })["METAFLOW_USER"], undefined);
  assert.equal(checkEnvironment({ METAFLOW_USER: "ada" })["METAFLOW_USER"], "ada");
});
