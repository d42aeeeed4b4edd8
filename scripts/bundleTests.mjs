// Bundles what runs inside a real VS Code for tests: the integration suites and the test-only extensions.
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { nodeBundle } from "./nodeBundle.mjs";
import { root } from "./paths.mjs";

const TEST_EXTENSIONS = ["scriptedModel", "commandDoor"];

/** @type {import("esbuild").BuildOptions} */
const options = {
  ...nodeBundle,
  absWorkingDir: root,
  target: "node22",
  external: ["vscode", "mocha"],
  sourcemap: "inline",
  logLevel: "warning",
};

/** Writes out/integration and out/testExtensions. */
export async function bundleTests() {
  await rm(join(root, "out", "integration"), { recursive: true, force: true });
  const suites = (await readdir(join(root, "test", "integration"))).filter((name) => name.endsWith(".test.ts"));
  await esbuild.build({
    ...options,
    entryPoints: ["test/integration/support/suite.ts", ...suites.map((name) => `test/integration/${name}`)],
    outdir: "out/integration",
    outbase: "test/integration",
    splitting: true,
    outExtension: { ".js": ".mjs" },
  });
  for (const name of TEST_EXTENSIONS) {
    const folder = join(root, "out", "testExtensions", name);
    await mkdir(folder, { recursive: true });
    await esbuild.build({
      ...options,
      entryPoints: [`test/support/${name}/extension.ts`],
      outfile: join(folder, "extension.js"),
    });
    await cp(join(root, "test", "support", name, "package.json"), join(folder, "package.json"));
  }
}

if (process.argv[1] === import.meta.filename) {
  await bundleTests();
}
