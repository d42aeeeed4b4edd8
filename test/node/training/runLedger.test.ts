import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { renderRunStatus } from "../../../src/core/training/runRecord.ts";
import { identifyProcess } from "../../../src/node/base/processIdentity.ts";
import { acquireOwnerLock } from "../../../src/node/training/ownerLock.ts";
import { collectReceipt } from "../../../src/node/training/receipt.ts";
import {
  createRun,
  findRun,
  listRunNames,
  listRuns,
  readRun,
  runsFolder,
} from "../../../src/node/training/runLedger.ts";
import { startOwner } from "../../../src/node/training/startOwner.ts";
import { claimNotification, readStopRequest, requestStop } from "../../../src/node/training/stopRequest.ts";
import { watchRuns } from "../../../src/node/training/watchRuns.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, makeWorkspace, supervisorPath, testReceipt, waitUntil } from "../../support/runFixtures.ts";

function create(root: string, title = "demo"): Promise<string> {
  return createRun(root, buildPlan(root, ["python3"], { title }), testReceipt);
}

test("a new run is recorded with its plan, and git ignores it", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await create(root, "My Digits");
  assert.match(basename(folder), /^\d{8}-\d{6}-my-digits-[0-9a-f]{6}$/);
  const { record, state } = await readRun(folder);
  assert.deepEqual(
    [record.id, record.plan.title, record.receipt, state],
    [basename(folder), "My Digits", testReceipt, "starting"],
  );
  assert.equal(await readFile(join(root, ".trainyard/.gitignore"), "utf8"), "runs/\nhandoffs/\n");
});

test("an existing .trainyard folder gets its .gitignore, and one that a person wrote stays", async (context) => {
  const root = await makeWorkspace(context);
  const gitignore = join(root, ".trainyard/.gitignore");
  await mkdir(join(root, ".trainyard"));
  await create(root);
  assert.equal(await readFile(gitignore, "utf8"), "runs/\nhandoffs/\n");
  await writeFile(gitignore, "handoffs/\n");
  await create(root);
  assert.equal(await readFile(gitignore, "utf8"), "handoffs/\n");
});

test("a damaged file of a run is the one that is named", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await create(root);
  await writeFile(join(folder, "status.json"), "{");
  const named = { message: new RegExp(`^${join(folder, "status.json")} is damaged: it is not JSON`) };
  await assert.rejects(readRun(folder), named);
  await assert.rejects(startOwner(folder, supervisorPath), named);
  await writeFile(join(folder, "run.json"), "[]");
  await assert.rejects(readRun(folder), { message: new RegExp(`^${join(folder, "run.json")} is damaged`) });
});

test("a workspace that cannot hold a run is refused with a sentence", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, ".trainyard"), "a file");
  await assert.rejects(
    create(root),
    (error) => error instanceof UserError && /could not be recorded.*Nothing was started/.test(error.message),
  );
  await assert.rejects(create(join(root, "nowhere")), /could not be recorded.*the folder is gone/);
});

test("a run that finds no room is refused with what helps, and leaves no folder behind", async (context) => {
  const root = await makeWorkspace(context);
  const full = {
    ...testReceipt,
    toJSON() {
      throw Object.assign(new Error("write"), { code: "ENOSPC" });
    },
  };
  await assert.rejects(createRun(root, buildPlan(root, ["true"]), full), /\(ENOSPC\).*free some space and start again/);
  assert.deepEqual(await readdir(runsFolder(root)), []);
});

test("runs are listed newest first, and broken folders with the reason", async (context) => {
  const root = await makeWorkspace(context);
  assert.deepEqual(await listRuns(root), { runs: [], unreadable: [] });
  const folder = await create(root);
  const broken: Record<string, string> = {
    "10000101-000000-empty-0000": "",
    "10000101-000000-other-0000": '{"schemaVersion":1}',
    "10000101-000000-newer-0000": '{"schemaVersion":2}',
  };
  for (const [name, text] of Object.entries(broken)) {
    await mkdir(join(runsFolder(root), name));
    await writeFile(join(runsFolder(root), name, "run.json"), text);
  }
  await mkdir(join(runsFolder(root), "10000101-000000-nothing-0000"));
  await writeFile(join(runsFolder(root), "a file"), "");
  await writeFile(join(folder, "status.json"), "{");
  const { runs, unreadable } = await listRuns(root);
  assert.deepEqual(runs, []);
  const reasons = unreadable.map(
    ({ id, reason }) => `${id.split("-")[2]}: ${/is missing|not JSON|newer Trainyard|is damaged/.exec(reason)?.[0]}`,
  );
  assert.deepEqual(reasons, [
    "demo: is damaged",
    "other: is damaged",
    "nothing: is missing",
    "newer: newer Trainyard",
    "empty: is damaged",
  ]);
});

