import assert from "node:assert/strict";
import { test } from "node:test";
import { findPlaceholders } from "../../../src/core/workflow/placeholders.ts";
import {
  type PhaseDefinition,
  type TaskDefinition,
  tasksOf,
  type WorkflowDefinition,
} from "../../../src/core/workflow/workflowDefinition.ts";
import { shippedWorkflow } from "../../support/workflows.ts";

/* What the shipped workflows ask, of whom, and in which order: the part of them that people rely on. */

const develop = shippedWorkflow("ml-development");
const pipeline = shippedWorkflow("mlops-pipeline");

function phaseOf(definition: WorkflowDefinition, number: number): PhaseDefinition {
  return definition.phases[number - 1] ?? assert.fail(`no phase ${number}`);
}

/** The agents of each step; those of one step work together. */
function agentsOf(phase: PhaseDefinition): string[] {
  return phase.steps.map(({ tasks }) => tasks.map(({ agent }) => agent).join(" + "));
}

function taskOf(definition: WorkflowDefinition, id: string): TaskDefinition {
  return definition.phases.flatMap(tasksOf).find((task) => task.id === id) ?? assert.fail(`no task ${id}`);
}

/** Every word has to be in what the agent is told to do or has to leave. */
function checkAsked(definition: WorkflowDefinition, id: string, words: readonly string[]): void {
  const { prompt, output } = taskOf(definition, id);
  const asked = [prompt, ...output.sections].join("\n").toLowerCase();
  assert.deepEqual(
    words.filter((word) => !asked.includes(word.toLowerCase())),
    [],
    id,
  );
  assert.ok(prompt.includes("$ARGUMENTS"), `${id} is told what the person asked for`);
}

function inputsOf(definition: WorkflowDefinition, id: string): string[] {
  return findPlaceholders(taskOf(definition, id).prompt).map(({ whole }) => whole);
}

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
    phaseOf(develop, 1).questions.map(({ key }) => key),
    ["problemType", "data", "successMetrics", "deployment", "constraints"],
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

test("the pipeline has a name of its own, four phases, and seven specialists one after another", () => {
  assert.deepEqual(
    [pipeline.name, pipeline.title, pipeline.participant],
    ["mlops-pipeline", "MLOps Pipeline", "mlops-engineer"],
  );
  assert.deepEqual(
    pipeline.phases.map((phase) => [phase.title, ...agentsOf(phase)]),
    [
      ["Data & Requirements Analysis", "data-engineer", "data-scientist"],
      ["Model Development & Training", "ml-engineer", "python-pro"],
      ["Production Deployment & Serving", "mlops-engineer", "kubernetes-architect"],
      ["Monitoring & Continuous Improvement", "observability-engineer"],
    ],
  );
});

test("the five principles of the pipeline are handoffs, modern tools, production, reproduction and improvement", () => {
  assert.equal(pipeline.principles.length, 5);
  [/hands its results on/, /tracking, features and serving/, /production first/, /reproducible/, /drift/].forEach(
    (word, index) => assert.match(pipeline.principles[index] ?? "", word),
  );
});

test("each specialist begins from what exactly these specialists left", () => {
  assert.deepEqual(
    pipeline.phases.flatMap(tasksOf).map(({ id, agent }) => [agent, ...inputsOf(pipeline, id)]),
    [
      ["data-engineer"],
      ["data-scientist", "{phase1.data-engineer.output}"],
      ["ml-engineer", "{phase1.data-scientist.output}", "{phase1.data-engineer.output}"],
      ["python-pro", "{phase2.ml-engineer.output}"],
      ["mlops-engineer", "{phase2.ml-engineer.output}", "{phase2.python-pro.output}"],
      ["kubernetes-architect", "{phase3.mlops-engineer.output}"],
      ["observability-engineer", "{phase3.mlops-engineer.output}", "{phase3.kubernetes-architect.output}"],
    ],
  );
});

