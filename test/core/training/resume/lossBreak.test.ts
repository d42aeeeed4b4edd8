import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lossBreakOf,
  lossBreakOfAlarms,
  lossBreakOfLine,
  lossBreakOfRun,
} from "../../../../src/core/training/resume/lossBreak.ts";

function curve(tag: string, values: readonly number[], firstTime = Number.NaN) {
  return {
    tag,
    steps: values.map((_, index) => index * 10),
    times: values.map((_, index) => firstTime + index * 1000),
    values: [...values],
  };
}

function check(values: readonly number[], expected: unknown): void {
  assert.deepEqual(lossBreakOf([curve("train/loss", values, 5000)]), expected);
}

test("finds where the loss stopped being a number for good", () => {
  check([2, 1, Number.NaN, Number.NaN], { timeMs: 7000, step: 20, text: "train/loss became NaN at step 20" });
  check([2, Number.POSITIVE_INFINITY], { timeMs: 6000, step: 10, text: "train/loss became infinite at step 10" });
  check([Number.NaN, Number.NaN], { timeMs: 5000, step: 0, text: "train/loss became NaN at step 0" });
  // Mixed precision overflows at first and comes back.
  check([Number.POSITIVE_INFINITY, Number.NaN, 2, 1], undefined);
  check([], undefined);
});

test("takes the earliest of several losses, and no metric that is none", () => {
  const late = curve("loss", [1, 1, 1, Number.NaN], 0);
  const early = curve("val_loss", [1, Number.NaN, Number.NaN], 0);
  assert.equal(
    lossBreakOf([late, early, curve("loss_scale", [Number.NaN], 0)])?.text,
    "val_loss became NaN at step 10",
  );
  assert.deepEqual(lossBreakOf([curve("loss", [1, Number.NaN])]), { step: 10, text: "loss became NaN at step 10" });
});

test("falls back on what the watchdog noticed and is not over", () => {
  const alarm = {
    kind: "not-a-number",
    message: "loss is not a number.",
    advice: "",
    raisedAt: "2026-11-21T03:00:00Z",
  };
  assert.deepEqual(lossBreakOfAlarms([{ ...alarm, kind: "not-a-number" }]), {
    timeMs: Date.parse("2026-11-21T03:00:00Z"),
    text: "the watchdog noticed: loss is not a number",
  });
  assert.equal(lossBreakOfAlarms([{ ...alarm, kind: "not-a-number", endedAt: "2026-11-21T03:01:00Z" }]), undefined);
  assert.equal(lossBreakOfAlarms([{ ...alarm, kind: "plateau" }]), undefined);
});

test("a curve that came back to numbers refutes the watchdog; one that saw nothing does not", () => {
  const alarms = [
    { kind: "not-a-number" as const, message: "loss is not a number.", advice: "", raisedAt: "2026-11-21T03:00:00Z" },
  ];
  assert.equal(lossBreakOfRun([curve("loss", [2, Number.NaN, 1])], alarms), undefined);
  assert.deepEqual(lossBreakOfRun([curve("val_loss", [2, 1])], alarms), lossBreakOfAlarms(alarms));
  assert.deepEqual(lossBreakOfRun([], alarms), lossBreakOfAlarms(alarms));
  assert.equal(lossBreakOfRun([curve("loss", [2, Number.NaN])], alarms)?.text, "loss became NaN at step 10");
});

function checkCount(line: string, expected: number | undefined): void {
  assert.equal(lossBreakOfLine(line, undefined).step, expected);
}

test("counts with the line that proves it, where its count does not begin anew in each epoch", () => {
  checkCount("epoch 4 loss nan", 4);
  checkCount("step 1200 loss nan", 1200);
  checkCount("epoch 3 step 12 loss nan", undefined);
  checkCount("  2%|2         | 2/100 [00:01<00:50, 1.96it/s, loss=nan]", undefined);
  checkCount("RuntimeError: Function 'MulBackward0' returned nan values in its 0th output.", undefined);
  assert.deepEqual(lossBreakOfLine("epoch 4 loss nan", "2026-11-21T03:00:00Z"), {
    timeMs: Date.parse("2026-11-21T03:00:00Z"),
    step: 4,
    text: "“epoch 4 loss nan”",
  });
});
