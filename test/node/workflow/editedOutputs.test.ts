import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  coveredDocuments,
  hasFinished,
  taskDocument,
  type WorkflowState,
} from "../../../src/core/workflow/workflowState.ts";
import { exportDossier } from "../../../src/node/workflow/exportDossier.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openBench } from "../../support/workflowFolder.ts";
import { outputFor, shippedWorkflow } from "../../support/workflows.ts";

const OUTPUT = "outputs/01-data-and-requirements/data-engineering.md";
const DOCUMENT = "documents/01-data-and-requirements.md";

/** The pipeline at its first gate, with ways to read and to change its documents. */
async function openAtGate(context: TestContext) {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("mlops-pipeline"));
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  const textOf = (document: string) => readFile(join(bench.folder, document), "utf8");
  const change = async (document: string, from: string, to: string) => {
    const text = await textOf(document);
    assert.ok(text.includes(from), `${document} has: ${from}`);
    await writeFile(
      join(bench.folder, document),
      text.replace(from, () => to),
    );
  };
  const approve = async () =>
    bench.apply({ kind: "approved", phase: 0, hashes: coveredDocuments(await bench.read(), 0) });
  return { bench, textOf, change, approve };
}

test("what the person writes into an output stands in all that is approved, delivered and exported", async (context) => {
  const { bench, textOf, change, approve } = await openAtGate(context);
  const shown = coveredDocuments(await bench.read(), 0);
  await change(OUTPUT, "_Not known yet. Write it here._", "Parquet files, one a day.");
  const { refusal } = await bench.apply({ kind: "approved", phase: 0, hashes: shown });
  assert.match(refusal ?? "", /have changed since they were shown: .*documents\/01-data-and-requirements\.md/);
  assert.match(await textOf(DOCUMENT), /Parquet files, one a day\./);
  assert.equal((await approve()).refusal, undefined);

  const state = await bench.finishUntil(hasFinished);
  await exportDossier(bench.folder, state);
  const gaps = /^# Disaster recovery and rollback\n\n⚠ \d+ sections below still say that nothing is known\./;
  assert.match(await textOf("deliverables/recovery.md"), gaps);
  for (const document of [DOCUMENT, "deliverables/pipeline.md", "dossier.md"]) {
    assert.equal((await textOf(document)).split("Parquet files, one a day.").length, 2, `once in ${document}`);
  }
});

