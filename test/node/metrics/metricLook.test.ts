import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lookForMetricFiles } from "../../../src/node/metrics/metricFiles.ts";
import { isMetricLog, isPrintedLog } from "../../../src/node/metrics/metricLook.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Three lines of what each of these programs prints. */
const TRAININGS: Record<string, (at: number) => string> = {
  "PyTorch's tutorial": (at) => `loss: ${2.3 - at / 10}  [${String(64 * at).padStart(5)}/60000]`,
  "PyTorch's DCGAN": (at) => `[0/5][${50 * at}/1583]\tLoss_D: ${1 / (at + 1)}\tLoss_G: 5.1`,
  XGBoost: (at) => `[${at}]\ttrain-logloss:${0.6 - at / 10}\tval-logloss:0.61`,
  LightGBM: (at) => `[${10 * at}]\tvalid_0's binary_logloss: ${0.6 - at / 10}`,
  Trainer: (at) => `{'loss': ${2.5 - at}, 'grad_norm': 1.2, 'learning_rate': 5e-05, 'epoch': ${at / 10}}`,
  "a header before the values": (at) => `Epoch ${at + 1}/3\nTrain loss: ${0.5 - at / 10}`,
  REINFORCE: (at) => `Episode ${10 * at}\tLast reward: 12.00\tAverage reward: ${10 + at}.5`,
};

const OTHERS: Record<string, (at: number) => string> = {
  nginx: (at) => `127.0.0.1 - - [10/Oct/2024] "GET /search?q=loss&page=${at}&lr=${at} HTTP/1.1" 200 ${7 * at}`,
  "a backtest": (at) => `2024-01-0${at + 1} trade ${at}: profit=3 stop_loss=${at} take=4`,
  "a backtest in steps": (at) => `step ${at}: profit=3 stop_loss=${at} take=4`,
  "a game": (at) => `quest ${at} reward: ${10 * at} gold`,
  iperf: (at) => `[  3] ${at}.0-${at + 1}.0 sec  1.25 MBytes  loss=${at} jitter=0.01`,
};

test("what trainings print is told from what other programs do, by a metric and what is counted", async (context) => {
  const root = temporaryFolder(context);
  const isLog = async ([name, line]: [string, (at: number) => string]) => {
    await writeFile(join(root, `${name}.log`), [0, 1, 2].map(line).join("\n"));
    return [name, await isPrintedLog(join(root, `${name}.log`))];
  };
  const of = async (texts: typeof OTHERS) => Promise.all(Object.entries(texts).map(isLog));
  assert.deepEqual(
    await of(TRAININGS),
    Object.keys(TRAININGS).map((name) => [name, true]),
  );
  assert.deepEqual(
    await of(OTHERS),
    Object.keys(OTHERS).map((name) => [name, false]),
  );
});

test("an acceleration is no accuracy, and the loss of packets none of a training", async (context) => {
  const root = temporaryFolder(context);
  const headers = [
    "batch,acc_x,acc_y,label",
    "step,packet_loss,delay",
    "epoch,blossom",
    "epoch,val_acc",
    "step,loss_g",
  ];
  const found = headers.map(async (header, at) => {
    await writeFile(join(root, `${at}.csv`), `${header}\n1,0.5,0.25\n`);
    return isMetricLog(join(root, `${at}.csv`));
  });
  assert.deepEqual(await Promise.all(found), [false, false, false, true, true]);
});

/** A folder with so many tables of one kind. */
function writeTables(folder: string, count: number, text: string): void {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < count; at++) {
    writeFileSync(join(folder, `${at}.csv`), text);
  }
}

test("a sweep of thousands of runs is found whole", async (context) => {
  const root = temporaryFolder(context);
  for (let at = 0; at < 6; at++) {
    writeTables(join(root, `e${at}`), 400, "epoch,loss\n1,0.5\n");
  }
  const { files, unseen } = await lookForMetricFiles(root);
  assert.deepEqual([files.length, unseen], [2_400, []]);
});

test("a folder of which no file is looked into, after thousands that are no logs or with too many, is named", async (context) => {
  const root = temporaryFolder(context);
  writeTables(join(root, "a"), 501, "epoch,loss\n1,0.5\n");
  for (let at = 0; at < 4; at++) {
    writeTables(join(root, `data-${at}`), 500, "id,age\n1,30\n");
  }
  writeTables(join(root, "e"), 1, "epoch,loss\n1,0.5\n");
  const { files, unseen } = await lookForMetricFiles(root);
  assert.deepEqual([files, unseen], [[], [join(root, "a"), join(root, "e")]]);
});
