import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TaskDefinition, tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import type { Turn } from "../../support/scriptedModel/script.ts";
import { shippedWorkflow } from "../../support/workflows.ts";
import {
  ask,
  clickButton,
  openChat,
  pressAndWait,
  replyMark,
  waitForAllow,
  waitForButton,
  waitForReply,
} from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answer, pick } from "../support/quickInput.ts";

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

function turnsOf({ id, agent, title, output }: TaskDefinition): Turn[] {
  const writes = (FILES[id] ?? []).map(
    ([path, content]): Turn => ({
      toolCalls: [{ name: "trainyard_workflow", input: { action: "write_file", agent, path, content } }],
    }),
  );
  const notes = {
    kind: output.kind,
    summary: `${title}: decided and written down.`,
    sections: output.sections.map((heading) => ({ heading, text: `${heading} as ${agent} would build it.` })),
    // What was refused is not there, and naming it would be sent back.
    keyFiles: id === "data-engineering" ? [] : (FILES[id] ?? []).map(([path]) => ({ path, reason: title })),
  };
  return [...writes, { text: `\`\`\`json\n${JSON.stringify(notes)}\n\`\`\`` }];
}

/** What each specialist says, by the first line of its task. */
function script() {
  const tasks = shippedWorkflow("mlops-pipeline").phases.flatMap(tasksOf);
  return {
    rules: tasks.map((task) => ({
      prompt: (task.prompt.split("\n")[0] ?? "").split(/[$(:]/)[0]?.trim() ?? "",
      turns: turnsOf(task),
    })),
  };
}

journey(
  import.meta.url,
  "four phases with a model: seven specialists in their order, code that trains, tests that pass, seven deliverables",
  { hasScriptedModel: true },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await editor.model.play(script());
    await openChat(page, { width: 700 });
    await ask(page, "@mlops-engineer /pipeline digits, retrained weekly");
    const data = await pressAndWait(page, "Answer…", () => pick(page, "Use These Options"));
    assert.match(data, /✓ Data ingestion, quality and storage \(data-engineer\), about [\d,]+ tokens/);
    assert.match(data, /Shall the pipeline be built on this\?/);
    await shot("gate-data");

    await waitForButton(page, "Approve Phase 1");
    const mark = await replyMark(page);
    await clickButton(page, "Approve Phase 1");
    // VS Code offers to allow the tool for this session, which then also covers the files of the later phases.
    const allow = await waitForAllow(page);
    await shot("asked-before-writing");
    await allow.click();
    assert.match(await waitForReply(page, mark, 120_000), /Shall this be deployed\?/);
    await shot("gate-model");
    assert.match(await pressAndWait(page, "Approve Phase 2"), /Shall the deployment be monitored like this\?/);
    await shot("gate-deployment");
    assert.match(await pressAndWait(page, "Approve Phase 3"), /Is the pipeline complete\?/);
    await shot("gate-monitoring");

    const python = join(workspace, ".venv", "bin", "python");
    const printed = execFileSync(python, ["pipeline_train.py"], { cwd: workspace, encoding: "utf8" });
    const accuracy = /accuracy (0\.9\d+)/.exec(printed)?.[1] ?? assert.fail(printed);
    execFileSync(python, ["-m", "unittest", "-q", "test_pipeline_train"], { cwd: workspace });
    await clickButton(page, "Mark Criterion…");
    await pick(page, "The model meets or exceeds the baseline");
    await pick(page, "Met");
    await answer(page, `pipeline_metrics.json: ${accuracy} against 0.9`);
    const done = await pressAndWait(page, "Approve Phase 4");
    assert.match(done, /MLOps Pipeline: done/);
    assert.ok(done.includes(`(pipeline_metrics.json: ${accuracy} against 0.9)`), done);
    await shot("finished");

    const workflows = join(workspace, ".trainyard", "workflows");
    const [id = ""] = await readdir(workflows);
    const folder = join(workflows, id);
    const journal = await readFile(join(folder, "journal.jsonl"), "utf8");
    assert.match(journal, /"attempt":"file-written \S+ by agent data-engineer"/);
    assert.deepEqual(
      [...journal.matchAll(/"kind":"file-written","agent":"([\w-]+)","path":"([^"]+)"/g)].map(([, agent, path]) => [
        agent,
        path,
      ]),
      [
        ["ml-engineer", "pipeline_train.py"],
        ["python-pro", "test_pipeline_train.py"],
        ["mlops-engineer", "Dockerfile"],
        ["kubernetes-architect", "deploy/job.yaml"],
        ["observability-engineer", "deploy/alerts.yaml"],
      ],
    );
    assert.ok(!(await readdir(workspace)).includes("ingest.py"));
    assert.equal((await readdir(join(folder, "documents"))).length, 4);
    assert.equal((await readdir(join(folder, "deliverables"))).length, 7);
    const recovery = await readFile(join(folder, "deliverables", "recovery.md"), "utf8");
    assert.match(
      recovery,
      /Model registry as ml-engineer would build it\.[\s\S]*Deployment strategies as mlops-engineer/,
    );
  },
);
