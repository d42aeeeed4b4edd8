import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { type RunStatus, renderRunStatus } from "../../../src/core/training/runRecord.ts";
import type { Alarm } from "../../../src/core/training/watchdog/alarm.ts";
import { registerAlarmNotices } from "../../../src/editor/training/alarmNotices.ts";
import { registerEndOfRun } from "../../../src/editor/training/endOfRun.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { registerRunStatusBar } from "../../../src/editor/training/statusBar.ts";
import { identifyProcess } from "../../../src/node/base/processIdentity.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, makeWorkspace, testReceipt, waitUntil } from "../../support/runFixtures.ts";

beforeEach(resetFake);

function fail(error: unknown): never {
  throw error;
}

function openMonitor(context: TestContext): RunMonitor {
  const monitor = new RunMonitor(fail, { pollMs: 20 });
  context.after(() => monitor.dispose());
  return monitor;
}

/** A run on disk, as another window or the command line leaves it. */
async function writeRun(root: string, title: string, state: RunStatus["state"]): Promise<string> {
  const folder = await createRun(root, buildPlan(root, ["python3"], { title }), testReceipt);
  const now = new Date().toISOString();
  const supervisor = identifyProcess(process.pid);
  const ended = state === "running" ? {} : { endedAt: now, exitCode: 0 };
  await writeFile(
    join(folder, "status.json"),
    renderRunStatus(buildRun(state, { supervisor, heartbeatAt: now, ...ended }).status),
  );
  return folder;
}

function titles(monitor: RunMonitor): string[] {
  return monitor.known.runs.map(({ record }) => record.plan.title).toSorted();
}

test("the first run of a folder is found when something else starts it", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const monitor = openMonitor(context);
  await monitor.refresh();
  assert.deepEqual(titles(monitor), []);
  await writeRun(root, "elsewhere", "running");
  await waitUntil("the run is known", () => titles(monitor).includes("elsewhere"));
});

test("folders that are opened and closed bring and take their runs", async (context) => {
  const [first, second] = [await makeWorkspace(context), await makeWorkspace(context)];
  await writeRun(first, "one", "finished");
  await writeRun(second, "two", "finished");
  fake.workspaceFolder = first;
  const monitor = openMonitor(context);
  await monitor.refresh();
  assert.deepEqual(titles(monitor), ["one"]);
  fake.moreFolders = [second];
  fake.foldersChanged.fire();
  await waitUntil("both are known", () => titles(monitor).join() === "one,two");
  fake.moreFolders = [];
  fake.foldersChanged.fire();
  await waitUntil("one is known", () => titles(monitor).join() === "one");
});

test("the status bar shows a live run, and nothing once it has ended", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const monitor = openMonitor(context);
  registerRunStatusBar(monitor, fail);
  const folder = await writeRun(root, "digits", "running");
  await Promise.all([monitor.refresh(), rm(folder, { recursive: true })]);
  await monitor.refresh();
  // Drawing loads its text first, so that the item follows the run a moment later.
  await waitUntil("nothing is shown", () => !fake.statusBar.isShown);
  await writeRun(root, "mnist", "running");
  await monitor.refresh();
  await waitUntil("the run is shown", () => fake.statusBar.isShown);
  assert.match(fake.statusBar.text, /^\$\(sync~spin\) mnist · running$/);
  assert.match(fake.statusBar.tooltip, /^mnist · running · started [\d: -]+ {2}\n\[Curves\]/);
});

const noHandoffs = () => Promise.resolve([]);

test("of two windows that find a run ended while none was open exactly one tells it, once", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const folders = await Promise.all(["a", "b", "c"].map((title) => writeRun(root, title, "finished")));
  const windows = [openMonitor(context), openMonitor(context)];
  windows.forEach((monitor) => registerEndOfRun(monitor, noHandoffs, fail));
  await Promise.all(windows.map((monitor) => monitor.refresh()));
  await Promise.all(windows.map((monitor) => monitor.refresh()));
  await waitUntil("all are told", () => fake.messages.length >= folders.length);
  const later = openMonitor(context);
  registerEndOfRun(later, noHandoffs, fail);
  await later.refresh();
  await writeRun(root, "d", "finished");
  await later.refresh();
  await waitUntil("the newest is told", () => fake.messages.some((text) => text.startsWith("Run d finished")));
  assert.deepEqual(fake.messages.map((text) => text.slice(0, "Run a finished".length)).toSorted(), [
    "Run a finished",
    "Run b finished",
    "Run c finished",
    "Run d finished",
  ]);
});

test("of many runs that ended since the last look, a person is told in one sentence", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  for (const [title, state] of [
    ["a", "finished"],
    ["b", "failed"],
    ["c", "finished"],
    ["d", "finished"],
  ] as const) {
    await writeRun(root, title, state);
  }
  const monitor = openMonitor(context);
  registerEndOfRun(monitor, noHandoffs, fail);
  await monitor.refresh();
  await waitUntil("it is told", () => fake.messages.length > 0);
  assert.match(fake.messages.join("|"), /^4 runs ended, 1 of them badly\. The newest is d: finished/);
});

