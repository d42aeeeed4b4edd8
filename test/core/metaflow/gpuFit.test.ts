import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { PythonParser } from "../../../src/core/base/pythonSyntax.ts";
import { outlineFlows } from "../../../src/core/metaflow/flowOutline.ts";
import { fitWorkers } from "../../../src/core/metaflow/gpuFit.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";

let parser: PythonParser;
before(async () => {
  parser = await loadPythonParser();
});

function check(decorator: string, gpuCount: number, expected: number | undefined): void {
  const text = `from metaflow import FlowSpec, resources, step
class SweepFlow(FlowSpec):
    ${decorator.startsWith("start") ? "@resources(gpu=1)" : "@step"}
    @step
    def start(self):
        self.next(self.fit, foreach="rates")
    ${decorator.startsWith("@") ? decorator : "@step"}
    @step
    def fit(self):
        self.next(self.join)
    @step
    def join(self, inputs):
        self.next(self.end)
    @step
    def end(self):
        pass
`;
  const [outline] = outlineFlows(parser, { path: "flow.py", text, find: () => undefined, fileExists: () => true });
  assert.equal(fitWorkers(outline?.gpuNeeds ?? [], gpuCount)?.maxWorkers, expected);
}

test("a foreach over steps with a GPU runs as many tasks as the GPUs take", () => {
  check("@resources(gpu=1)", 1, 1);
  check("@resources(gpu=1)", 4, 4);
  check('@resources(gpu="2")', 5, 2);
  check("@resources(gpu=4)", 1, 1);
});

test("nothing is said where no task would share a GPU with another", () => {
  check("@resources(cpu=4)", 4, undefined);
  check("@resources(gpu=0)", 4, undefined);
  check("@resources(gpu=1)", 0, undefined);
  check("start alone asks", 1, undefined);
});
