import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { resumeSlashCommand, resumeTraining } from "../../../src/editor/training/resumeTraining.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { createRun, listRuns } from "../../../src/node/training/runLedger.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, makeWorkspace, testReceipt } from "../../support/runFixtures.ts";

beforeEach(resetFake);

test("the button of a shown resumption means the run that was shown, and no other that saves there", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const saved = join(root, "saved");
  mkdirSync(saved);
  writeFileSync(join(root, "train.py"), 'import argparse\np = argparse.ArgumentParser()\np.add_argument("--resume")\n');
  writeFileSync(join(saved, "epoch_1.pt"), buildCheckpoint(1, 64));
  const save = async (title: string, started?: "never") => {
    const plan = buildPlan(root, ["python3", join(root, "train.py")], {
      title,
      checkpointFolder: { path: saved, reason: "given" },
    });
    const folder = await createRun(root, plan, testReceipt);
    const { startedAt, ...unstarted } = buildRun("failed").status;
    writeFileSync(
      join(folder, "status.json"),
      JSON.stringify(started === "never" ? unstarted : { ...unstarted, startedAt }),
    );
  };
  await save("earlier");
  await save("later");
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  const deps = {
    monitor,
    program: { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" },
    readSeries: () => Promise.resolve([]),
  };
  const { signal } = new AbortController();
  const request = { prompt: "earlier", references: [] };
  const { buttons = [] } = await resumeSlashCommand(deps).answer(request, signal);
  assert.equal(buttons[0]?.command, "trainyard.resumeTraining");
  const ask = (prompt: string) => resumeSlashCommand(deps).answer({ prompt, references: [] }, signal);
  assert.match(
    (await ask("from the last checkpoint but on the other GPU")).markdown,
    /^> ⚠️ Not understood and left out: `other GPU`\. The run goes on with its own device and arguments\./,
  );
  assert.doesNotMatch((await ask("later where it left off")).markdown, /left out/);
  mkdirSync(join(root, "other run"));
  mkdirSync(join(root, "ckpts"));
  writeFileSync(join(root, "other run", "epoch_7.pt"), buildCheckpoint(7, 64));
  writeFileSync(join(root, "ckpts", "epoch_8.pt"), buildCheckpoint(8, 64));
  for (const [prompt, checkpoint] of [
    ["ckpts", "epoch_8"],
    ["from ckpts, please", "epoch_8"],
    ["from ckpts.", "epoch_8"],
    ["from ckpts and not from model/pretrained_9.pt", "epoch_8"],
    ["instead from ckpts", "epoch_8"],
    ["from ckpts instead of model/pretrained_9.pt", "epoch_8"],
    ["from `ckpts/epoch_8.pt`", "epoch_8"],
    ["other run", "epoch_7"],
  ] as const) {
    const { markdown } = await ask(prompt);
    assert.match(markdown, new RegExp(`^\\*\\*[^\\n]*${checkpoint}\\.pt`, "m"), prompt);
  }
  mkdirSync(join(root, "training"));
  mkdirSync(join(root, "model"));
  writeFileSync(join(root, "model", "pretrained_9.pt"), buildCheckpoint(9, 64));
  for (const prompt of ["the training", "with the best model", "but not from model", "not model/pretrained_9.pt"]) {
    assert.match((await ask(prompt)).markdown, /^[^\n]*epoch_1\.pt/m, prompt);
  }
  await assert.rejects(ask("from ckpts/epoch_9.pt"), /epoch_9\.pt/);
  const held = await ask("later but not yet");
  assert.match(held.markdown, /^Nothing was started, as you asked\./);
  assert.deepEqual(
    held.buttons?.map(({ title }) => title),
    ["Inspect the Folder"],
  );
  await resumeTraining(buttons[0]?.arguments?.[0], deps);
  assert.deepEqual(fake.messages, ["Resume earlier?"]);
  // A newer one of that name that could not be started is not meant, and the newest of all is another one.
  await save("earlier", "never");
  await save("other");
  assert.deepEqual((await ask("resume earlier")).buttons?.[0]?.arguments, buttons[0]?.arguments);
});

test("a run that has finished is trained on for as long as the person says", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const saved = join(root, "saved");
  mkdirSync(saved);
  const script =
    'import argparse\np = argparse.ArgumentParser()\np.add_argument("--resume")\np.add_argument("--epochs", default=2)\n';
  writeFileSync(join(root, "train.py"), script);
  writeFileSync(join(saved, "epoch_2.pt"), buildCheckpoint(2, 64));
  const plan = buildPlan(root, ["python3", join(root, "train.py")], {
    checkpointFolder: { path: saved, reason: "given" },
  });
  const folder = await createRun(root, plan, testReceipt);
  writeFileSync(join(folder, "status.json"), JSON.stringify(buildRun("finished").status));
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  const deps = {
    monitor,
    program: { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" },
    readSeries: () => Promise.resolve([]),
  };
  await monitor.refresh();
  fake.messageAnswers.set("Resume demo?", "Train On…");
  fake.inputBox = (value) => (value === "4" ? "7" : undefined);
  await resumeTraining({ run: monitor.known.runs[0] }, deps);
  assert.match(fake.messageDetails[0] ?? "", /all 2 epochs are done/);
  const { runs } = await listRuns(root);
  assert.deepEqual(runs[0]?.record.plan.command.slice(2), ["--resume", "saved/epoch_2.pt", "--epochs", "7"]);
});
