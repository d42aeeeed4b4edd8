import assert from "node:assert/strict";
import { existsSync, unlinkSync } from "node:fs";
import { mkdir, readdir, readFile, stat, symlink, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readLogParts } from "../../../src/node/base/logFiles.ts";
import { LogTail, type TailLine } from "../../../src/node/base/logTail.ts";
import { monotonicMs } from "../../../src/node/base/monotonicClock.ts";
import { PrintedMetrics } from "../../../src/node/metrics/printedMetrics.ts";
import { readLogEnd } from "../../../src/node/training/logEnd.ts";
import { readLogEnding } from "../../../src/node/training/logEnding.ts";
import { LogWriter } from "../../../src/node/training/logWriter.ts";
import { makeWorkspace, waitUntil } from "../../support/runFixtures.ts";

/** Parts of 2,048 bytes, so about twenty lines of this test. */
const LIMIT_BYTES = 16 * 1024;
const LIMIT = { limitMiB: LIMIT_BYTES / 2 ** 20 };

/** A log, and what was appended to it by the number that the writer gave. */
type Printed = { path: string; said: Map<number, string> };

async function makeLog(context: TestContext): Promise<Printed> {
  return { path: join(await makeWorkspace(context), "train.log"), said: new Map() };
}

function print(log: LogWriter, { said }: Printed, text = `entry ${said.size} of a training that prints`): number {
  const number = log.append({ text, end: "newline" });
  said.set(number, text);
  return number;
}

/** Appends lines up to a number of lines in all. */
function printLines(log: LogWriter, printed: Printed, upTo: number): void {
  for (let number = print(log, printed); number < upTo; ) {
    number = print(log, printed);
  }
}

async function writeLog(printed: Printed, lineCount: number): Promise<void> {
  const log = new LogWriter(printed.path, LIMIT);
  printLines(log, printed, lineCount);
  await log.close();
}

async function sizesOf(log: string): Promise<Map<string, number>> {
  const folder = join(log, "..");
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  return new Map(await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).size] as const)));
}

async function drain(tail: LogTail): Promise<TailLine[]> {
  const all: TailLine[] = [];
  for (let lines = await tail.next(); lines.length > 0; lines = await tail.next()) {
    all.push(...lines);
  }
  return all;
}

/** Asserts that every line of the training has the number that its writer gave; gives how many there are. */
function countTruthful(
  lines: readonly { text: string; missing?: { last: number } }[],
  { said }: Printed,
  firstLine = 1,
): number {
  let number = firstLine - 1;
  let truthful = 0;
  for (const { text, missing } of lines) {
    number = missing?.last ?? number + 1;
    if (missing === undefined && text !== "" && !text.startsWith("[trainyard]")) {
      assert.equal(text, said.get(number), `line ${number}`);
      truthful += 1;
    }
  }
  return truthful;
}

test("a log below the size of a part is one file and says nothing of parts", async (context) => {
  const printed = await makeLog(context);
  await writeLog(printed, 20);
  assert.deepEqual([...(await sizesOf(printed.path)).keys()], ["train.log"]);
  assert.doesNotMatch(await readFile(printed.path, "utf8"), /goes on/);
  assert.equal(await readLogParts(printed.path), undefined);
});

test("a long log keeps its first part and its newest ones within its limit, and every number stays true", async (context) => {
  const printed = await makeLog(context);
  const { path } = printed;
  const log = new LogWriter(path, LIMIT);
  printLines(log, printed, 2_000);
  await log.close();
  const sizes = await sizesOf(path);
  const total = [...sizes.values()].reduce((sum, size) => sum + size);
  assert.ok(total <= LIMIT_BYTES && total > LIMIT_BYTES * 0.75, `${total} bytes`);
  assert.ok([...sizes.values()].every((size) => size <= LIMIT_BYTES / 8));
  const layout = await readLogParts(path);
  assert.deepEqual(layout, log.layout);
  assert.equal(layout?.parts[0], 1);
  assert.equal(layout?.missing.length, 1);
  const lines = await drain(new LogTail(path));
  const gap = lines.find(({ missing }) => missing);
  assert.deepEqual(gap?.missing, layout?.missing[0]);
  assert.match(gap?.text ?? "", /^\[trainyard\] Lines \d+ to \d+ are no longer in the log,/);
  assert.ok(countTruthful(lines, printed) > 100);
  assert.equal(lines.at(-1)?.text, printed.said.get(2_000));
});

test("a line longer than a part has a part of its own", async (context) => {
  const printed = await makeLog(context);
  const log = new LogWriter(printed.path, LIMIT);
  print(log, printed);
  assert.equal(print(log, printed, "x".repeat(5_000)), 3);
  assert.equal(print(log, printed), 5);
  await log.close();
  assert.deepEqual(log.layout, { parts: [1, 3, 5], missing: [] });
  assert.equal(countTruthful(await drain(new LogTail(printed.path)), printed), 3);
});

