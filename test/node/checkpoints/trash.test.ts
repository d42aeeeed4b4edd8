import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { describeMoved, moveAway } from "../../../src/node/checkpoints/moveAway.ts";
import { moveToTrash, pathsOf, restoreTrash } from "../../../src/node/checkpoints/trash.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { leastCpuMs } from "../../support/cpuTime.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Files by their path below a new folder, each holding its own path. */
function filesIn(root: string, ...names: string[]): string[] {
  return names.map((name) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
    return join(root, name);
  });
}

/** A trash as a repository may bring it, with one file and a list that says where it belongs. */
function foreignTrash(root: string, from: string, to = "evil.sh"): string {
  const trash = join(root, ".trainyard", "trash", "x");
  filesIn(root, ".trainyard/trash/x/evil.sh", "evil.sh");
  writeFileSync(join(trash, "moved.json"), JSON.stringify({ moved: [{ from, to }] }));
  return trash;
}

test("files of one name in different runs outside the workspace all come back as they were", async (context) => {
  const root = temporaryFolder(context);
  const folder = temporaryFolder(context);
  const names = ["runA/ckpt/model.pt", "runB/ckpt/model.pt", "moved.json"];
  const paths = filesIn(folder, ...names);
  const { trash = "", moved } = await moveToTrash(paths, { root, folder });
  assert.deepEqual(moved, paths);
  assert.ok(paths.every((path) => !existsSync(path)));
  assert.equal(await restoreTrash(trash), 3);
  assert.deepEqual(
    paths.map((path) => readFileSync(path, "utf8")),
    names,
  );
  await assert.rejects(restoreTrash(trash), {
    message: `All that was moved to ${trash} is back where it was already.`,
  });
  rmSync(paths[0] ?? "");
  await assert.rejects(restoreTrash(trash), /There is nothing left in \S+ to put back/);
});

test("a path named twice, inside another one, or gone by now does not stop the others", async (context) => {
  const root = temporaryFolder(context);
  const [a = "", inside = ""] = filesIn(root, "a.pt", "step-1/model.pt");
  const gone = join(root, "gone.pt");
  const { trash = "", ...told } = await moveToTrash([gone, a, inside, a, dirname(inside)], { root, folder: root });
  assert.deepEqual(told, { moved: [a, dirname(inside)], vanished: [gone] });
  assert.equal(await restoreTrash(trash), 2);
  assert.equal(readFileSync(inside, "utf8"), "step-1/model.pt");
});

test("what cannot be moved is named, and what was moved before it is back", async (context) => {
  const root = temporaryFolder(context);
  const [a = ""] = filesIn(root, "a.pt", ".trainyard/own");
  const intoItself = await moveToTrash([a, join(root, ".trainyard")], { root, folder: root });
  assert.deepEqual(intoItself.moved, []);
  assert.match(intoItself.problem ?? "", /^\S+\.trainyard: /);
  assert.ok(existsSync(a));
  const outside = await moveToTrash([a, join(dirname(root), "elsewhere.pt")], { root, folder: root });
  assert.deepEqual(outside.moved, []);
  assert.match(outside.problem ?? "", /elsewhere\.pt does not lie in /);
  assert.ok(existsSync(a));
  const missing = join(root, "missing");
  const told = await moveToTrash([join(missing, "a.pt")], { root, folder: missing });
  assert.deepEqual(told, { moved: [], vanished: [join(missing, "a.pt")] });
});

test("putting back refuses a list that leads anywhere else", async (context) => {
  const check = async (pattern: RegExp, write: (root: string, home: string) => string) => {
    const [root, home] = [temporaryFolder(context), temporaryFolder(context)];
    await assert.rejects(restoreTrash(write(root, home)), { name: "UserError", message: pattern });
    assert.ok(!existsSync(join(home, "profile")) && !existsSync(join(root, ".git", "hooks", "pre-commit")));
    assert.ok(existsSync(join(root, "evil.sh")) && existsSync(join(root, ".trainyard/trash/x/evil.sh")));
  };
  const back = /profile, which lies outside .*, so nothing was put back/;
  await check(back, (root, home) => foreignTrash(root, join(home, "profile")));
  await check(back, (root, home) => foreignTrash(root, relative(root, join(home, "profile"))));
  await check(back, (root, home) => {
    symlinkSync(home, join(root, "link"));
    return foreignTrash(root, "link/profile");
  });
  await check(/pre-commit, which lies in a \.git folder/, (root) => {
    mkdirSync(join(root, ".git"));
    symlinkSync(".git", join(root, "g"));
    return foreignTrash(root, "g/hooks/pre-commit");
  });
  await check(/evil\.sh, which lies outside .*nothing was put back/, (root) =>
    foreignTrash(root, "a.pt", join(root, "evil.sh")),
  );
  await check(/evil\.sh, which lies outside .*nothing was put back/, (root) =>
    foreignTrash(root, "a.pt", "../../../evil.sh"),
  );
  await check(/is no trash folder of Trainyard/, (root) => foreignTrash(root, "a\0b"));
});

