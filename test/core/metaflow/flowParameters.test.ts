import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type FlowParameter,
  type FlowParameterType,
  parameterProblem,
} from "../../../src/core/metaflow/flowParameters.ts";
import { outlineFlowText } from "../../../src/node/metaflow/inspectFlow.ts";

async function check(declarations: readonly string[], expected: readonly FlowParameter[]) {
  const text = [
    "from metaflow import FlowSpec, IncludeFile, JSONType, Parameter, step",
    "RATE = 1e-3",
    "class F(FlowSpec):",
    ...declarations.map((line) => `    ${line}`),
    "    @step",
    "    def start(self):",
    "        self.next(self.end)",
    "    @step",
    "    def end(self):",
    "        pass",
  ].join("\n");
  const [outline] = await outlineFlowText(text, { path: "/nowhere/f.py" });
  assert.deepEqual(outline?.parameters, expected);
}

test("a parameter has the type it is declared with, else that of its default, as Metaflow infers it", async () => {
  await check(
    [
      'b = Parameter("batch-size", type=int, default=32, help="Samples")',
      'a = Parameter("rate", default=RATE)',
      'c = Parameter("n", default=3)',
      'd = Parameter("verbose", default=True)',
      'e = Parameter("grid", type=JSONType, default="[1, 2]")',
      'f = Parameter(name="must", required=True)',
      'g = Parameter("when", default=lambda context: "now")',
      'h = IncludeFile("notes", required=False, help="Text")',
      'i = Parameter("empty", default="")',
      'j = Parameter("whole", default=2.0)',
      'k = Parameter("strength", type=float, default=1)',
    ],
    [
      { name: "batch-size", type: "integer", default: "32", help: "Samples", isRequired: false },
      { name: "rate", type: "float", default: "0.001", isRequired: false },
      { name: "n", type: "integer", default: "3", isRequired: false },
      { name: "verbose", type: "boolean", default: "True", isRequired: false },
      { name: "grid", type: "json", default: "[1, 2]", isRequired: false },
      { name: "must", type: "string", isRequired: true },
      { name: "when", type: "string", computedDefault: 'lambda context: "now"', isRequired: false },
      { name: "notes", type: "file", help: "Text", isRequired: false },
      { name: "empty", type: "string", default: "", isRequired: false },
      { name: "whole", type: "float", default: "2.0", isRequired: false },
      { name: "strength", type: "float", default: "1.0", isRequired: false },
    ],
  );
});

test("a type that is called like what every JavaScript object has is none that Metaflow knows", async () => {
  await check(
    ['x = Parameter("x", type=x.constructor)', 'y = Parameter("y", type=toString)'],
    [
      { name: "x", type: "string", isRequired: false },
      { name: "y", type: "string", isRequired: false },
    ],
  );
});

function checkText(type: FlowParameterType, good: readonly string[], bad: readonly string[]) {
  const parameter: FlowParameter = { name: "x", type, isRequired: true };
  assert.deepEqual(
    good.map((text) => parameterProblem(parameter, text)),
    good.map(() => undefined),
  );
  for (const text of [...bad, " "]) {
    assert.match(parameterProblem(parameter, text) ?? "accepted", /^x (?:is|has) /, text);
  }
}

test("a text that Metaflow would refuse is refused while it is typed", () => {
  checkText("integer", ["0", "-3", "1_000"], ["1.5", "ten", "1e3"]);
  checkText("float", ["0.1", "1e-3", ".5", "-2", "inf", "nan"], ["fast", "1,5", "1e"]);
  checkText("boolean", ["True", "false", "1"], ["maybe", "2"]);
  checkText("json", ["[1, 2]", '{"a": null}', "3"], ["[1,", "{a: 1}"]);
  checkText("string", ["anything at all"], []);
});
