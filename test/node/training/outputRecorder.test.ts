import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { watchdogLimitsSchema } from "../../../src/core/training/watchdog/alarm.ts";
import { Watchdog } from "../../../src/core/training/watchdog/watchdog.ts";
import { LogWriter } from "../../../src/node/training/logWriter.ts";
import { OutputRecorder } from "../../../src/node/training/outputRecorder.ts";
import { makeWorkspace } from "../../support/runFixtures.ts";

test("of a program that prints faster than it can be understood the last step is known all the same", async (context) => {
  const log = new LogWriter(join(await makeWorkspace(context), "train.log"));
  const recorder = new OutputRecorder(log, new Watchdog(watchdogLimitsSchema.parse({})));
  const lines = Array.from({ length: 5_000 }, (_, index) => `step ${index + 1}/5000 loss=${1 / (index + 1)}\n`);
  const output = Readable.from([Buffer.from(lines.slice(0, 4_000).join("")), Buffer.from(lines.slice(4_000).join(""))]);
  recorder.record(output);
  await once(output, "end");
  recorder.flush();
  assert.equal(recorder.progress?.step, 5_000);
  recorder.end({ isWell: false });
  await log.close();
  assert.equal(recorder.progress?.step, 5_000);
  assert.equal(recorder.progress?.metrics["loss"], 1 / 5_000);
});

test("what matters in the middle of a flood is noticed: a validation, and the first loss that is no number", async (context) => {
  const log = new LogWriter(join(await makeWorkspace(context), "train.log"));
  const watchdog = new Watchdog(watchdogLimitsSchema.parse({}));
  const recorder = new OutputRecorder(log, watchdog);
  const lines = [...steps(0, "0.5"), "val_loss: 0.25\n", ...steps(3_000, "0.5"), ...steps(6_000, "nan")];
  const output = Readable.from([Buffer.from(lines.join(""))]);
  recorder.record(output);
  await once(output, "end");
  recorder.end({ isWell: false });
  await log.close();
  assert.equal(recorder.progress?.metrics["val_loss"], 0.25);
  assert.equal(recorder.progress?.step, 8_999);
  assert.deepEqual(
    watchdog.alarms.map(({ kind, evidence }) => [kind, evidence?.line]),
    [["not-a-number", 6_002]],
  );
});

function steps(from: number, loss: string): string[] {
  return Array.from({ length: 3_000 }, (_, index) => `step ${from + index} loss ${loss}\n`);
}

/** A recorder on two clocks of its own: `now` does not jump, `date` is the time of day. */
async function makeClockedRecorder(context: TestContext) {
  let nowMs = 1_000_000;
  context.mock.method(performance, "now", () => nowMs);
  context.mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-11-21T12:00:00Z") });
  const log = new LogWriter(join(await makeWorkspace(context), "train.log"));
  context.after(() => log.close());
  const recorder = new OutputRecorder(log, new Watchdog(watchdogLimitsSchema.parse({})));
  const output = new PassThrough();
  recorder.record(output);
  const pass = (change: { now: number; date: number }) => {
    nowMs += change.now;
    context.mock.timers.setTime(Date.now() + change.date);
    recorder.flush();
  };
  const print = async (text: string) => {
    output.write(text);
    await setImmediate();
  };
  return { recorder, print, pass };
}

const HOUR_MS = 3_600_000;

test("a bar is recorded once a second although the clock of the machine is set back", async (context) => {
  const { recorder, print, pass } = await makeClockedRecorder(context);
  const shown: (number | undefined)[] = [];
  for (let step = 1; step <= 20; step++) {
    pass({ now: 250, date: step === 5 ? -HOUR_MS : 250 });
    await print(`\r${step * 5}%|###       | ${step * 5}/100 [00:10<00:10, 10.0it/s, loss=0.5]`);
    shown.push(recorder.progress?.step);
  }
  assert.ok(new Set(shown).size >= 4, shown.join());
});

async function checkForecast(context: TestContext, jump: { now: number; date: number }): Promise<void> {
  const { recorder, print, pass } = await makeClockedRecorder(context);
  for (let epoch = 1; epoch <= 4; epoch++) {
    await print(`Epoch ${epoch}/10: loss=0.5\n`);
    pass(epoch === 3 ? jump : { now: 0, date: 0 });
    for (let second = 0; second < 20; second++) {
      pass({ now: 1_000, date: 1_000 });
    }
  }
  // Six epochs of twenty seconds each, the first of which is over.
  assert.equal(recorder.progress?.etaSeconds, 100);
  assert.equal(recorder.progress.updatedAt, new Date(Date.now() - 20_000).toISOString());
}

test("a clock that jumps and a machine that slept leave the forecast as it is", async (context) => {
  for (const jump of [
    { now: 0, date: 10 * HOUR_MS },
    { now: 0, date: -10 * HOUR_MS },
    { now: 10 * HOUR_MS, date: 10 * HOUR_MS },
    { now: 0, date: 0 },
  ]) {
    await context.test(JSON.stringify(jump), (part) => checkForecast(part, jump));
  }
});