test("of a run that finished with a loss that is not a number, a person is told with the button that repairs it", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const script = join(root, "train.py");
  await writeFile(script, 'import argparse\np = argparse.ArgumentParser()\np.add_argument("--lr", type=float)\n');
  const plan = buildPlan(root, ["python3", script, "--lr", "0.5"], { title: "nan" });
  const folder = await createRun(root, { ...plan, script }, testReceipt);
  const now = new Date().toISOString();
  const { status } = buildRun("finished", { heartbeatAt: now, endedAt: now, exitCode: 0 });
  const evidence = [{ line: 1, text: "step 3 loss nan" }];
  const diagnosis = { cause: "nan-loss" as const, title: "Loss is not a number", evidence, advice: "Lower the rate." };
  await writeFile(join(folder, "status.json"), renderRunStatus({ ...status, diagnosis }));
  fake.messageAnswers.set("Run nan finished", "Retry with lr 0.05");
  fake.builtInCommands.push("trainyard.repairRun");
  const monitor = openMonitor(context);
  registerEndOfRun(monitor, noHandoffs, fail);
  await monitor.refresh();
  await waitUntil("the button was pressed", () =>
    fake.executed.some(({ command }) => command === "trainyard.repairRun"),
  );
  assert.match(fake.messages.join(), /finished .*Yet its loss is not a number: .*step 3 loss nan/);
});

test("what ended in a restricted folder is told when the folder is trusted", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  fake.isTrusted = false;
  await writeRun(root, "digits", "finished");
  const monitor = openMonitor(context);
  registerEndOfRun(monitor, noHandoffs, fail);
  await monitor.refresh();
  assert.deepEqual(fake.messages, []);
  fake.isTrusted = true;
  fake.trustGranted.fire();
  await waitUntil("it is told", () => fake.messages.length === 1);
});

test("of a run that never started, as when the window closed too soon, a person is told with a button to start it", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createRun(root, buildPlan(root, ["python3"]), testReceipt);
  const record = join(folder, "run.json");
  const minuteAgo = new Date(Date.now() - 60_000).toISOString();
  const text = await readFile(record, "utf8");
  await writeFile(record, text.replace(/"createdAt": "[^"]*"/, `"createdAt": "${minuteAgo}"`));
  fake.workspaceFolder = root;
  fake.messageAnswers.set("Run demo was prepared but never started", "Start Again");
  fake.builtInCommands.push("trainyard.reproduceRun");
  const monitor = openMonitor(context);
  registerEndOfRun(monitor, noHandoffs, fail);
  await monitor.refresh();
  await waitUntil("the button was pressed", () =>
    fake.executed.some(({ command }) => command === "trainyard.reproduceRun"),
  );
});

test("an alarm is told once by two windows, and again when it was over and came back", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const folder = await writeRun(root, "digits", "running");
  const monitors = [openMonitor(context), openMonitor(context)];
  monitors.forEach((monitor) => registerAlarmNotices(monitor, fail));
  const stall = { kind: "stall" as const, advice: "Look where it hangs.", raisedAt: "2026-11-21T02:00:00.000Z" };
  const show = async (alarm: Partial<Alarm> & Pick<Alarm, "message">) => {
    const live = { supervisor: identifyProcess(process.pid), heartbeatAt: new Date().toISOString() };
    const { status } = buildRun("running", { ...live, alarms: [{ ...stall, ...alarm }] });
    await writeFile(join(folder, "status.json"), renderRunStatus(status));
    await Promise.all(monitors.map((monitor) => monitor.refresh()));
    await waitUntil("it is told", () => fake.messages.some((text) => text.includes(alarm.message)));
  };
  await show({ message: "Silent for 3 min" });
  await show({ message: "Silent for 20 min", raisedAt: "2026-11-21T03:00:00.000Z" });
  await Promise.all(monitors.map((monitor) => monitor.refresh()));
  assert.equal(fake.messages.length, 2, fake.messages.join());
});

test("who answers the alarm of a run that has ended since is told how, and not that it cannot be stopped", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const folder = await writeRun(root, "digits", "running");
  const monitor = openMonitor(context);
  const alarm = { kind: "stall" as const, message: "Silent", advice: "Look.", raisedAt: "2026-11-21T02:00:00.000Z" };
  const write = (state: "running" | "finished") => {
    const now = new Date().toISOString();
    const live = { supervisor: identifyProcess(process.pid), heartbeatAt: now, alarms: [alarm] };
    const ended = state === "finished" ? { endedAt: now, exitCode: 0 } : {};
    writeFileSync(join(folder, "status.json"), renderRunStatus(buildRun(state, { ...live, ...ended }).status));
  };
  write("running");
  // It ends while its notice is on the screen.
  monitor.onDidChange(() => write("finished"));
  registerAlarmNotices(monitor, fail);
  fake.builtInCommands.push("trainyard.stopRun");
  fake.messageAnswers.set("Run digits: Silent", "Stop Run");
  await monitor.refresh();
  await waitUntil("its end is told", () => fake.messages.some((text) => text.startsWith("Run digits finished")));
  assert.equal(
    fake.executed.some(({ command }) => command === "trainyard.stopRun"),
    false,
  );
});
