import { test } from "node:test";
import { checkFlow } from "../../src/core/metaflow/lint/checkFlow.ts";
import { loadPythonParser } from "../../src/node/base/pythonParser.ts";
import { assertScales } from "../support/assertScales.ts";

const parser = await loadPythonParser();
const HEAD = "from metaflow import FlowSpec, step\n";
const END = "    @step\n    def end(self):\n        pass\n";

function check(text: string): void {
  checkFlow(parser, { path: "flow.py", text, find: () => undefined, fileExists: () => true });
}

/** A flow with a chain of steps, each with these lines. */
function chain(count: number, lines: (index: number, next: string) => string): string {
  const step = (index: number) =>
    `    @step\n    def ${index === 0 ? "start" : `s${index}`}(self):\n        ${lines(index, index + 1 < count ? `s${index + 1}` : "end")}\n`;
  return `${HEAD}class A(FlowSpec):\n${Array.from({ length: count }, (_, index) => step(index)).join("")}${END}`;
}

test("what a flow costs grows with its size: artifacts, steps without a next one, and ancestors", () => {
  const shapes: Record<string, (size: number) => string> = {
    "artifacts that all later steps have": (size) =>
      chain(size, (index, next) => `self.v${index} = ${index}\n        self.next(self.${next})`),
    "steps that lead nowhere": (size) => chain(size, () => "self.v = 1"),
    "classes that inherit from one another": (size) =>
      HEAD +
      Array.from(
        { length: size },
        (_, index) => `class C${index}(${index ? `C${index - 1}` : "FlowSpec"}):\n    x = ${index}\n`,
      ).join(""),
    "classes that inherit from the next one": (size) =>
      HEAD + Array.from({ length: size }, (_, index) => `class C${index}(C${index + 1}):\n    x = ${index}\n`).join(""),
  };
  for (const [what, write] of Object.entries(shapes)) {
    assertScales(what, (size) => check(write(size)), 50);
  }
});