test("repainted progress is told from lines in every part", async (context) => {
  const printed = await makeLog(context);
  const log = new LogWriter(printed.path, LIMIT);
  for (let step = 0; step < 100; step++) {
    const text = `${step}%|####      | ${step}/100`;
    printed.said.set(log.append({ text, end: "return" }), text);
    print(log, printed);
  }
  await log.close();
  const lines = await drain(new LogTail(printed.path));
  assert.equal(countTruthful(lines, printed), 200);
  assert.equal(lines.filter(({ end }) => end === "return").length, 100);
});

test("a killed writer's log goes on in its newest part, from the middle of a line and from between two parts", async (context) => {
  const printed = await makeLog(context);
  const { path, said } = printed;
  await writeLog(printed, 300);
  const newest = partPath(path, (await readLogParts(path))?.parts.at(-1));
  await truncate(newest, (await stat(newest)).size - 10);
  said.set(300, said.get(300)?.slice(0, -9) ?? "");
  const torn = await readLogEnd(path);
  assert.deepEqual([torn.lineCount, torn.isInsideLine], [299, true]);
  const second = new LogWriter(path, { ...LIMIT, after: torn });
  printLines(second, printed, 600);
  await second.close();
  assert.ok(countTruthful(await drain(new LogTail(path)), printed) > 100);
  const last = second.layout?.parts.at(-1) ?? 0;
  await unlink(partPath(path, last));
  const between = await readLogEnd(path);
  assert.deepEqual([between.lineCount, between.parts.at(-1)], [last - 1, { firstLine: last, sizeBytes: 0 }]);
  const third = new LogWriter(path, { ...LIMIT, after: between });
  assert.equal(print(third, printed), last);
  await third.close();
  assert.ok(countTruthful(await drain(new LogTail(path)), printed) > 100);
});

test("a part that was deleted by hand is said where it was, and numbers behind it stay true", async (context) => {
  const printed = await makeLog(context);
  const { path } = printed;
  await writeLog(printed, 120);
  const [first, second = 0, third = 0, ...others] = (await readLogParts(path))?.parts ?? [];
  assert.ok(first === 1 && others.length > 0);
  await unlink(partPath(path, second));
  const layout = { parts: [1, third, ...others], missing: [{ first: second, last: third - 1 }] };
  assert.deepEqual(await readLogParts(path), layout);
  assert.ok(countTruthful(await drain(new LogTail(path)), printed) > 50);
  const ending = await readLogEnding(path);
  assert.deepEqual([ending.firstLine, ending.log], [third, layout]);
  assert.ok(countTruthful(ending.lines, printed, ending.firstLine) > 10);
  await unlink(path);
  const headless = await drain(new LogTail(path));
  assert.deepEqual(headless[0]?.missing, { first: 1, last: third - 1 });
  assert.ok(countTruthful(headless, printed) > 10);
});

test("a reader that follows gets each line once, and hears of parts that were dropped meanwhile", async (context) => {
  const printed = await makeLog(context);
  const { path } = printed;
  const tail = new LogTail(path);
  assert.deepEqual(await tail.next(), []);
  const log = new LogWriter(path, LIMIT);
  const seen: TailLine[] = [];
  for (const upTo of [5, 30, 31, 90]) {
    printLines(log, printed, upTo);
    await waitUntil("the lines are read", async () => {
      seen.push(...(await drain(tail)));
      return seen.length >= upTo;
    });
  }
  assert.equal(seen.length, 90);
  countTruthful(seen, printed);
  printLines(log, printed, 1_000);
  await log.close();
  seen.push(...(await drain(tail)));
  assert.equal(seen.filter(({ missing }) => missing).length, 1);
  countTruthful(seen, printed);
  assert.equal(seen.at(-1)?.text, printed.said.get(1_000));
});

test("the end of a log is found through its parts, with the number of its first line", async (context) => {
  const printed = await makeLog(context);
  await writeLog(printed, 2_000);
  for (const lastBytes of [100, 1_900, 2_100, 7_000, 1_000_000]) {
    const tail = new LogTail(printed.path);
    assert.equal((await tail.skipTo(lastBytes)) > 0, lastBytes < 1_000_000);
    const firstLine = (await tail.skippedLines()) + 1;
    assert.ok(countTruthful(await drain(tail), printed, firstLine) > 0);
  }
});

test("curves of what was printed are read on from part to part, and keep what was read of a dropped one", async (context) => {
  const printed = await makeLog(context);
  const log = new LogWriter(printed.path, LIMIT);
  const metrics = new PrintedMetrics();
  for (let step = 1; step <= 600; step++) {
    print(log, printed, `step ${step} loss ${step === 100 ? "nan" : 1 / step}`);
    if (step % 50 === 0) {
      await waitUntil("it is read", async () => {
        await metrics.update(printed.path);
        return metrics.series[0]?.steps.length === step;
      });
    }
  }
  await log.close();
  assert.ok(log.layout?.missing.some(({ first, last }) => first <= 100 && 100 <= last));
});

