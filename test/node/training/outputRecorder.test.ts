import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
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

test("a clock that is set back silences no progress bar", async (context) => {
  const path = join(await makeWorkspace(context), "train.log");
  const log = new LogWriter(path);
  const recorder = new OutputRecorder(log, new Watchdog(watchdogLimitsSchema.parse({})));
  const output = new PassThrough();
  recorder.record(output);
  output.write("step 1/9 loss=1\rstep 3/9 loss=1\r.");
  await setTimeout(50);
  const now = Date.now();
  context.mock.method(Date, "now", () => now - 3_600_000);
  await setTimeout(1_100);
  recorder.flush();
  assert.equal(recorder.progress?.step, 3);
  recorder.end({ isWell: true });
  await log.close();
});
