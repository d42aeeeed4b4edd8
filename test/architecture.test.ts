import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { collectExports, collectImports } from "./support/moduleText.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runtimes and slices a source may import, besides its own folder; `*` stands for every slice. */
const IMPORT_TABLE: Record<string, readonly string[]> = {
  "core/base": [],
  "core/agents": ["core/base"],
  "core/knowledge": ["core/base"],
  "core/metaflow": ["core/base"],
  "core/checkpoints": ["core/base"],
  "core/metrics": ["core/base"],
  "core/workflow": ["core/base"],
  "core/training": ["core/base", "core/metaflow", "core/checkpoints", "core/metrics"],
  "core/dashboard": ["core/base", "core/metrics", "core/checkpoints", "core/training"],
  "core/tools": [
    "core/base",
    "core/agents",
    "core/knowledge",
    "core/metaflow",
    "core/checkpoints",
    "core/metrics",
    "core/training",
    "core/workflow",
    "core/dashboard",
  ],
  "core/chat": ["core/base", "core/agents", "core/knowledge", "core/tools"],
  "node/*": ["node/base", "core/*"],
  "editor/*": ["editor/base", "node/*", "core/*"],
  "src/extension.ts": ["src/wiring.ts", "src/commandWiring.ts", "src/toolWiring.ts", "editor/*", "node/*", "core/*"],
  "src/toolWiring.ts": ["src/wiring.ts", "editor/*", "node/*", "core/*"],
  "src/commandWiring.ts": ["src/wiring.ts", "src/workflowWiring.ts", "editor/*", "node/*", "core/*"],
  "src/workflowWiring.ts": ["editor/*", "node/*", "core/*"],
  "src/wiring.ts": ["src/workflowWiring.ts", "editor/*", "node/*", "core/*"],
  "src/cli.ts": ["node/*", "core/*"],
  "src/supervisor.ts": ["node/*", "core/*"],
  "src/pythonWorker.ts": ["node/*", "core/*"],
  media: ["core/dashboard", "core/base"],
};

/** Rows of the table that nothing stands in yet. */
const PLANNED_SLICES = ["media"];

/** What each runtime may take from outside the project. */
const CORE_PACKAGES = ["zod", "zod/mini", "gray-matter", "web-tree-sitter", "smol-toml", "yaml", "@dagrejs/dagre"];

/** Exports that no other source imports, with the reason why they stay; an entry that is not needed any more is refused. */
const LONELY_EXPORTS: Record<string, string> = {
  "src/extension.ts activate": "VS Code calls it",
};

type Edge = { from: string; to: string; name: string };

function sliceOf(file: string): string {
  const parts = file.split("/");
  if (parts[0] === "media") {
    return "media";
  }
  return parts.length === 2 ? file : parts.slice(1, 3).join("/");
}

function rulesFor(slice: string): readonly string[] | undefined {
  return IMPORT_TABLE[slice] ?? IMPORT_TABLE[slice.replace(/\/.*/, "/*")];
}

function isAllowed({ from, to }: { from: string; to: string }): boolean {
  const [fromSlice, toSlice] = [sliceOf(from), sliceOf(to)];
  return (
    fromSlice === toSlice ||
    (rulesFor(fromSlice) ?? []).some((rule) => rule === toSlice || rule === toSlice.replace(/\/.*/, "/*"))
  );
}

function readSources(...patterns: string[]): Map<string, string> {
  const files = globSync(patterns, { cwd: root }).map((file) => file.replaceAll("\\", "/"));
  return new Map(files.map((file) => [file, readFileSync(`${root}${file}`, "utf8")]));
}

/** Every import of every source, with the file it means where that is one of ours. */
function collectEdges(sources: ReadonlyMap<string, string>): Edge[] {
  return [...sources].flatMap(([from, source]) =>
    collectImports(source).map((taken) => ({
      from,
      to: taken.from.startsWith(".") ? posix.join(posix.dirname(from), taken.from) : taken.from,
      name: taken.name,
    })),
  );
}

/** Groups of files that reach each other by their imports (Tarjan's strongly connected components), sorted. */
function findCircles(edges: readonly { from: string; to: string }[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) {
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const order = lowest.size;
    lowest.set(file, order);
    const depth = open.push(file) - 1;
    let low = order;
    for (const to of targets.get(file) ?? []) {
      if (!lowest.has(to)) {
        low = Math.min(low, visit(to));
      } else if (open.includes(to)) {
        low = Math.min(low, lowest.get(to) ?? low);
      }
    }
    lowest.set(file, low);
    if (low === order) {
      const group = open.splice(depth);
      circles.push(...(group.length > 1 ? [group.toSorted()] : []));
    }
    return low;
  };
  for (const file of targets.keys()) {
    if (!lowest.has(file)) {
      visit(file);
    }
  }
  return circles.toSorted(([a = ""], [b = ""]) => a.localeCompare(b));
}

