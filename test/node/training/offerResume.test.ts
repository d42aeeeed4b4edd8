import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { renderResumeMarkdown, renderResumeText } from "../../../src/core/training/resume/resumeOffer.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { folderLister, listCheckpointFolder } from "../../../src/node/checkpoints/listCheckpointFolder.ts";
import { lookBeside } from "../../../src/node/checkpoints/lookBeside.ts";
import { placeOf } from "../../../src/node/checkpoints/resumePoint.ts";
import { readRunCurves } from "../../../src/node/metrics/logsOfRun.ts";
import { offerResume, type ResumeRequest, type ResumeSources } from "../../../src/node/training/offerResume.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, cliPath, makeWorkspace, spawnNode, testReceipt } from "../../support/runFixtures.ts";

const STARTED = Date.parse("2026-11-21T03:00:00.000Z");
const SCRIPT = 'import argparse\np = argparse.ArgumentParser()\np.add_argument("--resume")\np.parse_args()\n';

/** A training that saved each minute, the last one torn, with the losses it printed at the same times. */
async function workspace(
  context: TestContext,
  losses: readonly (number | string)[],
): Promise<{ root: string; run: Run }> {
  const root = await makeWorkspace(context);
  const saved = join(root, "saved");
  mkdirSync(saved);
  writeFileSync(join(root, "train.py"), SCRIPT);
  losses.forEach((_, index) => {
    const path = join(saved, `epoch_${index + 1}.pt`);
    writeFileSync(path, buildCheckpoint(index + 1, 64));
    if (index === losses.length - 1) {
      truncateSync(path, 200);
    }
    const seconds = STARTED / 1000 + 60 * (index + 1);
    utimesSync(path, seconds, seconds);
  });
  const plan = buildPlan(root, ["python3", join(root, "train.py"), "--lr", "1"], {
    checkpointFolder: { path: saved, reason: "given" },
  });
  const folder = await createRun(root, plan, testReceipt);
  const lines = losses.map(
    (loss, index) => `${new Date(STARTED + 60_000 * (index + 1)).toISOString()} epoch ${index + 1} loss ${loss}\n`,
  );
  writeFileSync(join(folder, "train.log"), lines.join(""));
  const { record, ...rest } = buildRun("failed");
  return { root, run: { ...rest, folder, record: { ...record, plan } } };
}

const sources: ResumeSources = {
  listFolder: folderLister(),
  readCurves: readRunCurves,
  lookBeside,
};

async function check(request: ResumeRequest, expected: { from: string; passed: readonly RegExp[] }): Promise<void> {
  const { checkpoint, passedOver, proposal } = await offerResume(request, sources);
  assert.equal(checkpoint.summary.name, expected.from);
  assert.equal(passedOver.length, expected.passed.length);
  expected.passed.forEach((pattern, index) => assert.match(passedOver[index]?.reason ?? "", pattern));
  assert.ok(proposal.kind === "command");
  assert.deepEqual(proposal.plan.command.slice(2), ["--lr", "1", "--resume", `saved/${expected.from}`]);
}

test("goes on from before the loss became NaN in the log of the run, past torn ones", async (context) => {
  const { run } = await workspace(context, [0.5, 0.4, "nan", "nan", "nan"]);
  const { plan } = run.record;
  const after = /^saved after loss became NaN at step 3$/;
  await check({ plan, run }, { from: "epoch_2.pt", passed: [/^torn: /, after, after] });
  await check({ plan }, { from: "epoch_4.pt", passed: [/^torn: /] });
});

/** A run of that training that goes on. */
function goesOn({ record, status: { startedAt, ...unstarted } }: Run, hasStarted = true): Run {
  const status = {
    ...unstarted,
    state: "running",
    ...(hasStarted && startedAt !== undefined && { startedAt }),
  } as const;
  return { state: "running", status, folder: "/other", record: { ...record, id: "20261121-025900-demo-live" } };
}

test("a run that goes on and saves to the same folder is named before another one writes there", async (context) => {
  const { run } = await workspace(context, [0.5, 0.4]);
  const { plan } = run.record;
  const notesBeside = async (other: Run) => (await offerResume({ plan, run, known: [run, other] }, sources)).notes;
  assert.match(
    (await notesBeside(goesOn(run)))[0] ?? "",
    /^demo \(run 20261121-025900-demo-live\) goes on and saves to/,
  );
  assert.deepEqual(await notesBeside(goesOn(run, false)), [], "it waits and has written nothing");
  assert.deepEqual((await offerResume({ plan, run, known: [run] }, sources)).notes, []);
});

const LONG = SCRIPT.replace("p.parse_args", 'p.add_argument("--epochs", type=int, default=3)\np.parse_args');

