import assert from "node:assert/strict";
import { test } from "node:test";
import { runStatusTool } from "../../../src/core/tools/runStatus.ts";
import { stopRunTool } from "../../../src/core/tools/stopRun.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { buildRun } from "../../support/runBuilder.ts";

const signal = new AbortController().signal;
const running = buildRun("running");
const id = running.record.id;
const ended = { endedAt: "2026-11-21T03:02:00.000Z", exitCode: 0 };

function statusOf(...runs: Run[]) {
  return runStatusTool({
    listRuns: async () => runs,
    readLogTail: async (_run, lines) => [`last of ${lines}`],
    openFlowRuns: async () => ({
      runs: [],
      readContents: () => Promise.reject(new Error("There is none to read.")),
      readTask: () => Promise.reject(new Error("There is none to read.")),
    }),
  });
}

function stopOf(...runs: Run[]) {
  const asked: string[] = [];
  const tool = stopRunTool({
    listRuns: async () => runs,
    requestStop: async (run) => void asked.push(run.record.id),
  });
  return { tool, asked };
}

test("without an id the status lists the newest runs, or says that there are none", async () => {
  assert.equal((await statusOf().run({}, signal)).text, "This workspace has no runs yet.");
  const { text, data } = await statusOf(running).run({}, signal);
  assert.match(text, new RegExp(`^${id}: `));
  assert.deepEqual(data, [id]);
  const many = Array.from({ length: 12 }, () => running);
  assert.equal((await statusOf(...many).run({}, signal)).text.split("\n").length, 10);
});

test("the status of one run has its command and its last lines", async () => {
  const { text, data } = await statusOf(running).run({ runId: id }, signal);
  assert.match(text, /\nCommand: \/w\/\.venv\/bin\/python train\.py\nLast output:\nlast of 20$/);
  assert.deepEqual(data, { state: "running", status: running.status });
});

test("an unknown run is refused with the runs that are known", async () => {
  const known = { message: `There is no run x. Known runs, newest first: ${id}.` };
  const none = { message: "There is no run x: this workspace has no runs yet." };
  await assert.rejects(statusOf(running).run({ runId: "x" }, signal), known);
  await assert.rejects(statusOf().run({ runId: "x" }, signal), none);
  await assert.rejects(stopOf(running).tool.run({ runId: "x" }, signal), known);
});

test("a running or orphaned training is asked to stop, once per call", async () => {
  for (const run of [running, buildRun("orphaned")]) {
    const { tool, asked } = stopOf(run);
    assert.equal((await tool.confirm?.({ runId: id }, signal))?.title, "Stop digits?");
    assert.deepEqual(asked, [], "a question stops nothing");
    await tool.run({ runId: id }, signal);
    assert.deepEqual(asked, [id]);
  }
});

test("a run that has ended or is lost is not asked to stop", async () => {
  for (const run of [buildRun("finished", ended), buildRun("lost")]) {
    const { tool, asked } = stopOf(run);
    await assert.rejects(tool.run({ runId: id }, signal), { message: /is not running any more/ });
    assert.deepEqual(asked, []);
  }
});
