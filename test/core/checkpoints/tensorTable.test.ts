import assert from "node:assert/strict";
import { test } from "node:test";
import type { TensorEntry } from "../../../src/core/checkpoints/tensorEntry.ts";
import { shapeText, type TableQuery, type TableRow, tableRows } from "../../../src/core/checkpoints/tensorTable.ts";

const FILE_ORDER: TableQuery = { search: "", column: "file", isDescending: false, isTree: false, collapsed: [] };

function tensor(name: string, shape: readonly number[] = [2], dtype = "float32"): TensorEntry {
  const sizeBytes = 4 * shape.reduce((product, length) => product * length, 1);
  return { name, dtype, shape, sizeBytes, isShared: false };
}

const tensors = [
  tensor("layer.10.weight", [4, 4]),
  tensor("layer.2.weight", [8]),
  tensor("layer.2.bias", []),
  tensor("head", [3], "bfloat16"),
];

function render(row: TableRow): string {
  const name = row.kind === "tensor" ? (tensors[row.index]?.name ?? "") : `${row.name}/ ${row.count} ${row.sizeBytes}`;
  return `${"  ".repeat(row.level - 1)}${name}${row.kind === "module" && !row.isOpen ? " closed" : ""}`;
}

function check(query: Partial<TableQuery>, expected: readonly string[]): void {
  assert.deepEqual(tableRows(tensors, { ...FILE_ORDER, ...query }).map(render), expected);
}

test("sorts by what a column means, and a second sort turns it around", () => {
  check({}, ["layer.10.weight", "layer.2.weight", "layer.2.bias", "head"]);
  check({ column: "name" }, ["head", "layer.2.bias", "layer.2.weight", "layer.10.weight"]);
  check({ column: "size" }, ["layer.2.bias", "head", "layer.2.weight", "layer.10.weight"]);
  check({ column: "shape", isDescending: true }, ["layer.10.weight", "layer.2.weight", "head", "layer.2.bias"]);
  check({ column: "dtype" }, ["head", "layer.10.weight", "layer.2.weight", "layer.2.bias"]);
});

test("finds all words of a search in name, type or shape", () => {
  check({ search: "WEIGHT layer.2" }, ["layer.2.weight"]);
  check({ search: "4x4" }, ["layer.10.weight"]);
  check({ search: "bfloat16" }, ["head"]);
  check({ search: "scalar" }, ["layer.2.bias"]);
  check({ search: "nothing" }, []);
});

test("shows a shape as people write it, and cuts off one that no library has", () => {
  assert.equal(shapeText([64, 3]), "64 × 3");
  assert.equal(shapeText([]), "scalar");
  assert.match(shapeText(Array.from({ length: 1_000 }, () => 2)), /^2 × 2 × .{1,300} × … \(936 more\)$/);
});

test("a tree adds up its modules, hides the closed ones, and opens them all for a search", () => {
  const all = ["head", "layer/ 3 100", "  layer.10/ 1 64", "    layer.10.weight", "  layer.2/ 2 36"];
  check({ isTree: true }, [...all, "    layer.2.weight", "    layer.2.bias"]);
  check({ isTree: true, collapsed: ["layer.2"] }, [...all.slice(0, -1), "  layer.2/ 2 36 closed"]);
  check({ isTree: true, collapsed: ["layer"] }, ["head", "layer/ 3 100 closed"]);
  check({ isTree: true, collapsed: ["layer"], search: "bias" }, ["layer/ 1 4", "  layer.2/ 1 4", "    layer.2.bias"]);
});

test("a name of a million parts makes a tree of bounded depth", () => {
  const rows = tableRows([tensor("a.".repeat(1_000_000))], { ...FILE_ORDER, isTree: true });
  assert.ok(Math.max(...rows.map(({ level }) => level)) <= 25);
});
