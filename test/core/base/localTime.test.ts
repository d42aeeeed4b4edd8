import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { formatLocalMoment, formatLocalTime, formatShortLocalTime } from "../../../src/core/base/localTime.ts";

const zone = process.env["TZ"];

before(() => {
  process.env["TZ"] = "Asia/Kolkata";
});

after(() => {
  if (zone === undefined) {
    delete process.env["TZ"];
  } else {
    process.env["TZ"] = zone;
  }
});

test("a time is the local one, with its date where that is not today's", () => {
  const now = new Date("2026-11-20T20:00:00Z");
  const check = (iso: string, expected: string) => assert.equal(formatLocalTime(iso, now), expected);
  check("2026-11-20T19:44:55.123Z", "01:14");
  check("2026-11-20T18:29:59.000Z", "2026-11-20 23:59");
  check("2025-11-20T19:44:55.123Z", "2025-11-21 01:14");
  check("soon", "soon");
});

test("a time in a narrow row leaves out what goes without saying", () => {
  const now = new Date("2026-11-20T20:00:00Z");
  const check = (iso: string, expected: string) => assert.equal(formatShortLocalTime(iso, now), expected);
  check("2026-11-20T19:44:55.123Z", "01:14");
  check("2026-11-20T18:29:59.000Z", "11-20 23:59");
  check("2025-11-20T19:44:55.123Z", "2025-11-21");
  check("soon", "soon");
});

function checkMoment(timeZone: string, expected: string): void {
  process.env["TZ"] = timeZone;
  assert.equal(formatLocalMoment("2026-11-20T19:44:55.123Z"), expected);
}

test("a moment says its zone", () => {
  checkMoment("Asia/Kolkata", "2026-11-21 01:14:55 (UTC+05:30)");
  checkMoment("America/St_Johns", "2026-11-20 16:14:55 (UTC-03:30)");
  checkMoment("UTC", "2026-11-20 19:44:55 (UTC)");
});
