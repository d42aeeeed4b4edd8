import assert from "node:assert/strict";
import { applyEdits } from "../../src/core/metaflow/edit/applyEdits.ts";
import { checkFlow } from "../../src/core/metaflow/lint/checkFlow.ts";
import type { Finding } from "../../src/core/metaflow/lint/finding.ts";
import { loadPythonParser } from "../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

export const IMPORT =
  "from metaflow import FlowSpec, Parameter, IncludeFile, S3, step, retry, catch, resources, kubernetes, schedule\n";

export function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : `    ${line}`))
    .join("\n");
}

/** A flow of whole steps: each text is a step without its mark, indented by nothing. */
export function flow(steps: readonly string[], members: readonly string[] = [], header = IMPORT): string {
  const body = [...members, ...steps.map((step) => (step.includes("@step") ? step : `@step\n${step}`))];
  return `${header}\n\nclass F(FlowSpec):\n${body.map(indented).join("\n\n")}\n\n\nif __name__ == "__main__":\n    F()\n`;
}

export function findings(text: string): readonly Finding[] {
  return checkFlow(parser, { path: "flow.py", text, find: () => undefined, fileExists: () => false }).findings;
}

export function severities(text: string): string[] {
  return findings(text).map(({ severity }) => severity);
}

/** Expects the findings of a flow as `rule step`, in order. */
export function check(text: string, expected: readonly string[]): void {
  const found = findings(text).map(({ code, step }) => (step === undefined ? code : `${code} ${step}`));
  assert.deepEqual(found, expected, text);
}

/** The fix of the only finding with one, what it does to the line it changes, and that the finding is gone after it. */
export function checkFix(text: string, title: string, expected: string): void {
  const found = findings(text).find(({ fixes }) => fixes.some((fix) => fix.title === title));
  const fix = found?.fixes.find((each) => each.title === title);
  assert.ok(found && fix, `no fix "${title}" in ${JSON.stringify(findings(text))}`);
  const fixed = applyEdits(text, fix.edits);
  assert.ok(fixed.includes(expected), fixed);
  assert.deepEqual(
    findings(fixed).filter(({ code, step }) => code === found.code && step === found.step),
    [],
    fixed,
  );
}

export const START = "def start(self):\n    self.next(self.end)";
export const END = "def end(self):\n    pass";