test("an ended run is not read again, and is forgotten with its folder", async (context) => {
  const root = await makeWorkspace(context);
  const kept = buildRun("finished", {});
  const folder = join(runsFolder(root), kept.record.id);
  const ended = new Map([[folder, { ...kept, folder }]]);
  assert.deepEqual((await listRuns(root, ended)).runs, []);
  await mkdir(folder, { recursive: true });
  assert.deepEqual((await listRuns(root, ended)).runs, [{ ...kept, folder }]);
});

test("the latest run is the one that was made last, also after the clock was set back", async (context) => {
  const root = await makeWorkspace(context);
  const plan = buildPlan(root, ["true"]);
  const ahead = join(runsFolder(root), `${new Date().getUTCFullYear() + 1}0102-030405-demo-ffff`);
  await mkdir(ahead, { recursive: true });
  const folders = [await createRun(root, plan, testReceipt), await createRun(root, plan, testReceipt)];
  assert.deepEqual(
    (await listRunNames(root)).map((name) => join(runsFolder(root), name)),
    [...folders.toReversed(), ahead],
  );
  const { record } = await findRun(root, "latest");
  assert.equal(join(runsFolder(root), record.id), folders[1]);
  assert.ok(Date.parse(record.createdAt) <= Date.now(), "its record says when it was");
});

test("a run is found by its id, the start of it, its name, or as the latest", async (context) => {
  const root = await makeWorkspace(context);
  await assert.rejects(findRun(root, "latest"), /There are no runs/);
  const first = basename(await create(root, "b"));
  const startMs = Date.now();
  await waitUntil("a millisecond has passed", () => Date.now() > startMs);
  const newest = basename(await create(root, "a"));
  const { runs } = await listRuns(root);
  assert.deepEqual(
    runs.map(({ record }) => record.id),
    [newest, first],
    "of one second, the newer one comes first",
  );
  assert.equal((await findRun(root, "latest")).record.id, newest);
  await mkdir(join(runsFolder(root), "notes"));
  assert.equal((await findRun(root, "latest")).record.id, newest);
  assert.equal((await findRun(root, first)).record.id, first);
  await assert.rejects(findRun(root, first.slice(0, 8)), /could be any of 2 runs/);
  await assert.rejects(findRun(root, "2001"), /There is no run 2001.*The newest one is/);
  assert.equal((await findRun(root, "a")).record.id, newest);
  await create(root, "a");
  await assert.rejects(findRun(root, "A"), /A could be any of 2 runs: .*Write the id of one\./);
});

test("of two windows exactly one tells the person, also when both ask at once", async (context) => {
  const folder = await create(await makeWorkspace(context));
  const claims = await Promise.all([1, 2, 3, 4].map(() => claimNotification(folder)));
  assert.equal(claims.filter(Boolean).length, 1);
});

test("a claim that cannot be written keeps nobody from being told", async (context) => {
  const folder = await create(await makeWorkspace(context));
  await rm(folder, { recursive: true });
  assert.equal(await claimNotification(folder), true);
});

test("a stop request keeps its level, and any file at all is a graceful one", async (context) => {
  const folder = await create(await makeWorkspace(context));
  assert.equal(await readStopRequest(folder), undefined);
  await requestStop(await readRun(folder), "now", 50);
  const request = await readStopRequest(folder);
  assert.deepEqual([request?.level, request?.graceMs], ["now", 50]);
  // Another window asks politely a moment later, perhaps before anybody has read the first request.
  await requestStop(await readRun(folder), "graceful");
  assert.equal((await readStopRequest(folder))?.level, "now");
  await writeFile(join(folder, "stop.json"), "");
  assert.equal((await readStopRequest(folder))?.level, "graceful");
  await writeFile(join(folder, "stop.json"), '{"level":"maybe"}');
  assert.equal((await readStopRequest(folder))?.level, "graceful");
  await writeFile(join(folder, "status.json"), renderRunStatus(buildRun("finished").status));
  await assert.rejects(requestStop(await readRun(folder), "graceful"), /has ended already \(finished\)/);
});

