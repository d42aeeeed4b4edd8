import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGitIgnore } from "../../../src/node/knowledge/gitIgnore.ts";

/** What git says of paths under a .gitignore; a folder ends in a slash. */
function check(text: string, verdicts: Record<string, boolean | undefined>, base = ""): void {
  const rules = parseGitIgnore(text, base);
  for (const [written, expected] of Object.entries(verdicts)) {
    const path = written.replace(/\/$/, "");
    const name = path.slice(path.lastIndexOf("/") + 1);
    assert.equal(rules(path, name, written.endsWith("/")), expected, `${JSON.stringify(text)} and ${written}`);
  }
}

test("reads patterns as git does", () => {
  check("*.pt\n!keep.pt\n", { "a.pt": true, "x/a.pt": true, "keep.pt": false, "a.py": undefined });
  check("logs/\n", { "logs/": true, logs: undefined, "x/logs/": true });
  check("/top\nx/y\n", { top: true, "a/top": undefined, "x/y": true, "a/x/y": undefined });
  check("a/**\n**/b/c\n", { "a/x/y": true, a: undefined, "b/c": true, "z/b/c": true });
  check("# no\n\\#yes\n\\!yes\n\nblank  \n   \n", {
    "# no": undefined,
    "#yes": true,
    "!yes": true,
    blank: true,
    "   ": undefined,
  });
  check("/data\n", { "sub/data": true, "sub/x/data": undefined }, "sub");
});

test("a class that git cannot read matches nothing, and the other lines count", () => {
  check("[z-a]\n[abc\nx\n", { a: undefined, z: undefined, "[abc": undefined, x: true });
});

test("many stars before what does not follow cost nothing", () => {
  const before = process.cpuUsage().user;
  check(`${"*a".repeat(40)}b\n`, { ["a".repeat(250)]: undefined });
  assert.ok(process.cpuUsage().user - before < 1_000_000);
});
