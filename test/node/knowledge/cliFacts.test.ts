import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../../support/python.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

function printedFacts(folder: string): string {
  return execFileSync(process.execPath, [join(repositoryRoot, "src/cli.ts"), "facts", folder], { encoding: "utf8" });
}

test("the command line takes the settings of the folder, and advises only what it reads", async () => {
  await using workspace = await scriptWorkspace();
  assert.match(
    printedFacts(workspace.folder),
    /^Nothing .* flow\. Name the folder of a project, or begin one in VS Code/,
  );
  await workspace.write("requirements.txt", "torch\n");
  await workspace.write(
    ".vscode/settings.json",
    '{\n  // how we train\n  "trainyard.facts.train_command": "make fit",\n}\n',
  );
  const printed = printedFacts(workspace.folder);
  assert.match(printed, /^- make fit · set in `trainyard\.facts\.train_command`$/m);
  assert.match(printed, /^Not known: (?!.*train_command).* or in \.vscode\/settings\.json as trainyard\.facts\.\*\.$/m);
});
