import assert from "node:assert/strict";
import { test } from "node:test";
import { printableText } from "../../../src/core/tools/toolText.ts";

function check(text: string, isAccepted: boolean): void {
  assert.equal(printableText(40).safeParse(text).success, isAccepted, JSON.stringify(text));
}

test("a tool takes only text that a person can be shown before they agree", () => {
  check("--name=möbius 3", true);
  check("naïve 学習.py", true);
  check("a\nb", false);
  check("a\tb", false);
  check("a\u001B[2Kb", false);
  check("train\u202Eyp.exe", false);
  check("a\u2028b", false);
  check("x".repeat(41), false);
});

test("the refusal says what to do", () => {
  const said = printableText(9).safeParse("a\rb").error?.issues[0]?.message ?? "";
  assert.match(said, /^holds a control character .*Leave it out\.$/);
});
