import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Frame, Page } from "playwright-core";
import { root } from "../../../scripts/paths.mjs";
import type { RunStatus } from "../../../src/core/training/runRecord.ts";
import { findTensorBoard } from "../../../src/node/metrics/tensorBoard.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { waitFor } from "../../support/poll.ts";
import { buildPlan, testReceipt } from "../../support/runFixtures.ts";
import { curvesFrame } from "../support/curves.ts";
import { journey } from "../support/journey.ts";
import { acceptSaveDialog, runCommand } from "../support/quickInput.ts";
import { clearNotifications, waitForNotification } from "../support/workbench.ts";

const FIXTURES = join(root, "test", "fixtures", "metrics");
/** TensorBoard is a large program to start on a busy machine. */
const START_MS = 90_000;

/** Leaves a run that ended a moment ago and logged what Lightning once did. */
async function leaveFinishedRun(workspace: string): Promise<string> {
  const logFolder = join(workspace, "logs");
  const plan = buildPlan(workspace, [join(workspace, ".venv", "bin", "python"), "train.py"], {
    title: "digits",
    logFolder: { path: logFolder, reason: "given by the test" },
  });
  const folder = await createRun(workspace, plan, testReceipt);
  await cp(join(FIXTURES, "lightning", "events"), logFolder, { recursive: true });
  const startedAt = new Date(Date.now() - 60_000).toISOString();
  const endedAt = new Date().toISOString();
  const ended = { startedAt, endedAt, heartbeatAt: endedAt, exitCode: 0 };
  await writeFile(join(folder, "train.log"), "");
  await writeFile(
    join(folder, "status.json"),
    JSON.stringify({ schemaVersion: 1, state: "finished", ...ended } satisfies RunStatus),
  );
  return logFolder;
}

/** The values that Lightning logged, as TensorBoard's own reader gives them. */
async function ownedValues(): Promise<Record<string, [step: number, value: number][]>> {
  const owned = JSON.parse(await readFile(join(FIXTURES, "expectedOfTrainings.json"), "utf8"));
  return owned.lightning.runs.events;
}

async function choose(frame: Frame, entry: string): Promise<void> {
  await frame.getByRole("button", { name: "Export…" }).click();
  await frame.getByRole("menuitem", { name: entry }).click();
}

async function save(page: Page, frame: Frame, entry: string): Promise<string> {
  await choose(frame, entry);
  const path = await acceptSaveDialog(page);
  await waitForNotification(page, `Wrote ${basename(path)}`);
  await clearNotifications(page);
  return path;
}

journey(
  import.meta.url,
  "the curves of a run that has ended are saved as values and pictures, and open in the real TensorBoard",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    const logFolder = await leaveFinishedRun(workspace);
    await runCommand(page, "Trainyard: Show Curves");
    const frame = await curvesFrame(page);
    await frame.getByRole("img", { name: /train_loss of digits/ }).waitFor();
    await shot("curves");

    const values = await ownedValues();
    const rows = (await readFile(await save(page, frame, "CSV of All Values…"), "utf8")).trim().split("\n");
    assert.equal(rows.shift(), "run,metric,step,time,value");
    const cells = rows.map((row) => row.split(","));
    for (const [tag, points] of Object.entries(values)) {
      const found = cells
        .filter(([, metric]) => metric === tag)
        .map(([, , step, , value]) => [step, value].map(Number));
      assert.deepEqual(found, points, tag);
    }
    const png = await readFile(await save(page, frame, "PNG of the Charts in Sight…"));
    assert.equal(png.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
    const svg = await readFile(await save(page, frame, "SVG of the Charts in Sight…"), "utf8");
    assert.match(svg, /^<svg [\s\S]*train_loss[\s\S]*<\/svg>\s*$/);

    await choose(frame, "Open in TensorBoard");
    const url = await waitFor("TensorBoard to show the folder", () => findTensorBoard(logFolder), START_MS);
    const toast = await waitForNotification(page, /TensorBoard shows logs at http/, START_MS);
    await shot("tensorboard");
    const tags = await waitFor("the curves in TensorBoard", async () => {
      const known: object = await (await fetch(`${url}data/plugin/scalars/tags`)).json();
      return Object.keys(Object.values(known)[0] ?? {}).length > 0 && known;
    });
    assert.deepEqual(Object.keys(Object.values(tags)[0]).toSorted(), Object.keys(values).toSorted());
    await toast.getByRole("button", { name: "Stop" }).click();
    await waitFor("TensorBoard to end", async () => (await findTensorBoard(logFolder)) === undefined);
  },
);