test("a run that did all of its epochs is not resumed with a command that ends at once", async (context) => {
  const { root, run } = await workspace(context, [0.5, 0.4, 0.3, 0.2]);
  writeFileSync(join(root, "train.py"), LONG);
  const { plan } = run.record;
  const offer = await offerResume({ plan, run: { ...run, state: "finished" } }, sources);
  assert.deepEqual(offer.completed, { unit: "epochs", done: 3, flag: "--epochs", shown: 6 });
  assert.match(
    renderResumeText(offer),
    /--resume saved\/epoch_3\.pt --epochs 6\n\ndemo has finished: all 3 epochs are done, so the same command would end at once\. To train on, raise --epochs above 3; 6 is an example\.\n/,
  );
  assert.match(renderResumeMarkdown(offer).replaceAll("\\", ""), /all 3 epochs are done/);
  const longer = await offerResume({ plan, run: { ...run, state: "finished" }, length: 5 }, sources);
  assert.ok(longer.proposal.kind === "command");
  assert.deepEqual(longer.proposal.plan.command.slice(-2), ["--epochs", "5"]);
  assert.equal((await offerResume({ plan, run }, sources)).completed, undefined, "it failed before its end");
  const first = await placeOf(join(root, "saved/epoch_1.pt"));
  assert.equal(
    (await offerResume({ plan, run: { ...run, state: "finished" }, ...first }, sources)).completed,
    undefined,
  );
});

test("of a script that cannot be read it is not said that it takes no argument", async (context) => {
  const { root, run } = await workspace(context, [0.5, 0.4]);
  rmSync(join(root, "train.py"));
  const offer = await offerResume({ plan: run.record.plan }, sources);
  const expected = /^demo cannot be read, so it is not known which argument loads a checkpoint\. If there is one, /;
  assert.match(renderResumeText(offer), expected);
});

test("names a checkpoint of a higher step that is older by its time, as a copy may be", async (context) => {
  const { root, run } = await workspace(context, []);
  for (const [step, seconds] of [
    [20, 2_000],
    [60, 1_000],
  ] as const) {
    const saved = join(root, "saved", `checkpoint-${step}`);
    cpSync("test/fixtures/checkpoints/checkpoint-40", saved, { recursive: true });
    writeFileSync(join(saved, "trainer_state.json"), JSON.stringify({ global_step: step }));
    utimesSync(join(saved, "trainer_state.json"), seconds, seconds);
  }
  const offer = await offerResume({ plan: run.record.plan }, sources);
  assert.equal(offer.checkpoint.summary.name, "checkpoint-20");
  const warning = /checkpoint-60 is of a higher step \(60\) than checkpoint-20 \(20\), but older/;
  assert.match(renderResumeText(offer), warning);
  assert.match(renderResumeMarkdown(offer).replaceAll("\\", ""), warning);
});

test("names what was saved with it, and a higher epoch of before a restart that needed no reading", async (context) => {
  const { root, run } = await workspace(context, []);
  const save = (name: string, epoch: number, seconds: number) => {
    const path = join(root, "saved", name);
    writeFileSync(path, buildCheckpoint(epoch, 64));
    utimesSync(path, seconds, seconds);
  };
  for (let epoch = 1; epoch <= 30; epoch++) {
    save(`G_epoch_${epoch}.pt`, epoch, (epoch <= 12 ? 2_000 : 1_000) + epoch);
  }
  save("D_epoch_12.pt", 12, 2_011);
  const offer = await offerResume({ plan: run.record.plan }, sources);
  assert.equal(offer.checkpoint.summary.name, "G_epoch_12.pt");
  for (const text of [renderResumeText(offer), renderResumeMarkdown(offer).replaceAll("\\", "")]) {
    assert.match(text, /G_epoch_30\.pt is of a higher epoch \(30\) than G_epoch_12\.pt \(12\), but older/);
    assert.match(text, /D_epoch_12\.pt beside it bears the same number as G_epoch_12\.pt/);
  }
});

test("leaves what a later run saved to the same folder to that run", async (context) => {
  const { run } = await workspace(context, [0.5, 0.4, 0.3, 0.2]);
  const { plan } = run.record;
  const first = { ...run, status: { ...run.status, endedAt: new Date(STARTED + 119_000).toISOString() } };
  const second = { ...run, status: { ...run.status, startedAt: new Date(STARTED + 170_000).toISOString() } };
  await check({ plan, run: first }, { from: "epoch_2.pt", passed: [] });
  await check({ plan, run: second }, { from: "epoch_3.pt", passed: [/^torn: /] });
});

