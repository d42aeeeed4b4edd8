import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { renderStatus } from "../../../src/core/workflow/renderDocuments.ts";
import type { TaskOutput } from "../../../src/core/workflow/taskOutput.ts";
import { transition } from "../../../src/core/workflow/transition.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import { agentsOf, checkAsked, phaseOf, taskOf } from "../../support/shippedTasks.ts";
import { beginState, nextEvent, shippedWorkflow, stamp } from "../../support/workflows.ts";

/* What the development asks, of whom, and in which order: the part of it that people rely on. */

const develop = shippedWorkflow("ml-development");

test("the development says what it is and what may follow its command", () => {
  assert.equal(
    develop.description,
    "Guided 12-phase ML development with model architecture, training pipelines, experiment tracking, and evaluation",
  );
  assert.equal(develop.argumentHint, "Optional ML task description or --capsule <slug>");
  assert.deepEqual([develop.participant, develop.takesCapsule], ["ml-trainer", true]);
});

test("the development has twelve phases in four stages, three to each", () => {
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
});

test("the principles of the development are told to every agent of it", () => {
  const said = develop.principles.join("\n");
  for (const word of [
    /Ask where data, metrics or the deployment target/,
    /Understand/,
    /Read the files that an agent/,
  ]) {
    assert.match(said, word);
  }
  assert.match(said, /simple solution/);
  assert.match(said, /leakage, distribution shift and bias in every phase/);
  assert.match(said, /list of phases up to date/);
});

test("each phase of the development sets its agents to work in this order", () => {
  assert.deepEqual(develop.phases.map(agentsOf), [
    ["ml-explorer"],
    ["ml-explorer + ml-explorer + ml-explorer"],
    ["ml-explorer + data-scientist"],
    ["ml-architect + ml-architect + ml-architect"],
    ["mlops-engineer"],
    ["data-scientist"],
    ["ml-engineer", "ml-writer"],
    ["mlops-engineer", "ml-writer"],
    ["ml-writer", "ml-writer"],
    ["ml-reviewer + ml-reviewer + ml-reviewer", "ml-writer"],
    ["ml-writer", "data-scientist"],
    ["data-scientist + data-scientist"],
  ]);
});

test("five questions open the development, with the usual answers offered", () => {
  assert.deepEqual(
    phaseOf(develop, 1).questions.map(({ key, title }) => `${key}: ${title}`),
    [
      "problemType: What kind of problem is it?",
      "data: Which data is there?",
      "successMetrics: What counts as success?",
      "deployment: Where will the model run?",
      "constraints: What limits the solution?",
    ],
  );
  const options = Object.fromEntries(phaseOf(develop, 1).questions.map((question) => [question.key, question.options]));
  assert.deepEqual(options["problemType"]?.slice(0, 3), ["classification", "regression", "forecasting"]);
  assert.deepEqual(options["deployment"], ["batch", "real-time", "edge"]);
  assert.deepEqual(options["constraints"]?.slice(1), ["latency", "memory", "interpretability"]);
});

test("what the agents of discovery and design are asked for is what their phases stand for", () => {
  checkAsked(develop, "patterns", [
    "Explore existing ML code, models, and training pipelines to understand current patterns.",
  ]);
  for (const id of ["sources", "preprocessing", "schema"]) {
    checkAsked(develop, id, ["five to ten key files"]);
    assert.deepEqual(taskOf(develop, id).output.keyFiles, { atLeast: 5, atMost: 10 });
  }
  assert.deepEqual(
    tasksOf(phaseOf(develop, 2)).flatMap(({ output }) => output.sections),
    ["Sources and formats", "Feature engineering", "Preprocessing", "Validation", "Schema"],
  );
  checkAsked(develop, "leakage-and-shift", ["leak", "shift", "bias", "look ahead in time", "contaminate", "split"]);
  checkAsked(develop, "data-quality", ["missing values", "outliers", "imbalance", "correlat"]);
  assert.deepEqual(taskOf(develop, "leakage-and-shift").output.sections, [
    "leakage",
    "shift",
    "bias and fairness",
    "reproducibility",
    "scalability",
  ]);
  assert.deepEqual(
    tasksOf(phaseOf(develop, 4)).map(({ title, output }) => `${title}: ${output.kind}`),
    ["Baseline: approach", "State of the Art: approach", "Pragmatic balance: approach"],
  );
  checkAsked(develop, "pipeline", [
    "MLflow",
    "W&B",
    "training loop",
    "data loading and batching",
    "distributed training only if",
    "checkpoints and versions",
    "hyperparameters",
    "GPU and memory",
    "orchestration",
  ]);
  checkAsked(develop, "evaluation", [
    "primary and secondary metrics",
    "holdout, cross-validation or walk-forward",
    "significance",
    "baselines",
    "monitoring in production",
    "A/B test",
  ]);
});

