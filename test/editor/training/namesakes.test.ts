import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeEach, test } from "node:test";
import { resumeSlashCommand } from "../../../src/editor/training/resumeTraining.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { trainingSlashCommands } from "../../../src/editor/training/trainingReplies.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import {
  buildPlan,
  ENDLESS,
  makeWorkspace,
  supervise,
  testReceipt,
  waitForOutput,
  waitForState,
} from "../../support/runFixtures.ts";

beforeEach(resetFake);

/** What an answer begins with that is about this one of the two runs. */
function said(folder: string, which: string): RegExp {
  return new RegExp(`^2 runs are called mnist; this is \`${basename(folder)}\`, ${which}`);
}

test("of two runs of one name each question takes the one that it is about, and says which", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const saved = join(root, "saved");
  mkdirSync(saved);
  writeFileSync(join(root, "mnist.py"), 'import argparse\np = argparse.ArgumentParser()\np.add_argument("--resume")\n');
  const start = (program: string) =>
    createRun(
      root,
      buildPlan(root, ["python3", "-c", program, root], {
        title: "mnist",
        script: join(root, "mnist.py"),
        checkpointFolder: { path: saved, reason: "given" },
      }),
      testReceipt,
      { stopGraceMs: 300 },
    );
  const live = await start(ENDLESS);
  await waitForOutput(supervise("start", live), "ready");
  const failed = await start("raise ValueError('no data')");
  supervise("start", failed);
  await waitForState(failed, "failed");
  writeFileSync(join(saved, "epoch_1.pt"), buildCheckpoint(1, 64));
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  const commands = [
    ...trainingSlashCommands(monitor),
    resumeSlashCommand({
      monitor,
      program: { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" },
      readSeries: () => Promise.resolve([]),
    }),
  ];
  const ask = async (name: string, prompt: string) => {
    const command = commands.find((each) => each.name === name);
    assert.ok(command);
    return (await command.answer({ prompt, references: [] }, new AbortController().signal)).markdown;
  };
  for (const prompt of ["how is mnist going?", "is mnist done?", "loss of mnist", "logs of mnist", "mnist"]) {
    assert.match(await ask("runs", prompt), said(live, "the one that goes on\\. Newer: .* failed"), prompt);
  }
  assert.match(await ask("runs", "has mnist failed?"), said(failed, "the newest"));
  assert.match(
    await ask("diagnose", "why did mnist fail?"),
    said(failed, `the newest\\. \`${basename(live)}\` goes on`),
  );
  assert.match(await ask("resume", "mnist"), said(failed, "the newest"));
  assert.match(await ask("stop", "mnist"), /was asked to stop/);
  await waitForState(live, "stopped");
  // Now the failed one is the older one of those that ended, and still the one that a failure is asked of.
  const later = await start("print('done')");
  supervise("start", later);
  await waitForState(later, "finished");
  assert.match(await ask("runs", "how did mnist go?"), new RegExp(`this is \`${basename(later)}\`, the newest\\.\n`));
  assert.match(await ask("diagnose", "why did mnist fail?"), new RegExp(`this is \`${basename(failed)}\`, started`));
});
