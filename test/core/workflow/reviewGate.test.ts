import assert from "node:assert/strict";
import { test } from "node:test";
import { gateChoices, gateQuestion } from "../../../src/core/workflow/checkAnswers.ts";
import { renderOutput } from "../../../src/core/workflow/renderOutput.ts";
import { judgeSilence, type StaticFinding } from "../../../src/core/workflow/staticFinding.ts";
import type { Finding } from "../../../src/core/workflow/taskOutput.ts";
import { countUnknown, fillTemplate } from "../../../src/core/workflow/templateOutput.ts";
import { type TaskDefinition, tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import { phaseAt, type TaskState } from "../../../src/core/workflow/workflowState.ts";
import { beginState, foundWith, shippedWorkflow } from "../../support/workflows.ts";

const develop = shippedWorkflow("ml-development");
const [low, high, unsure] = [foundWith("low"), foundWith("high"), foundWith("critical", 79)];

/** What the gate of the review asks and offers, by what its reviewers have found. */
function offered(...findings: Finding[]): string[] {
  const { definition, state } = phaseAt(beginState(develop), 9);
  const done: TaskState = {
    kind: "done",
    document: "d",
    hash: "h",
    by: "ml-reviewer",
    output: { kind: "findings", findings, checked: "" },
  };
  const phase = { definition, state: { ...state, tasks: { ...state.tasks, "code-quality": done } } };
  return [gateQuestion(phase), ...gateChoices(phase).map(({ label }) => label)];
}

test("a review offers only the fixes of what it reported, and none where nothing is reported", () => {
  const question = "What shall be fixed?";
  assert.deepEqual(offered(), ["Nothing is reported, so there is nothing to fix. Go on?"]);
  assert.deepEqual(offered(unsure), offered());
  assert.deepEqual(offered(low, unsure), [question, "Everything reported", "Nothing"]);
  assert.deepEqual(offered(high), [question, "Everything reported", "Nothing"]);
  assert.deepEqual(offered(high, low), [question, "Everything reported", "Critical and high only", "Nothing"]);
});

const shown = (findings: Finding[], checked: string) => renderOutput({ kind: "findings", findings, checked }, 2);

const isMarked = (evidence: string) => /⚠/.test(shown([{ ...high, evidence }], ""));

test("evidence that names a line or a tool is no mere claim", () => {
  for (const evidence of [
    "train.py:3",
    "numpy (lib/numpy.dist-info/METADATA:3)",
    "trainyard_read_metrics",
    "2 passed",
  ]) {
    assert.equal(isMarked(evidence), false, evidence);
  }
  for (const evidence of ["", "I am sure", "at 12:30", "http://localhost:8080"]) {
    assert.equal(isMarked(evidence), true, evidence);
  }
});

test("what a comment silences is kept for audit, and is reported where an agent of the workflow wrote the file", () => {
  const found: StaticFinding = {
    rule: "train-on-test-data",
    topic: "leakage",
    severity: "error",
    message: "The model learns from `X_test` here. Train on the training part.",
    where: "train.py:3",
    isSilenced: true,
  };
  const [practices = assert.fail()] = tasksOf(phaseAt(beginState(develop), 9).definition).filter(
    (task) => task.usesChecks,
  );
  const [risks = assert.fail()] = tasksOf(phaseAt(beginState(develop), 2).definition).filter((task) => task.usesChecks);
  const filled = (task: TaskDefinition, files: Record<string, string>) =>
    renderOutput(
      fillTemplate(task, { state: beginState(develop), facts: [], checks: judgeSilence([found], files) }) ??
        assert.fail(),
      2,
    );
  assert.match(
    filled(practices, {}),
    /^Nothing was found [^]*## Kept for audit[^]*\(Silenced by a comment in the file\.\)/,
  );
  assert.match(
    filled(practices, { "train.py": "h" }),
    /^\| Finding [^]*train-on-test-data[^]*an agent of this workflow wrote/,
  );
  assert.match(filled(risks, {}), /medium[^]*train\.py:3 \(train-on-test-data, silenced\)/);
  assert.match(filled(risks, { "train.py": "h" }), /high[^]*train\.py:3 \(train-on-test-data\)/);
});

test("a review that found nothing says what it looked at, and one that nobody did says so", () => {
  assert.equal(shown([], ""), "Nothing was found with a confidence of 80 or more.");
  assert.match(
    shown([unsure], "model.py"),
    /^Nothing was found with [^]*\n\nLooked at: model\.py\n\n## Kept for audit/,
  );
  assert.match(shown([high], "model.py"), /^\| Finding [^]*A high one[^]*\n\nLooked at: model\.py$/);
  const texts = tasksOf(phaseAt(beginState(develop), 9).definition).flatMap((task) => {
    const output = fillTemplate(task, { state: beginState(develop), facts: [], checks: [] });
    return output === undefined ? [] : [renderOutput(output, 2)];
  });
  assert.deepEqual(texts.map(countUnknown), [1, 0, 1], "rules look at the practices, and nobody at the rest");
  assert.match(texts[1] ?? "", /Nothing was found[^]*Looked at: the Python files of this workspace, by the rules/);
  assert.match(texts[0] ?? "", /^_Not known yet\. Nobody has looked at this/);
});
