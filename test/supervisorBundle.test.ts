import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["src/supervisor.ts"],
  outdir: "out/supervisorBundle",
  bundle: true,
  write: false,
  metafile: true,
  minify: true,
  format: "esm",
  platform: "node",
  logLevel: "silent",
});

test("the process beside every training loads neither OpenSSL nor the large half of zod, megabytes each", () => {
  const own = Object.entries(metafile.inputs).filter(([file]) => file.startsWith("src/"));
  const imports = own.flatMap(([from, { imports: taken }]) => taken.map(({ original }) => ({ from, original })));
  const importsOf = (...names: string[]) => imports.filter(({ original }) => names.some((name) => name === original));
  assert.notDeepEqual(importsOf("zod/mini"), []);
  assert.deepEqual(importsOf("node:crypto", "node:perf_hooks", "zod"), []);
});

test("its code is kept as one byte a letter, which a single letter beyond Latin-1 would double", () => {
  assert.deepEqual(
    outputFiles.map(({ text }) => text.match(/[\u0100-\uffff]/g)),
    [null],
  );
});
