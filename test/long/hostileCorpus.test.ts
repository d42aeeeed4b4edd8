import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { writeHostileCorpus } from "../support/hostileCorpus.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const MAX_MS = 200;
const MAX_AGAIN = 3;
/** With the young generation 76 MB, and the bytes of a file beside it: a file that needs 100 MB ends the program. */
const MAX_HEAP = ["--max-old-space-size=64", "--max-semi-space-size=4"];
/** What V8 has taken from the system for all of them together and does not give back at once. */
const MAX_GROWN_MEGABYTES = 200;
const reader = fileURLToPath(new URL("../support/readHostileCorpus.ts", import.meta.url));

type ReadLine = { name: string; state: string; cpuMs: number };

/** A line for each file, and one for all of them. */
function readCorpus(folder: string) {
  const rights = ["--permission", "--allow-fs-read=*", ...MAX_HEAP];
  const { NODE_TEST_CONTEXT: _ofThisRunner, ...env } = process.env;
  const output = execFileSync(process.execPath, [...rights, reader, folder], { encoding: "utf8", env });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function slowIn(lines: readonly ReadLine[]): ReadLine[] {
  return lines.filter(({ cpuMs }) => cpuMs > MAX_MS);
}

test("every hostile file is read in 200 ms and 100 MB, by a program that may not write or start anything", (context) => {
  const folder = temporaryFolder(context);
  writeHostileCorpus(folder);
  const before = readdirSync(folder).length;
  const lines = readCorpus(folder);
  const whole = lines.pop();
  assert.ok(lines.length > 140, `${lines.length} files`);
  // A processor that is shared gives a file more time than it takes; one that takes too long does so each time.
  let slow = slowIn(lines);
  for (let again = 0; again < MAX_AGAIN && slow.length > 0; again++) {
    const stillSlow = slowIn(readCorpus(folder));
    slow = slow.filter(({ name }) => stillSlow.some((each) => each.name === name));
  }
  assert.deepEqual(slow, []);
  assert.ok(whole.grownMegabytes <= MAX_GROWN_MEGABYTES, `grew by ${whole.grownMegabytes} MB`);
  assert.ok(whole.listedCharacters < 100_000 && !whole.isPolluted);
  assert.equal(readdirSync(folder).length, before);
  for (const name of ["an endless device.pt", "itself.pt", "a pipe without a writer.pt"]) {
    assert.equal(lines.find((line) => line.name === name)?.state, "refused", join(folder, name));
  }
});
