import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWorkflow } from "../../../src/core/workflow/parseWorkflow.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import { shippedWorkflow, workflowText } from "../../support/workflows.ts";

const SMALL = `name: small
title: Small
description: A workflow of a workspace
phases:
  - id: look
    title: Look
    stage: Only
    goal: Look.
    steps:
      - tasks:
          - { id: notes, agent: ml-explorer, title: Notes, prompt: "Look: $ARGUMENTS", output: { kind: notes } }
    gate: { question: "Good?" }
  - id: act
    title: Act
    stage: Only
    goal: Act.
    steps:
      - tasks:
          - { id: code, agent: ml-writer, title: Code, prompt: "Do: {phase1.ml-explorer.output}", output: { kind: files } }
`;

/** Each problem as `line: message`, lines counted from one. */
function checkProblems(text: string, expected: readonly RegExp[]): void {
  const { definition, problems } = parseWorkflow(text);
  const found = problems.map(({ range, message }) => `${range.start.line + 1}: ${message}`);
  assert.equal(found.length, expected.length, found.join("\n"));
  expected.forEach((pattern, index) => assert.match(found[index] ?? "", pattern));
  assert.equal(definition === undefined, expected.length > 0);
}

test("a workflow of a workspace is read like the shipped ones", () => {
  checkProblems(SMALL, []);
  checkProblems(workflowText("ml-development"), []);
  checkProblems(workflowText("mlops-pipeline"), []);
});

test("each problem stands on the line that it is about", () => {
  checkProblems("", [/^1: A workflow is a mapping/]);
  checkProblems("- a\n", [/^1: A workflow is a mapping/]);
  checkProblems("name: [\n", [/The file cannot be read/]);
  checkProblems(SMALL.replace("kind: files", "kind: novel"), [/^19: phases\.1\.steps\.0\.tasks\.0\.output\.kind/]);
  checkProblems(SMALL.replace("id: act", "id: look"), [/^5: "look" stands here twice\.$|^4: /]);
  checkProblems(SMALL.replace("phase1", "phase2"), [
    /^19: \{phase2\.ml-explorer\.output\} names no output that is there by then/,
  ]);
  checkProblems(SMALL.replace("goal: Look.", "gaol: Look."), [/^8: .*goal|^5: .*goal/, /gaol/]);
  checkProblems(SMALL.replace('"Good?" }', '"Good?", covers: [act] }'), [
    /"act" is no phase that is done/,
    /add "look"/,
  ]);
});

test("hostile files end in a problem and not in a hang", () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`)
    .join("\n")}\n`;
  assert.ok(parseWorkflow(bomb).problems.length > 0);
  assert.ok(parseWorkflow("[".repeat(20_000)).problems.length > 0);
  assert.ok(parseWorkflow("a".repeat(500_000)).problems.length > 0);
});

test("the shipped workflows have the phases, agents, options and criteria that people know", () => {
  const develop = shippedWorkflow("ml-development");
  assert.deepEqual(
    develop.phases.map(({ title, stage }) => `${stage}: ${title}`),
    [
      "Discovery: Problem Analysis",
      "Discovery: Data Architecture",
      "Discovery: Risk Assessment",
      "Design: Model Architecture",
      "Design: Training Pipeline",
      "Design: Evaluation Strategy",
      "Implementation: Model Implementation",
      "Implementation: Training Infrastructure",
      "Implementation: Integration",
      "Evaluation: Quality Review",
      "Evaluation: Evaluation Execution",
      "Evaluation: Summary",
    ],
  );
  assert.equal(develop.phases[0]?.questions.length, 5);
  assert.deepEqual(
    develop.phases.flatMap(({ writers }, index) => (writers.length > 0 ? [index + 1] : [])),
    [7, 8, 9, 10, 11],
  );
  const parallel = (index: number) => develop.phases[index]?.steps[0]?.tasks.length;
  assert.deepEqual([1, 3, 9].map(parallel), [3, 3, 3]);
  const pipeline = shippedWorkflow("mlops-pipeline");
  assert.deepEqual(
    pipeline.phases.flatMap(tasksOf).map(({ agent }) => agent),
    [
      "data-engineer",
      "data-scientist",
      "ml-engineer",
      "python-pro",
      "mlops-engineer",
      "kubernetes-architect",
      "observability-engineer",
    ],
  );
  assert.deepEqual(
    pipeline.configuration.map(({ key, values }) => `${key}: ${values.join(" | ")}`),
    [
      "experiment_tracking: mlflow | wandb | neptune | clearml",
      "feature_store: feast | tecton | databricks | custom",
      "serving_platform: kserve | seldon | torchserve | triton",
      "orchestration: kubeflow | airflow | prefect | dagster",
      "cloud_provider: aws | azure | gcp | multi-cloud",
      "deployment_mode: realtime | batch | streaming | hybrid",
      "monitoring_stack: prometheus | datadog | newrelic | custom",
    ],
  );
  assert.equal(pipeline.criteria.length, 20);
  assert.equal(new Set(pipeline.criteria.map(({ group }) => group)).size, 5);
  assert.equal(pipeline.deliverables.length, 7);
});
