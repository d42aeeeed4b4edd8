import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sampleFolder } from "../scripts/paths.mjs";
import { temporaryFolder } from "./support/temporaryFolder.ts";
import { copySample, SAMPLE_FILES } from "./support/workspaces.ts";

test("a copy of the sample holds its own files, and nothing that a person left there", async (context) => {
  const used = temporaryFolder(context);
  await Promise.all([...SAMPLE_FILES, "hand_flow.py"].map((name) => writeFile(join(used, name), "")));
  const copied = await readdir(await copySample(temporaryFolder(context), used));
  assert.deepEqual(copied.filter((name) => name !== ".venv").toSorted(), [...SAMPLE_FILES].toSorted());
});

test("the files of the sample are those that git tracks", (context) => {
  const { status, stdout } = spawnSync("git", ["ls-files"], { cwd: sampleFolder, encoding: "utf8" });
  if (status !== 0) {
    context.skip("no git repository");
    return;
  }
  assert.deepEqual(stdout.trim().split("\n").toSorted(), [...SAMPLE_FILES].toSorted());
});
