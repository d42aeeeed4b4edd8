import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readJournal, renderLine } from "../../src/core/workflow/journal.ts";
import { renderJournal } from "../../src/core/workflow/renderJournal.ts";
import type { TaskOutput } from "../../src/core/workflow/taskOutput.ts";
import { tasksOf } from "../../src/core/workflow/workflowDefinition.ts";
import { pendingEffects } from "../../src/core/workflow/workflowEffects.ts";
import type { Actor, WorkflowEvent } from "../../src/core/workflow/workflowEvent.ts";
import type { WorkflowState } from "../../src/core/workflow/workflowState.ts";
import type { AskAgent } from "../../src/node/workflow/advanceWorkflow.ts";
import { readTests } from "../../src/node/workflow/testFiles.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { benchOf, evidencePorts, openBench, type WorkflowBench } from "../support/workflowFolder.ts";
import { ADA, AT, ENGINE, outputFor, shippedWorkflow, testSealer } from "../support/workflows.ts";

/* Tests are code of the workspace: which of it runs, and when, is the person's to say. */

const leaving = (mark: string) =>
  `import unittest\nopen("${mark}", "w").close()\n\nclass T(unittest.TestCase):\n    def test_it(self): pass\n`;

const asksForTests = (state: WorkflowState) => pendingEffects(state)[0]?.kind === "ask-to-run-tests";

async function allow(bench: WorkflowBench, workspace: string, ...files: string[]): Promise<void> {
  const { current } = await bench.read();
  const event = {
    kind: "tests-allowed" as const,
    phase: current,
    ...(await readTests(evidencePorts(workspace), files)),
  };
  assert.equal((await bench.apply(event)).refusal, undefined);
}

/** Lines of an earlier version of Trainyard, which no rule of now has seen. */
async function writeLines(journal: string, lines: readonly [WorkflowEvent, Actor][]): Promise<void> {
  const sealer = testSealer();
  let { end } = readJournal(await readFile(journal, "utf8"), sealer);
  for (const [event, by] of lines) {
    const line = renderLine({ event, by, at: AT }, end, sealer);
    await appendFile(journal, line.text);
    ({ end } = line);
  }
}

test("tests that were let run on another machine are asked about anew, after its approvals were confirmed", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  await bench.finishUntil(asksForTests);
  await writeFile(join(workspace, "test_model.py"), leaving("ran"));
  await allow(bench, workspace, "test_model.py");
  const other = benchOf(workspace, "another machine");
  assert.equal(pendingEffects(await other.read())[0]?.kind, "ask-confirmation");
  await other.apply({ kind: "confirmed" });
  const { state } = await other.advance();
  assert.equal(asksForTests(state), true);
  assert.equal(existsSync(join(workspace, "ran")), false);
});

test("a later round runs no file that was not let run, and none that has changed", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  const failing = leaving("ran").replace(": pass", ": self.fail()");
  let evaluations = 0;
  const askAgent: AskAgent = ({ task }) => {
    evaluations += task.id === "evaluation-run" ? 1 : 0;
    const output = outputFor(task);
    const said = task.id === "evaluation-run" && evaluations > 1 ? renamed(output) : output;
    return Promise.resolve({ kind: "answered", text: `\`\`\`json\n${JSON.stringify(said)}\n\`\`\``, tokens: 1 });
  };
  await bench.finishUntil((state) => state.current === 10 && asksForTests(state), askAgent);
  await writeFile(join(workspace, "test_model.py"), failing);
  await writeFile(join(workspace, "deploy.py"), leaving("deployed"));
  await allow(bench, workspace, "test_model.py");
  const { state } = await bench.advance(askAgent);
  assert.equal(state.phases[10]?.round, 2);
  const [effect] = pendingEffects(state);
  assert.ok(effect?.kind === "ask-to-run-tests" && effect.proofs.every(({ proof }) => proof.kind === "tests"));
  assert.equal(existsSync(join(workspace, "deployed")), false);
  await allow(bench, workspace, "deploy.py");
  await writeFile(join(workspace, "deploy.py"), `${leaving("deployed")}# changed\n`);
  const again = await bench.advance(askAgent);
  assert.equal(asksForTests(again.state), true, "what has changed since is asked about again");
  assert.equal(existsSync(join(workspace, "deployed")), false);
  assert.match(await readFile(bench.journal, "utf8"), /"kind":"tests-changed","files":\["deploy\.py"\]/);
});

