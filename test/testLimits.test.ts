import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { root } from "../scripts/paths.mjs";
import { NEVER_FOREVER } from "../scripts/testLimits.mjs";

const TIMER = "setInterval(() => {}, 1000);";
const WAITS = `test("waits", async () => { ${TIMER} await new Promise(() => {}); });`;
const LEAVES_A_TIMER = `test("passes", () => { ${TIMER} });`;
const FAILS_LATE = `test("passes", () => { setTimeout(() => Promise.reject(new Error("late")), 100); });`;

let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "trainyard-limits-"));
});

after(() => rm(folder, { recursive: true, force: true }));

for (const isolation of ["process", "none"]) {
  check(isolation, "a file whose test waits for ever", WAITS, { limitMs: 1500, code: 1, printed: /was ended after/ });
  check(isolation, "a file with a timer left", LEAVES_A_TIMER, { limitMs: 1500, code: 1, printed: /of: .*Timeout/ });
  check(isolation, "an error after the last test", FAILS_LATE, { code: 1, printed: /Error: late/ });
  check(isolation, "a file that ends by itself", `test("passes", () => {});`, { code: 0, printed: /pass 1/ });
}

type Expected = { limitMs?: number; code: number; printed: RegExp };

function check(isolation: string, what: string, body: string, { limitMs = 60_000, code, printed }: Expected): void {
  test(`${what}, isolation ${isolation}: ends with ${code}`, { timeout: 60_000 }, async ({ signal }) => {
    const file = join(folder, `${isolation}-${what.replaceAll(" ", "-")}.test.mjs`);
    await writeFile(file, `import { test } from "node:test";\n${body}\n`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const runner = spawn(process.execPath, ["--test", ...NEVER_FOREVER, `--test-isolation=${isolation}`, file], {
      cwd: root,
      env: { ...env, TRAINYARD_TEST_FILE_LIMIT_MS: String(limitMs) },
      signal,
    });
    const [output, errors, [exitCode]] = await Promise.all([
      text(runner.stdout),
      text(runner.stderr),
      once(runner, "close"),
    ]);
    assert.match(output + errors, printed);
    assert.equal(exitCode, code, output);
  });
}
