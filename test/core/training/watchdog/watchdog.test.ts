import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConsoleLine } from "../../../../src/core/metrics/consoleLine.ts";
import { type Alarm, watchdogLimitsSchema } from "../../../../src/core/training/watchdog/alarm.ts";
import { HeldOutLossRule } from "../../../../src/core/training/watchdog/lossRules.ts";
import { type Observation, Watchdog } from "../../../../src/core/training/watchdog/watchdog.ts";
import { readLabelledLogs } from "../../../support/labelledLogs.ts";

const DEFAULTS = watchdogLimitsSchema.parse({});
const SECOND = 1_000;

/** Lines that come a second apart, with a look between them. */
function observationsOf(lines: readonly string[], startMs = 0): Observation[] {
  return lines.flatMap((text, index): Observation[] => {
    const atMs = startMs + index * SECOND;
    return [
      { kind: "line", atMs, line: index + 1, text, reading: parseConsoleLine(text) },
      { kind: "look", atMs: atMs + SECOND / 2, isBusy: false },
    ];
  });
}

function watch(observations: readonly Observation[], limits = DEFAULTS): readonly Alarm[] {
  const watchdog = new Watchdog(limits);
  for (const observation of observations) {
    watchdog.observe(observation);
  }
  return watchdog.alarms;
}

/** The kinds of alarms, each with the line that proves it. */
function check(observations: readonly Observation[], expected: readonly (readonly [Alarm["kind"], number?])[]): void {
  const found = watch(observations).map(({ kind, evidence }) => (evidence ? [kind, evidence.line] : [kind]));
  assert.deepEqual(found, expected);
}

function steps(count: number, valueAt: (step: number) => number): string[] {
  return Array.from({ length: count }, (_, step) => `step ${step} loss ${valueAt(step)}`);
}

function epochs(count: number, at: (epoch: number) => { train: number; val: number }): string[] {
  return Array.from({ length: count }, (_, epoch) => {
    const { train, val } = at(epoch);
    return `epoch ${epoch} train_loss=${train} val_loss=${val}`;
  });
}

/** Looks without a line, a second apart. */
function silence(fromMs: number, seconds: number, isBusy = false): Observation[] {
  return Array.from({ length: seconds }, (_, second) => ({ kind: "look", atMs: fromMs + second * SECOND, isBusy }));
}

/** A look a minute, for half an hour. */
function diskLooks(freeAt: (minute: number) => number): Observation[] {
  return Array.from({ length: 30 }, (_, minute) => ({
    kind: "look",
    atMs: minute * 60 * SECOND,
    disk: { path: "/data", freeMiB: freeAt(minute) },
  }));
}

function noise(step: number): number {
  return 1 + (step % 7) / 50;
}

test("no healthy training raises an alarm", () => {
  for (const { heading, lines } of readLabelledLogs("healthy.txt")) {
    assert.deepEqual(watch(observationsOf(lines)), [], heading);
  }
});

test("a loss that is no number is noticed in its line, an infinite one when it stays", () => {
  check(observationsOf(["step 1 loss 2.0", "step 2 loss nan", "step 3 loss nan"]), [["not-a-number", 2]]);
  check(observationsOf(["step 1 loss 2.0", "step 2 loss inf", "step 3 loss 1.9"]), []);
  check(observationsOf(steps(4, () => Number.POSITIVE_INFINITY).map((line) => line.replace("Infinity", "inf"))), [
    ["not-a-number", 3],
  ]);
  const collapsed = "{'loss': 0.0, 'grad_norm': nan, 'learning_rate': 1e-05, 'epoch': 0.5}";
  check(observationsOf([collapsed, collapsed, collapsed]), [["not-a-number", 3]]);
});

/** Whether the last alarm is over. */
function isOver(lines: readonly string[]): boolean {
  return watch(observationsOf(lines)).at(-1)?.endedAt !== undefined;
}

test("a loss that is a number again ends its alarm, and only where no other loss is broken", () => {
  const isNaNAt3 = steps(8, (step) => (step === 3 ? Number.NaN : 2 / (step + 1)));
  assert.equal(isOver(isNaNAt3), true);
  assert.equal(isOver(isNaNAt3.slice(0, 6)), false, "two numbers may be chance");
  const oneIsBroken = Array.from({ length: 9 }, () => "step 1 loss=1 val_loss=nan");
  assert.equal(isOver(["step 1 loss=nan val_loss=nan", ...oneIsBroken]), false);
  const again = watch(observationsOf([...isNaNAt3, "step 9 loss nan"]));
  assert.deepEqual([again.length, again[0]?.evidence?.line, again[0]?.endedAt], [1, 9, undefined]);
});

test("a watchdog that took over ends the alarm of the one before when the loss is a number", () => {
  const raised = watch(observationsOf(["step 1 loss nan"]));
  const endAfter = (lines: readonly string[]): string | undefined => {
    const successor = new Watchdog(DEFAULTS, raised);
    observationsOf(lines).forEach((observation) => successor.observe(observation));
    return successor.alarms[0]?.endedAt;
  };
  assert.notEqual(endAfter(steps(5, () => 1)), undefined);
  assert.equal(endAfter(steps(5, () => Number.NaN)), undefined);
});

