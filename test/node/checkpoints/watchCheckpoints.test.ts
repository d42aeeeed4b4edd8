import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "../../../src/core/base/errors.ts";
import { listCheckpointFolder, readFound } from "../../../src/node/checkpoints/listCheckpointFolder.ts";
import { watchCheckpoints } from "../../../src/node/checkpoints/watchCheckpoints.ts";
import { buildCheckpoint, buildSafetensors } from "../../support/checkpointBuilders.ts";
import { GIVE_UP_MS, isListed, Observer, watchFolder } from "../../support/observedWatch.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("announces a file that grows in pieces once as writing and once as complete", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  const bytes = buildCheckpoint(3, 4000);
  const path = join(folder, "epoch_3.pt");
  writeFileSync(path, bytes.subarray(0, 1000));
  await observer.untilNth("writing", "epoch_3.pt", 1);
  for (let at = 1000; at < bytes.length; at += 5000) {
    appendFileSync(path, bytes.subarray(at, at + 5000));
  }
  await observer.untilNth("complete", "epoch_3.pt", 1);
  writeFileSync(join(folder, "later.pt"), buildCheckpoint(4));
  await observer.untilNth("complete", "later.pt", 1);
  assert.deepEqual(observer.kindsFor("epoch_3.pt"), ["writing", "complete"]);
  const complete = observer.events.find((event) => event.kind === "complete");
  assert.ok(complete?.kind === "complete");
  assert.equal(complete.summary.epoch, 3);
});

test("ignores a temporary name and announces the file once it is renamed into place", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  writeFileSync(join(folder, "best.pt.tmp"), buildCheckpoint(1));
  writeFileSync(join(folder, "mark.pt"), buildCheckpoint(9));
  await observer.untilNth("complete", "mark.pt", 1);
  renameSync(join(folder, "best.pt.tmp"), join(folder, "best.pt"));
  await observer.untilNth("complete", "best.pt", 1);
  assert.deepEqual(observer.kindsFor("best.pt"), ["writing", "complete"]);
  assert.deepEqual(observer.kindsFor(".tmp"), []);
});

test("announces an overwritten file again, written over or renamed over", { timeout: GIVE_UP_MS }, async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "last.pt");
  writeFileSync(path, buildCheckpoint(1));
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  writeFileSync(path, buildCheckpoint(2));
  await observer.untilNth("complete", "last.pt", 1);
  writeFileSync(join(folder, "next.pt~"), buildCheckpoint(3));
  renameSync(join(folder, "next.pt~"), path);
  await observer.untilNth("complete", "last.pt", 2);
  const epochs = observer.events.map((event) => (event.kind === "complete" ? event.summary.epoch : undefined));
  assert.deepEqual(
    epochs.filter((epoch) => epoch !== undefined),
    [2, 3],
  );
});

test("announces a file that stays incomplete as torn, with what its head tells", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const observer = watchFolder(context, folder, { tornAfterMs: 150 });
  await observer.until(isListed);
  writeFileSync(join(folder, "cut.pt"), buildCheckpoint(7, 4000).subarray(0, 9000));
  await observer.untilNth("torn", "cut.pt", 1);
  const event = observer.events.find(({ kind }) => kind === "torn");
  assert.ok(event?.kind === "torn");
  assert.deepEqual([event.summary.epoch, event.summary.completeness.state], [7, "torn"]);
  assert.deepEqual(observer.kindsFor("cut.pt"), ["writing", "torn"]);
});

test("reads a file that may not be read a few times, says why, and announces it once it may", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  let reads = 0;
  let isLocked = true;
  const read: typeof readFound = (found) => {
    reads++;
    return isLocked ? Promise.reject(new UserError(`${found.path} may not be read.`)) : readFound(found);
  };
  const reader = { read, list: (listed: string) => listCheckpointFolder(listed) };
  const observer = watchFolder(context, folder, { reader, tornAfterMs: 1_000 });
  await observer.until(isListed);
  writeFileSync(join(folder, "locked.pt"), buildCheckpoint(1));
  await observer.untilNth("unreadable", "locked.pt", 1);
  // At rest for 0, 20, 40, 80, … 1,280 ms at the latest; without a pause there are fifty.
  assert.ok(reads <= 9, `${reads} reads`);
  const told = observer.events.find((event) => event.kind === "unreadable");
  assert.equal(told?.reason, "It may not be read.");
  isLocked = false;
  await observer.untilNth("complete", "locked.pt", 1);
  assert.deepEqual(observer.kindsFor("locked.pt"), ["writing", "unreadable", "complete"]);
});

