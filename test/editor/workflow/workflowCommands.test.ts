import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { isCancellation } from "../../../src/editor/base/cancellation.ts";
import { workflowCommands } from "../../../src/editor/workflow/workflowCommands.ts";
import { CancellationTokenSource, fake, resetFake } from "../../support/fakeVscode.ts";
import { benchOn, evidencePorts } from "../../support/workflowFolder.ts";
import { openDesk } from "../../support/workflowWindow.ts";

const answers = { problemType: "a", data: "b", successMetrics: "c", deployment: "d", constraints: "e" };

beforeEach(() => {
  resetFake();
  fake.builtInCommands = [...fake.builtInCommands, "markdown.showPreview"];
});

/** A development whose first agent is due, in a window whose facts come when `read` says so. */
async function openAtWork(context: TestContext, read: (signal: AbortSignal) => Promise<[]>) {
  const { desk, workspace, ask } = await openDesk(context, { collectFacts: (_folder, signal) => read(signal) });
  await ask("ml-trainer", "develop", "digits");
  const [workflow = assert.fail()] = await desk.unfinished();
  await desk.apply(workflow, { kind: "answered", answers, configuration: {} });
  const run = async (name: string, target?: object) => workflowCommands(desk)[name]?.(target);
  return { desk, workspace, workflow, run, target: { id: workflow.state.id } };
}

test("cancelling the notification ends what goes on from the palette, and the next command goes on from there", async (context) => {
  let isFirst = true;
  const { desk, workflow, run, target } = await openAtWork(context, (signal) => {
    if (!isFirst) {
      return Promise.resolve([]);
    }
    isFirst = false;
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      fake.progress.cancel();
    });
  });
  await assert.rejects(run("continueWorkflow", target), isCancellation);
  assert.equal(fake.executed.length, 0, "nothing is shown of what was cancelled");
  const [cancelled = assert.fail()] = await desk.unfinished();
  assert.equal(cancelled.state.phases[0]?.tasks["patterns"]?.kind, "running");
  assert.deepEqual(await readdir(join(workflow.store.folderOf(target.id), "leases")), [], "its task is free again");

  fake.progress = new CancellationTokenSource();
  await run("continueWorkflow", target);
  const [after = assert.fail()] = await desk.unfinished();
  assert.equal(after.state.phases[0]?.kind, "awaiting-approval");
  assert.equal(after.state.refusals, 0);
  assert.match(fake.messages.at(-1) ?? "", /ML Development "digits": Phase 1 of 12, Problem Analysis, waits for you/);
});

test("going back from the palette asks for the phase, and goes to it", async (context) => {
  const { desk, workflow, workspace, run, target } = await openAtWork(context, () => Promise.resolve([]));
  await benchOn(workflow.store, target.id, evidencePorts(workspace)).finishUntil(({ current }) => current === 3);
  const offered: string[] = [];
  fake.quickPick = (items) => {
    offered.push(...items.map(({ label }) => label));
    return items.at(-2);
  };
  await run("goBackPhase", target);
  assert.deepEqual(offered, [
    "4. Model Architecture",
    "3. Risk Assessment",
    "2. Data Architecture",
    "1. Problem Analysis",
  ]);
  const [after = assert.fail()] = await desk.unfinished();
  assert.deepEqual(
    after.state.phases.slice(0, 4).map(({ round }) => round),
    [1, 2, 2, 2],
  );
  fake.quickPick = () => undefined;
  await assert.rejects(run("goBackPhase", target), isCancellation);
  assert.deepEqual((await desk.unfinished())[0]?.state, after.state, "escaping the question changes nothing");
});