test("tests that were let run are asked about again once anything that they can import has changed", async (context) => {
  const workspace = temporaryFolder(context);
  const write = async (path: string, text: string) => {
    await mkdir(join(workspace, path, ".."), { recursive: true });
    await writeFile(join(workspace, path), text);
  };
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  await bench.finishUntil(asksForTests);
  await write("src/helper.py", "x = 1\n");
  await write(".venv/pyvenv.cfg", "home = /usr/bin\n");
  await write("test_model.py", leaving("ran"));
  const changes: [folder: string, change: () => Promise<unknown>][] = [
    ["src", () => write("src/helper.py", `open("${join(workspace, "ran")}", "w")\n`)],
    [".", () => write("conftest.py", "")],
    [".", () => write("pytest.ini", "[pytest]\naddopts = -p plugin\n")],
    [".hidden/deep", () => write(".hidden/deep/plugin.py", "")],
    ["src", () => rm(join(workspace, "src", "helper.py"))],
    [".", () => symlink("/tmp", join(workspace, "linked"))],
  ];
  for (const [folder, change] of changes) {
    await allow(bench, workspace, "test_model.py");
    await change();
    const { state } = await bench.advance();
    assert.equal(asksForTests(state), true, folder);
    assert.deepEqual(state.phases[state.current]?.changedCode, [folder]);
    assert.equal(existsSync(join(workspace, "ran")), false, folder);
  }
  await allow(bench, workspace, "test_model.py");
  await write("data/rows.json", "[]");
  await write(".venv/lib/site.py", "");
  await write("src/__pycache__/helper.cpython-311.pyc", "");
  const { state } = await bench.advance();
  assert.equal(existsSync(join(workspace, "ran")), true, "what is no code of the workspace asks for nothing");
  assert.equal(state.phases[8]?.kind, "done");
});

test("tests that an earlier version let run, which looked at nothing around them, are asked about again", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  const { current } = await bench.finishUntil(asksForTests);
  const { files } = await readTests(evidencePorts(workspace), ["test_model.py"]);
  await writeLines(bench.journal, [
    [{ kind: "tests-allowed", phase: current, files }, ADA],
    [{ kind: "tests-changed", files: ["test_model.py"] }, ENGINE],
    [{ kind: "tests-allowed", phase: current, files }, ADA],
  ]);
  const { state } = await bench.advance();
  assert.equal(asksForTests(state), true);
  assert.equal(state.refusals, 0);
  assert.match((await bench.apply({ kind: "tests-allowed", phase: current, files })).refusal ?? "", /by their names/);
});

function renamed(output: TaskOutput): TaskOutput {
  return output.kind === "checks"
    ? {
        ...output,
        checks: output.checks.map((check) =>
          check.proof?.kind === "tests" ? { ...check, proof: { kind: "tests", files: ["deploy.py"] } } : check,
        ),
      }
    : output;
}

