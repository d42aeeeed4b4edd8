import assert from "node:assert/strict";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { openDesk } from "../../support/workflowWindow.ts";

beforeEach(resetFake);

test("in a folder that is not trusted no workflow is read, noted in, begun or moved", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const [workflow = assert.fail()] = await desk.unfinished();
  const journal = join(workflow.store.folderOf(workflow.state.id), "journal.jsonl");
  await appendFile(journal, "approved by nobody\n");
  const before = await readFile(journal, "utf8");
  fake.isTrusted = false;
  assert.deepEqual(await desk.contents(), { workflows: [], unreadable: [] });
  const definition = await desk.definition("ml-development");
  const request = { task: "digits" };
  const door = { progress: () => undefined };
  const { signal } = new AbortController();
  for (const attempt of [
    () => desk.apply(workflow, { kind: "stopped" }),
    () => desk.begin(definition, request),
    () => desk.advance(workflow, door, signal),
  ]) {
    await assert.rejects(attempt, /Restricted Mode, and a guided workflow runs its code/);
  }
  assert.equal(await readFile(journal, "utf8"), before);
});
