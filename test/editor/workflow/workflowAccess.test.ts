import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { renderJournal } from "../../../src/core/workflow/renderJournal.ts";
import { workflowAccess } from "../../../src/editor/workflow/workflowAccess.ts";
import { resetFake } from "../../support/fakeVscode.ts";
import { openDesk } from "../../support/workflowWindow.ts";

beforeEach(resetFake);

test("a try to move the workflow from the free chat leaves a line with who and what", async (context) => {
  const { desk, ask } = await openDesk(context);
  const access = workflowAccess(desk);
  await access.noteOtherAction({ action: "approve" });
  await ask("ml-trainer", "develop", "classify digits");
  await access.noteOtherAction({ action: "approve" });
  await access.noteOtherAction({ action: "skip\nforged line", agent: "ml-writer" });
  const [{ store, state } = assert.fail()] = await desk.unfinished();
  assert.equal(state.refusals, 2);
  const lines = renderJournal(await store.events(state.id)).slice(-2);
  assert.match(lines[0] ?? "", /agent a model in the chat: refused: call trainyard_workflow approve by a model/);
  assert.match(lines[1] ?? "", /agent ml-writer: refused: call trainyard_workflow skip forged line by ml-writer/);
});
