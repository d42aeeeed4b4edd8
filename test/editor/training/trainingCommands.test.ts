import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { Uri } from "vscode";
import { planDigest } from "../../../src/core/training/renderPlan.ts";
import type { StartArguments } from "../../../src/core/training/startArguments.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { startCommands } from "../../../src/editor/training/trainingCommands.ts";
import { readRun } from "../../../src/node/training/runLedger.ts";
import { readStopRequest } from "../../../src/node/training/stopRequest.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import {
  createPythonRun,
  ENDLESS,
  makeWorkspace,
  supervise,
  waitForOutput,
  waitForState,
} from "../../support/runFixtures.ts";

beforeEach(resetFake);

async function openWindow(context: TestContext) {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  const program = { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" };
  return { root, commands: startCommands({ monitor, program }) };
}

async function startRun(root: string): Promise<string> {
  const folder = await createPythonRun(root, ENDLESS);
  await waitForOutput(supervise("start", folder), "ready");
  return folder;
}

test("a stop from the palette names the only run and asks; a stop of a row does not", async (context) => {
  const { root, commands } = await openWindow(context);
  const folder = await startRun(root);
  await commands["stopRun"]?.();
  assert.deepEqual(fake.messages, ["Stop demo?"]);
  assert.equal(await readStopRequest(folder), undefined);
  await commands["stopRun"]?.({ run: await readRun(folder) });
  assert.deepEqual(fake.messages, ["Stop demo?"]);
  await waitForState(folder, "stopped");
});

test("a run that was asked to stop is ended at once when that is confirmed", async (context) => {
  const { root, commands } = await openWindow(context);
  const folder = await createPythonRun(
    root,
    `import signal\nsignal.signal(signal.SIGINT, lambda *_: None)\n${ENDLESS}`,
    60_000,
  );
  await waitForOutput(supervise("start", folder), "ready");
  const row = { run: await readRun(folder) };
  await commands["stopRun"]?.(row);
  fake.messageAnswers.set("demo is stopping already", "End at Once");
  await commands["stopRun"]?.(row);
  assert.equal((await waitForState(folder, "stopped")).status.signal, "SIGKILL");
});

test("a plan that was started is not started again without a question", async (context) => {
  const { root, commands } = await openWindow(context);
  const folder = await startRun(root);
  const { record } = await readRun(folder);
  const shown: StartArguments = {
    request: {},
    folderUri: Uri.file(root).toString(),
    digest: planDigest(record.plan),
    shownAt: new Date(Date.parse(record.createdAt) - 1_000).toISOString(),
  };
  await commands["startShownPlan"]?.(shown);
  assert.match(
    fake.messages.join(),
    /^This plan was started at \d\d:\d\d \(run \d{8}-\d{6}-demo-[0-9a-f]{6}, running\)\. Start it again\?$/,
  );
  // The same plan, shown after that run: nobody pressed this button yet, so what follows is the planning.
  fake.messages.length = 0;
  const later = { ...shown, shownAt: new Date(Date.now() + 1_000).toISOString() };
  const presses = [commands["startShownPlan"]?.(later), commands["startShownPlan"]?.(later)];
  const outcomes = await Promise.allSettled(presses);
  const reasons = outcomes.map((outcome) => (outcome.status === "rejected" ? String(outcome.reason) : "started"));
  assert.equal(reasons.filter((reason) => reason.includes("is being started already")).length, 1);
  // It is planned, and what would run is another script than the one that was shown.
  assert.deepEqual(fake.messages, ["Start train?"]);
});

test("the preset to train is picked after it was said which of them cannot be used", async (context) => {
  const { root, commands } = await openWindow(context);
  await mkdir(join(root, ".trainyard"), { recursive: true });
  await writeFile(join(root, ".trainyard", "presets.yaml"), "bad: { args: 1 }\n");
  await commands["train"]?.();
  assert.deepEqual(fake.messages, [
    "Some presets cannot be used. .trainyard/presets.yaml line 1: the preset bad needs a script.",
  ]);
});
