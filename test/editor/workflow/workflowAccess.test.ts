import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { renderJournal } from "../../../src/core/workflow/renderJournal.ts";
import { workflowAccess } from "../../../src/editor/workflow/workflowAccess.ts";
import { resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
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

test("the skills that a brief names are read by the workflow's tool, and nothing outside the workspace is", async (context) => {
  const { desk, workspace } = await openDesk(context);
  const outside = temporaryFolder(context);
  await writeFile(join(outside, "SKILL.md"), "secret");
  const access = workflowAccess(desk);
  for (const folder of [".github/skills/polars", ".claude/skills/shap"]) {
    await mkdir(join(workspace, folder), { recursive: true });
    await writeFile(join(workspace, folder, "SKILL.md"), `# ${folder}`);
    assert.equal(await access.readFile(`${folder}/SKILL.md`), `# ${folder}`);
  }
  await symlink(outside, join(workspace, ".github", "skills", "linked"));
  for (const path of [".github/skills/linked/SKILL.md", "../SKILL.md"]) {
    await assert.rejects(access.readFile(path), /lies outside the workspace folder/);
  }
  await assert.rejects(access.readFile(".github/skills/none/SKILL.md"), /There is no file/);
});
