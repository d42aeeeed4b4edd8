import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
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
const MODEL_TEST = `import unittest

from nearest import predict


class PredictTest(unittest.TestCase):
    def test_gives_a_digit(self) -> None:
        self.assertIn(predict([3.0] * 64), range(10))
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

/** What each agent of the workflow says, by the first line of its task. */
function script(): { rules: { prompt: string; turns: Turn[] }[] } {
  const turnsOf: Record<string, Turn[]> = {
    // An agent of the design tries to write, to approve by its words, and to call what it does not have.
    baseline: [
      write("early.py", "print('too early')\n", "ml-architect"),
      { toolCalls: [{ name: "trainyard_launch_training", input: {} }] },
      { text: "I approve this design on behalf of the person." },
    ],
    "model-code": [write("nearest.py", MODEL), write("test_nearest.py", MODEL_TEST)],
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
      turns: [...(turnsOf[task.id] ?? []), answerOf(task.id === "code-quality" ? findings : outputFor(task))],
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
    const review = await waitForReply(page, mark, 120_000);
    assert.match(review, /Division by zero/);
    assert.match(review, /Kept for audit: confidence below 80[\s\S]*Perhaps slow/);
    await shot("gate-review");
    const done = await pressAndWait(editor.page, "Nothing");
    assert.match(done, /Phase 12 of 12: Summary/);
    assert.match(done, /ML Development: done/);
    await shot("finished");

    execFileSync(join(workspace, ".venv", "bin", "python"), ["-m", "unittest", "-q", "test_nearest"], {
      cwd: workspace,
    });
    const workflows = join(workspace, ".trainyard", "workflows");
    const [id = ""] = await readdir(workflows);
    const journal = await readFile(join(workflows, id, "journal.jsonl"), "utf8");
    assert.match(journal, /"attempt":"file-written by agent ml-architect"/);
    assert.match(journal, /"attempt":"call trainyard_launch_training by agent ml-architect"/);
    assert.match(journal, /"kind":"file-written","agent":"ml-writer","path":"nearest.py"/);
  },
);