/** Whether the file itself uses a name that it exports; a comment does not use it. */
function isUsedInside(source: string, name: string): boolean {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return (code.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1;
}

function readNames(imports: readonly Edge[]): Set<string> {
  return new Set(imports.map(({ to, name }) => `${to} ${name}`));
}

/**
 * Exports without a reader. A type may stand for itself, since signatures speak of it; of a value that its own file uses, a test
 * may be the only other reader.
 */
function findLonelyExports(): string[] {
  const bySources = readNames([...internal, ...collectEdges(readSources("bench/*.{ts,mjs}", "scripts/**/*.mjs"))]);
  const byTests = readNames(collectEdges(readSources("test/**/*.ts")));
  return [...sources].flatMap(([file, source]) =>
    collectExports(source)
      .filter((name) => !bySources.has(`${file} ${name}`) && !bySources.has(`${file} *`))
      .filter((name) => {
        const isType = new RegExp(`^export (?:type|interface) ${name}\\b`, "m").test(source);
        return !(isUsedInside(source, name) && (isType || byTests.has(`${file} ${name}`)));
      })
      .map((name) => `${file} ${name}`),
  );
}

const sources = readSources("src/**/*.ts", "media/**/*.ts");
const edges = collectEdges(sources);
const internal = edges.filter(({ to }) => sources.has(to));
const external = edges.filter(({ to }) => !sources.has(to));

test("every import between slices stands in the import table, of types as well", () => {
  const refused = internal.filter((edge) => !isAllowed(edge)).map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual([...new Set(refused)], []);
});

test("every relative import of a source is a source", () => {
  const unknown = external
    .filter(({ to }) => /^(?:src|media|\.\.?)\//.test(to))
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual(unknown, []);
});

test("every slice of the sources has a row in the import table, and every row a slice", () => {
  const slices = [...new Set([...sources.keys()].filter((file) => !file.endsWith(".d.ts")).map(sliceOf))];
  assert.deepEqual(
    slices.filter((slice) => rulesFor(slice) === undefined),
    [],
  );
  const needless = Object.keys(IMPORT_TABLE).filter(
    (row) => !slices.some((slice) => row === slice || row === slice.replace(/\/.*/, "/*")),
  );
  assert.deepEqual(needless, PLANNED_SLICES);
});

test("no files import each other in a circle", () => {
  assert.deepEqual(findCircles(internal), []);
});

test("every export has a reader besides its test", () => {
  assert.deepEqual(findLonelyExports().toSorted(), Object.keys(LONELY_EXPORTS).toSorted());
});

test("core imports no runtime and only the packages it may", () => {
  const refused = external
    .filter(({ from }) => from.startsWith("src/core/"))
    .filter(({ to }) => !CORE_PACKAGES.includes(to))
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual(refused, []);
});

const VS_CODE_ROOTS = ["src/extension.ts", "src/wiring.ts", "src/toolWiring.ts"];

test("only the editor folder and the extension's root know VS Code", () => {
  const refused = external
    .filter(({ to }) => to === "vscode")
    .map(({ from }) => from)
    .filter((from) => !from.startsWith("src/editor/") && !VS_CODE_ROOTS.includes(from));
  assert.deepEqual(refused, []);
});

test("the check itself sees a forbidden import", () => {
  assert.equal(isAllowed({ from: "src/core/base/a.ts", to: "src/core/chat/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/node/training/a.ts", to: "src/node/chat/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/editor/training/a.ts", to: "src/editor/chat/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/core/chat/a.ts", to: "src/core/training/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/node/training/a.ts", to: "src/core/training/b.ts" }), true);
});

function checkCircles(pairs: string, expected: string[][]): void {
  assert.deepEqual(findCircles(pairs.split(" ").map(([from = "", to = ""]) => ({ from, to }))), expected);
}

test("the check itself sees a circle", () => {
  checkCircles("ab bc ac", []);
  checkCircles("ab bc cb", [["b", "c"]]);
  checkCircles("ab bc ca da ef fe", [
    ["a", "b", "c"],
    ["e", "f"],
  ]);
});

function checkImports(source: string, expected: [string, string][]): void {
  assert.deepEqual(
    collectImports(source).map(({ from, name }) => [from, name]),
    expected,
  );
}

test("the check itself sees every way to import and to export", () => {
  checkImports('import { a, type B as C } from "./x.ts";', [
    ["./x.ts", "a"],
    ["./x.ts", "B"],
  ]);
  checkImports('import type { D } from "./x.ts";', [["./x.ts", "D"]]);
  checkImports('import {\n  a,\n  b,\n} from "./x.ts";', [
    ["./x.ts", "a"],
    ["./x.ts", "b"],
  ]);
  checkImports('import matter, { a } from "x";\nimport "./y.ts";', [
    ["x", "*"],
    ["x", "a"],
    ["./y.ts", "*"],
  ]);
  checkImports('import * as z from "./x.ts";', [["./x.ts", "*"]]);
  checkImports('export type { a } from "./x.ts";', [["./x.ts", "a"]]);
  checkImports('  const { a, b: c } = await import("./x.ts");', [
    ["./x.ts", "a"],
    ["./x.ts", "b"],
  ]);
  checkImports('(await import("./x.ts")).a();', [["./x.ts", "a"]]);
  checkImports('const x = () => import(\n  "./x.ts"\n);', [["./x.ts", "*"]]);
  checkImports('// import { a } from "./x.ts";\n/* import("./y.ts") */', []);
  assert.deepEqual(collectExports("export const a = 1;\nexport async function b() {}\nexport type C = 1;"), [
    "a",
    "b",
    "C",
  ]);
});
