import assert from "node:assert/strict";
import { applyEdits } from "../../src/core/metaflow/edit/applyEdits.ts";
import { checkFlow } from "../../src/core/metaflow/lint/checkFlow.ts";
import { loadPythonParser } from "../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

export function findingsIn(text: string) {
  return checkFlow(parser, { path: "flow.py", text, find: () => undefined, fileExists: () => true }).findings;
}

type Lines = { member?: string; start?: string; work?: string; join?: string; end?: string; above?: string };

/** A foreach with a line in each of its steps; Metaflow runs it as it is. */
export function sweep({
  member = "pass",
  start = "pass",
  work = "pass",
  join = "pass",
  end = "pass",
  above = "",
}: Lines) {
  return `from metaflow import Config, FlowSpec, IncludeFile, Parameter, current, step
${above}

class SweepFlow(FlowSpec):
    ${member}

    @step
    def start(self):
        self.items = [1, 2]
        self.model = 1
        ${start}
        self.next(self.work, foreach="items")

    @step
    def work(self):
        ${work}
        self.next(self.join)

    @step
    def join(self, inputs):
        ${join}
        self.next(self.end)

    @step
    def end(self):
        ${end}


if __name__ == "__main__":
    SweepFlow()
`;
}

/** The findings of a flow as `rule step`, in order. */
export function check(lines: Lines, expected: readonly string[]): void {
  const text = sweep(lines);
  const found = findingsIn(text).map(({ code, step }) => (step === undefined ? code : `${code} ${step}`));
  assert.deepEqual(found, expected, text);
}

/** What the only fix makes of the flow, and that nothing is found in it any more. */
export function checkFix(text: string, title: string, expected: string): void {
  const fixes = findingsIn(text).flatMap((finding) => finding.fixes);
  assert.deepEqual(
    fixes.map((fix) => fix.title),
    [title],
  );
  const fixed = applyEdits(text, fixes[0]?.edits ?? []);
  assert.ok(fixed.includes(expected), fixed);
  assert.deepEqual(findingsIn(fixed), []);
}