test("what the agents of implementation and evaluation are asked for is what their phases stand for", () => {
  checkAsked(develop, "model-plan", ["approved architecture", "target files", "framework", "unit tests"]);
  checkAsked(develop, "model-code", ["conventions of the project", "type annotations", "docstrings", "unit tests"]);
  checkAsked(develop, "infrastructure-plan", ["approved pipeline", "tracking"]);
  checkAsked(develop, "training-code", ["script or module", "data loading", "tracking", "configuration", "seeds"]);
  checkAsked(develop, "serving", [
    "inference pipeline",
    "batch or streaming",
    "each environment",
    "caching only where",
    "smoke tests",
  ]);
  assert.deepEqual(
    phaseOf(develop, 10).steps[0]?.tasks.map(({ title }) => title),
    ["Code quality", "ML best practices", "Performance and scalability"],
  );
  for (const id of ["code-quality", "ml-practices", "performance"]) {
    checkAsked(develop, id, ["file and line", "confidence from 0 to 100"]);
  }
  checkAsked(develop, "evaluation-run", [
    "unit tests",
    "integration tests",
    "offline metrics against baseline",
    "overfit a small batch",
    "gradient flow",
  ]);
  checkAsked(develop, "summary", [
    "what was built",
    "decisions and trade-offs",
    "files created and modified",
    "metrics",
    "tuning",
    "deployment to production",
    "monitoring",
    "A/B test",
  ]);
  assert.equal(taskOf(develop, "model-card").title, "Model card");
});

test("the gates of the development ask these questions, and no other phase asks", () => {
  const gates = develop.phases.map(({ gate }) => gate?.question ?? "");
  assert.deepEqual(
    gates.flatMap((question, index) => (question === "" ? [] : [`${index + 1}: ${question}`])),
    [
      "1: Are these the requirements?",
      "3: Does any of these risks block the work or change the design?",
      "4: Which approach shall be built?",
      "5: Shall the pipeline be built like this?",
      "6: Approve the full design: architecture, pipeline and evaluation? Code is written only after this.",
      "9: The smoke tests do not pass. How shall it go on?",
      "10: What shall be fixed?",
      "11: Not every check passes. How shall it go on?",
    ],
  );
  assert.deepEqual(
    develop.phases.flatMap(({ writers }, index) => (writers.length > 0 ? [`${index + 1}: ${writers.join(", ")}`] : [])),
    ["7: ml-writer", "8: ml-writer", "9: ml-writer", "10: ml-writer", "11: ml-writer"],
  );
  assert.equal(phaseOf(develop, 11).maxRounds, 3);
  // Tests that pass need no person; tests that fail do.
  assert.deepEqual(
    develop.phases.flatMap(({ gate }, index) => (gate?.opensWhenChecksPass === true ? [index + 1] : [])),
    [9, 11],
  );
});

/** Whether a phase is over once its checks have this outcome, and nobody was asked. */
function endsByItself(number: number, status: "passed" | "failed"): boolean {
  let state = beginState(develop);
  for (let next = nextEvent(state); next !== undefined && state.current < number; next = nextEvent(state)) {
    const { event } = next;
    const isChecked = event.kind === "task-finished" && event.output.kind === "checks" && state.current === number - 1;
    const outcome = isChecked ? { ...event, output: failing(event.output, status) } : event;
    ({ state } = transition(state, { ...next, event: outcome }));
    const phase = state.phases[number - 1];
    if (phase?.kind === "awaiting-approval" || (phase?.round ?? 1) > 1) {
      return false;
    }
  }
  return state.phases[number - 1]?.kind === "done" && state.phases[number - 1]?.approval === undefined;
}