test("a jump of the loss that stays is a spike, one that is gone at once is noise", () => {
  check(observationsOf(steps(80, (step) => (step >= 60 ? 9 + step / 100 : noise(step)))), [["loss-spike", 64]]);
  check(observationsOf(steps(80, (step) => (step === 60 ? 9 : noise(step)))), []);
});

test("a loss that climbs far above its start diverges", () => {
  const kinds = watch(
    observationsOf(steps(200, (step) => (step < 40 ? 2 - step / 100 : 1.6 * 1.02 ** (step - 40)))),
  ).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["divergence"]);
});

test("validation that gets worse while training gets better is overfitting", () => {
  const lines = epochs(20, (epoch) => ({
    train: 1 / (epoch + 1),
    val: epoch < 8 ? 1 - epoch / 20 : 0.65 + (epoch - 7) * 0.05,
  }));
  check(observationsOf(lines), [["overfitting", 13]]);
});

test("validation and training that both stand still are a plateau", () => {
  const lines = epochs(30, (epoch) => ({
    train: Math.max(0.5, 1 - epoch / 10) + (epoch % 2) / 10_000,
    val: Math.max(0.6, 1.1 - epoch / 10) + (epoch % 2) / 10_000,
  }));
  check(observationsOf(lines), [["plateau", 18]]);
});

/** Jumps up, and comes back ten steps later. */
const jump = (step: number) => (step < 60 || step >= 70 ? noise(step) : 9 + step / 100);
const climb = (step: number) => (step < 40 ? 2 - step / 100 : 1.6 * 1.02 ** (step - 40));
const overfit = (epoch: number) => ({
  train: 1 / (epoch + 1),
  val: epoch < 8 ? 1 - epoch / 20 : 0.65 + (epoch - 7) * 0.05,
});

/** Stands still from its tenth epoch to its thirtieth. */
function plateau(count: number, fallAfter: number): string[] {
  return epochs(count, (epoch) => ({
    train: Math.max(0.5, 1 - epoch / 10) + (epoch % 2) / 10_000,
    val: (epoch < 30 ? Math.max(0.6, 1.1 - epoch / 10) : 0.6 - (epoch - 29) * fallAfter) + (epoch % 2) / 10_000,
  }));
}

test("an alarm about a loss is over when the loss has come back, and stands as long as it has not", () => {
  assert.equal(isOver(steps(120, jump)), true);
  assert.equal(isOver(steps(72, jump)), false, "two low values may be chance");
  assert.equal(isOver(steps(200, climb)), false);
  assert.equal(isOver(steps(260, (step) => (step < 200 ? climb(step) : 1 - step / 1_000))), true);
  assert.equal(isOver(plateau(34, 0.01)), true);
  // A best that is hardly better is none, and would have the same said again and again.
  assert.equal(isOver(plateau(34, 0.0002)), false);
  assert.equal(isOver(epochs(25, overfit)), false);
  assert.equal(isOver(epochs(25, (epoch) => (epoch < 20 ? overfit(epoch) : { train: 0.04, val: 0.3 }))), true);
});

function logged(place: string, count: number): Observation[] {
  return Array.from({ length: count }, (_, step) => ({
    kind: "logged" as const,
    atMs: step * SECOND,
    values: [{ file: `${place}/log`, tag: "train/loss", step, axis: "step" as const, value: jump(step), place }],
  }));
}

test("an alarm that two logs raised is over when both have come back", () => {
  const oneIsBack = [...logged("a", 70), ...logged("b", 120)];
  assert.equal(watch(oneIsBack).at(-1)?.endedAt, undefined);
  assert.notEqual(watch([...oneIsBack, ...logged("a", 120).slice(70)]).at(-1)?.endedAt, undefined);
});

test("a silence that is long for this training is a stall, which ends with the next line", () => {
  const trained = observationsOf(steps(50, (step) => 2 - step / 100));
  check([...trained, ...silence(50 * SECOND, 200)], [["stall"]]);
  check([...trained, ...silence(50 * SECOND, 120)], []);
  check([...trained, ...silence(50 * SECOND, 200, true)], []);
  const [stall] = watch([
    ...trained,
    ...silence(50 * SECOND, 200),
    ...observationsOf(["step 51 loss 1.4"], 250 * SECOND),
  ]);
  assert.equal(stall?.endedAt, new Date(250 * SECOND).toISOString());
  assert.match(stall?.message ?? "", /^Nothing was printed for 3 min, where a step took about 1 s\. /);
  const [again] = watch([
    ...trained,
    ...silence(50 * SECOND, 200),
    ...observationsOf(["step 51 loss 1.4"], 250 * SECOND),
    ...silence(251 * SECOND, 1_000),
  ]);
  assert.deepEqual([again?.kind, again?.endedAt], ["stall", undefined]);
  assert.ok((again?.raisedAt ?? "") > new Date(251 * SECOND).toISOString());
});

