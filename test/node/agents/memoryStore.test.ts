import assert from "node:assert/strict";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { notesOf } from "../../../src/core/agents/memoryFile.ts";
import { UserError } from "../../../src/core/base/errors.ts";
import {
  forgetNote,
  lookAtMemory,
  memoryPath,
  readMemory,
  restoreNote,
  writeNote,
} from "../../../src/node/agents/memoryStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const AGENT = "mlops-engineer";
const note = (what: string) => ({ topic: "data" as const, what, date: "2026-11-21" });

test("remembers nothing before the first note, and finds it again afterwards", async (t) => {
  const folder = temporaryFolder(t);
  assert.deepEqual(notesOf(await readMemory(folder, AGENT)), []);
  await writeNote(folder, AGENT, note("Parquet by day"));
  assert.deepEqual(
    notesOf(await readMemory(folder, AGENT)).map(({ what }) => what),
    ["Parquet by day"],
  );
  assert.deepEqual(await readdir(dirname(memoryPath(folder, AGENT))), [`${AGENT}.md`]);
});

test("keeps every note when many are written at once", async (t) => {
  const folder = temporaryFolder(t);
  const names = Array.from({ length: 20 }, (_, index) => `fact ${index}`);
  await Promise.all(names.map((name) => writeNote(folder, AGENT, note(name))));
  assert.deepEqual(
    notesOf(await readMemory(folder, AGENT))
      .map(({ what }) => what)
      .toSorted(),
    names.toSorted(),
  );
});

test("a lock left by a process that died does not block", async (t) => {
  const folder = temporaryFolder(t);
  const lock = `${memoryPath(folder, AGENT)}.lock`;
  await mkdir(dirname(lock), { recursive: true });
  await writeFile(lock, "");
  await utimes(lock, new Date(0), new Date(0));
  await writeNote(folder, AGENT, note("still works"));
  assert.equal(notesOf(await readMemory(folder, AGENT)).length, 1);
});

test("forgets a note, and brings it back", async (t) => {
  const folder = temporaryFolder(t);
  await writeNote(folder, AGENT, note("Parquet by day"));
  await writeNote(folder, AGENT, note("Labels lag"));
  const before = await readFile(memoryPath(folder, AGENT), "utf8");
  const [, labels] = notesOf(await readMemory(folder, AGENT));
  assert.ok(labels);
  await forgetNote(folder, AGENT, labels);
  assert.deepEqual(
    notesOf(await readMemory(folder, AGENT)).map(({ what }) => what),
    ["Parquet by day"],
  );
  await restoreNote(folder, AGENT, labels);
  assert.equal(await readFile(memoryPath(folder, AGENT), "utf8"), before);
});

test("names what is in the way", async (t) => {
  const folder = temporaryFolder(t);
  await writeFile(join(folder, ".trainyard"), "a file");
  await assert.rejects(writeNote(folder, AGENT, note("x")), /was not written: a part of its path is a file/);
});

test("every agent has a file of its own in the folder of memories, whatever it is called", (t) => {
  const folder = temporaryFolder(t);
  const names = [
    "ml-trainer",
    "bias_auditor",
    "reviewer",
    "Reviewer",
    "REVIEWER",
    "ML Trainer",
    "агент",
    "代理",
    "../../x",
  ];
  const paths = names.map((name) => memoryPath(folder, name));
  assert.equal(new Set(paths.map((path) => path.toLowerCase())).size, names.length);
  assert.deepEqual([...new Set(paths.map(dirname))], [join(folder, ".trainyard", "memory")]);
  assert.deepEqual(
    paths.slice(0, 3).map((path) => basename(path)),
    ["ml-trainer.md", "bias_auditor.md", "reviewer.md"],
  );
  assert.match(basename(paths[5] ?? ""), /^ml-trainer-[a-z\d]+\.md$/);
});

test("a file that is too large is not read, and the reason names it", async (t) => {
  const folder = temporaryFolder(t);
  await writeNote(folder, AGENT, note("x"));
  await writeFile(memoryPath(folder, AGENT), "x".repeat(1_000_001));
  const reading = await lookAtMemory(folder, AGENT);
  assert.match(
    reading.kind === "unreadable" ? reading.reason : "",
    /mlops-engineer\.md is larger than 1 MB\. Shorten it/,
  );
  await assert.rejects(readMemory(folder, AGENT), UserError);
});
