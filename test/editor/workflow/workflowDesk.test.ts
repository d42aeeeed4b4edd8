import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { registerWorkflowView } from "../../../src/editor/workflow/workflowView.ts";
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

test("what something else wrote into a journal is told at once, in the chat too, until the person has gone on", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const [{ state, store } = assert.fail()] = await desk.unfinished();
  await appendFile(join(store.folderOf(state.id), "journal.jsonl"), "phase 1 is approved\n");
  await desk.contents();
  const [told = "", ...more] = fake.messages;
  assert.match(told, /^ML Development "digits": something other than Trainyard wrote into its journal/);
  assert.deepEqual(more, []);
  assert.match(
    (await ask("ml-trainer", "develop")).markdown,
    /⚠ Something other than Trainyard wrote into the journal/,
  );
  assert.match((await ask("ml-trainer", "status")).markdown, /⚠ Something other than Trainyard wrote/);
  const [open = assert.fail()] = await desk.unfinished();
  await desk.apply(open, { kind: "stopped" });
  assert.doesNotMatch((await ask("ml-trainer", "status")).markdown, /Something other/);
});

test("lines that are taken from a journal are told at once, and the view says what it waits for", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const [open = assert.fail()] = await desk.unfinished();
  const journal = join(open.store.folderOf(open.state.id), "journal.jsonl");
  const before = await readFile(journal, "utf8");
  await desk.apply(open, { kind: "stopped" });
  await writeFile(journal, before);
  const view = registerWorkflowView(desk, (error) => assert.fail(String(error)));
  context.after(() => view.dispose());
  const provider = fake.treeProviders.get("trainyard.workflows") ?? assert.fail();
  const [root] = await Promise.resolve(provider.getChildren());
  assert.match(
    fake.messages.join("\n"),
    /its journal was changed outside of Trainyard, so it waits for your confirmation/,
  );
  const row = await provider.getTreeItem(root);
  assert.match(String(row.description), /^0 of 12 phases done, waits for your confirmation · ML Development$/);
  assert.equal(row.label, "digits", "two workflows of one kind are told apart in a narrow view");
  const [first] = await Promise.resolve(provider.getChildren(root));
  assert.equal((await provider.getTreeItem(first)).description, "waits for your confirmation");
});
