import assert from "node:assert/strict";
import { test } from "node:test";
import { FolderQueue } from "../../../src/node/metrics/folderQueue.ts";

type Tree = { [folder: string]: Tree };

/** The paths below "/", in the order in which they are looked through; `beside` says how many entries beside logs a folder has. */
function orderOf(tree: Tree, beside: (path: string) => number): { order: string[]; unseen: readonly string[] } {
  const folders = new FolderQueue("/");
  const order: string[] = [];
  for (let next = folders.take(); next !== undefined; next = folders.take()) {
    const { path } = next;
    order.push(path);
    const inside = path.split("/").reduce((at: Tree | undefined, name) => (name === "" ? at : at?.[name]), tree) ?? {};
    const names = Object.keys(inside);
    names.forEach((name) => folders.add(name, next));
    folders.noteVain(next, names.length + beside(path));
  }
  return { order, unseen: folders.unseen };
}

function manyFolders(count: number, inside: Tree = {}): Tree {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}`, inside]));
}

test("folders among few others go first, and shallow ones before deep ones", () => {
  const { order, unseen } = orderOf({ a: { b: { c: {} } }, d: { e: {} } }, () => 3);
  assert.deepEqual(order, ["/", "/a", "/d", "/a/b", "/d/e", "/a/b/c"]);
  assert.deepEqual(unseen, []);
});

test("folders full of pictures are left for last, wherever they lie", () => {
  const runs = { "2026": { "0": { csv: { version_0: {} } } } };
  const tree = { data: { test: manyFolders(1_000), train: manyFolders(1_000) }, project: { data: {}, runs } };
  const { order, unseen } = orderOf(tree, (path) => (path.includes("data") ? 1_300 : 0));
  assert.ok(order.includes("/project/runs/2026/0/csv/version_0"));
  assert.ok(unseen.length > 1_900 && unseen.every((path) => path.startsWith("/data/")), `${unseen.length}`);
});

test("a data set in a few folders does not take the turn of hundreds of runs", () => {
  const tree = { data: manyFolders(40), lightning_logs: manyFolders(300) };
  const { order } = orderOf(tree, (path) => (path.startsWith("/data/") ? 9_000 : 0));
  assert.equal(order.filter((path) => path.startsWith("/lightning_logs/")).length, 300);
});
