import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeLogLine,
  describeMissingLines,
  labelLogLine,
  locateLogLine,
  logPartName,
  logSizes,
  readGoesOn,
  readLogPartName,
  renderGoesOn,
} from "../../../src/core/training/logParts.ts";

const MIB = 2 ** 20;
const LOG = { parts: [1, 900, 1_300], missing: [{ first: 401, last: 899 }] };

const names: [string, number | undefined][] = [
  ["train.log", 1],
  ["train.900.log", 900],
  [logPartName(123_456_789_012), 123_456_789_012],
  ["train.1.log", undefined],
  ["train.0900.log", undefined],
  ["train.-3.log", undefined],
  ["train.12345678901234567890.log", undefined],
  ["train.900.log.bak", undefined],
  ["mytrain.log", undefined],
];

test("a part is named by its first line, and only such names are parts", () => {
  for (const [name, firstLine] of names) {
    assert.equal(readLogPartName(name), firstLine, name);
  }
});

test("the line between two parts names the next one, and no other line does", () => {
  assert.equal(readGoesOn(renderGoesOn(900)), 900);
  assert.equal(readGoesOn("[trainyard] The log goes on in notes.log."), undefined);
  assert.equal(readGoesOn("The log goes on in train.900.log."), undefined);
});

test("parts are small enough for an editor, and never so few that dropping one costs most of the end", () => {
  const partsMiB = [undefined, 16, 256, 10_240].map((limitMiB) => logSizes(limitMiB).partBytes / MIB);
  assert.deepEqual(partsMiB, [32, 2, 32, 160]);
});

const places: [number, ReturnType<typeof locateLogLine>][] = [
  [1, { file: "train.log", line: 1 }],
  [400, { file: "train.log", line: 400 }],
  [401, undefined],
  [899, undefined],
  [900, { file: "train.900.log", line: 1 }],
  [1_299, { file: "train.900.log", line: 400 }],
  [5_000, { file: "train.1300.log", line: 3_701 }],
];

test("a line is found in the file that has it", () => {
  for (const [line, place] of places) {
    assert.deepEqual(locateLogLine(line, LOG), place, `${line}`);
  }
  assert.deepEqual(locateLogLine(5_000), { file: "train.log", line: 5_000 });
});

test("a place is said as before where the log is one file", () => {
  const check = (line: number, log: typeof LOG | undefined, said: [string, string]) =>
    assert.deepEqual([describeLogLine(line, log), labelLogLine(line, log)], said);
  check(12, undefined, ["train.log line 12", "12"]);
  check(12, LOG, ["train.log line 12", "train.log:12"]);
  check(914, LOG, ["train.900.log line 15", "train.900.log:15"]);
  check(500, LOG, ["line 500, no longer in the log", "500"]);
});

test("what is gone is said in one sentence", () => {
  const [gap] = LOG.missing;
  assert.ok(gap);
  const rest = "no longer in the log, which keeps its beginning and its end.";
  assert.equal(describeMissingLines([]), undefined);
  assert.equal(describeMissingLines([{ first: 7, last: 7 }]), `Line 7 is ${rest}`);
  assert.equal(describeMissingLines([gap]), `Lines 401 to 899 are ${rest}`);
  assert.equal(describeMissingLines([{ first: 2, last: 2 }, gap]), `Lines 2 and 401 to 899 are ${rest}`);
  // Only a person deletes the beginning.
  assert.equal(
    describeMissingLines([{ first: 1, last: 9 }]),
    "Lines 1 to 9 are no longer in the log: its file was removed.",
  );
});
