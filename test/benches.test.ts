import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const NO_PYTHON = join(root, "no-python");

test("every bench finds what it imports by its name", async () => {
  const { errors } = await build({
    absWorkingDir: root,
    entryPoints: globSync("bench/*.{mjs,ts}", { cwd: root }),
    outdir: "out/bench",
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  assert.deepEqual(errors, []);
});

test("the bench of the logs runs through, in a thousandth of its size and without its peers", () => {
  const printed = execFileSync(process.execPath, ["bench/metrics.mjs", NO_PYTHON, "0.001"], {
    cwd: root,
    encoding: "utf8",
  });
  assert.match(printed, /CSV with 1000 rows.*\n +Trainyard, as a process +\d+ ms\n/);
  assert.match(printed, /one record appended to \d+ MB, median of 30: [\d.]+ ms/);
});
