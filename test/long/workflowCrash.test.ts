import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readJournal, renderLine } from "../../src/core/workflow/journal.ts";
import type { WorkflowEvent } from "../../src/core/workflow/workflowEvent.ts";
import { hasFinished, type WorkflowState } from "../../src/core/workflow/workflowState.ts";
import { finishTask } from "../../src/node/workflow/advanceWorkflow.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { benchOf, openBench } from "../support/workflowFolder.ts";
import { ADA, AT, ENGINE, shippedWorkflow, stamp, testSealer } from "../support/workflows.ts";

/** The states after each line, as `readJournal` rebuilds them. */
function statesOf(text: string): WorkflowState[] {
  const lines = text.trimEnd().split("\n");
  return lines.map((_line, index) => {
    const { state, rejection } = readJournal(`${lines.slice(0, index + 1).join("\n")}\n`, testSealer());
    assert.equal(rejection, undefined);
    return state ?? assert.fail();
  });
}

test("a crash after any line, or in the middle of one, resumes with the state of the lines that are whole", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  const end = await bench.finishUntil(hasFinished);
  const text = await readFile(bench.journal, "utf8");
  const states = statesOf(text);
  assert.deepEqual(states.at(-1), end, "the journal alone gives the state that was reached");
  assert.ok(states.length > 60);
  const lines = text.trimEnd().split("\n");
  for (const [index, line] of lines.entries()) {
    const torn = `${lines.slice(0, index + 1).join("\n")}\n${(lines[index + 1] ?? line).slice(0, 40)}`;
    const { state, rejection } = readJournal(torn, testSealer());
    assert.equal(rejection, undefined, "a torn line is no attack");
    assert.deepEqual(state, states[index]);
  }
});

test("after a crash in any line the work goes on from there to the same end", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("mlops-pipeline"));
  const end = await bench.finishUntil(hasFinished);
  const lines = (await readFile(bench.journal, "utf8")).trimEnd().split("\n");
  for (let kept = 1; kept < lines.length; kept++) {
    const other = temporaryFolder(context);
    await cp(join(workspace, ".trainyard"), join(other, ".trainyard"), { recursive: true });
    const resumed = benchOf(other);
    await writeFile(resumed.journal, `${lines.slice(0, kept).join("\n")}\n${lines[kept]?.slice(0, 25)}`);
    const reached = await resumed.finishUntil(hasFinished);
    assert.deepEqual(
      reached.phases.map(({ kind }) => kind),
      end.phases.map(({ kind }) => kind),
    );
    assert.deepEqual(reached.documents, end.documents);
    assert.equal(reached.refusals, 0);
  }
});

test("two windows that work on one workflow at once leave one journal that holds", async (context) => {
  const workspace = temporaryFolder(context);
  const one = await openBench(workspace, shippedWorkflow("ml-development"));
  const two = benchOf(workspace);
  const answers = {
    problemType: "classification",
    data: "digits",
    successMetrics: "accuracy",
    deployment: "batch",
    constraints: "none",
  };
  const both = await Promise.all(
    [one, two].map((bench) => bench.apply({ kind: "answered", answers, configuration: {} })),
  );
  assert.equal(both.filter(({ refusal }) => refusal === undefined).length, 1, "one of two answers counts");
  await Promise.all([one.advance(), two.advance()]);
  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : two).apply({ kind: "stopped" })));
  const state = await one.read();
  assert.deepEqual(await two.read(), state);
  assert.equal(state.isStopped, true);
  const reading = readJournal(await readFile(one.journal, "utf8"), testSealer());
  assert.equal(reading.rejection, undefined);
  assert.deepEqual(reading.state, state);
});

test("on another machine the work is found, and waits until the approvals were looked at", async (context) => {
  const workspace = temporaryFolder(context);
  const here = await openBench(workspace, shippedWorkflow("ml-development"));
  const there = await here.finishUntil(({ current }) => current === 3);
  const other = benchOf(workspace, "grace's machine");
  assert.deepEqual({ ...(await other.read()), isForeign: false }, there);
  const { effects } = await other.advance();
  assert.deepEqual(effects, [{ kind: "ask-confirmation" }]);
  assert.match((await other.apply({ kind: "revised", note: "" })).refusal ?? "", /another machine/);
  assert.equal((await other.apply({ kind: "confirmed" })).refusal, undefined);
  assert.ok(hasFinished(await other.finishUntil(hasFinished)));
});

test("work that went on elsewhere is whole where it began, and for whoever reads it next", async (context) => {
  const workspace = temporaryFolder(context);
  const here = await openBench(workspace, shippedWorkflow("ml-development"));
  await here.finishUntil(({ current }) => current === 1);
  const other = benchOf(workspace, "grace's machine");
  await other.apply({ kind: "confirmed" });
  const there = await other.finishUntil(({ current }) => current === 3);
  const readers = [await here.read(), await benchOf(workspace, "a third machine").read()];
  for (const state of readers) {
    assert.deepEqual(state, { ...there, isForeign: true });
  }
  assert.equal((await here.apply({ kind: "confirmed" })).refusal, undefined);
  assert.ok(hasFinished(await here.finishUntil(hasFinished)));
});

test("what a person writes is read back as it was written, also with space around it", async (context) => {
  const develop = shippedWorkflow("ml-development");
  const bench = await openBench(temporaryFolder(context), develop);
  const reached = await bench.finishUntil(({ phases }) => phases[6]?.tasks["model-plan"]?.kind === "done");
  const [task = assert.fail()] = develop.phases[6]?.steps[1]?.tasks ?? [];
  const output = { kind: "files" as const, summary: " Written.\n", files: [], open: [] };
  assert.equal(
    await finishTask({ store: bench.store, id: "w-1", state: reached, at: AT, by: ADA }, task, output),
    undefined,
  );
  const state = await bench.read();
  assert.equal(state.refusals, 0);
  assert.equal(state.phases[6]?.tasks["model-code"]?.kind, "done");
});

test("a line of an earlier version that lacks what came later holds", () => {
  const { principles: _later, ...definition } = shippedWorkflow("ml-development");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what an earlier version wrote is not of the type of now
  const started = { kind: "started", id: "w-1", definition, task: "classify digits" } as unknown as WorkflowEvent;
  const { text } = renderLine(stamp(started), { lines: 0, hash: "" }, testSealer());
  const { state, rejection } = readJournal(text, testSealer());
  assert.equal(rejection, undefined);
  assert.deepEqual(state?.definition.principles, []);
});

test("a journal of a newer version is left as it is", async (context) => {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("ml-development"));
  const before = await readFile(bench.journal, "utf8");
  const { end } = readJournal(before, testSealer());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a later version writes is not of the type of now
  const later = { kind: "phase-shared", phase: 0 } as unknown as WorkflowEvent;
  const text = `${before}${renderLine(stamp(later, ENGINE), end, testSealer()).text}`;
  await writeFile(bench.journal, text);
  await assert.rejects(bench.read(), { name: "UserError", message: /a newer version of Trainyard has written it/ });
  await assert.rejects(bench.apply({ kind: "stopped" }), /a newer version/);
  assert.equal(await readFile(bench.journal, "utf8"), text);
});
