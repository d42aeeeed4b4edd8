import assert from "node:assert/strict";
import { appendFile, mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { AddedMetrics } from "../../../src/node/metrics/addedMetrics.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const START = Date.UTC(2030, 0, 1);

/** Writes a file that was last written some seconds after the start of the run, or before it. */
async function put(path: string, text: string, seconds = 10): Promise<string> {
  await writeFile(path, text);
  await age(path, seconds);
  return path;
}

async function age(path: string, seconds: number): Promise<void> {
  await utimes(path, START / 1_000 + seconds, START / 1_000 + seconds);
}

async function check(tail: AddedMetrics, expected: readonly string[]): Promise<void> {
  const told = (await tail.readAdded()).map(({ tag, axis, step, value }) => `${tag} ${axis} ${step}: ${value}`);
  assert.deepEqual(told, expected);
}

test("each value of a table is told once, sorted by its step", async (context) => {
  const folder = temporaryFolder(context);
  const table = await put(join(folder, "metrics.csv"), "epoch,train_loss,val_loss\n0,1.5,\n0,,2\n");
  const tail = new AddedMetrics([folder], START);
  await check(tail, ["train_loss epoch 0: 1.5", "val_loss epoch 0: 2"]);
  await check(tail, []);
  await appendFile(table, "1,nan,\n");
  await age(table, 20);
  await check(tail, ["train_loss epoch 1: NaN"]);
});

test("a table that is written anew for another column repeats nothing", async (context) => {
  const folder = temporaryFolder(context);
  const table = join(folder, "metrics.csv");
  await put(table, "step,loss\n1,3\n2,2\n");
  const tail = new AddedMetrics([folder], START);
  await check(tail, ["loss step 1: 3", "loss step 2: 2"]);
  await put(table, "step,loss,val_loss\n1,3,\n2,2,\n2,,4\n3,1,\n", 20);
  await check(tail, ["val_loss step 2: 4", "loss step 3: 1"]);
});

test("files of an earlier run are left alone, and so is what it wrote to a file that this run goes on with", async (context) => {
  const folder = temporaryFolder(context);
  await put(join(folder, "old.csv"), "step,loss\n1,nan\n", -60);
  const shared = await put(join(folder, "log.txt"), '{"epoch": 0, "train_loss": NaN}\n', -60);
  const tail = new AddedMetrics([folder], START);
  await tail.passOver(START);
  await check(tail, []);
  await appendFile(shared, '{"epoch": 1, "train_loss": 0.5}\n');
  await age(shared, 20);
  await check(tail, []);
  await check(tail, ["train_loss epoch 1: 0.5"]);
});

test("a file of the same name that is shorter than the one before is read from its beginning", async (context) => {
  const folder = temporaryFolder(context);
  const table = await put(join(folder, "training.csv"), "epoch,loss\n0,1\n1,2\n2,3\n", -60);
  const tail = new AddedMetrics([folder], START);
  await tail.passOver(START);
  await put(table, "epoch,loss\n0,9\n", 10);
  await check(tail, ["loss epoch 0: 9"]);
});

test("a state of the Trainer tells what its earlier checkpoints did not", async (context) => {
  const folder = temporaryFolder(context);
  const entries = [1, 2, 3, 4].map((step) => ({ step, epoch: step / 10, loss: 10 - step }));
  const save = async (step: number, seconds: number) => {
    await mkdir(join(folder, `checkpoint-${step}`), { recursive: true });
    const state = JSON.stringify({ log_history: entries.slice(0, step) });
    await put(join(folder, `checkpoint-${step}`, "trainer_state.json"), state, seconds);
  };
  await save(1, -60);
  const tail = new AddedMetrics([folder], START);
  await tail.passOver(START);
  await save(3, 10);
  await check(tail, ["loss step 2: 8", "loss step 3: 7"]);
  await save(4, 20);
  await check(tail, ["loss step 4: 6"]);
});

test("a run that logs the same to a table and to lines is told once", async (context) => {
  const folder = temporaryFolder(context);
  await put(join(folder, "metrics.csv"), "step,loss\n1,3\n");
  await put(join(folder, "metrics.jsonl"), '{"step": 1, "loss": 3}\n');
  await check(new AddedMetrics([folder, folder], START), ["loss step 1: 3"]);
});

test("one look reads little of a long file, and the next ones go on", async (context) => {
  const folder = temporaryFolder(context);
  const rows = Array.from({ length: 30_000 }, (_, step) => `${step},0.5\n`).join("");
  await put(join(folder, "metrics.csv"), `step,loss\n${rows}`);
  const tail = new AddedMetrics([folder], START);
  const first = (await tail.readAdded()).length;
  assert.ok(first > 1_000 && first < 20_000, `${first} values`);
  let told = first;
  for (let look = 0; look < 5; look++) {
    told += (await tail.readAdded()).length;
  }
  assert.equal(told, 30_000);
});

test("files that are damaged, and folders that are gone, tell nothing", async (context) => {
  const folder = temporaryFolder(context);
  await put(join(folder, "events.out.tfevents.1.host"), "no events\n".repeat(100));
  await put(join(folder, "metrics.jsonl"), '{"loss": \n[1,2\n\u0000\n');
  await put(join(folder, "trainer_state.json"), '{"log_history": [{"step": 1, "loss"');
  await check(new AddedMetrics([folder, join(folder, "gone")], START), []);
});
