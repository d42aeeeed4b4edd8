import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openJournalHeads } from "../../../src/node/workflow/journalHeads.ts";
import { openWorkflowStore } from "../../../src/node/workflow/workflowStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { ADA, AT, shippedWorkflow, stamp, testSealer } from "../../support/workflows.ts";

test("the end of a journal is kept for each by its place, also for the next window", async (context) => {
  const folder = temporaryFolder(context);
  await openJournalHeads(folder).write("/a/journal.jsonl", { lines: 3, hash: "h" });
  assert.deepEqual(await openJournalHeads(folder).read("/a/journal.jsonl"), { lines: 3, hash: "h" });
  assert.equal(await openJournalHeads(folder).read("/b/journal.jsonl"), undefined);
});

test("where the state folder cannot be written to, what a person does still counts, and once", async (context) => {
  const file = join(temporaryFolder(context), "no-folder");
  await writeFile(file, "");
  const store = openWorkflowStore(temporaryFolder(context), testSealer(), openJournalHeads(file));
  const definition = shippedWorkflow("ml-development");
  await store.begin({ event: { kind: "started", id: "w-1", definition, task: "digits" }, by: ADA, at: AT });
  assert.equal((await store.apply("w-1", stamp({ kind: "stopped" }))).refusal, undefined);
  const { isStopped, refusals } = await store.read("w-1", AT);
  assert.deepEqual([isStopped, refusals], [true, 0]);
});
