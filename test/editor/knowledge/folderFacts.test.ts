import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import * as vscode from "vscode";
import { factsOfFolder } from "../../../src/editor/knowledge/folderFacts.ts";
import { fake } from "../../support/fakeVscode.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

async function frameworks(folder: vscode.WorkspaceFolder, signal = new AbortController().signal): Promise<string[]> {
  const { facts } = await factsOfFolder(folder, signal);
  return facts.facts.filter(({ key }) => key === "ml_framework").map(({ value }) => value);
}

test("what changed is read by the next question, also after one that was given up", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  await workspace.write("requirements.txt", "torch==2.4.0\n");
  assert.deepEqual(await frameworks(folder), ["torch ==2.4.0"]);
  await workspace.write("requirements.txt", "torch==2.5.0\n");
  fake.fileChanged.fire(vscode.Uri.file(join(workspace.folder, "requirements.txt")));
  const given = new AbortController();
  given.abort();
  await assert.rejects(frameworks(folder, given.signal), { name: "AbortError" });
  assert.deepEqual(await frameworks(folder), ["torch ==2.5.0"]);
});
