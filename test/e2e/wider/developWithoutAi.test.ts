import assert from "node:assert/strict";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, clickButton, openChat, pressAndWait } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answerTo, pick } from "../support/quickInput.ts";
import {
  clickDialogButton,
  dialogText,
  openActivity,
  treeRow,
  treeRows,
  waitForNotification,
} from "../support/workbench.ts";

const MODEL_TEST = `import unittest

from model import predict


class PredictTest(unittest.TestCase):
    def test_gives_a_digit(self) -> None:
        self.assertEqual(predict([0.0] * 64), 0)
`;

journey(
  import.meta.url,
  "twelve phases without any AI: questions, documents, gates that hold, work by hand, and a dossier",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openChat(page, { width: 700 });
    const asked = await ask(page, "@ml-trainer /develop classify handwritten digits");
    assert.match(asked, /Phase 1 of 12: Problem Analysis\s+Next: Phase 2 - Data Architecture/);
    assert.match(asked, /What counts as success\?/);
    await shot("questions");

    const requirements = await pressAndWait(editor.page, "Answer…", async () => {
      await pick(page, "classification");
      await answerTo(page, "Which data is there?", "scikit-learn digits, 1797 images of 8 x 8 pixels");
      await answerTo(page, "What counts as success?", "accuracy of at least 0.97 on held-out data");
      await pick(page, "batch");
      await pick(page, "latency");
    });
    assert.match(requirements, /Are these the requirements\?/);
    assert.match(requirements, /documents\/01-problem-analysis\.md/);
    await shot("gate-requirements");

    const [id = ""] = await readdir(join(workspace, ".trainyard", "workflows"));
    const folder = join(workspace, ".trainyard", "workflows", id);
    await appendFile(join(folder, "documents", "01-problem-analysis.md"), "\nThe model has to run without a GPU.\n");
    await clickButton(page, "Approve Phase 1");
    await waitForNotification(page, /documents have changed since they were shown/);
    await shot("edited-before-approval");

    await ask(page, "@ml-trainer /develop");
    const risks = await pressAndWait(editor.page, "Approve Phase 1");
    assert.match(risks, /Phase 2 of 12: Data Architecture[\s\S]*Phase 3 of 12: Risk Assessment/);
    assert.match(risks, /Does any of these risks block the work/);
    await shot("gate-risks");

    const approaches = await pressAndWait(editor.page, "Go on, and let the design answer them");
    assert.match(approaches, /Recommendation/);
    await shot("gate-approaches");

    await pressAndWait(editor.page, "Pragmatic balance");
    await shot("gate-pipeline");
    const design = await pressAndWait(editor.page, "Approve Phase 5");
    assert.match(design, /Approve the full design/);
    await shot("gate-full-design");

    await openActivity(page, "Trainyard");
    await treeRow(page, "Workflows", "6. Evaluation Strategy").hover();
    await treeRow(page, "Workflows", "6. Evaluation Strategy")
      .getByRole("button", { name: /Approve Workflow Phase/ })
      .click();
    assert.match(await dialogText(page), /Phase 6 \(Evaluation Strategy\)/);
    await shot("dialog-of-the-view");
    await clickDialogButton(page, "Cancel");

    const work = await pressAndWait(editor.page, "Approve Phase 6");
    assert.match(work, /No language model is at work, so this is yours/);
    await shot("work-by-hand");
    assert.ok((await treeRows(page, "Workflows")).some((row) => /Phase 7, Model Implementation, at work/.test(row)));

    await appendFile(join(folder, "documents", "04-model-architecture.md"), "\nSecretly something else.\n");
    const withdrawn = await ask(page, "@ml-trainer /develop");
    assert.match(withdrawn, /Since Phase 4 \(Model Architecture\) was approved, .* has been changed/);
    await shot("approval-withdrawn");
    await pressAndWait(editor.page, "Approve Phase 4 Again");
    await pressAndWait(editor.page, "Approve Phase 6 Again");

    await writeFile(join(workspace, "model.py"), "def predict(pixels: list[float]) -> int:\n    return 0\n");
    await writeFile(join(workspace, "test_model.py"), MODEL_TEST);
    const record = async (task: string, what: string) =>
      pressAndWait(editor.page, `Record ${task}…`, async () => {
        const list = page.locator(".quick-input-widget:visible");
        await list.waitFor();
        await list.getByRole("button", { name: "OK" }).click();
        await answerTo(page, task, what);
      });
    await record("Model code and unit tests", "A first model in model.py");
    await record("Training code", "train.py trains it");
    await record("Inference and serving", "export.py writes it for batch use");
    const tick = async (task: string, count: number, evidence: string) => {
      const list = page.locator(".quick-input-widget:visible");
      await list
        .locator(".quick-input-title")
        .filter({ hasText: `${task}: tick what passed` })
        .waitFor();
      await list.locator(".monaco-list-row").first().waitFor();
      for (const row of (await list.locator(".monaco-list-row").all()).slice(0, count)) {
        await row.click();
      }
      await list.getByRole("button", { name: "OK" }).click();
      await answerTo(page, `${task}: how do you know?`, evidence);
      await list.locator(".quick-input-title").filter({ hasText: "which tests show it?" }).waitFor();
      await list.locator(".monaco-list-row").filter({ hasText: "test_model.py" }).click();
      await list.getByRole("button", { name: "OK" }).click();
    };
    const smoke = await pressAndWait(page, "Record Smoke tests…", () => tick("Smoke tests", 1, "python -m unittest"));
    assert.match(smoke, /Integration smoke tests: test_model\.py/);
    await shot("asked-before-running-tests");
    const review = await pressAndWait(page, "Run These Tests");
    assert.match(review, /Phase 10 of 12: Quality Review/);
    await shot("gate-review");
    assert.match(review, /Nothing is reported, so there is nothing to fix/);
    assert.match(review, /Looked at: the Python files of this workspace/);
    await pressAndWait(editor.page, "Approve Phase 10");
    const checks = async (passed: number, metric: string) =>
      pressAndWait(page, "Record Evaluation run…", async () => {
        await tick("Evaluation run", passed, "python evaluate.py: accuracy 0.981");
        await answerTo(page, "Evaluation run: which metric shows it?", metric);
      });
    assert.match(await checks(4, "results.json accuracy 0.97"), /Unit tests: test_model\.py/);
    const repair = await pressAndWait(page, "Run These Tests");
    assert.match(
      repair,
      /Failed before: Offline metrics against baseline \(results\.json is not there\); Gradient flow/,
    );
    await writeFile(join(workspace, "results.json"), '{"accuracy": 0.981}');
    await shot("evaluation-failed");
    await record("Repair", "The last layer was frozen");
    const done = await checks(5, "results.json accuracy 0.97");
    assert.match(done, /Phase 12 of 12: Summary\s+Next: Done!/);
    assert.match(done, /ML Development: done/);
    await shot("finished");

    await clickButton(page, "Export Dossier");
    await page.locator(".tabs-container").getByText("dossier.md").first().waitFor();
    await shot("dossier");
    const dossier = await readFile(join(folder, "dossier.md"), "utf8");
    assert.match(dossier, /\| Evaluation Strategy \| .* \| holds \|/);
    assert.match(dossier, /The model has to run without a GPU/);
    assert.match(dossier, /\| Unit tests \| passed \| Trainyard \| 1 passed, exit code 0: test_model\.py/);
    assert.match(dossier, /\| passed \| Trainyard \| accuracy is 0\.981 in results\.json, against 0\.97, as agreed/);
    const journal = await readFile(join(folder, "journal.jsonl"), "utf8");
    assert.match(journal, /"refused".*documents have changed since they were shown/);
    assert.equal((await readdir(join(folder, "documents"))).length, 12);
  },
);
