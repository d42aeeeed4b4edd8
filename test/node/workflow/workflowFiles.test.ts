import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readCapsule, readWorkflowFiles } from "../../../src/node/workflow/workflowFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { benchOf } from "../../support/workflowFolder.ts";
import { ADA, AT, shippedWorkflow, workflowText } from "../../support/workflows.ts";

const CAPSULE = `version: "1.0"
created: 2026-01-03T10:00:00Z
slug: digits
goal: Tell digits apart.
constraints: [runs on a CPU]
context:
  key_files:
    - { path: train.py, reason: it trains }
    - { path: gone.py, reason: it trained }
    - { path: ../secret.py, reason: it lies outside }
success_criteria: [tests_pass, { files_created: [model.py] }]
questions:
  decisions_made: [{ question: Which size?, answer: 8 by 8. }]
  open_questions: [Who labels new digits?]
risks: [{ severity: high, description: few samples, mitigation: collect more }]
handoff: { recommended_command: /develop }
`;

async function write(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

test("a capsule is read from its place in the workspace, and nowhere else", async (context) => {
  const workspace = temporaryFolder(context);
  await assert.rejects(readCapsule(workspace, "digits"), /This workspace has no capsules\. Without --capsule/);
  await write(workspace, ".phase0/capsules/digits/capsule.yaml", CAPSULE);
  assert.equal((await readCapsule(workspace, "digits")).goal, "Tell digits apart.");
  await assert.rejects(readCapsule(workspace, "others"), /There are: digits\./);
  for (const slug of ["../../etc", "a/b", ".", ""]) {
    await assert.rejects(readCapsule(workspace, slug), /is no name of a capsule/);
  }
  const outside = temporaryFolder(context);
  await write(outside, "capsule.yaml", CAPSULE.replace("slug: digits", "slug: linked"));
  await symlink(outside, join(workspace, ".phase0", "capsules", "linked"));
  await assert.rejects(readCapsule(workspace, "linked"), /lies outside the workspace folder/);
});

test("with a capsule the first phase asks nothing, and its document has what the capsule says", async (context) => {
  const workspace = temporaryFolder(context);
  await write(workspace, ".phase0/capsules/digits/capsule.yaml", CAPSULE);
  await write(workspace, "train.py", "");
  const capsule = await readCapsule(workspace, "digits");
  assert.deepEqual(
    capsule.keyFiles.map(({ path, isMissing }) => [path, isMissing]),
    [
      ["train.py", false],
      ["gone.py", true],
      ["../secret.py", true],
    ],
  );
  const bench = benchOf(workspace);
  const definition = shippedWorkflow("ml-development");
  const event = { kind: "started" as const, id: "w-1", definition, task: capsule.goal, capsule };
  await bench.store.begin({ event, by: ADA, at: AT });
  const { effects } = await bench.advance();
  assert.deepEqual(effects, [{ kind: "ask-approval", phase: 0, isAgain: false }]);
  const text = await readFile(join(bench.folder, "documents", "01-problem-analysis.md"), "utf8");
  for (const part of [
    /From the capsule `digits`: Tell digits apart\./,
    /- runs on a CPU/,
    /- `train\.py`: it trains/,
    /- `gone\.py` \(⚠ not there\): it trained/,
    /\*\*Counts as success\*\*\n\n- tests_pass\n- files created: model\.py/,
    /\*\*Decided\*\*\n\n- Which size\? 8 by 8\./,
    /\*\*Open questions\*\*\n\n- Who labels new digits\?/,
    // The task's own section, which nobody has to be asked about any more.
    /Open questions\n\n- Who labels new digits\? \(from the capsule\)/,
    /- high: few samples\. collect more/,
  ]) {
    assert.match(text, part);
  }
});

test("a workflow of the workspace is found beside the shipped ones, and takes the name of none of them", async (context) => {
  const [shipped, own] = [temporaryFolder(context), temporaryFolder(context)];
  await write(shipped, "ml-development.workflow.yaml", workflowText("ml-development"));
  await write(own, "mine.workflow.yml", workflowText("mlops-pipeline").replace("name: mlops-pipeline", "name: mine"));
  await write(own, "false.workflow.yaml", workflowText("mlops-pipeline").replace("mlops-pipeline", "ml-development"));
  await write(own, "broken.workflow.yaml", "name: broken\n");
  const files = await readWorkflowFiles([shipped, own, join(own, "not-there")]);
  assert.deepEqual(
    files.map(({ definition, problems }) => definition?.title ?? (problems.length > 0 ? "has problems" : "")),
    ["ML Development", "has problems", "has problems", "MLOps Pipeline"],
  );
  const taken = files.find(({ path }) => path.endsWith("false.workflow.yaml"))?.problems ?? [];
  assert.match(
    taken[0]?.message ?? "",
    /^This file is not used: .*ml-development\.workflow\.yaml has the name "ml-development" too\. Give this workflow another name\.$/,
  );
  assert.equal(taken[0]?.range.start.line, 0);
});
