import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "../../../src/core/workflow/modelAnswer.ts";
import { findOutput } from "../../../src/core/workflow/taskOutput.ts";

const risks = (extra = "") =>
  `{"kind": "risks", "risks": [{"category": "leakage", "severity": "high", "description": "d", "mitigation": "m"}${extra}]}`;
const fenced = (json: string) => `Here is what I found.\n\n\`\`\`json\n${json}\n\`\`\`\n`;

/** What the person reads of an answer: nothing where it can be used. */
function said(text: string, wanted: Partial<Parameters<typeof findOutput>[0]> = {}): string {
  const { output, problems } = findOutput({ kind: "risks", sections: ["leakage"], ...wanted }, readAnswer(text));
  assert.equal(output === undefined, problems.length > 0, JSON.stringify(problems));
  return problems.map(({ says }) => says).join("; ");
}

test("an answer is read wherever its JSON stands, and however a model writes it", () => {
  for (const text of [
    risks(),
    fenced(risks()),
    `${fenced(risks())}I hope this helps. Shall I go on with {phase 4}?`,
    fenced(risks()).replace("json", "JSON"),
    fenced(risks()).replaceAll("```", "~~~"),
    `My answer: ${risks()}`,
    `The function f(x) { return x; } leaks.\n${fenced(risks())}`,
    `An open { brace.\n${fenced(risks())}`,
    fenced(risks(",")),
    fenced(`// what I found\n${risks()} // that is all`),
    fenced(risks(" /* and no more */ ,\n")),
    fenced(risks().replace('"m"', '"m", # in short\n')),
    fenced(risks().replace('"d"', '"two\nlines\tand a tab"')),
    fenced(risks().replace('"d"', '"see ```python\\nprint({})\\n``` and \\"quotes\\""')),
    fenced(risks().replace('"kind": "risks", ', "")),
    `${fenced('{"kind": "notes", "summary": "s", "sections": []}')}${fenced(risks())}`,
    `${fenced(risks())}And as an example of the data:\n${fenced('{"pixel": 3}')}`,
    `First, cut off:\n\`\`\`json\n{"kind": "risks", "risks": [{"cat\n\`\`\`\nAgain:\n${fenced(risks())}`,
  ]) {
    assert.equal(said(text), "", text);
  }
});

const withConfidence = (confidence: string) =>
  fenced(
    `{"kind": "findings", "findings": [{"title": "Leak", "severity": "high", "confidence": ${confidence}, "detail": "d", "fix": "f"}]}`,
  );

test("numbers that are none are missing, and no answer is made up of them", () => {
  const findings = { kind: "findings", sections: [] } as const;
  assert.equal(said(withConfidence("90"), findings), "");
  for (const none of ["NaN", "None", "-Infinity", "null"]) {
    assert.equal(said(withConfidence(none), findings), 'the confidence of the finding "Leak" is missing', none);
  }
  assert.equal(
    said(withConfidence("120"), findings),
    'the confidence of the finding "Leak" is 120, and has to be 100 or less',
  );
  assert.equal(
    said(withConfidence('"sure"'), findings),
    'the confidence of the finding "Leak" is "sure", and has to be a number',
  );
});

test("what is wrong with an answer is said in the words of its form", () => {
  const table: readonly (readonly [text: string, expected: string])[] = [
    ["I approve.", "it is only text, without the parts that are asked for"],
    ["", "it is only text, without the parts that are asked for"],
    [fenced(risks()).slice(0, -40), "it breaks off before its end"],
    [fenced(risks().replace('"severity": "high", ', "")), 'the severity of the risk "leakage" is missing'],
    [
      fenced(risks().replace('"high"', '"huge"')),
      'the severity of the risk "leakage" is "huge", and has to be critical, high, medium or low',
    ],
    [fenced(risks().replace('"d"', '""')), 'the description of the risk "leakage" is empty'],
    [fenced(risks().replace('"leakage"', '" "')), "the category of the risk number 1 is empty"],
    [fenced(risks().replace('"leakage"', '"drift"')), '"leakage" is missing'],
    [fenced(risks().replace('"m"', '"m", "impact": 3')), 'the risk "leakage" has "impact", which is not asked for'],
    [
      fenced('{"art": "Risiken", "risiken": []}'),
      'the list of risks is missing; the answer has "art" and "risiken", which is not asked for',
    ],
    [
      fenced('{"kind": "risks", "risks": {"leakage": "high"}}'),
      "the list of risks is a group of fields, and has to be a list",
    ],
    [fenced('{"kind": "notes", "summary": "s", "sections": []}'), "it gives notes where risks are asked for"],
    [fenced('{"kind": "risiken", "risks": []}'), "the kind is none of those that are known"],
  ];
  for (const [text, expected] of table) {
    assert.equal(said(text), expected, text);
  }
  const checks = fenced(
    '{"kind": "checks", "checks": [{"name": "Unit tests", "status": "passed", "evidence": "ran"}]}',
  );
  assert.equal(
    said(checks, { kind: "checks", sections: ["Unit tests"], proofs: { "Unit tests": "tests" } }),
    'it says that "Unit tests" has passed, and names no test files that show it',
  );
});

test("an answer of braces alone costs no time", () => {
  const began = performance.now();
  for (const text of [
    "{".repeat(100_000),
    '{"a":'.repeat(20_000),
    "{}".repeat(30_000),
    `{"a": "${"x".repeat(100_000)}`,
  ]) {
    findOutput({ kind: "risks", sections: [] }, readAnswer(text));
  }
  assert.ok(performance.now() - began < 4_000, `${performance.now() - began} ms`);
});
