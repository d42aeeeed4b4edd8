import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { lookForMetricFiles } from "../../../src/node/metrics/metricFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

function writeLogs(root: string, paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), "step,loss\n1,0.5\n");
  }
}

async function pathsIn(folder: string): Promise<string[]> {
  return (await lookForMetricFiles(folder)).files.map(({ path }) => relative(folder, path));
}

test("a link to one run hides none beside it", async (context) => {
  const root = temporaryFolder(context);
  writeLogs(root, ["disk/runs/second/metrics.csv", "disk/runs/third/metrics.csv"]);
  mkdirSync(join(root, "logs"));
  symlinkSync(join(root, "disk", "runs", "third"), join(root, "disk", "runs", "latest"));
  symlinkSync(join(root, "disk", "runs", "second"), join(root, "logs", "a_one"));
  symlinkSync(join(root, "disk", "runs"), join(root, "logs", "z_all"));
  assert.deepEqual(await pathsIn(join(root, "logs")), ["a_one/metrics.csv", "z_all/third/metrics.csv"]);
});

test("a log with two links, or beside a link to it, is one run", async (context) => {
  const root = temporaryFolder(context);
  writeLogs(root, ["disk/own.csv", "logs/notes.txt"]);
  symlinkSync(join(root, "disk", "own.csv"), join(root, "logs", "run_1.csv"));
  symlinkSync(join(root, "disk", "own.csv"), join(root, "logs", "latest.csv"));
  assert.deepEqual(await pathsIn(join(root, "logs")), ["latest.csv"]);
  symlinkSync(join(root, "disk"), join(root, "logs", "whole"));
  assert.deepEqual(await pathsIn(join(root, "logs")), ["whole/own.csv"]);
});

test("of a data set of links no picture is followed, and of others a bounded number, which is said", async (context) => {
  const root = temporaryFolder(context);
  writeLogs(root, ["disk/1/metrics.csv", "logs/pictures/a.txt", "logs/samples/a.txt"]);
  for (let index = 0; index < 1_200; index++) {
    symlinkSync(join(root, "disk", "1"), join(root, "logs", "pictures", `${index}.JPEG`));
    symlinkSync(join(root, "disk", "none"), join(root, "logs", "samples", `${index}`));
  }
  const { files, unseen } = await lookForMetricFiles(join(root, "logs"));
  assert.deepEqual({ files, unseen }, { files: [], unseen: [join(root, "logs", "samples")] });
});