test("lists a thousand existing files in one event and announces none of them", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  for (let index = 0; index < 1000; index++) {
    writeFileSync(join(folder, `epoch_${index}.pt`), buildCheckpoint(index % 200));
  }
  const observer = watchFolder(context, folder);
  const listed = await observer.until(isListed);
  assert.ok(listed.kind === "listed");
  assert.equal(listed.entries.length, 1000);
  assert.ok(listed.entries.every(({ summary }) => summary.completeness.state === "whole"));
  writeFileSync(
    join(folder, "new.safetensors"),
    buildSafetensors({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 8),
  );
  await observer.untilNth("complete", "new.safetensors", 1);
  assert.deepEqual(
    observer.events.map(({ kind }) => kind),
    ["listed", "writing", "complete"],
  );
});

test("waits for a folder that does not exist, and goes on when it vanishes and comes back", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = join(temporaryFolder(context), "run", "checkpoints");
  const observer = watchFolder(context, folder);
  const missing = await observer.until(({ kind }) => kind === "folder-missing");
  assert.ok(missing.kind === "folder-missing");
  assert.match(missing.message, /does not exist/);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(1));
  await observer.untilNth("complete", "a.pt", 1);
  rmSync(folder, { recursive: true });
  await observer.until(() => observer.events.filter(({ kind }) => kind === "folder-missing").length === 2);
  mkdirSync(folder);
  writeFileSync(join(folder, "b.pt"), buildCheckpoint(2));
  await observer.untilNth("complete", "b.pt", 1);
  assert.equal(observer.events.filter(({ kind }) => kind === "folder-missing").length, 2);
});

