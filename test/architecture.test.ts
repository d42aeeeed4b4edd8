import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

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
  "src/extension.ts": ["src/wiring.ts", "editor/*", "node/*", "core/*"],
  "src/wiring.ts": ["editor/*", "node/*", "core/*"],
  "src/cli.ts": ["node/*", "core/*"],
  "src/supervisor.ts": ["node/*", "core/*"],
  "src/pythonWorker.ts": ["node/*", "core/*"],
  media: ["core/dashboard", "core/base"],
};

/** What each runtime may take from outside the project. */
const CORE_PACKAGES = ["zod", "gray-matter", "web-tree-sitter", "smol-toml", "yaml", "@dagrejs/dagre"];

type Edge = { from: string; to: string };

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

function isAllowed({ from, to }: Edge): boolean {
  const [fromSlice, toSlice] = [sliceOf(from), sliceOf(to)];
  return (
    fromSlice === toSlice ||
    (rulesFor(fromSlice) ?? []).some((rule) => rule === toSlice || rule === toSlice.replace(/\/.*/, "/*"))
  );
}

async function collectEdges(): Promise<{ internal: Edge[]; external: Edge[] }> {
  const entryPoints = globSync(["src/**/*.ts", "media/**/*.ts"], { cwd: root }).filter(
    (file) => !file.endsWith(".d.ts"),
  );
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outdir: "out/architecture",
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const edges = Object.entries(metafile.inputs).flatMap(([from, input]) =>
    input.imports.map(({ path, external }) => ({ from, to: path, external })),
  );
  return { internal: edges.filter((edge) => !edge.external), external: edges.filter((edge) => edge.external) };
}

const edges = await collectEdges();

test("every import between slices stands in the import table", () => {
  const refused = edges.internal.filter((edge) => !isAllowed(edge)).map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual(refused, []);
});

test("every slice of the sources has a row in the import table", () => {
  const unknown = [...new Set(edges.internal.flatMap(({ from, to }) => [from, to]).map(sliceOf))].filter(
    (slice) => rulesFor(slice) === undefined,
  );
  assert.deepEqual(unknown, []);
});

test("core imports no runtime and only the packages it may", () => {
  const refused = edges.external
    .filter(({ from }) => from.startsWith("src/core/"))
    .filter(({ to }) => !CORE_PACKAGES.includes(to))
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual(refused, []);
});

test("only the editor folder and the extension's root know VS Code", () => {
  const refused = edges.external
    .filter(({ to }) => to === "vscode")
    .map(({ from }) => from)
    .filter((from) => !from.startsWith("src/editor/") && from !== "src/extension.ts" && from !== "src/wiring.ts");
  assert.deepEqual(refused, []);
});

test("the check itself sees a forbidden import", () => {
  assert.equal(isAllowed({ from: "src/core/base/a.ts", to: "src/core/chat/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/node/training/a.ts", to: "src/node/chat/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/editor/training/a.ts", to: "src/editor/chat/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/core/chat/a.ts", to: "src/core/training/b.ts" }), false);
  assert.equal(isAllowed({ from: "src/node/training/a.ts", to: "src/core/training/b.ts" }), true);
});