test("a trash brought along with a link for its .gitignore has nothing written through it", async (context) => {
  const root = temporaryFolder(context);
  const [a = "", profile = ""] = filesIn(root, "a.pt", "profile");
  mkdirSync(join(root, ".trainyard", "trash"), { recursive: true });
  symlinkSync(profile, join(root, ".trainyard", "trash", ".gitignore"));
  assert.deepEqual((await moveToTrash([a], { root, folder: root })).moved, [a]);
  assert.equal(readFileSync(profile, "utf8"), "profile");
});

/** A folder on another disk than the temporary ones, where the system has one. */
function otherDisk(context: TestContext): string | undefined {
  if (!existsSync("/dev/shm")) {
    context.skip("needs a second file system at /dev/shm");
    return undefined;
  }
  const folder = mkdtempSync("/dev/shm/trainyard-test-");
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a folder that is a link to another disk is pruned into a trash beside it", async (context) => {
  const [root, scratch] = [temporaryFolder(context), otherDisk(context)];
  if (scratch !== undefined) {
    filesIn(scratch, "run/a.pt");
    symlinkSync(scratch, join(root, "ckpts"));
    const a = join(root, "ckpts", "run", "a.pt");
    const { trash = "", moved, problem } = await moveToTrash([a], { root, folder: join(root, "ckpts") });
    assert.deepEqual({ moved, problem }, { moved: [a], problem: undefined });
    assert.equal(dirname(trash), join(root, "ckpts", ".trainyard-trash"));
    assert.equal(await restoreTrash(trash), 1);
    assert.equal(readFileSync(join(scratch, "run", "a.pt"), "utf8"), "run/a.pt");
  }
});

test("where the trash of the workspace is on another disk, the one beside the folder is taken", async (context) => {
  const [root, scratch] = [temporaryFolder(context), otherDisk(context)];
  if (scratch !== undefined) {
    symlinkSync(scratch, join(root, ".trainyard"));
    const [a = "", b = ""] = filesIn(root, "saved/a.pt", "saved/b.pt");
    const { trash = "", moved } = await moveToTrash([a, b], { root, folder: dirname(a) });
    assert.deepEqual(moved, [a, b]);
    assert.equal(dirname(trash), join(root, "saved", ".trainyard-trash"));
    assert.equal(await restoreTrash(trash), 2);
  }
});

/** A trash of the system that takes some names, misses others, and refuses the rest. */
function systemTrashFor(taken: RegExp, missed = /^$/): (path: string) => Promise<"moved" | "vanished" | "refused"> {
  return (path) => {
    const answer = taken.test(path) ? "moved" : missed.test(path) ? "vanished" : "refused";
    if (answer === "moved") {
      rmSync(path);
    }
    return Promise.resolve(answer);
  };
}

test("a system's trash that takes only some is told as it is, and the others go to the folder", async (context) => {
  const root = temporaryFolder(context);
  const paths = filesIn(root, "a.pt", "b.index", "b-shard", "c.pt");
  const moved = await moveAway(paths, { root, folder: root, systemTrash: systemTrashFor(/a\.pt$|b\.index$/) });
  assert.deepEqual([moved.inSystem, moved.inFolder], [paths.slice(0, 2), paths.slice(2)]);
  assert.deepEqual([moved.vanished, moved.stayed], [[], []]);
  assert.equal(
    describeMoved(moved, "3 checkpoints"),
    "2 files or folders moved to the trash of the system; restore them from there if you need them. " +
      `2 files or folders moved to ${moved.trash}; delete that folder to free the space.`,
  );
  assert.equal(await restoreTrash(moved.trash ?? ""), 2);
});

test("says what stayed and why, and never that nothing was pruned when something was", async (context) => {
  const root = temporaryFolder(context);
  const [a = "", b = ""] = filesIn(root, "a.pt", "b.pt", ".trainyard", ".trainyard-trash");
  const half = await moveAway([a, b], { root, folder: root, systemTrash: systemTrashFor(/a\.pt$/) });
  assert.match(
    describeMoved(half, "2 checkpoints"),
    /^1 file or folder moved to the trash of the system; .* 1 file or folder stayed: .*\.trainyard-trash.*\.$/,
  );
  const none = await moveAway([b], { root, folder: root });
  assert.match(describeMoved(none, "1 checkpoint"), /^Nothing was pruned\. 1 checkpoint stayed: /);
  const gone = await moveAway([a, b], { root, folder: root, systemTrash: systemTrashFor(/b\.pt$/, /a\.pt$/) });
  assert.match(
    describeMoved(gone, "2 checkpoints"),
    /^1 file or folder moved to the trash.* 1 file or folder was gone already\.$/,
  );
});

test("the files of thousands of checkpoints are found without listing their folder for each", async (context) => {
  const folder = temporaryFolder(context);
  const names = Array.from({ length: 3000 }, (_, step) => `step_${step}.pt`);
  names.forEach((name) => writeFileSync(join(folder, name), ""));
  const entries = names.map((name, step) => ({ ...entryOf(name, step), path: join(folder, name) }));
  const { result, cpuMs } = await leastCpuMs(() => pathsOf(entries), 1000);
  assert.deepEqual(result.toSorted(), names.map((name) => join(folder, name)).toSorted());
  assert.ok(cpuMs < 1000, `${cpuMs} ms`);
});
