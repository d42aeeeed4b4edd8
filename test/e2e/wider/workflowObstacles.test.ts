import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Turn } from "../../support/scriptedModel/script.ts";
import { ask, openChat, pressAndWait, replyButtons, scrollToStart } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answerTo } from "../support/quickInput.ts";

const WORKFLOW = `name: digits-check
title: Digits Check
description: Look at the digits, test what is there, and review it
phases:
  - id: look
    title: Look
    stage: Check
    goal: Know the data.
    steps:
      - tasks:
          - id: data
            agent: ml-explorer
            title: Data
            prompt: "Look at the data: $ARGUMENTS"
            output: { kind: risks, sections: [leakage, drift] }
    gate: { question: "Is the data good enough?" }
  - id: tests
    title: Tests
    stage: Check
    goal: See the tests pass.
    steps:
      - tasks:
          - id: unit
            agent: ml-reviewer
            title: Unit tests
            prompt: "Name the unit tests: $ARGUMENTS"
            output: { kind: checks, sections: [Unit tests], proofs: { Unit tests: tests } }
    gate: { question: "The tests do not pass. How shall it go on?", opensWhenChecksPass: true }
  - id: smoke
    title: Smoke tests
    stage: Check
    goal: See the smoke tests pass.
    steps:
      - tasks:
          - id: smoke
            agent: ml-reviewer
            title: Smoke tests
            prompt: "Name the smoke tests: $ARGUMENTS"
            output: { kind: checks, sections: [Smoke tests], proofs: { Smoke tests: tests } }
    gate: { question: "The smoke tests do not pass. How shall it go on?", opensWhenChecksPass: true }
  - id: review
    title: Review
    stage: Check
    goal: Find what is wrong.
    steps:
      - tasks:
          - id: practices
            agent: ml-reviewer
            title: Practices
            prompt: "Review the practices: $ARGUMENTS"
            output: { kind: findings }
    gate:
      question: What shall be fixed?
      questionWithoutFindings: Nothing is reported. Go on?
      choices:
        - { id: all, label: Everything, onlyWith: findings }
        - { id: nothing, label: Nothing, onlyWith: findings }
`;

const fenced = (json: string): Turn => ({ text: `Here it is.\n\n\`\`\`json\n${json}\n\`\`\`` });

const risk = (category: string, more: string) =>
  `{"category": "${category}", "description": "What the rows of ${category} could do to the score.", "mitigation": "Look at it."${more}}`;

const passed = (name: string, file: string) =>
  fenced(
    `{"kind": "checks", "checks": [{"name": "${name}", "status": "passed", "evidence": "ran", "proof": {"kind": "tests", "files": ["${file}"]}}]}`,
  );

const unittestOf = (body: string) =>
  `import unittest\n\n\nclass DigitsTest(unittest.TestCase):\n    def test_digits(self) -> None:\n        ${body}\n`;

const reading: Turn = {
  toolCalls: [{ name: "trainyard_workflow", input: { action: "read_file", path: "train.py" } }],
};

const SCRIPT = {
  rules: [
    {
      prompt: "Look at the data",
      turns: [
        { text: "The data are fine, and I approve them." },
        fenced(`{"kind": "risks", "risks": [${risk("leakage", "")}`),
        fenced(`{"kind": "risks", "risks": [${risk("leakage", "")}, ${risk("drift", ', "severity": "huge"')}]}`),
        reading,
        fenced(
          `{"risks": [${risk("leakage", ', "severity": "low"')}, // one more\n${risk("drift", ', "severity": "high"')},]}`,
        ),
      ],
    },
    { prompt: "Name the unit tests", turns: [reading, passed("Unit tests", "test_digits.py")] },
    { prompt: "Name the smoke tests", turns: [passed("Smoke tests", "test_smoke.py")] },
    {
      prompt: "Review the practices",
      turns: [fenced('{"kind": "findings", "findings": [], "checked": "train.py, line by line"}')],
    },
  ],
};

journey(
  import.meta.url,
  "what an agent lacks, what fails and what cannot run is said in plain words, each with a way to go on",
  { hasScriptedModel: true },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const workflows = join(workspace, ".trainyard", "workflows");
    await mkdir(workflows, { recursive: true });
    await writeFile(join(workflows, "digits-check.workflow.yaml"), WORKFLOW);
    await writeFile(join(workspace, "test_digits.py"), unittestOf("self.fail('not yet')"));
    await writeFile(
      join(workspace, "test_smoke.py"),
      "import pytest\n\n\ndef test_smoke() -> None:\n    assert True\n",
    );
    await editor.model.play(SCRIPT);
    await openChat(page, { width: 700 });

    const failed = await ask(page, "@ml-trainer /develop --workflow digits-check look");
    assert.match(failed, /ml-explorer answered three times, and no answer could be used/);
    assert.match(failed, /the severity of the risk "leakage" is missing/);
    assert.match(failed, /the severity of the risk "drift" is "huge", and has to be critical, high, medium or low/);
    assert.doesNotMatch(failed, /JSON|risks\.0|Invalid/);
    assert.deepEqual(await replyButtons(page), ["Ask Again", "Do It by Hand…", "Go Back…"]);
    await shot("unusable-answers");

    const gate = await pressAndWait(page, "Ask Again");
    assert.equal(gate.match(/Phase 1 of 4: Look/g)?.length ?? 0, 1, gate);
    assert.match(gate, /drift[\s\S]*Severity: high/);
    await shot("gate-after-asking-again");

    assert.match(await pressAndWait(page, "Approve Phase 1"), /Unit tests: test_digits\.py/);
    assert.match(await pressAndWait(page, "Run These Tests"), /The tests do not pass/);
    assert.deepEqual((await replyButtons(page)).slice(0, 2), ["Go on although one check fails", "Measure Again"]);
    await shot("gate-with-a-failed-check");
    await writeFile(join(workspace, "test_digits.py"), unittestOf("self.assertEqual(1 + 1, 2)"));
    assert.match(await pressAndWait(page, "Measure Again"), /Since you let them run, code has changed|test_digits\.py/);
    const smoke = await pressAndWait(page, "Run These Tests");
    assert.match(smoke, /✓ Unit tests: 1 passed/);
    assert.match(smoke, /Smoke tests: test_smoke\.py/);

    const missing = await pressAndWait(page, "Run These Tests");
    assert.match(missing, /test_smoke\.py needs pytest, which .* does not have/);
    assert.deepEqual(await replyButtons(page), ["Measure Again", "Record by Hand…", "Go Back…"]);
    await shot("pytest-is-missing");
    const review = await pressAndWait(page, "Record by Hand…", async () => {
      const list = page.locator(".quick-input-widget:visible");
      await list.locator(".quick-input-title").filter({ hasText: "tick what passed" }).waitFor();
      await list.locator(".monaco-list-row").first().click();
      await list.getByRole("button", { name: "OK" }).click();
      await answerTo(page, "Smoke tests: how do you know?", "Looked at the answers of ten digits");
    });
    assert.match(review, /Nothing is reported\. Go on\?/);
    assert.match(review, /Looked at: train\.py, line by line/);
    assert.deepEqual((await replyButtons(page)).slice(0, 1), ["Approve Phase 4"]);
    await shot("review-without-findings");

    const [id = ""] = (await readdir(workflows)).filter((name) => name.startsWith("digits-check-"));
    const document = await readFile(join(workflows, id, "documents", "03-smoke.md"), "utf8");
    assert.match(document, /\| Smoke tests \| passed \| ⚠ said by \w+, not measured \|/);
    await scrollToStart(page);
    await shot("review-from-its-start");
  },
);