/** Which of these folders this process has watches on, as the system tells. */
function watchedOf(folders: readonly string[]): string[] {
  const open = readdirSync("/proc/self/fdinfo").map((file) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${file}`, "utf8");
    } catch {
      return "";
    }
  });
  const nodes = new Set([...open.join("\n").matchAll(/^inotify wd:\S+ ino:(\w+)/gm)].map((match) => match[1]));
  return folders.filter((folder) => nodes.has(statSync(folder).ino.toString(16)));
}

test("watches only the nearest folder while the one that is meant does not exist", {
  timeout: GIVE_UP_MS,
  skip: process.platform !== "linux" && "only Linux tells which folders are watched",
}, async (context) => {
  const top = temporaryFolder(context);
  const made = [top];
  const observer = watchFolder(context, join(top, "a", "b", "c"));
  await observer.until((event) => event.kind === "folder-missing");
  assert.deepEqual(watchedOf(made), [top]);
  for (const name of ["a", "b", "c"]) {
    const folder = join(made.at(-1) ?? top, name);
    mkdirSync(folder);
    made.push(folder);
    while (!watchedOf(made).includes(folder)) {
      await pause(5);
    }
    assert.deepEqual(watchedOf(made), [folder]);
  }
});

test("does not announce what the first listing has told already, and tells what changed after it", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("cut.pt"), buildCheckpoint(1).subarray(0, 100));
  writeFileSync(path("gone.pt"), buildCheckpoint(1));
  writeFileSync(path("late.pt"), buildCheckpoint(1));
  const list: typeof listCheckpointFolder = async (listed) => {
    // A large folder is listed for seconds, in which a training goes on.
    mkdirSync(path("run"));
    writeFileSync(path("run/new.pt"), buildCheckpoint(2));
    writeFileSync(path("cut.pt"), buildCheckpoint(2));
    const listing = await listCheckpointFolder(listed);
    rmSync(path("gone.pt"));
    writeFileSync(path("late.pt"), buildCheckpoint(3, 200));
    return listing;
  };
  const observer = watchFolder(context, folder, { reader: { read: readFound, list } });
  await observer.untilNth("complete", "late.pt", 1);
  writeFileSync(path("run/mark.pt"), buildCheckpoint(1));
  await observer.untilNth("complete", "mark.pt", 1);
  const listed = observer.events.find((event) => event.kind === "listed");
  assert.deepEqual(
    new Set(listed?.entries.map(({ summary }) => `${summary.name} ${summary.epoch}`)),
    new Set(["new.pt 2", "cut.pt 2", "gone.pt 1", "late.pt 1"]),
  );
  assert.deepEqual(
    ["cut.pt", "run/new.pt", "gone.pt", "late.pt"].map((name) => observer.kindsFor(name)),
    [[], [], ["removed"], ["writing", "complete"]],
  );
});

test("says once that it does not watch all of too many folders", { timeout: GIVE_UP_MS }, async (context) => {
  const folder = temporaryFolder(context);
  for (const run of ["a", "b", "c"]) {
    mkdirSync(join(folder, run));
  }
  const beyond = watchFolder(context, folder, { maxPlaces: 3 });
  const grown = watchFolder(context, folder, { maxPlaces: 4 });
  await grown.until(isListed);
  mkdirSync(join(folder, "d"));
  mkdirSync(join(folder, "e"));
  await Promise.all([beyond, grown].map((each) => each.until(({ kind }) => kind === "limited")));
  writeFileSync(join(folder, "mark.pt"), buildCheckpoint(1));
  await Promise.all([beyond, grown].map((each) => each.untilNth("complete", "mark.pt", 1)));
  for (const { events } of [beyond, grown]) {
    const told = events.flatMap((event) => (event.kind === "limited" ? [event.message] : []));
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^Only [34] folders in it are watched/);
  }
});

test("says nothing of what lies deeper than it watches, nor that it is removed", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const deep = join(folder, "a", "b", "c");
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "d.pt"), buildCheckpoint(1));
  copyFileSync("test/fixtures/checkpoints/formats/plain.npy", join(folder, "x.npy"));
  const observer = watchFolder(context, folder);
  const listed = await observer.until(isListed);
  assert.deepEqual(listed.kind === "listed" && listed.entries.map(({ summary }) => summary.name), ["x.npy"]);
  writeFileSync(join(folder, "mark.pt"), buildCheckpoint(1));
  await observer.untilNth("complete", "mark.pt", 1);
  assert.equal(observer.events.filter(({ kind }) => kind === "removed").length, 0);
});

test("says in one sentence that a folder cannot be read, and recovers", { timeout: GIVE_UP_MS }, async (context) => {
  const folder = join(temporaryFolder(context), "checkpoints");
  writeFileSync(folder, "a file in the folder's place");
  const observer = watchFolder(context, folder);
  const event = await observer.until(({ kind }) => kind === "folder-unreadable");
  assert.ok(event.kind === "folder-unreadable");
  assert.equal(event.message, `The checkpoint folder ${folder} is not a folder.`);
  rmSync(folder);
  mkdirSync(folder);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(1));
  await observer.untilNth("complete", "a.pt", 1);
  assert.equal(observer.events.filter(({ kind }) => kind === "folder-unreadable").length, 1);
});

test("follows run folders that appear below the watched one", { timeout: GIVE_UP_MS }, async (context) => {
  const folder = temporaryFolder(context);
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  mkdirSync(join(folder, "run-1"));
  writeFileSync(join(folder, "run-1", "a.pt"), buildCheckpoint(1));
  await observer.untilNth("complete", join("run-1", "a.pt"), 1);
  rmSync(join(folder, "run-1", "a.pt"));
  await observer.untilNth("removed", join("run-1", "a.pt"), 1);
});

test("announces a trainer folder as one checkpoint, once its last file is there", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  const step = join(folder, "checkpoint-20");
  mkdirSync(step);
  writeFileSync(
    join(step, "model.safetensors"),
    buildSafetensors({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 8),
  );
  writeFileSync(join(step, "optimizer.pt"), buildCheckpoint(1));
  await observer.untilNth("writing", "checkpoint-20", 1);
  writeFileSync(join(step, "trainer_state.json"), '{"global_step": 20, "epoch": 1.0, "log_history": [{"loss": NaN}]}');
  await observer.untilNth("complete", "checkpoint-20", 1);
  assert.deepEqual(observer.kindsFor("checkpoint-20"), ["writing", "complete"]);
});

test("hears of a run folder that was deleted and made anew", { timeout: GIVE_UP_MS }, async (context) => {
  const folder = temporaryFolder(context);
  const run = join(folder, "run-1");
  mkdirSync(run);
  writeFileSync(join(run, "a.pt"), buildCheckpoint(1));
  // Without a poll in sight, only a watch of the new folder can tell.
  const observer = watchFolder(context, folder, { pollMs: GIVE_UP_MS * 2 });
  await observer.until(isListed);
  rmSync(run, { recursive: true });
  mkdirSync(run);
  writeFileSync(join(run, "b.pt"), buildCheckpoint(2));
  await observer.untilNth("complete", "b.pt", 1);
  writeFileSync(join(run, "c.pt"), buildCheckpoint(3));
  await observer.untilNth("complete", "c.pt", 1);
  assert.deepEqual(observer.kindsFor("b.pt"), ["writing", "complete"]);
  assert.equal(observer.countOf("removed", "a.pt"), 1);
});

test("sends nothing after it is disposed, and survives a listener that throws", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const failures: unknown[] = [];
  const failing = watchCheckpoints(
    folder,
    () => {
      throw new Error("listener");
    },
    { reportError: (error) => failures.push(error), settleMs: 20, pollMs: 50 },
  );
  context.after(() => failing[Symbol.dispose]());
  const stopped = new Observer();
  const watcher = watchCheckpoints(folder, stopped.listen, { settleMs: 20, pollMs: 50 });
  await stopped.until(isListed);
  watcher[Symbol.dispose]();
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(1));
  await observer.untilNth("complete", "a.pt", 1);
  assert.deepEqual(
    stopped.events.map(({ kind }) => kind),
    ["listed"],
  );
  assert.notEqual(failures.length, 0);
});