function trains(startSecond: number): Observation[] {
  return observationsOf(
    steps(100, (step) => 2 - step / 100),
    startSecond * SECOND,
  );
}

test("a training that went on can stall again, after a silence that is much longer", () => {
  const stalled = [...trains(0), ...silence(100 * SECOND, 400), ...trains(500)];
  const [first, ...none] = watch(stalled);
  assert.deepEqual([first?.endedAt, none], [new Date(500 * SECOND).toISOString(), []]);
  // Three times the longest silence that went by.
  assert.deepEqual(watch([...stalled, ...silence(600 * SECOND, 1_190)]), [first]);
  const [second, ...others] = watch([...stalled, ...silence(600 * SECOND, 1_210)]);
  assert.deepEqual([second?.endedAt, others], [undefined, []]);
  assert.ok((second?.raisedAt ?? "") > (first?.endedAt ?? ""));
  // A word now and then is no step, and no news each time either.
  const words = Array.from({ length: 20 }, (_, at) => [
    ...silence((100 + at * 300) * SECOND, 299),
    ...observationsOf(["still waiting for the lock"], (399 + at * 300) * SECOND),
  ]).flat();
  assert.ok((watch([...trains(0), ...words])[0]?.endedAt ?? "") <= new Date(399 * SECOND).toISOString());
});

function fills(from: number): (minute: number) => number {
  return (minute) => from - minute * 40;
}

function halfHourOf(date: string): number {
  return Math.floor(Date.parse(date) / (30 * 60 * SECOND));
}

/** Half an hour of each, one after the other, and in which half hour the alarm was raised and ended. */
function diskAlarms(...parts: ((minute: number) => number)[]): unknown[] {
  const looks = parts.flatMap((freeAt, part) =>
    diskLooks(freeAt).map((look) => ({ ...look, atMs: look.atMs + part * 30 * 60 * SECOND })),
  );
  return watch(looks).map(({ raisedAt, endedAt }) => [halfHourOf(raisedAt), endedAt && halfHourOf(endedAt)]);
}

test("a disk that has room again is full no longer, and may fill anew", () => {
  assert.deepEqual(diskAlarms(fills(1_500)), [[0, undefined]]);
  assert.deepEqual(
    diskAlarms(fills(1_500), () => 1_200),
    [[0, undefined]],
  );
  assert.deepEqual(
    diskAlarms(fills(1_500), () => 500_000),
    [[0, 1]],
  );
  assert.deepEqual(
    diskAlarms(fills(1_500), () => 500_000, fills(1_500)),
    [[2, undefined]],
  );
});

test("long steps need a long silence, and a machine that slept does not stall", () => {
  const slow = observationsOf(steps(10, (step) => 2 - step / 100)).map((one) => ({ ...one, atMs: one.atMs * 60 }));
  check([...slow, ...silence(600 * SECOND, 900)], []);
  const trained = observationsOf(steps(50, (step) => 2 - step / 100));
  check([...trained, ...silence(9_000 * SECOND, 100)], []);
  check([...trained, ...silence(-9_000 * SECOND, 100)], []);
});

test("a disk that fills is noticed, a small one that nobody writes to is not", () => {
  check(
    diskLooks((minute) => 30_000 - minute * 1_000),
    [["disk-filling"]],
  );
  check(
    diskLooks((minute) => 500_000 - minute * 1_000),
    [],
  );
  check(
    diskLooks(() => 700),
    [],
  );
  check(
    diskLooks((minute) => 1_500 - minute * 40),
    [["disk-filling"]],
  );
  const [cleared] = watch(diskLooks((minute) => (minute < 20 ? 1_500 - minute * 40 : 400_000)));
  assert.equal(cleared?.endedAt, new Date(20 * 60 * SECOND).toISOString());
});

test("each thing is said once, also by a watchdog that took over, and not at all when it is off", () => {
  const lines = ["step 1 loss nan", "step 2 loss nan", "step 3 loss 1.0", "step 4 loss nan"];
  const [first] = watch(observationsOf(lines));
  assert.ok(first);
  const second = new Watchdog(DEFAULTS, [first]);
  assert.equal(
    observationsOf(lines).some((observation) => second.observe(observation)),
    false,
  );
  assert.deepEqual(second.alarms, [first]);
  assert.deepEqual(watch(observationsOf(lines), { ...DEFAULTS, isEnabled: false }), []);
});

test("a script that validates every step for days is followed in bounded memory and time", () => {
  const rule = new HeldOutLossRule(DEFAULTS);
  const began = performance.now();
  for (let step = 0; step < 20_000; step++) {
    rule.addTraining(1 / (step + 1));
    rule.addHeldOut("val_loss", 1 / (step + 1));
  }
  // The whole history looked at each time would pass the number of arguments a call may have; a slow machine has time enough.
  assert.ok(performance.now() - began < 60_000);
});
