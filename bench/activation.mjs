// Prints how long `activate` takes in the real host, loading included, and how many bytes the extension's entry loads
// before anything is used. node bench/activation.mjs [rounds]
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pinnedNode, root } from "../scripts/paths.mjs";
import { STEPS, setUp } from "../scripts/setup.mjs";

await setUp(STEPS.test);
await printEntrySize();
process.exitCode = await runPinned("scripts/bundleTests.mjs");
if (process.exitCode === 0) {
  process.exitCode = await runPinned("bench/activationInHost.ts", process.argv[2] ?? "5");
}

/** What is reached from the entry by static imports; chunks behind `import()` load later. */
async function printEntrySize() {
  const { build } = await import("esbuild");
  const entry = "dist/extension.js";
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    external: ["vscode"],
    outdir: "out/bench",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const reached = new Set([entry]);
  for (const file of reached) {
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) {
        reached.add(path);
      }
    }
  }
  const sizes = [...reached].map((file) => statSync(resolve(root, file)).size);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  process.stdout.write(`\nentry: ${bytes} bytes in ${reached.size} files loaded at activation (${dirname(entry)}/)\n`);
}

/**
 * @param {string} script
 * @param {...string} parameters
 * @returns {Promise<number>}
 */
function runPinned(script, ...parameters) {
  return new Promise((done) => {
    const child = spawn(pinnedNode, [join(root, script), ...parameters], { cwd: root, stdio: "inherit" });
    child.once("error", () => done(1));
    child.once("exit", (code) => done(code ?? 1));
  });
}
