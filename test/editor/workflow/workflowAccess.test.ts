import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { workflowAccess } from "../../../src/editor/workflow/workflowAccess.ts";
import { resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openDesk } from "../../support/workflowWindow.ts";

beforeEach(resetFake);

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
