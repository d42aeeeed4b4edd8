import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openJournalMemory } from "../../../src/node/workflow/journalMemory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("the end of a journal is remembered outside of the workspace, for each by its place", async (context) => {
  const folder = temporaryFolder(context);
  await openJournalMemory(folder).remember("/a/journal.jsonl", { lines: 3, hash: "h" });
  const memory = openJournalMemory(folder);
  assert.deepEqual(await memory.read("/a/journal.jsonl"), { lines: 3, hash: "h" });
  assert.equal(await memory.read("/b/journal.jsonl"), undefined);
});

test("a state folder that cannot be used stops no workflow", async (context) => {
  const file = join(temporaryFolder(context), "file");
  await writeFile(file, "");
  const memory = openJournalMemory(file);
  await memory.remember("/a/journal.jsonl", { lines: 3, hash: "h" });
  assert.equal(await memory.read("/a/journal.jsonl"), undefined);
});
