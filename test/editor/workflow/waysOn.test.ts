import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import type { Reply } from "../../../src/core/chat/reply.ts";
import type { SlashRequest } from "../../../src/core/chat/slashCommand.ts";
import { isCancellation } from "../../../src/editor/base/cancellation.ts";
import { workflowCommands } from "../../../src/editor/workflow/workflowCommands.ts";
import { readTests } from "../../../src/node/workflow/testFiles.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { evidencePorts } from "../../support/workflowFolder.ts";
import { openDesk } from "../../support/workflowWindow.ts";

/* Whatever is in the way of a workflow, the person reads what it is and has a button that goes on. */

const WORKFLOW = `name: checked
title: Checked
description: Runs tests
phases:
  - id: only
    title: Only
    stage: Only
    goal: Run.
    steps:
      - tasks:
          - id: run
            agent: data-scientist
            title: Run
            prompt: Run
            output: { kind: checks, sections: [Unit tests], proofs: { Unit tests: tests } }
    gate: { question: "It fails. How shall it go on?", opensWhenChecksPass: true }
`;

const CHECKS = {
  kind: "checks",
  checks: [
    { name: "Unit tests", status: "passed", evidence: "ran", proof: { kind: "tests", files: ["test_model.py"] } },
  ],
};

const titles = ({ buttons }: Reply) => (buttons ?? []).map(({ title }) => title);

const headings = ({ markdown }: Reply) => markdown.match(/Phase 1 of 1: Only/g)?.length;

type AskModel = NonNullable<SlashRequest["askModel"]>;

const saying =
  (text: string, before: (asked: Parameters<AskModel>[0]) => Promise<unknown> = () => Promise.resolve()): AskModel =>
  async (asked) => {
    await before(asked);
    return { kind: "answered", text, tokens: 1 };
  };

const fenced = (value: object) => `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;

beforeEach(() => {
  resetFake();
  fake.builtInCommands = [...fake.builtInCommands, "markdown.showPreview"];
});

async function open(context: TestContext) {
  const { desk, workspace, ask } = await openDesk(context);
  await mkdir(join(workspace, ".trainyard", "workflows"), { recursive: true });
  await writeFile(join(workspace, ".trainyard", "workflows", "checked.workflow.yaml"), WORKFLOW);
  const begin = (askModel: AskModel) => ask("ml-trainer", "develop", "--workflow checked look", { askModel });
  const current = async () => (await desk.unfinished())[0] ?? assert.fail();
  const run = async (name: string, more: object = {}) =>
    workflowCommands(desk)[name]?.({ id: (await current()).state.id, ...more });
  const allow = async (python: string) => {
    await writeFile(join(workspace, "test_model.py"), python);
    const held = await readTests(evidencePorts(workspace), ["test_model.py"]);
    return desk.apply(await current(), { kind: "tests-allowed", phase: 0, ...held });
  };
  return { desk, ask, begin, current, run, allow };
}

test("an agent whose answers cannot be used is asked again, or its work is done by hand, or one goes back", async (context) => {
  const { begin } = await open(context);
  const reply = await begin(saying("I approve."));
  assert.match(
    reply.markdown,
    /One agent did not finish\.\n\n- \*\*Run\*\*: data-scientist answered three times, and no answer could be used\./,
  );
  assert.doesNotMatch(reply.markdown, /JSON|What the others did/);
  assert.deepEqual(titles(reply), ["Ask Again", "Do It by Hand…", "Go Back…"]);
});

test("the heading of a phase is said once, and again only where the chat has folded it away", async (context) => {
  const { begin, desk, current } = await open(context);
  assert.equal(headings(await begin(saying(fenced(CHECKS)))), 1);
  await desk.apply(await current(), { kind: "stopped" });
  const reading = saying(fenced(CHECKS), ({ mayCall }) => mayCall("trainyard_project_facts", {}));
  assert.equal(headings(await begin(reading)), 2, "a tool ran behind the first");
});

test("metrics that checks rest on are listed beside the tests that wait, with their baselines", async (context) => {
  const { begin } = await open(context);
  const metrics = WORKFLOW.replace("Unit tests]", "Unit tests, Metrics]").replace(
    "tests }",
    "tests, Metrics: metric }",
  );
  await writeFile(join(fake.workspaceFolder ?? "", ".trainyard", "workflows", "checked.workflow.yaml"), metrics);
  const proof = { kind: "metric", file: "metrics.json", metric: "test_accuracy", baseline: 0.97 };
  const answer = { ...CHECKS, checks: [...CHECKS.checks, { ...CHECKS.checks[0], name: "Metrics", proof }] };
  const { markdown } = await begin(saying(fenced(answer)));
  assert.match(markdown, /said to have passed\. .*:\n\n- \*\*Unit tests\*\*: `test_model\.py`\n\n/);
  assert.match(
    markdown,
    /read here after them.*:\n\n- \*\*Metrics\*\*: `test_accuracy in metrics\.json against 0\.97`\n\n/,
  );
});

test("while tests wait the person says by hand how they went, and is not asked which tests show it", async (context) => {
  const { begin, run, current } = await open(context);
  assert.deepEqual(titles(await begin(saying(fenced(CHECKS)))), ["Run These Tests", "Record by Hand…", "Go Back…"]);
  const { state } = await current();
  fake.quickPick = () => undefined;
  await assert.rejects(run("recordTask"), isCancellation);
  assert.deepEqual((await current()).state, state, "escaping the question changes nothing");
  const asked: string[][] = [];
  fake.quickPick = (items) => {
    asked.push(items.map(({ label }) => label));
    return [];
  };
  fake.inputBox = () => "Looked at ten of them";
  await run("recordTask");
  assert.deepEqual(asked, [["Unit tests"]]);
  const phase = (await current()).state.phases[0];
  assert.equal(phase?.kind, "awaiting-approval", "what did not pass is asked about");
  const task = phase?.tasks["run"];
  assert.deepEqual(task?.kind === "done" ? [task.by, task.output] : [], [
    userInfo().username,
    { kind: "checks", checks: [{ name: "Unit tests", status: "failed", evidence: "Looked at ten of them" }] },
  ]);
});

test("tests that cannot run here, and those that failed, are measured again by a button and by a command", async (context) => {
  const { begin, ask, run, current, allow, desk } = await open(context);
  await begin(saying(fenced(CHECKS)));
  await assert.rejects(run("measureAgain"), /No check of this workflow waits to be measured again/);
  await allow("import pytest\n\ndef test_it(): ...\n");
  const missing = await ask("ml-trainer", "develop");
  assert.match(missing.markdown, /⚠ Not measured yet: \*\*Unit tests\*\*\.\n\n.*needs pytest/);
  assert.deepEqual(titles(missing), ["Measure Again", "Record by Hand…", "Go Back…"]);
  await run("measureAgain");
  assert.equal((await current()).state.phases[0]?.kind, "working", "it is not there yet");

  await allow("import unittest\n\nclass T(unittest.TestCase):\n    def test_it(self): self.fail()\n");
  const failed = await ask("ml-trainer", "develop");
  assert.deepEqual(titles(failed).slice(0, 3), ["Go on although one check fails", "Measure Again", "Revise…"]);
  await run("measureAgain");
  assert.equal((await current()).state.phases[0]?.kind, "awaiting-approval", "it fails as before");
  assert.equal((await desk.contents()).workflows[0]?.state.phases[0]?.round, 1);
});
