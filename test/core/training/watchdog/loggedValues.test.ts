import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConsoleLine } from "../../../../src/core/metrics/consoleLine.ts";
import { renderAlarm } from "../../../../src/core/training/renderRuns.ts";
import {
  type Alarm,
  alarmSchema,
  describeAlarm,
  watchdogLimitsSchema,
} from "../../../../src/core/training/watchdog/alarm.ts";
import { type LoggedValue, lossRoleOfTag, placeOf } from "../../../../src/core/training/watchdog/loggedValue.ts";
import { Watchdog } from "../../../../src/core/training/watchdog/watchdog.ts";

const LIMITS = watchdogLimitsSchema.parse({});
const LOOK_MS = 5_000;

function logged(tag: string, step: number, value: number, place = "runs/a"): LoggedValue {
  return { file: `${place}/events.out.tfevents.1.host`, place, tag, step, axis: "step", value };
}

/** A look every five seconds, each with what was logged since. */
function watch(looks: readonly (readonly LoggedValue[])[], quietSeconds = 0): readonly Alarm[] {
  const watchdog = new Watchdog(LIMITS);
  looks.forEach((values, index) => {
    watchdog.observe({ kind: "logged", atMs: index * LOOK_MS, values });
    watchdog.observe({ kind: "look", atMs: index * LOOK_MS + 1, isBusy: false });
  });
  for (let second = 0; second < quietSeconds; second++) {
    watchdog.observe({ kind: "look", atMs: looks.length * LOOK_MS + second * 1_000, isBusy: false });
  }
  return watchdog.alarms;
}

function check(looks: readonly (readonly LoggedValue[])[], expected: readonly Alarm["kind"][]): void {
  assert.deepEqual(
    watch(looks).map(({ kind }) => kind),
    expected,
  );
}

test("a loss that is logged as NaN raises an alarm whose proof is the file, the tag and the step", () => {
  const [alarm] = watch([[logged("Loss/train", 0, 1)], [logged("Loss/train", 1, Number.NaN)]]);
  assert.equal(alarm?.evidence, undefined);
  assert.deepEqual(alarm?.logged, {
    file: "runs/a/events.out.tfevents.1.host",
    tag: "Loss/train",
    step: 1,
    axis: "step",
  });
  assert.match(
    describeAlarm(alarm),
    /^Loss\/train is not a number \(runs\/a\/events\.out\.tfevents\.1\.host: Loss\/train at step 1\)\. What is/,
  );
  assert.match(renderAlarm(alarm), /not a number\. `runs\/a\/events\S+: Loss\/train at step 1`\. What is/);
  assert.deepEqual(alarmSchema.parse(JSON.parse(JSON.stringify(alarm))), alarm);
});

/** A look for each step. */
function train(steps: number, valueAt: (step: number) => number): LoggedValue[][] {
  return Array.from({ length: steps }, (_, step) => [logged("train/loss", step, valueAt(step))]);
}

test("the losses that are logged are judged like those that are printed", () => {
  check(
    train(200, (step) => 2 / (1 + step / 50)),
    [],
  );
  check(
    train(60, (step) => (step < 50 ? 1 + (step % 5) / 100 : 9 + step / 100)),
    ["loss-spike"],
  );
  const epochs = Array.from({ length: 20 }, (_, epoch) => [
    logged("train_loss_epoch", epoch, 1 / (1 + epoch)),
    logged("val_loss", epoch, epoch < 8 ? 1 - epoch / 20 : 0.6 + epoch / 20),
  ]);
  check(epochs, ["overfitting"]);
});

test("each place is judged for itself, and a training and its validation are one", () => {
  const folds = ["fold_0", "fold_1", "fold_2"].flatMap((fold) =>
    Array.from({ length: 10 }, (_, epoch) => [logged("val_loss", epoch, 1 - epoch / 20, fold)]),
  );
  check(folds, []);
  const keras = Array.from({ length: 20 }, (_, epoch) => [
    logged("epoch_loss", epoch, 1 / (1 + epoch), "logs/train"),
    logged("epoch_loss", epoch, epoch < 8 ? 1 - epoch / 20 : 0.6 + epoch / 20, "logs/validation"),
  ]);
  check(keras, ["overfitting"]);
});

test("what is printed and logged as well is not counted twice", () => {
  const watchdog = new Watchdog(LIMITS);
  for (let epoch = 0; epoch < 10; epoch++) {
    const text = `epoch ${epoch} train_loss=${1 / (1 + epoch)} val_loss=1`;
    watchdog.observe({ kind: "line", atMs: epoch * 1_000, line: epoch + 1, text, reading: parseConsoleLine(text) });
    const again = [logged("val_loss", epoch, 2), logged("train_loss", epoch, 2)];
    watchdog.observe({ kind: "logged", atMs: epoch * 1_000, values: again });
  }
  assert.deepEqual(watchdog.alarms, []);
});

test("a training that logs no more stalls, and says so", () => {
  const looks = Array.from({ length: 10 }, (_, step) => [logged("train/loss", step, 1 / (1 + step))]);
  assert.deepEqual(watch(looks, 60), []);
  const [stall] = watch(looks, 300);
  assert.equal(stall?.kind, "stall");
  assert.match(stall.message, /^Nothing was printed or logged for 3 min, where something new came every 5 s\./);
});

test("a look that finds nothing is no output", () => {
  const looks = Array.from({ length: 100 }, (_, step) => (step < 10 ? [logged("loss", step, 1)] : []));
  check(looks, ["stall"]);
});

function checkRole(tag: string, expected: ReturnType<typeof lossRoleOfTag>): void {
  assert.equal(lossRoleOfTag(tag), expected, tag);
}

test("the tags of the usual loggers are known as losses of the training or held out", () => {
  for (const tag of ["loss", "Loss/train", "train/loss", "train_loss_step", "train_loss_epoch", "train/epoch_loss"]) {
    checkRole(tag, "training");
  }
  for (const tag of ["val_loss", "Loss/val", "eval/loss", "eval_loss", "validation/epoch_loss", "Loss/validation"]) {
    checkRole(tag, "held-out");
  }
  for (const tag of ["val_loss_step", "Loss/test", "train/box_loss", "accuracy", "policy_loss"]) {
    checkRole(tag, undefined);
  }
});

test("the folder of a split is part of the name, on every system", () => {
  assert.deepEqual(placeOf({ place: "/logs/train", tag: "epoch_loss" }), { place: "/logs", name: "train/epoch_loss" });
  assert.deepEqual(placeOf({ place: "C:\\logs\\val", tag: "loss" }), { place: "C:\\logs", name: "val/loss" });
  assert.deepEqual(placeOf({ place: "/logs/version_0", tag: "loss" }), { place: "/logs/version_0", name: "loss" });
});
