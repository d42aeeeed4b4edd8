import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { nodeBundle } from "./scripts/nodeBundle.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const isWatching = process.argv.includes("--watch");

/**
 * One build with code splitting: the entry of the extension stays small, and what `import()` names is a
 * chunk that loads on first use. Source maps stay out of the package (.vscodeignore).
 */
const options = {
  ...nodeBundle,
  absWorkingDir: root,
  entryPoints: {
    extension: "src/extension.ts",
    cli: "src/cli.ts",
    pythonWorker: "src/pythonWorker.ts",
    factsWorker: "src/node/knowledge/factsWorker.ts",
    readingWorker: "src/node/knowledge/readingWorker.ts",
    flowsWorker: "src/node/metaflow/flowsWorker.ts",
    metricsWorker: "src/node/metrics/metricsWorker.ts",
    checkpointWorker: "src/node/checkpoints/checkpointWorker.ts",
  },
  outdir: "dist",
  splitting: true,
  target: "node20",
  external: ["vscode"],
  minify: !isWatching,
  keepNames: true,
  sourcemap: true,
  metafile: true,
  logLevel: "info",
};

/**
 * The supervisor stands alone: it lives beside every training for days, and shared chunks would bring along what others
 * need of a package. The names of its functions would take memory as long.
 */
const supervisor = { ...options, entryPoints: { supervisor: "src/supervisor.ts" }, splitting: false, keepNames: false };

/** tree-sitter reads its wasm as files beside the bundle. */
async function copyWasm() {
  await mkdir("dist", { recursive: true });
  await cp("node_modules/web-tree-sitter/web-tree-sitter.wasm", "dist/web-tree-sitter.wasm");
  await cp("node_modules/tree-sitter-python/tree-sitter-python.wasm", "dist/tree-sitter-python.wasm");
}

/** The panel of curves loads uPlot as it is published. */
async function copyChartLibrary() {
  await cp("node_modules/uplot/dist/uPlot.iife.min.js", "dist/uPlot.js");
  await cp("node_modules/uplot/dist/uPlot.min.css", "dist/uPlot.css");
}

process.chdir(root);
if (isWatching) {
  await copyWasm();
  await copyChartLibrary();
  for (const each of [options, supervisor]) {
    await (await esbuild.context(each)).watch();
  }
} else {
  await rm("dist", { recursive: true, force: true });
  await copyWasm();
  await copyChartLibrary();
  await esbuild.build(options);
  await esbuild.build(supervisor);
}
