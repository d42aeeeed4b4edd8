import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkMachineLearning } from "../../src/core/training/audit/checkMachineLearning.ts";
import { loadPythonParser } from "../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

const findings = (text: string) => checkMachineLearning(parser, text).findings;

/** The lines on which one rule finds something; the first line is the import and counts as zero. */
function linesOf(id: string, text: string): number[] {
  return findings(`import torch, sklearn\n${text}`)
    .filter(({ code }) => code === id)
    .map(({ range }) => range.start.line);
}

/** How many cases of each kind the rules have. */
export const counted = { bad: 0, good: 0 };

/** `bad`: the line that is found, and the text. `good`: what is fine. */
export function checkRule(
  id: string,
  cases: { bad: readonly (readonly [line: number, text: string])[]; good: readonly string[] },
) {
  counted.bad += cases.bad.length;
  counted.good += cases.good.length;
  describe(id, () => {
    for (const [line, text] of cases.bad) {
      test(`finds: ${label(text)}`, () => assert.deepEqual(linesOf(id, text), [line]));
    }
    for (const text of cases.good) {
      test(`leaves alone: ${label(text)}`, () => assert.deepEqual(linesOf(id, text), []));
    }
  });
}

const label = (text: string) => text.replaceAll(/\s*\n\s*/g, "; ").slice(0, 110);

export const SPLIT = "a, b, c, d = train_test_split(X, y, random_state=1)";
