import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Reading } from "../../../src/core/knowledge/manifests/reading.ts";
import { FactIndex } from "../../../src/node/knowledge/factIndex.ts";
import { FactsClient } from "../../../src/node/knowledge/factsClient.ts";
import { type ReadFiles, sharedReading } from "../../../src/node/knowledge/readFiles.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

/** Says of each file its path, and remembers what it was asked for. */
function reader(): ReadFiles & { asked: string[] } {
  const asked: string[] = [];
  const read: ReadFiles = async (paths) => {
    asked.push(...paths);
    return paths.map((path) => (path.endsWith("0") ? null : readingOf(path)));
  };
  return Object.assign(read, { asked });
}

function readingOf(path: string): Reading {
  return { statements: [{ kind: "import", module: path, line: 0 }], problems: [] };
}

const paths = Array.from({ length: 5_000 }, (_, index) => `file_${index}`);

test("shares the files of a large workspace, each read once, and keeps their order", async () => {
  const here = reader();
  const helper = reader();
  const readings = await sharedReading(here, async (chunk) => {
    // As answers of another thread do, it comes with a turn of the event loop.
    await setImmediate();
    return await helper(chunk);
  })(paths);
  assert.deepEqual(
    readings,
    paths.map((path) => (path.endsWith("0") ? null : readingOf(path))),
  );
  assert.ok(here.asked.length > 500 && helper.asked.length > 500, "both threads read more than their first files");
  assert.deepEqual([...here.asked, ...helper.asked].toSorted(), paths.toSorted());
});

test("does not wake a helper for a few files", async () => {
  const helper = reader();
  await sharedReading(reader(), helper)(paths.slice(0, 1_999));
  assert.deepEqual(helper.asked, []);
});

test("goes on alone while the helper has yet to start", async () => {
  const here = reader();
  const slow = reader();
  const readings = await sharedReading(here, async (chunk) => {
    while (here.asked.length < 4_500) {
      await setImmediate();
    }
    return await slow(chunk);
  })(paths);
  assert.equal(readings.length, paths.length);
  assert.equal(slow.asked.length, 500, "only the chunks that it took first wait for it");
});

test("a helper that fails fails the scan instead of leaving files out", async () => {
  const failing = sharedReading(reader(), () => Promise.reject(new Error("gone")));
  await assert.rejects(failing(paths), /gone/);
});

const MANIFESTS: Record<string, string> = {
  "requirements.txt":
    'torch>=2.4 ; sys_platform == "linux" and (python_version > "3.9" or extra == "x")\n-r more.txt\n!!\n',
  "pyproject.toml": '[project]\nname = "x"\ndependencies = ["numpy @ https://example.org/n.whl"]\n',
  "setup.py": 'from setuptools import setup\nsetup(install_requires=["pandas>=1"])\n',
  "environment.yml": "dependencies:\n  - python=3.11\n  - pip:\n      - metaflow>=2.19\n",
  Makefile: "train:\n\tpython train.py --epochs 3\n",
};

test("two threads know the same as one", async () => {
  await using workspace = await scriptWorkspace("mnist");
  for (let index = 0; index < 450; index++) {
    for (const [name, text] of Object.entries(MANIFESTS)) {
      await workspace.write(`package_${index}/${name}`, text);
    }
  }
  using client = new FactsClient(workspace.folder);
  const index = new FactIndex(workspace.folder);
  await index.scan();
  const { facts, filesRead } = await client.ask();
  assert.deepEqual(facts, index.facts({}));
  assert.equal(filesRead, index.filesRead);
});
