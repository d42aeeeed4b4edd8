import assert from "node:assert/strict";
import { test } from "node:test";
import { cutDocument } from "../../../src/core/workflow/cutDocument.ts";

const check = (text: string, expected: string) => assert.equal(cutDocument(text, "Open it."), expected);

test("a document that is too long for the chat says how much of it is shown, outside of its code", () => {
  check("a".repeat(9_000), "a".repeat(9_000));
  check("a".repeat(12_345), `${"a".repeat(9_000)}\n\n⚠ Cut after 9,000 of 12,345 characters. Open it.`);
  const fenced = `\`\`\`\n${"a".repeat(10_000)}\n\`\`\`\n`;
  check(fenced, `${fenced.slice(0, 9_000)}\n\`\`\`\n\n⚠ Cut after 9,000 of 10,009 characters. Open it.`);
});
