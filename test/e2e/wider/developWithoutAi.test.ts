import assert from "node:assert/strict";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, clickButton, openChat, pressAndWait } from "../support/chat.ts";
import { assertTrained, CLASSIFIER, runPython, TESTS } from "../support/digitClassifier.ts";
import { assertWholeDocuments } from "../support/documents.ts";
import { gatePicture } from "../support/gatePicture.ts";
import { journey } from "../support/journey.ts";
import { answerTo, pick } from "../support/quickInput.ts";
import {
  clearNotifications,
  clickDialogButton,
  dialogText,
  openActivity,
  pageInFront,
  treeRow,
  treeRows,
} from "../support/workbench.ts";

journey(
  import.meta.url,
  "twelve phases without any AI: questions, documents, gates that hold, work by hand, and a dossier",
  { windowHeight: 1_300 },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openChat(page, { width: 560 });
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
    await gatePicture(page, shot, { phase: 1, title: "Problem Analysis", buttons: ["Approve Phase 1"] });

    const [id = ""] = await readdir(join(workspace, ".trainyard", "workflows"));
    const folder = join(workspace, ".trainyard", "workflows", id);
    await appendFile(join(folder, "documents", "01-problem-analysis.md"), "\nThe model has to run without a GPU.\n");
    const edited = await pressAndWait(page, "Approve Phase 1");
    assert.match(edited, /This has changed since it was shown to you[\s\S]*\+The.model.has.to.run.without.a.GPU/);
    await shot("edited-before-approval");

    const risks = await pressAndWait(editor.page, "Approve Phase 1");
    assert.match(risks, /Phase 2 of 12: Data Architecture[\s\S]*Phase 3 of 12: Risk Assessment/);
    assert.match(risks, /Does any of these risks block the work/);
    const riskButtons = ["None blocks: go on", "Go on, and let the design answer them"];
    await gatePicture(page, shot, { phase: 3, title: "Risk Assessment", buttons: riskButtons });

    const approaches = await pressAndWait(editor.page, "Go on, and let the design answer them");
    assert.match(approaches, /Recommendation/);
    const names = ["Baseline", "State of the Art", "Pragmatic balance"];
    await gatePicture(page, shot, { phase: 4, title: "Model Architecture", buttons: names });

    await pressAndWait(editor.page, "Pragmatic balance");
    await gatePicture(page, shot, { phase: 5, title: "Training Pipeline", buttons: ["Approve Phase 5"] });
    const design = await pressAndWait(editor.page, "Approve Phase 5");
    assert.match(design, /Approve the full design/);
    await gatePicture(page, shot, { phase: 6, title: "Evaluation Strategy", buttons: ["Approve Phase 6"] });

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

    await appendFile(join(folder, "documents", "04-model-architecture.md"), "\nAt most 5,000 parameters.\n");
    const withdrawn = await ask(page, "@ml-trainer /develop");
    assert.match(withdrawn, /Since Phase 4 \(Model Architecture\) was approved, .* has been changed/);
    await shot("approval-withdrawn");
    await pressAndWait(editor.page, "Approve Phase 4 Again");
    await pressAndWait(editor.page, "Approve Phase 6 Again");

    const record = async (task: string, what: string, files: readonly { path: string; content: string }[] = []) => {
      await Promise.all(files.map(({ path, content }) => writeFile(join(workspace, path), content)));
      await pressAndWait(page, `Record ${task}…`, async () => {
        const list = page.locator(".quick-input-widget:visible");
        await list.waitFor();
        await list.getByRole("button", { name: "OK" }).click();
        await answerTo(page, task, what);
      });
    };
    await record("Model code and unit tests", "A network with one hidden layer", CLASSIFIER.model);
    await record("Training code", "Trains it and keeps the best epoch", CLASSIFIER.training);
    await record("Inference and serving", "Reads digits in batches", CLASSIFIER.serving);
    const tick = async (task: string, count: number, tests: readonly string[]) => {
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
      await answerTo(page, `${task}: how do you know?`, count === 0 ? "Not run yet" : "python -m unittest");
      if (count === 0) {
        return;
      }
      await list.locator(".quick-input-title").filter({ hasText: "which tests show it?" }).waitFor();
      for (const file of tests) {
        await list.locator(".monaco-list-row").filter({ hasText: file }).click();
      }
      await list.getByRole("button", { name: "OK" }).click();
    };
    const smoke = await pressAndWait(page, "Record Smoke tests…", () => tick("Smoke tests", 1, [TESTS.smoke]));
    assert.match(smoke, /Integration smoke tests: test_predict_digits\.py/);
    await shot("asked-before-running-tests");
    assert.match(await pressAndWait(page, "Run These Tests"), /The smoke tests do not pass/);
    const failing = ["Go on although one check fails", "Measure Again"];
    await gatePicture(page, shot, { phase: 9, title: "Integration", buttons: failing });
    runPython(workspace, "train_classifier.py");
    assertTrained(workspace);
    const review = await pressAndWait(page, "Measure Again");
    assert.match(review, /Phase 10 of 12: Quality Review/);
    assert.match(review, /Nothing is reported, so there is nothing to fix/);
    assert.match(review, /Looked at: the Python files of this workspace/);
    await gatePicture(page, shot, { phase: 10, title: "Quality Review", buttons: ["Approve Phase 10"] });
    await pressAndWait(editor.page, "Approve Phase 10");

    const evaluation = async (passed: number, tests: readonly string[]) =>
      pressAndWait(page, "Record Evaluation run…", async () => {
        await tick("Evaluation run", passed, tests);
        if (passed > 0) {
          const metric = "evaluation.json accuracy baseline.json accuracy";
          await answerTo(page, "Evaluation run: which metric shows it?", metric);
        }
      });
    const repair = await evaluation(4, []);
    const missing = /Failed before: Offline metrics against baseline \(evaluation\.json is not there\); Gradient flow/;
    assert.match(repair, missing);
    await shot("evaluation-failed");
    await record("Repair", "The evaluation has to be run, which mends no code");
    await evaluation(0, []);
    await record("Repair", "It still has to be run");
    const both = await evaluation(5, [TESTS.unit, TESTS.integration]);
    assert.match(both, /Unit tests: test_digit_classifier\.py, test_train_classifier\.py/);
    await pressAndWait(page, "Run These Tests");
    await gatePicture(page, shot, { phase: 11, title: "Evaluation Execution", buttons: failing });
    runPython(workspace, "evaluate_classifier.py");
    const done = await pressAndWait(page, "Measure Again");
    assert.match(done, /Phase 12 of 12: Summary\s+Next: Done!/);
    assert.match(done, /ML Development: done/);
    await shot("finished");

    await clickButton(page, "Export Dossier");
    await pageInFront(page).getByRole("heading", { name: "Approvals" }).waitFor({ timeout: 60_000 });
    await clearNotifications(page);
    await shot("dossier");
    const dossier = await readFile(join(folder, "dossier.md"), "utf8");
    assert.match(dossier, /\| Evaluation Strategy \| .* \| holds \|/);
    assert.match(dossier, /The model has to run without a GPU/);
    assert.match(dossier, /\| Unit tests \| passed \| Trainyard \| 4 passed, exit code 0: test_digit_classifier\.py/);
    assert.match(
      dossier,
      /\| passed \| Trainyard \| accuracy is 0\.97\d* in evaluation\.json, against 0\.95\d* \(accuracy in/,
    );
    const summary = await readFile(join(folder, "documents", "12-summary.md"), "utf8");
    assert.doesNotMatch(summary, /Not known yet|Repair|classifier\.pt/);
    assert.match(summary, /- Training code: Trains it and keeps the best epoch/);
    assert.match(summary, /- `train_classifier\.py`: Training code \(Training Infrastructure\)/);
    assert.match(summary, /### Evaluation[\s\S]*Offline metrics against baseline: passed, accuracy is 0\.97/);
    const journal = await readFile(join(folder, "journal.jsonl"), "utf8");
    assert.match(journal, /"refused".*documents have changed since they were shown/);
    await assertWholeDocuments(folder, 12);
  },
);
