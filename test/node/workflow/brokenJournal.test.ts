import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { coveredDocuments } from "../../../src/core/workflow/workflowState.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openBench, type WorkflowBench } from "../../support/workflowFolder.ts";
import { AT, shippedWorkflow } from "../../support/workflows.ts";

const pipeline = shippedWorkflow("mlops-pipeline");

/** What can be wrong with a journal, and how it is said. */
const DAMAGES: Record<string, [damage: (bench: WorkflowBench) => Promise<unknown>, said: RegExp]> = {
  deleted: [({ journal }) => rm(journal), /^The journal of w-1 is gone or empty, so/],
  emptied: [({ journal }) => truncate(journal), /^The journal of w-1 is gone or empty, so/],
  "a folder": [
    async ({ journal }) => {
      await rm(journal);
      await mkdir(journal);
    },
    /^In place of the journal of w-1 there is a folder/,
  ],
  "unreadable from its first line on": [
    async ({ journal }) => writeFile(journal, (await readFile(journal, "utf8")).replace("{", "<<<<<<< HEAD\n{")),
    /^The first line of the journal of w-1 does not hold, so/,
  ],
  "another file": [({ journal }) => truncate(journal, 60_000_000), /^The journal of w-1 is larger than 50 MB/],
};

test("a journal that is broken says what is wrong and how to go on, and is kept when it is set aside", async (context) => {
  for (const [damage, [act, said]] of Object.entries(DAMAGES)) {
    const workspace = temporaryFolder(context);
    const bench = await openBench(workspace, pipeline);
    await bench.finishUntil(({ current }) => current === 1);
    await assert.rejects(bench.store.setAside("w-1"), /can be read, so the workflow goes on where it stands/);
    await act(bench);
    for (const attempt of [() => bench.read(), () => bench.apply({ kind: "stopped" }), () => bench.advance()]) {
      await assert.rejects(attempt, { name: "UserError", message: said }, damage);
    }
    const { workflows, unreadable } = await bench.store.list(AT);
    assert.deepEqual([workflows.length, unreadable.map(({ isBroken }) => isBroken)], [0, [true]], damage);
    assert.match(unreadable[0]?.reason ?? "", /Put the journal back .* or run Trainyard: Begin Workflow Anew…/);
    const kept = await bench.store.setAside("w-1");
    assert.equal(kept, `${bench.folder}.broken-1`);
    assert.ok((await readdir(kept)).includes("documents"), damage);
    assert.deepEqual(await bench.store.list(AT), { workflows: [], unreadable: [] }, damage);
  }
});

test("the task of a broken workflow is proposed again where its journal still says it", async (context) => {
  const bench = await openBench(temporaryFolder(context), pipeline);
  const whole = await readFile(bench.journal, "utf8");
  await writeFile(bench.journal, whole.replace(/"hash":"[^"]*"/, '"hash":"0"'));
  await assert.rejects(bench.read(), /does not hold/);
  assert.equal(await bench.store.lostTask("w-1"), "classify digits");
  await writeFile(bench.journal, "no JSON");
  assert.equal(await bench.store.lostTask("w-1"), undefined);
  await rm(bench.journal);
  await mkdir(bench.journal);
  assert.equal(await bench.store.lostTask("w-1"), undefined);
});

test("a folder in the place of a document is no document, and says so where it is in the way", async (context) => {
  const bench = await openBench(temporaryFolder(context), pipeline);
  const before = await bench.finishUntil(({ current }) => current === 1);
  const [document = assert.fail()] = Object.keys(before.documents).filter((path) => path.startsWith("documents/"));
  await rm(join(bench.folder, document));
  await mkdir(join(bench.folder, document));
  assert.equal((await bench.read()).documents[document], "missing");
  await bench.apply({ kind: "went-back", phase: 0 });
  await assert.rejects(
    bench.finishUntil(({ current }) => current === 1),
    /was not written: there is a folder of that name\. Move it away or rename it/,
  );
});

test("lines that do not hold are kept in no file that a link leads to", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, pipeline);
  const outside = join(workspace, "profile");
  await writeFile(outside, "export PATH\n");
  await symlink(outside, join(bench.folder, "journal.rejected.jsonl"));
  await appendFile(bench.journal, "echo owned\n");
  await assert.rejects(bench.read(), /journal\.rejected\.jsonl is a link, to which nothing is written\. Remove it/);
  assert.equal(await readFile(outside, "utf8"), "export PATH\n");
  await rm(join(bench.folder, "journal.rejected.jsonl"));
  assert.equal((await bench.read()).refusals, 1);
});

test("a document that is too large to be compared is not approved by its size", async (context) => {
  const bench = await openBench(temporaryFolder(context), pipeline);
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  const document = "documents/01-data-and-requirements.md";
  await appendFile(join(bench.folder, document), "x".repeat(2_000_000));
  const hashes = coveredDocuments(await bench.read(), 0);
  assert.match(hashes[document] ?? "", / bytes$/);
  const { refusal } = await bench.apply({ kind: "approved", phase: 0, hashes });
  assert.match(refusal ?? "", /01-data-and-requirements\.md is longer than 2 MB, .* Shorten it, then approve/);
});

test("documents are written to no folder outside of the workflow, to which a link of the workspace leads", async (context) => {
  const outside = temporaryFolder(context);
  for (const linked of ["documents", "history"]) {
    const bench = await openBench(temporaryFolder(context), pipeline);
    await bench.finishUntil(({ current }) => current === 1);
    await rm(join(bench.folder, linked), { recursive: true, force: true });
    await symlink(outside, join(bench.folder, linked));
    await bench.apply({ kind: "went-back", phase: 0 });
    await assert.rejects(
      bench.finishUntil(({ current }) => current === 1),
      /leads out of the folder of the workflow through a link, so nothing was written\. Remove the link/,
      linked,
    );
  }
  assert.deepEqual(await readdir(outside), []);
});