test("a second change takes the place of the first, and an output that is put back leaves no trace", async (context) => {
  const { bench, textOf, change } = await openAtGate(context);
  const [written, document] = [await textOf(OUTPUT), await textOf(DOCUMENT)];
  await change(OUTPUT, "_Not known yet. Write it here._", "One a day.\n\n# In detail\n\n```sh\n# a comment\n```");
  await bench.read();
  await change(OUTPUT, "One a day.", "One an hour.");
  await bench.read();
  const changed = await textOf(DOCUMENT);
  assert.match(changed, /One an hour\.[\s\S]*\n# a comment\n/);
  assert.doesNotMatch(changed, /One a day/);
  assert.equal(changed.match(/# In detail/g)?.length, 1);
  await writeFile(join(bench.folder, OUTPUT), written);
  await bench.read();
  assert.equal(await textOf(DOCUMENT), document);
});

test("what the person writes into the phase's document stays beside what stands in the output", async (context) => {
  const { bench, textOf, change } = await openAtGate(context);
  await change(DOCUMENT, "_Not known yet. Write it here._", "Mine, in the document.");
  await change(OUTPUT, "_Not known yet. Write it here._", "Mine, in the output.");
  await bench.read();
  assert.match(await textOf(DOCUMENT), /Mine, in the document\.[\s\S]*Mine, in the output\./);
});

test("what the person writes into a change that was taken in stays when the output changes again", async (context) => {
  const { bench, textOf, change } = await openAtGate(context);
  await change(OUTPUT, "_Not known yet. Write it here._", "One a day.");
  await bench.read();
  await change(DOCUMENT, "One a day.", "One a day, says Eve.");
  await bench.read();
  await change(OUTPUT, "One a day.", "One an hour.");
  await bench.read();
  const both = await textOf(DOCUMENT);
  assert.match(
    both,
    /and then here:_[\s\S]*One a day, says Eve\.[\s\S]*_As it was changed in [^\n]*:_[\s\S]*One an hour\./,
  );
  await change(OUTPUT, "One an hour.", "One a minute.");
  await bench.read();
  const last = await textOf(DOCUMENT);
  assert.equal(last, both.replace("One an hour.", "One a minute."), "the new change alone is replaced");
});

test("a comparison of approaches says which of them was changed after it, until that is put back", async (context) => {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("ml-development"));
  await bench.finishUntil(({ phases }) => phases[3]?.kind === "awaiting-approval");
  const [output, document] = ["outputs/04-model-architecture/pragmatic.md", "documents/04-model-architecture.md"];
  const textOf = (path: string) => readFile(join(bench.folder, path), "utf8");
  const [written, before] = [await textOf(output), await textOf(document)];
  for (const architecture of ["A CNN of three layers.", "A CNN of four layers."]) {
    await writeFile(join(bench.folder, output), written.replace("## Architecture", `$&\n\n${architecture}`));
    await bench.read();
    const text = await textOf(document);
    assert.match(
      text,
      /^## Side by side\n\n_Pragmatic balance was changed after this was put side by side: what it says below counts\._$/m,
    );
    assert.equal(text.match(/was changed after this/g)?.length, 1);
    assert.ok(text.includes(architecture));
  }
  await writeFile(join(bench.folder, output), written);
  await bench.read();
  assert.doesNotMatch(await textOf(document), /was changed after this/);
  assert.ok((await textOf(document)).startsWith(before.slice(0, 500)));
});

const isFailed = (state: WorkflowState) => state.phases[0]?.tasks["features-and-requirements"]?.kind === "failed";

test("an output that changes before its phase has a document is in that document", async (context) => {
  const { bench, textOf, change } = await openAtGate(context);
  await bench.apply({ kind: "revised", note: "" });
  await bench.finishUntil(isFailed, ({ task }) =>
    Promise.resolve(
      task.id === "data-engineering"
        ? { kind: "answered", text: `\`\`\`json\n${JSON.stringify(outputFor(task))}\n\`\`\``, tokens: 0 }
        : { kind: "failed", reason: "It is away.", tokens: 0 },
    ),
  );
  await change(OUTPUT, "## Storage\n", "## Storage\n\nParquet files, one a day.\n");
  await bench.apply({ kind: "task-retried", task: "features-and-requirements" });
  await bench.advance();
  assert.match(await textOf(DOCUMENT), /Parquet files, one a day\./);

  await change(DOCUMENT, "one a day.", "one a day, says Eve.");
  await bench.read();
  await change(OUTPUT, "one a day.", "one an hour.");
  await bench.read();
  assert.match(await textOf(DOCUMENT), /one a day, says Eve\.[\s\S]*one an hour\./);
});

test("a change that was taken in stays where nobody can tell any more whether the person wrote into it", async (context) => {
  const { bench, textOf, change } = await openAtGate(context);
  await change(OUTPUT, "_Not known yet. Write it here._", "One a day.");
  await bench.read();
  await change(DOCUMENT, "One a day.", "One a day, says Eve.");
  await bench.read();
  await rm(join(bench.folder, "history"), { recursive: true });
  await change(OUTPUT, "One a day.", "One an hour.");
  await bench.read();
  assert.match(await textOf(DOCUMENT), /One a day, says Eve\.[\s\S]*One an hour\./);
});

test("an output of what is done after the gate takes no approval back", async (context) => {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("ml-development"));
  const state = await bench.finishUntil(({ phases }) => phases[9]?.kind === "awaiting-approval");
  const hashes = coveredDocuments(state, 9);
  await bench.apply({ kind: "approved", phase: 9, hashes, choice: "fix-critical" });
  const done = await bench.finishUntil(({ phases }) => phases[9]?.tasks["fixes"]?.kind === "done");
  const output = join(bench.folder, taskDocument(done, 9, "fixes"));
  await writeFile(output, `${await readFile(output, "utf8")}\nAnother word.\n`);
  const { phases } = await bench.read();
  assert.equal(phases[9]?.approval?.isWithdrawn, false);
});