const SPECIALIST_WORK: Readonly<Record<string, string>> = {
  "data-engineering":
    "source systems; schema validation; Pydantic; Great Expectations; DVC; lakeFS; incremental; change data capture; profiling; anomalies; lineage; quality gates; service levels; raw, processed and feature layers; partitioning; retention; cost; code and integration patterns",
  "features-and-requirements":
    "transformations; feature store; Feast; Tecton; statistical validation; missing values and outliers; choice of algorithms; metrics and baselines; data that is needed; criteria and thresholds; hypothesis; A/B test; sample size; bias; code of transformations and validation",
  training:
    "modular training; Optuna; Ray Tune; Horovod; DDP; cross-validation; ensembles; MLflow; W&B; logging; artifacts; comparison; versions and tags; metadata and lineage; development over staging to production; rollback; complete code with its configuration",
  "production-code":
    "structure; error handling; structured logging; reusable; profile; caching; loading; memory; unit tests of transformations; integration; invariance; direction; performance regressions; full coverage",
  deployment:
    "REST; gRPC; FastAPI; TorchServe; batch (Airflow, Kubeflow); Kafka; Kinesis; KServe; Seldon; blue-green; canary; shadow; A/B; GitHub Actions; GitLab; gates of tests; validation of the model; ArgoCD; Terraform; Helm; Docker in several stages; Vault; secrets manager",
  cluster:
    "Kubeflow; GPU allocation and sharing; spot; priority classes and quotas; HPA; VPA; KEDA; Istio; caching and warm-up; PVC; CSI; distributed storage of features; caches; manifests and Helm charts",
  observability:
    "accuracy; latency and throughput; feature importance; business figures; KS; PSI; concept drift; distributions; Prometheus; Grafana; Jaeger; Zipkin; ELK; Loki; PagerDuty; Opsgenie; triggers of retraining; degradation; runbooks; utilisation; models and experiments; recommendations; budget alerts",
};

for (const [id, work] of Object.entries(SPECIALIST_WORK)) {
  test(`the specialist of ${id} is asked for everything that this part of a pipeline needs`, () => {
    checkAsked(pipeline, id, work.split("; "));
  });
}

test("the pipeline has seven options with exactly these values, and says why each default is one", () => {
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
  assert.ok(pipeline.configuration.every(({ values, default: usual, reason }) => values.includes(usual) && reason));
});

test("success of a pipeline is twenty criteria in five groups, and those that only production can tell say so", () => {
  assert.deepEqual(
    pipeline.criteria.map(
      ({ group, title, isMeasuredInProduction }) => `${group}${isMeasuredInProduction ? "*" : ""}: ${title}`,
    ),
    [
      "Data*: Less than 0.1 % data quality issues in production",
      "Data*: 99.9 % of data validations pass",
      "Data: Complete data lineage",
      "Data*: Features are served in less than a second",
      "Model: The model meets or exceeds the baseline",
      "Model*: Less than 5 % degradation before a retraining is triggered",
      "Model*: A/B tests reach statistical significance",
      "Model*: No drift undetected for longer than 24 hours",
      "Operations*: 99.9 % uptime of model serving",
      "Operations*: Less than 200 ms p99 inference latency",
      "Operations: Automated rollback within 5 minutes",
      "Operations*: Alerts within 1 minute",
      "Velocity*: Less than 1 hour from commit to production",
      "Velocity: Experiments run in parallel",
      "Velocity: Training runs are reproducible",
      "Velocity: Models are deployed by self-service",
      "Cost*: Less than 20 % infrastructure waste",
      "Cost: Optimised allocation of resources",
      "Cost: Automatic scaling with the load",
      "Cost*: More than 60 % spot instances",
    ],
  );
});

test("a pipeline ends with seven deliverables, each composed of what its specialists left", () => {
  assert.deepEqual(
    pipeline.deliverables.map(({ title, from }) => [
      title,
      ...from.flatMap(findPlaceholders).map(({ agent }) => agent),
    ]),
    [
      ["End-to-end pipeline", "data-engineer", "data-scientist", "ml-engineer"],
      ["Documentation and runbooks", "python-pro", "observability-engineer"],
      ["Production infrastructure as code", "mlops-engineer", "kubernetes-architect"],
      ["Monitoring and alerting", "observability-engineer"],
      ["CI/CD", "mlops-engineer"],
      ["Cost and scaling strategies", "kubernetes-architect", "observability-engineer"],
      ["Disaster recovery and rollback", "ml-engineer", "mlops-engineer"],
    ],
  );
});