test("takes the one that was pointed at, and refuses it with the one to take where it is torn", async (context) => {
  const { root, run } = await workspace(context, [0.5, 0.4, 0.3]);
  const { plan } = run.record;
  const place = await placeOf(join(root, "saved/epoch_1.pt"));
  await check({ plan, run, ...place }, { from: "epoch_1.pt", passed: [] });
  await assert.rejects(
    offerResume({ plan, run, ...(await placeOf(join(root, "saved/epoch_3.pt"))) }, sources),
    (error) =>
      error instanceof UserError &&
      /epoch_3\.pt cannot be resumed from: torn: .* Resume from epoch_2\.pt instead\.$/.test(error.message),
  );
});

test("refuses where nothing can be resumed from", async (context) => {
  const { root, run } = await workspace(context, [0.5]);
  const { plan } = run.record;
  await assert.rejects(
    offerResume({ plan, run }, sources),
    /The only checkpoint in .* cannot be resumed from\. epoch_1\.pt: torn: /,
  );
  await assert.rejects(offerResume({ plan, run, folder: root + "/none" }, sources), /does not exist/);
  const { checkpointFolder: _, ...without } = plan;
  await assert.rejects(offerResume({ plan: without }, sources), /not known where demo saves .* Open a checkpoint and/);
  writeFileSync(join(root, "saved", "epoch_2.pt"), buildCheckpoint(2));
  await assert.rejects(offerResume({ plan: without }, sources), /The newest lies in saved: name saved if/);
});

test("a part of a Trainer's folder means the folder, and a folder that is no checkpoint means what is in it", async () => {
  const fixtures = join(process.cwd(), "test/fixtures/checkpoints");
  const trainer = { folder: fixtures, checkpoint: join(fixtures, "checkpoint-40") };
  assert.deepEqual(await placeOf(join(fixtures, "checkpoint-40/model.safetensors")), trainer);
  assert.deepEqual(await placeOf(join(fixtures, "checkpoint-40")), trainer);
  assert.deepEqual(await placeOf(fixtures), { folder: fixtures });
});

test("trainyard resume prints the command and starts it only with --yes", async (context) => {
  const { root } = await workspace(context, [0.5, 0.4, 0.3]);
  const command = ["--", "python3", "train.py"];
  const call = async (...args: string[]) => {
    const spawned = spawnNode([cliPath, "resume", ...args], { cwd: root });
    return `${await spawned.ended}\n${spawned.output}`;
  };
  const shown = await call("saved", ...command);
  assert.match(
    shown,
    /^0\npython3 train\.py --resume saved\/epoch_2\.pt\n[\s\S]*Passed over[\s\S]*epoch_3\.pt: torn: /,
  );
  assert.match(await call("saved", "--yes", ...command), /^0\npython3 train\.py --resume [\s\S]*\nRun \d{8}-/);
  assert.match(await call("elsewhere"), /^1\n[\s\S]*elsewhere/);
});

test("trainyard resume says which GPU the training gets today", async (context) => {
  const { root, run } = await workspace(context, [0.5, 0.4]);
  const record = JSON.parse(readFileSync(join(run.folder, "run.json"), "utf8"));
  const gone = { index: 0, uuid: "GPU-gone", name: "NVIDIA A10G" };
  record.plan.device = { kind: "cuda", reason: "the only GPU", gpus: [gone] };
  record.plan.environment = { CUDA_VISIBLE_DEVICES: gone.uuid };
  writeFileSync(join(run.folder, "run.json"), JSON.stringify(record));
  writeFileSync(join(run.folder, "status.json"), JSON.stringify(run.status));
  const env = { ...replayedGpus("two"), XDG_STATE_HOME: join(root, "state") };
  const spawned = spawnNode([cliPath, "resume"], { cwd: root, env });
  assert.equal(await spawned.ended, 0, spawned.output);
  assert.match(spawned.output, /\nIt gets GPU 0 \(NVIDIA A10G\) this time: idle/);
});

test("chooses nothing where not all of the folder could be looked into, but takes what a person points at", async (context) => {
  const { root, run } = await workspace(context, [0.9, 0.8, 0.7]);
  mkdirSync(join(root, "saved", "run"));
  const partly: ResumeSources = { ...sources, listFolder: (folder) => listCheckpointFolder(folder, { maxPlaces: 1 }) };
  const { plan } = run.record;
  await assert.rejects(offerResume({ plan, run }, partly), /too many folders/);
  const { checkpoint } = await offerResume({ plan, run, checkpoint: join(root, "saved", "epoch_1.pt") }, partly);
  assert.equal(checkpoint.summary.name, "epoch_1.pt");
});
