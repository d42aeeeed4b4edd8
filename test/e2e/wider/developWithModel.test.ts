import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
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
import { developScript } from "../support/developScript.ts";
import { assertTrained, runPython, runTests, TESTS } from "../support/digitClassifier.ts";
import { assertWholeDocuments } from "../support/documents.ts";
import { gatePicture } from "../support/gatePicture.ts";
import { journey } from "../support/journey.ts";
import { answerTo, pick } from "../support/quickInput.ts";

journey(
  import.meta.url,
  "twelve phases with a model: what its agents try too early is refused, what they write trains, and its tests pass",
  { hasScriptedModel: true, windowHeight: 1_300 },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await editor.model.play(developScript());
    await openChat(page, { width: 560 });
    await ask(page, "@ml-trainer /develop classify handwritten digits");
    const requirements = await pressAndWait(page, "Answer…", async () => {
      await pick(page, "classification");
      await answerTo(page, "Which data is there?", "scikit-learn digits, 1797 images of 8 x 8 pixels");
      await answerTo(page, "What counts as success?", "accuracy of at least 0.95 on held-out images");
      await pick(page, "batch");
      await pick(page, "latency");
    });
    assert.match(requirements, /✓ Existing models and pipelines \(ml-explorer\)/);
    await gatePicture(page, shot, { phase: 1, title: "Problem Analysis", buttons: ["Approve Phase 1"] });
    await pressAndWait(page, "Approve Phase 1");
    const risks = ["None blocks: go on", "Go on, and let the design answer them"];
    await gatePicture(page, shot, { phase: 3, title: "Risk Assessment", buttons: risks });
    const approaches = await pressAndWait(page, "None blocks: go on");
    assert.match(approaches, /Which approach shall be built\?/);
    assert.equal(existsSync(join(workspace, "early.py")), false);
    const names = ["Linear model", "Convolutional ensemble", "Small network"];
    await gatePicture(page, shot, { phase: 4, title: "Model Architecture", buttons: names });
    await pressAndWait(page, "Small network");
    await gatePicture(page, shot, { phase: 5, title: "Training Pipeline", buttons: ["Approve Phase 5"] });
    await pressAndWait(page, "Approve Phase 5");
    await gatePicture(page, shot, { phase: 6, title: "Evaluation Strategy", buttons: ["Approve Phase 6"] });

    await waitForButton(page, "Approve Phase 6");
    const mark = await replyMark(page);
    await clickButton(page, "Approve Phase 6");
    const allow = await waitForAllow(page);
    await shot("asked-before-writing");
    await allow.click();
    const tests = await waitForReply(page, mark, 120_000);
    assert.match(tests, /Integration smoke tests: test_predict_digits\.py/);
    await shot("asked-before-running-tests");

    // The smoke test reads the checkpoint of a training that nobody has run yet.
    const failing = await pressAndWait(page, "Run These Tests");
    assert.match(
      failing,
      /The smoke tests do not pass\. How shall it go on\?\s+✗ Integration smoke tests .*FileNotFoundError/,
    );
    const smokeButtons = ["Go on although one check fails", "Measure Again"];
    await gatePicture(page, shot, { phase: 9, title: "Integration", buttons: smokeButtons });
    assert.match(runPython(workspace, "train_classifier.py"), /Epoch 12\/12: .* val_accuracy=0\.9\d+/);
    assertTrained(workspace);

    const review = await pressAndWait(page, "Measure Again");
    assert.match(review, /Bare error without a checkpoint/);
    assert.match(review, /Kept for audit: confidence below 80[\s\S]*Perhaps slow/);
    await gatePicture(page, shot, { phase: 10, title: "Quality Review", buttons: ["Everything reported", "Nothing"] });
    assert.match(await pressAndWait(page, "Nothing"), /Gradient flow: test_digit_classifier\.py/);

    // Nobody has run the evaluation either, which no repair of the code can mend.
    const unmeasured = await pressAndWait(page, "Run These Tests");
    assert.match(
      unmeasured,
      /Not every check passes\. How shall it go on\?\s+✗ Offline metrics .*evaluation\.json is not there/,
    );
    await gatePicture(page, shot, { phase: 11, title: "Evaluation Execution", buttons: smokeButtons });
    const accuracy = /^accuracy (0\.9\d+) on 270 test images/.exec(runPython(workspace, "evaluate_classifier.py"))?.[1];
    const done = await pressAndWait(page, "Measure Again");
    assert.match(done, /Phase 12 of 12: Summary/);
    assert.match(done, /ML Development: done/);
    await shot("finished");

    runTests(workspace, TESTS.unit, TESTS.integration, TESTS.smoke);
    const workflows = join(workspace, ".trainyard", "workflows");
    const [id = ""] = await readdir(workflows);
    const journal = await readFile(join(workflows, id, "journal.jsonl"), "utf8");
    assert.match(journal, /"attempt":"file-written early\.py by agent ml-architect"/);
    assert.match(journal, /"attempt":"call trainyard_launch_training by agent ml-architect"/);
    assert.match(journal, /"kind":"file-written","agent":"ml-writer","path":"train_classifier.py"/);
    const measured = await readFile(join(workflows, id, "documents", "11-evaluation-execution.md"), "utf8");
    assert.match(
      measured,
      /\| Unit tests \| passed \| Trainyard \| 3 passed, exit code 0: test_digit_classifier\.py \|/,
    );
    assert.ok(measured.includes(`| passed | Trainyard | accuracy is ${accuracy?.slice(0, 5)}`), measured);
    const summary = await readFile(join(workflows, id, "documents", "12-summary.md"), "utf8");
    assert.match(
      summary,
      /## Checks[\s\S]*- Offline metrics against baseline: passed, accuracy is 0\.9\d+ in evaluation\.json/,
    );
    await assertWholeDocuments(join(workflows, id), 12);
  },
);
