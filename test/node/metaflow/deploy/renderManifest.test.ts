import assert from "node:assert/strict";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openLoopbackStore } from "../../../../src/node/metaflow/deploy/loopbackStore.ts";
import { renderManifest } from "../../../../src/node/metaflow/deploy/renderManifest.ts";
import { repositoryRoot, samplePython, temporaryFolder } from "../../../support/python.ts";

test("the store takes objects, knows them, and is gone afterwards", async () => {
  const store = await openLoopbackStore();
  const url = `${store.url}/bucket/data/ab`;
  assert.equal((await fetch(url, { method: "HEAD" })).status, 404);
  assert.equal((await fetch(url, { method: "PUT", body: "x".repeat(100_000) })).status, 200);
  const head = await fetch(url, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "100000"]);
  assert.equal((await fetch(url)).status, 404);
  assert.match(await (await fetch(`${store.url}/bucket?list-type=2&prefix=data`)).text(), /<KeyCount>0/);
  assert.match(await (await fetch(`${url}?uploads`, { method: "POST" })).text(), /<UploadId>1/);
  assert.equal((await fetch(url, { method: "DELETE" })).status, 405);
  await store[Symbol.asyncDispose]();
  await assert.rejects(fetch(url, { method: "HEAD" }));
});

test("Metaflow without the package for Kubernetes is a sentence that names it, and leaves nothing behind", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "flow.py");
  await copyFile(join(repositoryRoot, "examples/digits/flow.py"), file);
  await assert.rejects(renderManifest({ python: samplePython(), file, options: [], environment: process.env }), {
    name: "UserError",
    message: /Python package kubernetes, which .* does not have\. Install it with/,
  });
  assert.deepEqual(await readdir(folder.path), ["flow.py"]);
});