test("a disk that is full when a part begins costs no line once there is room again", async (context) => {
  const printed = await makeLog(context);
  const { path } = printed;
  const log = new LogWriter(path, LIMIT);
  while (log.layout === undefined) {
    print(log, printed);
  }
  const second = partPath(path, log.layout.parts[1]);
  await symlink("/dev/full", second);
  await waitUntil("the disk is found full", () => log.problem?.includes("ENOSPC"));
  await unlink(second);
  printLines(log, printed, 60);
  await waitUntil("the log is written", () => {
    log.retry(monotonicMs());
    return log.problem === undefined;
  });
  await log.close();
  assert.equal(log.problem, undefined);
  const lines = await drain(new LogTail(path));
  assert.equal(lines.length, 60);
  countTruthful(lines, printed);
});

test("a part that cannot be deleted is no reason to exceed the limit: what follows is lost and counted", async (context) => {
  const printed = await makeLog(context);
  const { path } = printed;
  await writeLog(printed, 1_000);
  const after = await readLogEnd(path);
  const blocked = partPath(path, after.parts[1]?.firstLine);
  await unlink(blocked);
  // A folder in the place of a file cannot be removed as one.
  await mkdir(blocked);
  const log = new LogWriter(path, { ...LIMIT, after, bufferBytes: 8_000 });
  for (let index = 0; index < 500; index++) {
    log.append({ text: "more", end: "newline" });
  }
  await waitUntil("it is said", () => log.problem?.startsWith("train.log cannot be written:"));
  await log.close();
  assert.match(log.problem ?? "", /^\d+ lines are missing from train\.log: /);
  const total = [...(await sizesOf(path)).values()].reduce((sum, size) => sum + size);
  assert.ok(total <= LIMIT_BYTES, `${total} bytes`);
});

test("a line of the training that reads like ours does not lead a reader astray", async (context) => {
  const { path } = await makeLog(context);
  const line = "2026-11-21T03:44:55.123Z [trainyard] The log goes on in train.7.log.\n";
  await writeFile(path, `${line}${line}`);
  const end = await readLogEnd(path);
  assert.deepEqual([end.lineCount, end.parts.length], [2, 1]);
  assert.equal(await readLogParts(path), undefined);
  assert.equal((await drain(new LogTail(path))).length, 2);
});

test("a log that somebody deletes goes on in another part, and every number stays true", async (context) => {
  for (const before of [5, 50]) {
    const printed = await makeLog(context);
    const { path } = printed;
    const log = new LogWriter(path, LIMIT);
    printLines(log, printed, before);
    await waitUntil("the first lines are written", async () => (await lastText(path)) === printed.said.get(before));
    const tail = new LogTail(path);
    const shown = await drain(tail);
    const newest = (await readLogParts(path))?.parts.at(-1);
    await unlink(partPath(path, newest));
    printLines(log, printed, before + 40);
    await log.close();
    const lines = await drain(new LogTail(path));
    assert.equal(lines.at(-1)?.text, printed.said.get(before + 40));
    assert.ok(countTruthful(lines, printed) >= 38, "what was printed after it is there");
    assert.deepEqual(await readLogParts(path), log.layout);
    assert.deepEqual(log.layout?.missing, [{ first: newest ?? 1, last: before }]);
    countTruthful([...shown, ...(await drain(tail))], printed);
    assert.equal(log.problem, undefined);
  }
});

async function lastText(path: string): Promise<string | undefined> {
  return (await drain(new LogTail(path))).at(-1)?.text;
}

function partPath(log: string, firstLine = 1): string {
  return join(log, "..", firstLine === 1 ? "train.log" : `train.${firstLine}.log`);
}

test("a part that is deleted while its last line is written is dropped, and the next one is counted once", async (context) => {
  const printed = await makeLog(context);
  const { path } = printed;
  const log = new LogWriter(path, LIMIT);
  let isDeleted = false;
  const remove = (): void => {
    isDeleted = existsSync(path);
    if (isDeleted) {
      // Before the write has ended that was begun when the file was opened.
      unlinkSync(path);
    } else {
      setImmediate(remove);
    }
  };
  // Both parts wait when the first one is opened.
  printLines(log, printed, 80);
  setImmediate(remove);
  await waitUntil("the first part is deleted", () => isDeleted);
  await waitUntil("the second part is written", async () => (await lastText(path)) === printed.said.get(80), 10_000);
  const parts = log.layout?.parts ?? [];
  assert.equal(new Set(parts).size, parts.length, String(parts));
  assert.deepEqual(await readLogParts(path), log.layout);
  for (let upTo = 120; upTo <= 600; upTo += 60) {
    printLines(log, printed, upTo);
    await waitUntil("it is written", async () => (await lastText(path)) === printed.said.get(upTo), 10_000);
  }
  await log.close();
  assert.deepEqual(await readLogParts(path), log.layout);
  countTruthful(await drain(new LogTail(path)), printed);
});
