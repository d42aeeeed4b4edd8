import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { buildGraph } from "../../../src/core/metaflow/graph/flowGraph.ts";
import { outputSteps } from "../../../src/core/metaflow/graph/outputSteps.ts";
import { checkFlow, type FlowReport } from "../../../src/core/metaflow/lint/checkFlow.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";
import { walkWorkspace } from "../../../src/node/base/workspaceWalk.ts";
import { renderModel } from "../../support/flowCorpus/flowModel.ts";
import { generateFlow } from "../../support/flowCorpus/generateFlow.ts";
import { longLine, nestedSplits, stackedDiamonds, wideSplit } from "../../support/flowCorpus/largeFlows.ts";
import { repositoryRoot, runPython, samplePython } from "../../support/python.ts";

const parser = await loadPythonParser();

function check(text: string): FlowReport {
  return checkFlow(parser, { path: "flow.py", text, find: () => undefined, fileExists: () => true });
}

test("files of Python's standard library give an answer, and none of them is a flow", async () => {
  const asked = await runPython(["-c", "import os; print(os.path.dirname(os.__file__))"], { cwd: repositoryRoot });
  const folder = asked.stdout.trim();
  const limits = { maxSiblings: 10_000, maxFiles: 100_000, maxMs: 60_000 };
  const { files } = await walkWorkspace(folder, { limits });
  const sources = files.filter(({ extension }) => extension === ".py");
  assert.ok(sources.length > 500, `${samplePython()} has only ${sources.length} files in ${folder}`);
  // Every one of them is read by `npm run test:owners`.
  for (const { path } of sources.filter((_, index) => index % 20 === 0)) {
    const report = check((await readFile(join(folder, path))).toString("utf8"));
    assert.deepEqual([path, report.flows.length, report.findings], [path, 0, []]);
  }
});

test("a flow that is cut off anywhere gives an answer", () => {
  for (const seed of [3, 8, 21]) {
    const text = [...renderModel(generateFlow(seed), "flow").values()].at(-1) ?? "";
    for (let length = 0; length < text.length; length += 7) {
      const { flows } = check(text.slice(0, length));
      flows.forEach((flow) => outputSteps(buildGraph(flow), () => undefined));
    }
  }
});

function steps(text: string): string[] {
  return check(text).flows.flatMap((flow) => flow.steps.map(({ name }) => name));
}

test("byte order marks, line ends, tabs and bytes that are no UTF-8 change nothing", () => {
  const plain = longLine(4);
  const expected = ["end", "start", "step_0", "step_1"];
  for (const text of [
    plain,
    `\ufeff${plain}`,
    plain.replaceAll("\n", "\r\n"),
    plain.replaceAll("    ", "\t"),
    `# ${Buffer.from([0xe9, 0xff, 0xfe]).toString("utf8")}\n${plain}`,
    `# -*- coding: latin-1 -*-\n${plain}`,
    `${plain}\u0000`,
  ]) {
    assert.deepEqual(steps(text), expected, JSON.stringify(text.slice(0, 40)));
  }
});

test("paths that double with each split are not walked one by one", () => {
  for (const text of [stackedDiamonds(40), nestedSplits(60), wideSplit(300)]) {
    const { flows, findings } = check(text);
    assert.deepEqual(findings, []);
    const [flow] = flows;
    assert.ok(flow);
    const graph = buildGraph(flow);
    assert.equal(graph.order.length, flow.steps.length);
    assert.equal(outputSteps(graph, () => undefined)?.graph_structure.at(-1), "end");
  }
});

test("a flow as long as a file may be ends in an answer", () => {
  for (const text of [longLine(5000), nestedSplits(1000)]) {
    const { flows, findings } = check(text);
    assert.deepEqual(findings, []);
    const [flow] = flows;
    assert.ok(flow && JSON.stringify(outputSteps(buildGraph(flow), () => undefined)).length > 0);
  }
});

test("splits that are never joined and switches behind each other stay small", () => {
  const unjoined = stackedDiamonds(40).replaceAll("self, inputs", "self");
  assert.equal(check(unjoined).findings[0]?.code, "split-join-balance");
  const switches = stackedDiamonds(30)
    .replaceAll("self, inputs", "self")
    .replaceAll(
      /self\.next\(self\.(left_\d+), self\.(right_\d+)\)/g,
      'self.next({"a": self.$1, "b": self.$2}, condition="c")',
    );
  const [flow] = check(switches).flows;
  assert.ok(flow);
  // Metaflow's structure would have 2 ** 30 entries.
  assert.deepEqual(outputSteps(buildGraph(flow), () => undefined)?.graph_structure, []);
});

const HEAD = "from metaflow import FlowSpec, step\n";
const END = "    @step\n    def end(self):\n        pass\n";

test("constants that name each other many times are left as they are written", () => {
  const constants = Array.from(
    { length: 30 },
    (_, index) => `a${index + 1} = [${Array(10).fill(`a${index}`).join(", ")}]\n`,
  );
  const text = `${HEAD}a0 = [1, 2]\n${constants.join("")}class A(FlowSpec):\n    x = a30\n    @step\n    def start(self):\n        self.next(self.end)\n${END}`;
  assert.deepEqual(steps(text), ["end", "start"]);
});
