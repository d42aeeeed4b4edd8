import assert from "node:assert/strict";
import { test } from "node:test";
import { StopStages } from "../../../src/node/training/stopStages.ts";

/** Asks at the given times and notes which signal is due at each hundred milliseconds of the first second. */
function check(asks: Readonly<Record<number, "graceful" | "now">>, expected: Readonly<Record<number, string>>): void {
  const stages = new StopStages(300);
  const sent: Record<number, string> = {};
  for (let nowMs = 0; nowMs <= 1000; nowMs += 100) {
    const level = asks[nowMs];
    if (level !== undefined) {
      stages.ask({ level }, nowMs);
    }
    const signal = stages.next(nowMs);
    if (signal !== undefined) {
      sent[nowMs] = signal;
    }
  }
  assert.deepEqual(sent, expected);
}

test("a stop goes from asking to forcing, each step after its grace", () => {
  check({}, {});
  check({ 100: "graceful" }, { 100: "SIGINT", 400: "SIGTERM", 700: "SIGKILL" });
  check({ 100: "graceful", 200: "graceful" }, { 100: "SIGINT", 400: "SIGTERM", 700: "SIGKILL" });
  check({ 100: "graceful", 200: "now", 300: "now" }, { 100: "SIGINT", 200: "SIGKILL" });
  check({ 0: "now", 100: "graceful" }, { 0: "SIGKILL" });
});

test("what still writes has its grace again, up to six times of it, but not when it is ended at once", () => {
  const stages = new StopStages(100);
  stages.ask({ level: "graceful" }, 0);
  assert.equal(stages.next(0), "SIGINT");
  const seen: Record<number, string> = {};
  for (let nowMs = 50; nowMs <= 1_000; nowMs += 50) {
    stages.sawWriting(nowMs);
    const signal = stages.next(nowMs);
    if (signal !== undefined) {
      seen[nowMs] = signal;
    }
    if (nowMs === 800) {
      stages.ask({ level: "now" }, nowMs);
    }
  }
  assert.deepEqual(seen, { 600: "SIGTERM", 850: "SIGKILL" });
});

test("a request may bring its own patience", () => {
  const stages = new StopStages(300);
  stages.ask({ level: "graceful", graceMs: 10 }, 0);
  assert.deepEqual([stages.next(0), stages.next(5), stages.next(10)], ["SIGINT", undefined, "SIGTERM"]);
  stages.ask({ level: "graceful", graceMs: 50 }, 15);
  assert.deepEqual([stages.next(25), stages.next(60)], [undefined, "SIGKILL"], "a later one may bring more of it");
});
