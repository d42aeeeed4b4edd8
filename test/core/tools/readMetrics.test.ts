import assert from "node:assert/strict";
import { test } from "node:test";
import { type MetricsPorts, readMetricsTool } from "../../../src/core/tools/readMetrics.ts";

const signal = new AbortController().signal;
const loss = { tag: "loss", count: 2, first: 1, last: 0.5, lastStep: 20, trend: "too short to tell" } as const;
const logged = { name: "version_0", source: "version_0/metrics.csv", parameters: { lr: "0.1" } };

function readOf(ports: Partial<MetricsPorts>) {
  const tool = readMetricsTool({
    listRuns: async () => [],
    readSummaries: () => Promise.reject(new Error("There is no run.")),
    locate: async (path) => ({ path: `/w/${path}`, kind: "folder", isInWorkspace: !path.startsWith("..") }),
    readFolder: async () => ({ runs: [], known: [], problems: ["a.csv: It is torn."], lookedFor: "Looked for logs." }),
    ...ports,
  });
  return (path: string) => tool.run({ path }, signal);
}

test("a path gives the runs of its logs with their hyper-parameters, and says how many more there are", async () => {
  const read: string[] = [];
  const readFolder: MetricsPorts["readFolder"] = async (path) => {
    read.push(path);
    return { runs: [{ ...logged, series: [{ summary: loss }] }], known: [1, 2, 3], problems: [], lookedFor: "" };
  };
  const { text, data } = await readOf({ readFolder })("lightning_logs");
  assert.deepEqual(read, ["/w/lightning_logs"]);
  assert.match(
    text,
    /^version_0, read from version_0\/metrics\.csv\nlr=0\.1\n.*loss.*1 → 0\.5 at step 20[^]*2 more are in/,
  );
  assert.deepEqual(data, [{ name: "version_0", parameters: { lr: "0.1" }, summaries: [loss] }]);
});

const findNothing: MetricsPorts["locate"] = async (path) => ({ path, kind: "missing", isInWorkspace: true });

test("a path without values, outside of the workspace or that is not there says so, and what to do", async () => {
  assert.equal((await readOf({})("logs")).text, "There are no values in logs. a.csv: It is torn. Looked for logs.");
  await assert.rejects(readOf({})("../other"), /lies outside the workspace.*Show Curves of a Folder/);
  await assert.rejects(readOf({ locate: findNothing })("losg"), /There is no file or folder losg\. Check the path/);
});
