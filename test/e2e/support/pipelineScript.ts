import { type TaskDefinition, tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import type { Script, Turn } from "../../support/scriptedModel/script.ts";
import { shippedWorkflow } from "../../support/workflows.ts";

const TRAINING = `"""Trains a classifier of handwritten digits and says how good it is on rows it has not seen."""

import json
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def train(seed: int = 0) -> dict[str, float]:
    """The accuracy on a quarter of the rows, held out before anything is fitted."""
    images, labels = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        images, labels, test_size=0.25, random_state=seed, stratify=labels
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    model.fit(x_train, y_train)
    return {"accuracy": float(model.score(x_test, y_test))}


if __name__ == "__main__":
    metrics = train()
    Path("pipeline_metrics.json").write_text(json.dumps(metrics))
    print(f"accuracy {metrics['accuracy']:.3f}")
`;

const TESTS = `import unittest

from pipeline_train import train


class TrainTest(unittest.TestCase):
    def test_beats_guessing_and_comes_out_again(self) -> None:
        first = train(seed=1)
        self.assertGreater(first["accuracy"], 0.9)
        self.assertEqual(first, train(seed=1))
`;

const CONTAINER = `FROM python:3.11-slim
COPY pipeline_train.py requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
CMD ["python", "pipeline_train.py"]
`;

const JOB = `apiVersion: batch/v1
kind: Job
metadata: { name: digits-train }
spec:
  backoffLimit: 2
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: train, image: "digits-train:1" }]
`;

const ALERTS = `groups:
  - name: digits
    rules:
      - { alert: AccuracyBelowBaseline, expr: digits_accuracy < 0.9, for: 1m }
`;

/** What the specialists write, by their tasks; the first one tries it before any phase allows it. */
const FILES: Readonly<Record<string, readonly (readonly [path: string, content: string])[]>> = {
  "data-engineering": [["ingest.py", "print('too early')\n"]],
  training: [["pipeline_train.py", TRAINING]],
  "production-code": [["test_pipeline_train.py", TESTS]],
  deployment: [["Dockerfile", CONTAINER]],
  cluster: [["deploy/job.yaml", JOB]],
  observability: [["deploy/alerts.yaml", ALERTS]],
};

/** What the specialists say under each heading that the workflow asks of them. */
const NOTES: Readonly<Record<string, string>> = {
  "Source audit and ingestion": "scikit-learn brings the digits along; each release of it is one version of the data.",
  "Data quality": "1,797 rows, no missing values; a run stops where a row is damaged.",
  Storage: "The data lies with the package; models are kept for ninety days.",
  Features: "The 64 pixels, scaled by what the training rows say.",
  "Model requirements": "Accuracy of at least 0.9 on rows that were held out.",
  "Experiment design": "One quarter held out, stratified by digit; the same seed gives the same result.",
  Training: "Logistic regression in one process, a few seconds on one core.",
  "Experiment tracking": "MLflow with the accuracy and the seed of each run.",
  "Model registry": "A model is promoted when its accuracy meets the baseline; the one before stays for a rollback.",
  "Code quality": "Typed, with docstrings, and without global state.",
  Performance: "Nothing to gain: reading the data takes longer than the training.",
  Tests: "Accuracy above guessing, and the same result for the same seed.",
  "Model serving": "KServe answers single images from the newest model that was promoted.",
  "Deployment strategies": "The new model runs beside the old one for a week, and the old one comes back with one tag.",
  "CI/CD": "Tests and a training at each commit; an image only after both.",
  "Infrastructure as code": "One image and one job, in this repository.",
  Workloads: "One pod with one core, repeated twice where it fails.",
  Serving: "One pod of KServe, and up to three under load.",
  Manifests: "A job for the training.",
  "Model monitoring": "Accuracy of each weekly run, beside the baseline.",
  "Drift detection": "The share of each digit, compared with the training data.",
  "System monitoring": "Duration and exit code of the job.",
  Alerting: "An alert where accuracy falls below 0.9; the runbook says how to go back.",
  Cost: "Less than a minute of one core each week.",
};

/** Phase 1 writes no files, so that its specialists say where the work stands instead. */
const IMPLEMENTATION: Readonly<Record<string, string>> = {
  "data-engineering": "The training reads the data from the package; nothing is written in this phase.",
  "features-and-requirements": "Scaling and model are one pipeline, so that nothing is fitted on held-out rows.",
  training: "In `pipeline_train.py`.",
};

function textOf(heading: string, id: string): string {
  return (heading === "Implementation" ? IMPLEMENTATION[id] : NOTES[heading]) ?? `No note on ${heading}.`;
}

function turnsOf({ id, agent, title, output }: TaskDefinition): Turn[] {
  const writes = (FILES[id] ?? []).map(
    ([path, content]): Turn => ({
      toolCalls: [{ name: "trainyard_workflow", input: { action: "write_file", agent, path, content } }],
    }),
  );
  const notes = {
    kind: output.kind,
    summary: `${title}: decided and written down.`,
    sections: output.sections.map((heading) => ({ heading, text: textOf(heading, id) })),
    // What was refused is not there, and naming it would be sent back.
    keyFiles: id === "data-engineering" ? [] : (FILES[id] ?? []).map(([path]) => ({ path, reason: title })),
  };
  return [...writes, { text: `\`\`\`json\n${JSON.stringify(notes)}\n\`\`\`` }];
}

/** What each specialist says and writes, by the first line of its task. */
export function pipelineScript(): Script {
  const tasks = shippedWorkflow("mlops-pipeline").phases.flatMap(tasksOf);
  return {
    rules: tasks.map((task) => ({
      prompt: (task.prompt.split("\n")[0] ?? "").split(/[$(:]/)[0]?.trim() ?? "",
      turns: turnsOf(task),
    })),
  };
}
