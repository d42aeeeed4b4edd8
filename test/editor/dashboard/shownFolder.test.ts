import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CurvesPanels } from "../../../src/editor/dashboard/curvesPanel.ts";
import { monitorSlashCommand } from "../../../src/editor/dashboard/monitorReply.ts";
import { ShownFolder } from "../../../src/editor/dashboard/shownFolder.ts";
import { openMetrics } from "../../../src/node/metrics/metricsClient.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const WANTED = { maxPoints: 100, smoothing: 0 };

test("a run of a folder is live while it is written, has an id below the folder, and no duration without times", async (context) => {
  using client = openMetrics();
  const folder = temporaryFolder(context);
  await mkdir(join(folder, "first"));
  await writeFile(join(folder, "first", "metrics.csv"), "step,loss\n1,0.5\n2,0.25\n");
  const shown = new ShownFolder(folder, client);
  const { runs, knownRuns, folder: told } = await shown.read(WANTED);
  assert.equal(knownRuns, 1);
  assert.deepEqual([told?.path, told?.isChosen], [folder, false]);
  const [run] = runs;
  assert.deepEqual(
    [run?.id, run?.title, run?.state, run?.endedMs === run?.startedMs],
    ["first", "first", "live", true],
  );
  assert.equal(shown.isDue(), true);
  const curves = await shown.readDetail({ tag: "loss", window: { axis: "steps", from: 1, until: 2 } }, WANTED);
  assert.deepEqual(
    curves.map(({ runId, points }) => [runId, [...points.values]]),
    [["first", [0.5, 0.25]]],
  );
});

test("a reloaded page shows the runs that were chosen, and a folder without values says where they were looked for", async (context) => {
  using client = openMetrics();
  const folder = temporaryFolder(context);
  for (const name of ["a", "b"]) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "metrics.csv"), "step,loss\n1,0.5\n");
  }
  const { runs, folder: told } = await new ShownFolder(folder, client, ["b"]).read(WANTED);
  assert.deepEqual([runs.map(({ id }) => id), told?.isChosen], [["b"], true]);
  const none = await new ShownFolder(temporaryFolder(context), client).read(WANTED);
  assert.match(none.folder?.nothing.join(" ") ?? "", /Looked for TensorBoard event files/);
});

test("/monitor takes a path for a folder of logs, and no word of a sentence", async (context) => {
  const folder = temporaryFolder(context);
  await mkdir(join(folder, "train"));
  await writeFile(join(folder, "train", "metrics.csv"), "step,loss\n1,0.5\n2,0.25\n");
  const source = {
    onDidChange: () => ({ dispose: () => undefined }),
    runs: () => [],
    unreadableRuns: () => [],
    watchedFolders: () => [],
    contentsOf: () => ({ entries: [], writing: [], unreadable: [] }),
  };
  const deps = { source, refresh: () => Promise.resolve(), extensionFolder: "/w", onError: assert.ifError };
  const monitor = monitorSlashCommand(new CurvesPanels(deps));
  const answer = async (prompt: string, path?: string) =>
    (await monitor.answer({ prompt, references: path === undefined ? [] : [{ path }] }, AbortSignal.any([]))).markdown;
  assert.match(await answer(join(folder, "train")), /one run[\s\S]*`loss` 0\.5 → 0\.25 at step 2/);
  assert.match(await answer(`how is "${folder}/train" going`), /`loss` 0\.5 → 0\.25/);
  assert.match(await answer("how is it going", join(folder, "train")), /`loss` 0\.5 → 0\.25/);
  const lone = { ...deps, source: { ...source, runs: () => [buildRun("finished")] } };
  const compared = await monitorSlashCommand(new CurvesPanels(lone)).answer(
    { prompt: "compare the last two runs", references: [] },
    AbortSignal.any([]),
  );
  assert.match(compared.markdown, /^This is the only run of this workspace, so there is none to compare it with yet\./);
  assert.match(await answer("how is train going"), /There are no runs in this workspace yet/);
  const [first, second] = [buildRun("finished"), buildRun("failed")];
  const plan = { ...second.record.plan, title: "mnist" };
  const other = { ...second, record: { ...second.record, id: "20261121-020000-mnist-0001", plan } };
  const pair = { ...deps, source: { ...source, runs: () => [first, other] } };
  const both = await monitorSlashCommand(new CurvesPanels(pair)).answer(
    { prompt: "compare the last two runs", references: [] },
    AbortSignal.any([]),
  );
  const ids = [first.record.id, other.record.id];
  assert.match(both.markdown, /^\*\*digits, started [\s\S]*\n\n\*\*mnist, started /);
  assert.deepEqual(both.buttons, [{ title: "Compare Curves", command: "trainyard.showCurves", arguments: [ids] }]);
  // What failed before it printed a value hides no older run of its name.
  const older = { ...other, state: "finished" as const, record: { ...other.record, id: "20261121-010000-mnist-0002" } };
  const namesakes = new CurvesPanels({ ...deps, source: { ...source, runs: () => [other, older] } });
  assert.equal(await namesakes.findRun("has mnist improved?"), older);
  assert.equal(await namesakes.findRun(other.record.id), other);
});
