import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { formatLocalTime } from "../../../src/core/base/localTime.ts";
import type { FolderContents } from "../../../src/core/checkpoints/folderContents.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { registerRunsView } from "../../../src/editor/dashboard/runsView.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { ThemeIcon, type TreeItem } from "../../support/fakeVscodeTypes.ts";
import { buildRun } from "../../support/runBuilder.ts";

beforeEach(resetFake);

const FOLDER = "/home/ada/checkpoints";
const STARTED_MS = Date.parse("2026-11-21T03:00:00.000Z");

function withFolder(run: Run): Run {
  const plan = { ...run.record.plan, checkpointFolder: { path: FOLDER, reason: "given" } };
  return { ...run, record: { ...run.record, plan } };
}

/** The rows of the only run: what stands for it, then what is below it. */
async function draw(
  run: Run,
  contents: Partial<FolderContents>,
): Promise<{ row: TreeItem; below: string[]; said: string[] }> {
  registerRunsView({
    onDidChange: () => ({ dispose: () => undefined }),
    runs: () => [withFolder(run)],
    unreadableRuns: () => [],
    watchedFolders: () => [],
    contentsOf: () => ({ entries: [], writing: [], unreadable: [], ...contents }),
  });
  const provider = fake.treeProviders.get("trainyard.runs");
  assert.ok(provider);
  const [root] = await Promise.resolve(provider.getChildren());
  const row = await provider.getTreeItem(root);
  const items: TreeItem[] = [];
  for (const node of await Promise.resolve(provider.getChildren(root))) {
    items.push(await provider.getTreeItem(node));
  }
  return {
    row,
    below: items.map(({ label, description }) => (description === undefined ? label : `${label}: ${description}`)),
    said: [row, ...items].map(({ label, accessibilityInformation }) => accessibilityInformation?.label ?? label),
  };
}

test("a checkpoint in a folder that the run made for itself says so", async () => {
  const entries = [entryOf("run-2/last.pt", STARTED_MS + 1_000), entryOf("first.pt", STARTED_MS + 500)].map(
    (entry) => ({
      ...entry,
      summary: { ...entry.summary, name: entry.path.slice(entry.path.lastIndexOf("/") + 1) },
    }),
  );
  const { below } = await draw(buildRun("running"), { entries });
  assert.deepEqual(below, ["last.pt: run-2 · 1.0 kB · whole", "first.pt: 1.0 kB · whole"]);
});

test("of several checkpoints the best is marked, and each says first what it reached", async () => {
  const entries = [2, 1].map((epoch) => {
    const entry = entryOf(`epoch_${epoch}.pt`, STARTED_MS + epoch);
    return { ...entry, summary: { ...entry.summary, epoch, metrics: { val_acc: epoch / 10 } } };
  });
  const { below } = await draw(buildRun("running"), { entries });
  assert.deepEqual(below, [
    "epoch_2.pt: best · val_acc 0.2 · epoch 2 · 1.0 kB · whole",
    "epoch_1.pt: val_acc 0.1 · epoch 1 · 1.0 kB · whole",
  ]);
});

test("a folder that is gone is told beside what it held, but not before a run has made it", async () => {
  const problem = "The checkpoint folder does not exist.";
  const held = { entries: [entryOf("a.pt", STARTED_MS + 500)], problem };
  assert.deepEqual((await draw(buildRun("running"), held)).below, [problem, "a.pt: 1.0 kB · whole"]);
  assert.deepEqual((await draw(buildRun("running"), { problem })).below, ["No checkpoints yet"]);
  assert.deepEqual((await draw(buildRun("lost"), { problem })).below, [problem]);
});

test("a checkpoint that cannot be read is a row with the reason", async () => {
  const unreadable = [{ path: "/w/runs/b.pt", reason: "It may not be read with your permissions." }];
  const { below } = await draw(buildRun("running"), { unreadable });
  assert.deepEqual(below, ["b.pt: It may not be read with your permissions."]);
});

test("a run offers a stop as long as something of it lives", async () => {
  const kinds = await Promise.all(
    (["running", "orphaned", "lost", "finished"] as const).map(async (state) => {
      const { row } = await draw(buildRun(state), {});
      return `${state} ${row.contextValue}`;
    }),
  );
  assert.deepEqual(kinds, ["running run.live", "orphaned run.live", "lost run.failed", "finished run.ended"]);
});

test("a run whose loss is no number has no sign of success", async () => {
  const diagnosis = {
    cause: "nan-loss" as const,
    title: "Loss is not a number",
    evidence: [],
    advice: "Lower the rate.",
  };
  const icons = await Promise.all(
    [buildRun("finished"), buildRun("finished", { diagnosis })].map(async (run) => (await draw(run, {})).row.iconPath),
  );
  assert.deepEqual(
    icons.map((icon) => (icon instanceof ThemeIcon ? icon.id : undefined)),
    ["pass", "warning"],
  );
});

test("a row says in local time when its run started", async () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "Asia/Kolkata";
  const { row } = await draw(buildRun("running"), {});
  const { row: ended } = await draw(buildRun("finished", { endedAt: "2026-11-21T03:30:00.000Z" }), {});
  process.env["TZ"] = zone ?? "UTC";
  assert.match(row.tooltip ?? "", /started (?:2026-11-21 )?08:30$/);
  assert.equal(row.description, "running");
  assert.match(String(ended.description), /^finished in 30 min · (?:2026-11-21|(?:11-21 )?08:30)$/);
});

test("a screen reader says names and states, each once, and no paths", async () => {
  const started = formatLocalTime(buildRun("running").record.createdAt, new Date());
  const { said } = await draw(buildRun("running"), { entries: [entryOf("a.pt", STARTED_MS + 500)] });
  assert.deepEqual(said, [`Run digits, running, started ${started}`, "Checkpoint a.pt, 1.0 kB · whole"]);
});
