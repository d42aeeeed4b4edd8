import assert from "node:assert/strict";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hasFinished } from "../../../src/core/workflow/workflowState.ts";
import { workflowVerb } from "../../../src/node/workflow/cliWorkflow.ts";
import { exportDossier } from "../../../src/node/workflow/exportDossier.ts";
import { openJournalHeads } from "../../../src/node/workflow/journalHeads.ts";
import { openSealer } from "../../../src/node/workflow/workflowSeal.ts";
import { openWorkflowStore } from "../../../src/node/workflow/workflowStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openBench } from "../../support/workflowFolder.ts";
import { ADA, AT, shippedWorkflow } from "../../support/workflows.ts";

async function call(root: string, words: readonly string[], options: Record<string, boolean> = {}): Promise<string> {
  const printed: string[] = [];
  const host = { supervisorPath: "", version: "", print: (text: string) => printed.push(text) };
  assert.equal(await workflowVerb.run({ root, folder: root, options, words, rest: [], host }), 0);
  return printed.join("\n");
}

/** The seals of the command line are kept in a folder of the test. */
function keepStateIn(root: string, context: TestContext): void {
  const earlier = process.env["XDG_STATE_HOME"];
  process.env["XDG_STATE_HOME"] = join(root, "state");
  context.after(() => {
    if (earlier === undefined) {
      delete process.env["XDG_STATE_HOME"];
    } else {
      process.env["XDG_STATE_HOME"] = earlier;
    }
  });
}

test("the command line lists workflows, says where one stands, what happened, and exports it", async (context) => {
  const root = temporaryFolder(context);
  keepStateIn(root, context);
  assert.match(await call(root, []), /^There are no guided workflows in /);
  await assert.rejects(call(root, ["status"]), /They are started in the editor/);
  await assert.rejects(call(root, ["journal", "nosuch"]), /no guided workflow "nosuch" in .*\. There are none;/);

  const store = openWorkflowStore(root, await openSealer(), openJournalHeads());
  const definition = shippedWorkflow("mlops-pipeline");
  const event = { kind: "started" as const, id: "w-1", definition, task: "churn <weekly>" };
  await store.begin({ event, by: ADA, at: AT });
  assert.match(
    await call(root, ["list"]),
    /^w-1 {2}Phase 1 \(Data & Requirements Analysis\): your answers are needed · .* · churn <weekly>$/,
  );
  assert.match(await call(root, ["status", "w-1"]), /☐ 1\. Data & Requirements Analysis: your answers are needed/);
  assert.match(await call(root, ["journal"]), /person ada: started mlops-pipeline: churn <weekly>$/);
  assert.equal(JSON.parse(await call(root, ["status"], { json: true })).phases.length, 4);
  assert.equal(JSON.parse(await call(root, ["list"], { json: true })).workflows[0].current, 1);
  assert.equal(JSON.parse(await call(root, ["journal", "w-1"], { json: true })).length, 1);

  const [markdown = "", page = ""] = (await call(root, ["export", "w-1"])).split("\n");
  assert.match(await readFile(markdown, "utf8"), /^# MLOps Pipeline: churn \\<weekly>/);
  assert.match(await readFile(page, "utf8"), /<h1 id="part-1">MLOps Pipeline: churn &lt;weekly&gt;<\/h1>/);
  for (const words of [["approve"], ["status", "w-1", "more"], ["toString"]]) {
    await assert.rejects(call(root, words), /workflow takes list, status, journal, export/);
  }
  for (const id of ["nosuch", "../../etc"]) {
    const message = `There is no guided workflow "${id}" in ${root}. There are: w-1.`;
    await assert.rejects(call(root, ["status", id]), { message });
  }

  await writeFile(join(store.folderOf("w-1"), "journal.jsonl"), "");
  assert.match(await call(root, ["list"]), /^w-1 {2}unreadable: /);
  await assert.rejects(call(root, ["status", "w-1"]), /The journal of w-1 is gone or empty/);
  await assert.rejects(call(root, ["status"]), /No guided workflow of .* can be read\. w-1: /);
});

test("a document that was deleted is named with its phase, in the dossier and in the message", async (context) => {
  const root = temporaryFolder(context);
  keepStateIn(root, context);
  const bench = await openBench(root, shippedWorkflow("ml-development"));
  await bench.finishUntil(hasFinished);
  const documents = ["documents/01-problem-analysis.md", "outputs/03-risk-assessment/leakage-and-shift.md"];
  assert.deepEqual((await exportDossier(bench.folder, await bench.read())).missing, []);
  assert.doesNotMatch(await readFile(join(bench.folder, "dossier.md"), "utf8"), /Missing documents/);
  for (const document of documents) {
    await rm(join(bench.folder, document));
  }
  const { markdown, page, missing } = await exportDossier(bench.folder, await bench.read());
  assert.deepEqual(missing, [
    { document: documents[0], phase: "Problem Analysis" },
    { document: documents[1], phase: "Risk Assessment" },
  ]);
  const named =
    /## Missing documents\n[\s\S]*- `documents\/01-problem-analysis\.md` of "Problem Analysis"\n- `outputs\/03-/;
  assert.match(await readFile(markdown, "utf8"), named);
  assert.match(await readFile(page, "utf8"), /Missing documents<\/h2>/);
  assert.match(
    await call(root, ["export", "w-1"]),
    /\nmissing: documents\/01-problem-analysis\.md of "Problem Analysis"\nmissing: outputs\//,
  );
});

test("a dossier leaves out what the person went back behind, and says where the workflow waits for a confirmation", async (context) => {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("ml-development"));
  await bench.finishUntil(({ current }) => current >= 4);
  const earlier = await readFile(bench.journal, "utf8");
  await bench.apply({ kind: "went-back", phase: 2 });
  const { markdown } = await exportDossier(bench.folder, await bench.read());
  const dossier = await readFile(markdown, "utf8");
  assert.match(dossier, /\n## Data Architecture\n/);
  assert.doesNotMatch(dossier, /\n## (?:Risk Assessment|Model Architecture)\n/);

  await writeFile(bench.journal, earlier);
  await exportDossier(bench.folder, await bench.read());
  assert.match(
    await readFile(markdown, "utf8"),
    /⚠ Waits for your confirmation, and nothing goes on before\. Lines of/,
  );
});

test("the page of a dossier holds everything and loads nothing, whatever the documents say", async (context) => {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("ml-development"));
  await bench.finishUntil(hasFinished);
  const bad =
    "\n\n<img src=x onerror=alert(1)>\n\n[run](command:trainyard.approvePhase)\n\n![p](https://example.org/p.png)\n";
  await appendFile(join(bench.folder, "documents", "12-summary.md"), bad);
  const { markdown, page } = await exportDossier(bench.folder, await bench.read());
  const html = await readFile(page, "utf8");
  for (const title of ["Problem Analysis", "Risk Assessment", "Quality Review", "Approvals"]) {
    assert.match(html, new RegExp(`<li><a href="#part-\\d+">${title}</a></li>`));
    assert.match(html, new RegExp(`<h2 id="part-\\d+">${title}</h2>`));
    assert.match(await readFile(markdown, "utf8"), new RegExp(`^## ${title}$`, "m"));
  }
  assert.match(html, /default-src 'none'; style-src 'unsafe-inline'/);
  assert.match(html, /prefers-color-scheme: dark/);
  assert.doesNotMatch(html, /<img|<script|href="command:|src="http/);
});
