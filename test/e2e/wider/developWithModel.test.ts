import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskOutput } from "../../../src/core/workflow/taskOutput.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import type { Turn } from "../../support/scriptedModel/script.ts";
import { outputFor, shippedWorkflow } from "../../support/workflows.ts";
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
import { answerTo, pick } from "../support/quickInput.ts";

const MODEL = `def predict(pixels: list[float]) -> int:
    """The digit whose mean brightness is nearest."""
    return round(sum(pixels) / max(1, len(pixels))) % 10
`;
/** Logs how good it is, beside what guessing would reach. */
const EVALUATION = `import json

from nearest import predict

rows = [([float(digit)] * 64, digit) for digit in range(10)]
right = sum(predict(pixels) == digit for pixels, digit in rows)
with open("metrics.json", "w") as file:
    json.dump({"accuracy": right / len(rows)}, file)
with open("guessing.json", "w") as file:
    json.dump({"accuracy": 0.1}, file)
`;
const MODEL_TEST = `import subprocess
import sys
import unittest

from nearest import predict


class PredictTest(unittest.TestCase):
    def test_gives_a_digit(self) -> None:
        self.assertIn(predict([3.0] * 64), range(10))

    def test_evaluation_writes_its_metrics(self) -> None:
        subprocess.run([sys.executable, "evaluate_nearest.py"], check=True)
`;

const write = (path: string, content: string, agent = "ml-writer"): Turn => ({
  toolCalls: [{ name: "trainyard_workflow", input: { action: "write_file", agent, path, content } }],
});

const answerOf = (output: object): Turn => ({ text: `Here it is.\n\n\`\`\`json\n${JSON.stringify(output)}\n\`\`\`` });

const finding = {
  severity: "high",
  evidence: "nearest.py:3",
  detail: "It divides by a length.",
  fix: "Check it first.",
};

/** What the checks rest on: tests that run, and the metric that they leave. */
function withProofs(output: TaskOutput): TaskOutput {
  if (output.kind !== "checks") {
    return output;
  }
  const metric = { file: "metrics.json", metric: "accuracy", baseline: { file: "guessing.json", metric: "accuracy" } };
  const checks = output.checks.map((check) => ({
    ...check,
    proof:
      check.proof?.kind === "metric"
        ? { kind: "metric" as const, ...metric }
        : { kind: "tests" as const, files: ["test_nearest.py"] },
  }));
  return { ...output, checks };
}

/** Explorers name what they have read of the sample. */
function withKeyFiles(output: TaskOutput, paths: readonly string[]): TaskOutput {
  return output.kind === "notes" && output.keyFiles.length > 0
    ? { ...output, keyFiles: paths.map((path) => ({ path, reason: "It is part of the training." })) }
    : output;
}

/** What each agent of the workflow says, by the first line of its task. */
function script(): { rules: { prompt: string; turns: Turn[] }[] } {
  const turnsOf: Record<string, Turn[]> = {
    // An agent of the design tries to write, to approve by its words, and to call what it does not have.
    baseline: [
      write("early.py", "print('too early')\n", "ml-architect"),
      { toolCalls: [{ name: "trainyard_launch_training", input: {} }] },
      { text: "I approve this design on behalf of the person." },
    ],
    "model-code": [
      write("nearest.py", MODEL),
      write("evaluate_nearest.py", EVALUATION),
      write("test_nearest.py", MODEL_TEST),
    ],
  };
  const keyFiles = ["README.md", "evaluate.py", "export.py", "flow.py", "train.py"];
  const reading: Turn = {
    toolCalls: keyFiles.map((path) => ({ name: "trainyard_workflow", input: { action: "read_file", path } })),
  };
  const findings = {
    kind: "findings",
    findings: [
      { ...finding, title: "Division by zero", confidence: 92 },
      { ...finding, title: "Perhaps slow", confidence: 40 },
    ],
  };
  const rules = shippedWorkflow("ml-development")
    .phases.flatMap(tasksOf)
    .map((task) => ({
      prompt: (task.prompt.split("\n")[0] ?? "").split(/[$(]/)[0]?.trim() ?? "",
      turns: [
        ...(task.output.keyFiles === undefined ? [] : [reading]),
        ...(turnsOf[task.id] ?? []),
        answerOf(task.id === "code-quality" ? findings : withKeyFiles(withProofs(outputFor(task)), keyFiles)),
      ],
    }));
  return { rules };
}

journey(
  import.meta.url,
  "twelve phases with a model: its agents work, what they try too early is refused, what they write was seen first",
  { hasScriptedModel: true },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await editor.model.play(script());
    await openChat(page, { width: 700 });
    await ask(page, "@ml-trainer /develop classify handwritten digits");
    const requirements = await pressAndWait(editor.page, "Answer…", async () => {
      await pick(page, "classification");
      await answerTo(page, "Which data is there?", "digits");
      await answerTo(page, "What counts as success?", "accuracy 0.97");
      await pick(page, "batch");
      await pick(page, "latency");
    });
    assert.match(requirements, /✓ Existing models and pipelines \(ml-explorer\)/);
    await shot("gate-requirements");
    await pressAndWait(editor.page, "Approve Phase 1");
    const approaches = await pressAndWait(editor.page, "None blocks: go on");
    assert.match(approaches, /Which approach shall be built\?/);
    await shot("gate-approaches");
    assert.equal(existsSync(join(workspace, "early.py")), false);
    await pressAndWait(editor.page, "Baseline");
    await pressAndWait(editor.page, "Approve Phase 5");

    await waitForButton(page, "Approve Phase 6");
    const mark = await replyMark(page);
    await clickButton(page, "Approve Phase 6");
    const allow = await waitForAllow(page);
    await shot("asked-before-writing");
    await allow.click();
    const tests = await waitForReply(page, mark, 120_000);
    assert.match(tests, /Integration smoke tests: test_nearest\.py/);
    await shot("asked-before-running-tests");
    const review = await pressAndWait(page, "Run These Tests");
    assert.match(review, /Division by zero/);
    assert.match(review, /Kept for audit: confidence below 80[\s\S]*Perhaps slow/);
    await shot("gate-review");
    assert.match(await pressAndWait(page, "Nothing"), /Gradient flow: test_nearest\.py/);
    const done = await pressAndWait(page, "Run These Tests");
    assert.match(done, /Phase 12 of 12: Summary/);
    assert.match(done, /ML Development: done/);
    await shot("finished");

    execFileSync(join(workspace, ".venv", "bin", "python"), ["-m", "unittest", "-q", "test_nearest"], {
      cwd: workspace,
    });
    const workflows = join(workspace, ".trainyard", "workflows");
    const [id = ""] = await readdir(workflows);
    const journal = await readFile(join(workflows, id, "journal.jsonl"), "utf8");
    assert.match(journal, /"attempt":"file-written early\.py by agent ml-architect"/);
    assert.match(journal, /"attempt":"call trainyard_launch_training by agent ml-architect"/);
    assert.match(journal, /"kind":"file-written","agent":"ml-writer","path":"nearest.py"/);
    const measured = await readFile(join(workflows, id, "documents", "11-evaluation-execution.md"), "utf8");
    assert.match(measured, /\| Unit tests \| passed \| Trainyard \| 2 passed, exit code 0: test_nearest\.py \|/);
    assert.match(measured, /\| passed \| Trainyard \| accuracy is 1 in metrics\.json, against 0\.1/);
  },
);
