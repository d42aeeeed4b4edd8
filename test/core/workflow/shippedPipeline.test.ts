import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswers } from "../../../src/core/workflow/checkAnswers.ts";
import { findPlaceholders } from "../../../src/core/workflow/placeholders.ts";
import { renderCriteria, renderPhaseDocument } from "../../../src/core/workflow/renderDocuments.ts";
import { renderDossier } from "../../../src/core/workflow/renderDossier.ts";
import { transition } from "../../../src/core/workflow/transition.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import { agentsOf, checkAsked, taskOf } from "../../support/shippedTasks.ts";
import { beginState, shippedWorkflow, stamp } from "../../support/workflows.ts";

/* What the pipeline asks, of whom, and in which order: the part of it that people rely on. */

const pipeline = shippedWorkflow("mlops-pipeline");

function inputsOf(id: string): string[] {
  return findPlaceholders(taskOf(pipeline, id).prompt).map(({ whole }) => whole);
}

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
    pipeline.phases.flatMap(tasksOf).map(({ id, agent }) => [agent, ...inputsOf(id)]),
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

test("the data engineer is asked for sources, quality and storage", () => {
  checkAsked(
    pipeline,
    "data-engineering",
    "source systems; schema validation; Pydantic; Great Expectations; DVC; lakeFS; incremental; change data capture; profiling; anomalies; lineage; quality gates; service levels; raw, processed and feature layers; partitioning; retention; cost; code and integration patterns".split(
      "; ",
    ),
  );
});

test("the data scientist is asked for features, what the model has to do, and experiments", () => {
  checkAsked(
    pipeline,
    "features-and-requirements",
    "transformations; feature store; Feast; Tecton; statistical validation; missing values and outliers; choice of algorithms; metrics and baselines; data that is needed; criteria and thresholds; hypothesis; A/B test; sample size; bias; code of transformations and validation".split(
      "; ",
    ),
  );
});

test("the ML engineer is asked for training, tracking and a registry", () => {
  checkAsked(
    pipeline,
    "training",
    "modular training; Optuna; Ray Tune; Horovod; DDP; cross-validation; ensembles; MLflow; W&B; logging; artifacts; comparison; versions and tags; metadata and lineage; development over staging to production; rollback; complete code with its configuration".split(
      "; ",
    ),
  );
});

test("the Python engineer is asked for quality, speed and tests", () => {
  checkAsked(
    pipeline,
    "production-code",
    "structure; error handling; structured logging; reusable; profile; caching; loading; memory; unit tests of transformations; integration; invariance; direction; performance regressions; full coverage".split(
      "; ",
    ),
  );
});

test("the MLOps engineer is asked for serving, strategies, delivery and infrastructure", () => {
  checkAsked(
    pipeline,
    "deployment",
    "REST; gRPC; FastAPI; TorchServe; batch (Airflow, Kubeflow); Kafka; Kinesis; KServe; Seldon; blue-green; canary; shadow; A/B; GitHub Actions; GitLab; gates of tests; validation of the model; ArgoCD; Terraform; Helm; Docker in several stages; Vault; secrets manager".split(
      "; ",
    ),
  );
});

test("the Kubernetes architect is asked for workloads, serving and storage", () => {
  checkAsked(
    pipeline,
    "cluster",
    "Kubeflow; GPU allocation and sharing; spot; priority classes and quotas; HPA; VPA; KEDA; Istio; caching and warm-up; PVC; CSI; distributed storage of features; caches; manifests and Helm charts".split(
      "; ",
    ),
  );
});

test("the observability engineer is asked for model, drift, system, alerts and cost", () => {
  checkAsked(
    pipeline,
    "observability",
    "accuracy; latency and throughput; feature importance; business figures; KS; PSI; concept drift; distributions; Prometheus; Grafana; Jaeger; Zipkin; ELK; Loki; PagerDuty; Opsgenie; triggers of retraining; degradation; runbooks; utilisation; models and experiments; recommendations; budget alerts".split(
      "; ",
    ),
  );
});

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

test("an option takes each of its values and nothing else, and has to be answered", () => {
  const [phase = assert.fail()] = pipeline.phases;
  const state = beginState(pipeline);
  const answers = Object.fromEntries(phase.questions.map(({ key }) => [key, "known"]));
  const usual = Object.fromEntries(pipeline.configuration.map((option) => [option.key, option.default]));
  const refusalOf = (configuration: Record<string, string>) =>
    checkAnswers(state, { kind: "answered", answers, configuration });
  for (const { key, values } of pipeline.configuration) {
    for (const value of values) {
      assert.equal(refusalOf({ ...usual, [key]: value }), undefined, value);
    }
    for (const wrong of ["another", "", values.join(" "), ` ${values[0]}`, (values[0] ?? "").toUpperCase()]) {
      assert.equal(refusalOf({ ...usual, [key]: wrong }), `${key} has to be one of ${values.join(", ")}.`, wrong);
    }
    assert.match(refusalOf(Object.fromEntries(Object.entries(usual).filter(([name]) => name !== key))) ?? "", /one of/);
  }
  assert.equal(refusalOf({ ...usual, colour: "red" }), '"colour" is no option that is asked here.');
});

/** The line of each criterion in a text, by its title. */
function criterionLines(text: string): string[] {
  return pipeline.criteria.map(
    ({ title }) => text.split("\n").find((line) => line.includes(title)) ?? `${title}: missing`,
  );
}

test("each criterion of success stands in the checklist, with its mark and its evidence", () => {
  const state = beginState(pipeline);
  assert.deepEqual(
    criterionLines(renderCriteria(state)),
    pipeline.criteria.map(({ title, isMeasuredInProduction }) =>
      isMeasuredInProduction
        ? `- ◌ measured in production: ${title} (a target until it runs)`
        : `- ○ not looked at yet: ${title}`,
    ),
  );
  const marked = pipeline.criteria.reduce(
    (before, { id }, index) =>
      transition(
        before,
        stamp({
          kind: "criterion-marked",
          criterion: id,
          mark: { status: index % 2 === 0 ? "met" : "unmet", evidence: `seen in ${index}.txt` },
        }),
      ).state,
    state,
  );
  const expected = pipeline.criteria.map(
    ({ title }, index) => `- ${index % 2 === 0 ? "✓ met" : "✗ unmet"}: ${title} (seen in ${index}.txt)`,
  );
  for (const group of ["Data", "Model", "Operations", "Velocity", "Cost"]) {
    assert.match(renderCriteria(marked), new RegExp(`^\\*\\*${group}\\*\\*$`, "m"));
  }
  // Whoever reads only what a workflow leaves finds them as well.
  for (const text of [renderCriteria(marked), renderPhaseDocument(marked, 3), renderDossier(marked, [])]) {
    assert.deepEqual(criterionLines(text), expected);
  }
  // The document is not written again for a mark, so it says of no criterion that nobody has looked at it.
  assert.doesNotMatch(renderPhaseDocument(state, 3), /not looked at yet/);
  assert.match(renderPhaseDocument(state, 3), /^- Training runs are reproducible$/m);
  assert.deepEqual(criterionLines(renderPhaseDocument(marked, 2))[0], `${pipeline.criteria[0]?.title}: missing`);
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