test("stopping ends what is measured: nothing of it is recorded, and nothing is said of it", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  await bench.finishUntil((state) => state.current === 10 && asksForTests(state));
  await writeFile(join(workspace, "test_model.py"), `import time\ntime.sleep(60)\n${leaving("ended")}`);
  await allow(bench, workspace, "test_model.py");
  const measuring = benchOf(workspace, undefined, {
    python: async () => {
      await bench.apply({ kind: "stopped" });
      return evidencePorts(workspace).python();
    },
  });
  const { state } = await measuring.advance();
  assert.equal(state.isStopped, true);
  assert.equal(existsSync(join(workspace, "ended")), false);
  assert.deepEqual(
    measuring.said.filter((text) => /[✓✗]/.test(text)),
    [],
  );
  const done = Object.values(state.phases[10]?.tasks ?? {}).filter((task) => task.kind === "done");
  assert.ok(done.length > 0 && done.every((task) => task.measured === undefined));

  await bench.apply({ kind: "resumed" });
  assert.ok(asksForTests(await bench.read()), "resuming does not start them again");
  const lines = renderJournal(await bench.store.events("w-1"));
  assert.match(
    lines.at(-2) ?? "",
    /engine Trainyard: ended the tests of phase 11 before they had, as the person asked/,
  );
});

test("a measurement counts for its round and its proof, and says both", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  const state = await bench.finishUntil((each) => each.current === 10 && asksForTests(each));
  const [effect] = pendingEffects(state);
  const [open = assert.fail()] = effect?.kind === "ask-to-run-tests" ? effect.proofs : [];
  const event = {
    kind: "proof-measured" as const,
    task: open.task,
    check: open.check,
    round: 1,
    proof: open.proof,
    measurement: { status: "passed" as const, evidence: "seen" },
  };
  const engine: Actor = { kind: "engine", name: "Trainyard" };
  const other = { kind: "tests" as const, files: ["other.py"] };
  assert.match((await bench.apply({ ...event, round: 2 }, engine)).refusal ?? "", /is not to be measured now/);
  assert.match((await bench.apply({ ...event, proof: other }, engine)).refusal ?? "", /is not to be measured now/);
  assert.equal((await bench.apply(event, engine)).refusal, undefined);
  await bench.finishUntil(({ current }) => current > 10);
  assert.match(
    await readFile(bench.journal, "utf8"),
    /"proof-measured","task":"evaluation-run","check":"[^"]+","round":1,"proof":\{/,
  );
});

test("a journal of an earlier version stays whole, and its press of a button lets nothing run", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  const state = await bench.finishUntil(asksForTests);
  await writeLines(bench.journal, [[{ kind: "tests-allowed", phase: state.current }, ADA]]);
  const again = await bench.read();
  assert.equal(again.refusals, state.refusals);
  assert.equal(asksForTests(again), true);
  assert.match(
    (await bench.apply({ kind: "tests-allowed", phase: state.current })).refusal ?? "",
    /Tests are let run by their names/,
  );
});

test("a check that stands twice in a journal of an earlier version cuts nothing", async (context) => {
  const shipped = shippedWorkflow("ml-development");
  const bare = structuredClone(shipped);
  for (const { output } of bare.phases.flatMap(tasksOf)) {
    delete output.proofs;
  }
  const bench = await openBench(temporaryFolder(context), bare);
  const state = await bench.finishUntil((each) => {
    const [effect] = pendingEffects(each);
    return effect?.kind === "run-tasks" && effect.tasks.some(({ id }) => id === "smoke-tests");
  });
  const [effect] = pendingEffects(state);
  const [task = assert.fail()] = effect?.kind === "run-tasks" ? effect.tasks : [];
  const once = outputFor(task);
  const output = once.kind === "checks" ? { ...once, checks: [...once.checks, ...once.checks] } : assert.fail();
  const by: Actor = { kind: "agent", name: task.agent };
  const finished = { kind: "task-finished" as const, task: task.id, hash: "h", output };
  await bench.apply({ kind: "task-started", task: task.id }, by);
  assert.match((await bench.apply(finished, by)).refusal ?? "", /stands there twice/);
  await writeLines(bench.journal, [[finished, by]]);
  const reading = readJournal(await readFile(bench.journal, "utf8"), testSealer());
  assert.equal(reading.rejection, undefined);
  assert.equal(reading.state?.phases[state.current]?.tasks[task.id]?.kind, "done");
});