function failing(output: TaskOutput, status: "passed" | "failed"): TaskOutput {
  return output.kind === "checks" && status === "failed"
    ? { kind: "checks", checks: output.checks.map(({ name }) => ({ name, status, evidence: "it broke" })) }
    : output;
}

test("smoke tests and the evaluation end their phases when they pass, and ask or begin again when they fail", () => {
  for (const number of [9, 11]) {
    assert.deepEqual(
      [endsByItself(number, "passed"), endsByItself(number, "failed")],
      [true, false],
      `phase ${number}`,
    );
  }
});

test("the list of phases ticks what is done, crosses what was skipped, and leaves open what is to come", () => {
  let state = beginState(develop);
  for (let next = nextEvent(state); next !== undefined && state.current < 1; next = nextEvent(state)) {
    ({ state } = transition(state, next));
  }
  ({ state } = transition(state, stamp({ kind: "skipped", reason: "known" })));
  const boxes = renderStatus(state).match(/[☑☒☐] \d+\. [^:\n]+/g);
  assert.deepEqual(boxes, [
    "☑ 1. Problem Analysis",
    "☒ 2. Data Architecture",
    ...develop.phases.slice(2).map(({ title }, index) => `☐ ${index + 3}. ${title}`),
  ]);
});

test("what says that code works has to be measured: tests are run, and metrics are read, before they count", () => {
  assert.deepEqual(taskOf(develop, "smoke-tests").output.proofs, { "Integration smoke tests": "tests" });
  assert.deepEqual(taskOf(develop, "evaluation-run").output.proofs, {
    "Unit tests": "tests",
    "Integration tests": "tests",
    "Offline metrics against baseline": "metric",
    "Overfit a small batch": "tests",
    "Gradient flow": "tests",
  });
});

test("each agent of the development works in the phases that are its own", () => {
  const phases = new Map<string, number[]>();
  develop.phases.forEach((phase, index) => {
    for (const agent of new Set(tasksOf(phase).map((task) => task.agent))) {
      phases.set(agent, [...(phases.get(agent) ?? []), index + 1]);
    }
  });
  assert.deepEqual(Object.fromEntries(phases), {
    "ml-explorer": [1, 2, 3],
    "ml-architect": [4],
    "ml-engineer": [7],
    "mlops-engineer": [5, 8],
    "data-scientist": [3, 6, 11, 12],
    "ml-reviewer": [10],
    "ml-writer": [7, 8, 9, 10, 11],
  });
});

/** Every word has to be in the agent's brief, and the model that it prefers has to be of this family. */
function checkAgent(name: string, model: string, words: readonly string[]): void {
  const text = readFileSync(new URL(`../../../agents/${name}.agent.md`, import.meta.url), "utf8");
  const body = text.replaceAll(/\s+/g, " ").toLowerCase();
  assert.deepEqual(
    words.filter((word) => !body.includes(word.toLowerCase())),
    [],
    name,
  );
  assert.match(text, new RegExp(`^model: \\["${model}"`, "m"));
}

test("each agent of the development knows its field", () => {
  checkAgent("ml-explorer", "opus", ["five to ten key files", "path of data", "along the tensor", "training"]);
  checkAgent("ml-architect", "opus", ["commits to one approach", "trade-offs", "interfaces"]);
  checkAgent("ml-engineer", "opus", ["PyTorch", "TensorFlow", "JAX", "truncated backpropagation", "DDP", "export"]);
  checkAgent("mlops-engineer", "sonnet", [
    "MLflow",
    "Kubeflow",
    "tracking",
    "pipelines",
    "cloud",
    "infrastructure is code",
  ]);
  checkAgent("data-scientist", "opus", ["statistical", "time series", "hypothesis tests", "features", "data quality"]);
  checkAgent("ml-reviewer", "opus", ["leakage", "reproducibility", "below 80 in 100 confidence"]);
  checkAgent("ml-writer", "opus", ["approved ML designs", "conventions of the project", "edit"]);
});
