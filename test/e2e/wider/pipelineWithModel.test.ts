import assert from "node:assert/strict";
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
import { runPython, runTests } from "../support/digitClassifier.ts";
import { assertWholeDocuments } from "../support/documents.ts";
import { gatePicture } from "../support/gatePicture.ts";
import { journey } from "../support/journey.ts";
import { pipelineScript } from "../support/pipelineScript.ts";
import { answer, pick } from "../support/quickInput.ts";

journey(
  import.meta.url,
  "four phases with a model: seven specialists in their order, code that trains, tests that pass, seven deliverables",
  { hasScriptedModel: true, windowHeight: 1_300 },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await editor.model.play(pipelineScript());
    await openChat(page, { width: 560 });
    await ask(page, "@mlops-engineer /pipeline digits, retrained weekly");
    const data = await pressAndWait(page, "Answer…", () => pick(page, "Use These Options"));
    assert.match(data, /✓ Data ingestion, quality and storage \(data-engineer\), about [\d,]+ tokens/);
    assert.match(data, /Shall the pipeline be built on this\?/);
    await gatePicture(page, shot, { phase: 1, title: "Data & Requirements Analysis", buttons: ["Approve Phase 1"] });

    await waitForButton(page, "Approve Phase 1");
    const mark = await replyMark(page);
    await clickButton(page, "Approve Phase 1");
    // VS Code offers to allow the tool for this session, which then also covers the files of the later phases.
    const allow = await waitForAllow(page);
    await shot("asked-before-writing");
    await allow.click();
    assert.match(await waitForReply(page, mark, 120_000), /Shall this be deployed\?/);
    await gatePicture(page, shot, { phase: 2, title: "Model Development & Training", buttons: ["Approve Phase 2"] });
    assert.match(await pressAndWait(page, "Approve Phase 2"), /Shall the deployment be monitored like this\?/);
    await gatePicture(page, shot, { phase: 3, title: "Production Deployment & Serving", buttons: ["Approve Phase 3"] });
    assert.match(await pressAndWait(page, "Approve Phase 3"), /Is the pipeline complete\?/);
    await gatePicture(page, shot, {
      phase: 4,
      title: "Monitoring & Continuous Improvement",
      buttons: ["Approve Phase 4", "Mark Criterion…"],
    });

    const printed = runPython(workspace, "pipeline_train.py");
    const accuracy = /accuracy (0\.9\d+)/.exec(printed)?.[1] ?? assert.fail(printed);
    runTests(workspace, "test_pipeline_train.py");
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
    await assertWholeDocuments(folder, 4);
    assert.equal((await readdir(join(folder, "deliverables"))).length, 7);
    const recovery = await readFile(join(folder, "deliverables", "recovery.md"), "utf8");
    assert.match(recovery, /the one before stays for a rollback\.[\s\S]*the old one comes back with one tag\./);
  },
);
