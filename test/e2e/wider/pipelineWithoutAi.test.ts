import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, openChat, pressAndWait } from "../support/chat.ts";
import { assertWholeDocuments } from "../support/documents.ts";
import { gatePicture } from "../support/gatePicture.ts";
import { journey } from "../support/journey.ts";
import { answer, pick } from "../support/quickInput.ts";

journey(
  import.meta.url,
  "four phases of a pipeline without any AI: the options, a restart in between, the criteria, the deliverables",
  { windowHeight: 1_300 },
  async (editor, shot) => {
    const gate = (phase: number, title: string, buttons: readonly string[] = []) =>
      gatePicture(editor.page, shot, { phase, title, buttons: [`Approve Phase ${phase}`, ...buttons] });
    await openChat(editor.page, { width: 560 });
    const asked = await ask(editor.page, "@mlops-engineer /pipeline digits, retrained weekly");
    assert.match(asked, /Phase 1 of 4: Data & Requirements Analysis\s+Next: Phase 2 - Model Development & Training/);
    assert.match(
      asked,
      /Experiment tracking: mlflow \(runs on one.s own machines, without an account\), or wandb, neptune, clearml/,
    );
    await shot("options");
    const first = await pressAndWait(editor.page, "Answer…", async () => {
      await pick(editor.page, "Experiment tracking");
      await pick(editor.page, "wandb");
      await editor.page.locator(".quick-input-title").filter({ hasText: "Options of MLOps Pipeline" }).waitFor();
      await shot("form");
      await pick(editor.page, "Use These Options");
    });
    assert.match(first, /Shall the pipeline be built on this\?/);
    await gate(1, "Data & Requirements Analysis");

    await editor.quit();
    await editor.start();
    await openChat(editor.page, { width: 560 });
    const found = await ask(editor.page, "@mlops-engineer /status");
    assert.match(found, /1\. Data & Requirements Analysis: waits for your approval/);
    await shot("status-after-restart");
    await pressAndWait(editor.page, "Continue");
    const second = await pressAndWait(editor.page, "Approve Phase 1");
    assert.match(second, /Phase 2 of 4/);
    await gate(2, "Model Development & Training");
    await pressAndWait(editor.page, "Approve Phase 2");
    await gate(3, "Production Deployment & Serving");
    const last = await pressAndWait(editor.page, "Approve Phase 3");
    assert.match(last, /Phase 4 of 4: Monitoring & Continuous Improvement\s+Next: Done!/);
    await gate(4, "Monitoring & Continuous Improvement", ["Mark Criterion…"]);
    await clickButton(editor.page, "Mark Criterion…");
    await pick(editor.page, "The model meets or exceeds the baseline");
    await pick(editor.page, "Met");
    await answer(editor.page, "evaluate.py: 0.981 against 0.962");
    const workflows = join(editor.workspace, ".trainyard", "workflows");
    await waitFor("the mark in the journal", async () => {
      const [marked = ""] = await readdir(workflows);
      return (await readFile(join(workflows, marked, "journal.jsonl"), "utf8")).includes('"criterion-marked"');
    });
    const done = await pressAndWait(editor.page, "Approve Phase 4");
    assert.match(done, /MLOps Pipeline: done/);
    assert.match(done, /✓ met: The model meets or exceeds the baseline \(evaluate\.py: 0\.981 against 0\.962\)/);
    await shot("finished");

    const [id = ""] = await readdir(workflows);
    const deliverables = await readdir(join(workflows, id, "deliverables"));
    assert.deepEqual(deliverables.toSorted(), [
      "ci-cd.md",
      "cost-and-scaling.md",
      "documentation.md",
      "infrastructure.md",
      "monitoring.md",
      "pipeline.md",
      "recovery.md",
    ]);
    await assertWholeDocuments(join(workflows, id), 4);
    const configuration = await readFile(join(workflows, id, "documents", "01-data-and-requirements.md"), "utf8");
    assert.match(configuration, /\| Experiment tracking \| wandb \| mlflow \|/);
  },
);