test("a lock is taken once, again when its owner is dead, and never from a living one", async (context) => {
  const folder = await create(await makeWorkspace(context));
  const rivals = await Promise.all([1, 2, 3].map(() => acquireOwnerLock(folder)));
  assert.equal(rivals.filter(Boolean).length, 1);
  assert.equal(await acquireOwnerLock(folder), false);
  const own = identifyProcess(process.pid);
  await writeFile(
    join(folder, "owner.1.lock"),
    JSON.stringify({ ...own, startTime: "an earlier process with this number" }),
  );
  const heirs = await Promise.all([1, 2, 3].map(() => acquireOwnerLock(folder)));
  assert.equal(heirs.filter(Boolean).length, 1);
  await writeFile(join(folder, "owner.2.lock"), "");
  assert.equal(await acquireOwnerLock(folder), false);
  await utimes(join(folder, "owner.2.lock"), 1, 1);
  assert.equal(await acquireOwnerLock(folder), true);
});

test("a run of another host is believed by its heartbeat", async (context) => {
  const folder = await create(await makeWorkspace(context));
  const supervisor = { pid: 1, startTime: "elsewhere", host: `not-${hostname()}` };
  const write = (heartbeatAt: string) =>
    writeFile(join(folder, "status.json"), renderRunStatus(buildRun("running", { supervisor, heartbeatAt }).status));
  await write(new Date().toISOString());
  assert.equal((await readRun(folder)).state, "running");
  await write("2020-01-01T00:00:00.000Z");
  assert.equal((await readRun(folder)).state, "lost");
});

test("a receipt names commit and changes, and is silent where there is no repository", async (context) => {
  const root = await makeWorkspace(context);
  assert.equal((await collectReceipt(root, "1.2.3")).git, undefined);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: root });
  git("init", "-q");
  assert.equal((await collectReceipt(root, "1.2.3")).git, undefined);
  await writeFile(join(root, "a.py"), "1");
  git("add", "a.py");
  git("commit", "-qm", "first");
  const commit = git("rev-parse", "HEAD").toString().trim();
  assert.deepEqual((await collectReceipt(root, "1.2.3")).git, { commit, isDirty: false });
  await writeFile(join(root, "a.py"), "2");
  const receipt = await collectReceipt(root, "1.2.3");
  assert.deepEqual(
    [receipt.git, receipt.trainyardVersion],
    [{ commit, isDirty: true, diffHash: receipt.git?.diffHash, diffFile: "changes.patch" }, "1.2.3"],
  );
});

test("watching tells of new, changed and removed runs, from before the folder exists until it is disposed", async (context) => {
  const root = await makeWorkspace(context);
  let changes = 0;
  const watch = watchRuns(root, () => (changes += 1), { pollMs: 50 });
  context.after(() => watch[Symbol.dispose]());
  const folder = await create(root);
  await waitUntil("the new run is told", () => changes === 1);
  await writeFile(join(folder, "status.json"), renderRunStatus(buildRun("running").status));
  await waitUntil("the status is told", () => changes === 2);
  await rm(runsFolder(root), { recursive: true });
  await waitUntil("the removal is told", () => changes >= 3);
  watch[Symbol.dispose]();
  const before = changes;
  await create(root);
  await watchOnce(root);
  assert.equal(changes, before);
});

test("watching tells of an owner that died, although no file changes with it", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await create(root);
  const owner = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", root]);
  await once(owner, "spawn");
  const status = { supervisor: identifyProcess(owner.pid ?? -1), heartbeatAt: new Date().toISOString() };
  await writeFile(join(folder, "status.json"), renderRunStatus(buildRun("running", status).status));
  const told: string[] = [];
  const tell = async () => {
    // The folder is removed when the test ends, perhaps while this reads.
    const state = await readRun(folder).then(
      (run) => run.state,
      () => "removed",
    );
    told.push(state);
  };
  const watch = watchRuns(root, () => void tell(), { pollMs: 30 });
  context.after(() => watch[Symbol.dispose]());
  await waitUntil("the living run is told", () => told.includes("running"));
  owner.kill("SIGKILL");
  await waitUntil("its death is told", () => told.includes("lost"));
  watch[Symbol.dispose]();
});

/** Resolves when a fresh watch has seen a change, so that an older one would have seen it too. */
async function watchOnce(root: string): Promise<void> {
  let isSeen = false;
  const watch = watchRuns(root, () => (isSeen = true), { pollMs: 20 });
  await waitUntil("a change is seen", async () => {
    await create(root);
    return isSeen;
  });
  watch[Symbol.dispose]();
}

test("a run whose files are links into nowhere or unreadable is listed, not thrown", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await create(root);
  await rm(join(folder, "run.json"));
  await symlink(join(root, "nowhere"), join(folder, "run.json"));
  const other = await create(root);
  await rm(join(other, "run.json"));
  await mkdir(join(other, "run.json"));
  await chmod(other, 0o700);
  assert.equal((await listRuns(root)).unreadable.length, 2);
});
