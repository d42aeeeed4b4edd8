import assert from "node:assert/strict";
import { test } from "node:test";
import { loggedBest } from "../../../src/core/checkpoints/loggedBest.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";

const IF_SHIFTED = ", if that counts from another first epoch than the names";

/** Of eight epochs; none has a metric. */
const SAVES = Array.from({ length: 8 }, (_, index) => entryOf(`epoch_${index + 1}.pt`, index, { epoch: index + 1 }));

/** When a log was written that is not behind the saves. */
const LATER = 1_000;

const EPOCHS = Array.from({ length: 12 }, (_, epoch) => epoch);

function check(name: string, text: string, expected: string, entries = SAVES): void {
  const found = loggedBest({ name, text, modifiedMs: LATER }, entries);
  assert.equal(
    found.map(({ entry, reason }) => `${entry.summary.name}, ${reason}`).join("\n"),
    expected,
    text.slice(0, 80),
  );
}

/** A log from 1 may stand beside files from 0, so that the one before stays too. */
function bestIn(name: string): string {
  const reason = `likely the best by val_loss in ${name}: 0.1`;
  return `epoch_3.pt, ${reason}\nepoch_2.pt, ${reason}${IF_SHIFTED}`;
}

test("finds the epoch that a log of any form says was best", () => {
  check("log.csv", "epoch,loss,val_loss\n1,3,0.4\n2,2,0.2\n3,1,0.1\n4,0.5,0.3\n", bestIn("log.csv"));
  check("log.tsv", "epoch\tval_loss\r\n2\t0.2\r\n3\t0.1\r\n", bestIn("log.tsv"));
  check("log.txt", '{"epoch": 2, "val_loss": 0.2}\n{"epoch": 3, "val_loss": 0.1}\n', bestIn("log.txt"));
  check("history.json", '[{"epoch": 2, "val_loss": 0.2}, {"epoch": 3, "val_loss": 0.1}]', bestIn("history.json"));
  // Lightning writes a row for each of both, and leaves cells empty.
  check(
    "metrics.csv",
    "epoch,step,train_loss,val_loss\n2,1,5,\n2,2,,0.2\n3,3,,0.1\n3,4,0.01,\n",
    bestIn("metrics.csv"),
  );
});

/** As many as there are saves. */
function rowsFrom(first: number): string {
  const rows = [0.9, 0.8, 0.1, 0.4, 0.5, 0.6, 0.7, 0.8].map((loss, at) => `${first + at},${loss}`);
  return ["epoch,val_loss", ...rows].join("\n");
}

function savesWith(losses: readonly number[]) {
  return losses.map((loss, at) => entryOf(`epoch_${at + 2}.pt`, at, { epoch: at + 2, metrics: { val_loss: loss } }));
}

test("a log that begins and ends with the numbers of the files counts as they do", () => {
  const reason = "likely the best by val_loss in log.csv: 0.1";
  check("log.csv", rowsFrom(1), `epoch_3.pt, ${reason}`);
  check("log.csv", rowsFrom(0), `epoch_2.pt, ${reason}\nepoch_3.pt, ${reason}${IF_SHIFTED}`);
  const steps = SAVES.map((_, at) => entryOf(`epoch_${at + 1}_step_${at * 10}.pt`, at));
  check("log.csv", rowsFrom(1), `epoch_3_step_20.pt, ${reason}`, steps);
});

test("a log that lags behind may count from another first epoch, though it ends with the number of the last file", () => {
  const reason = "likely the best by val_loss in log.csv: 0.1";
  const log = { name: "log.csv", text: rowsFrom(1), modifiedMs: 6 };
  assert.deepEqual(
    loggedBest(log, SAVES).map((found) => found.reason),
    [reason, `${reason}${IF_SHIFTED}`],
  );
});

test("the best that was saved stays wherever log and names begin, also where the first file is gone or the last row is missing", () => {
  const choices = [0, 1].flatMap((first) =>
    [0, 1].flatMap((firstRow) => [1, 2].map((each) => ({ first, firstRow, each }))),
  );
  const gaps = [0, 1].flatMap((gone) => [0, 1, 2].map((missing) => ({ gone, missing })));
  for (const [{ first, firstRow, each }, { gone, missing }, best] of choices.flatMap((choice) =>
    gaps.flatMap((gap) => EPOCHS.map((epoch) => [choice, gap, epoch] as const)),
  )) {
    const lossOf = (epoch: number) => 1 + Math.abs(epoch - best);
    const saved = EPOCHS.filter((epoch) => (epoch + 1) % each === 0).slice(gone);
    const rows = EPOCHS.slice(0, EPOCHS.length - missing);
    const text = ["epoch,val_loss", ...rows.map((epoch) => `${epoch + firstRow},${lossOf(epoch)}`)].join("\n");
    const entries = saved.map((epoch) => entryOf(`epoch_${epoch + first}.pt`, epoch));
    const found = loggedBest({ name: "log.csv", text, modifiedMs: rows.length - 0.9 }, entries);
    const least = Math.min(...saved.filter((epoch) => rows.includes(epoch)).map(lossOf));
    assert.ok(
      found.some(({ entry }) => lossOf(entry.modifiedMs) === least),
      JSON.stringify({ first, firstRow, each, gone, missing, best }),
    );
  }
});

test("files that hold the values of the rows of their numbers are counted as the log counts", () => {
  const rows = [0.9, 0.8, 0.3, 0.6].map((loss, at) => `${at + 1},${loss},${at === 1 ? 0.9 : 0.5}`).join("\n");
  const log = `epoch,val_loss,val_acc\n${rows}`;
  const best = "epoch_2.pt, likely the best by val_acc in log.csv: 0.9";
  const loss = "epoch_3.pt, likely the best by val_loss in log.csv: 0.3";
  check("log.csv", log, `${best}\n${loss}`, savesWith([0.80001, 0.3]));
  const other = `epoch_2.pt, likely the best by val_loss in log.csv: 0.3${IF_SHIFTED}`;
  check("log.csv", log, `${best}\n${loss}\n${other}`, savesWith([0.3, 0.6]));
});

test("where a log counts from 0 and the files may not, both epochs stay that may be meant", () => {
  const reason = "likely the best by val_acc in h.json: 0.9";
  const both = `epoch_3.pt, ${reason}\nepoch_4.pt, ${reason}${IF_SHIFTED}`;
  check("h.json", '{"val_acc": [0.1, 0.2, 0.3, 0.9, 0.5], "lr": [1, 1, 1, 1, 1]}', both);
});

test("the best stays where a first prune took the file that said where the names begin", () => {
  const left = [4, 5, 7].map((epoch) => entryOf(`epoch_${epoch}.pt`, epoch));
  const rows = [0.9, 0.8, 0.7, 0.6, 0.3, 0.6, 0.7, 0.8].map((loss, at) => `${at + 1},${loss}`).join("\n");
  const reason = "likely the best by val_loss in log.csv: 0.3";
  check("log.csv", `epoch,val_loss\n${rows}`, `epoch_5.pt, ${reason}\nepoch_4.pt, ${reason}${IF_SHIFTED}`, left);
});

test("of a training that saves each fifth epoch, the best of those that were saved stays", () => {
  const saved = [5, 10, 15, 20].map((epoch) => entryOf(`epoch_${epoch}.pt`, epoch));
  const rows = Array.from({ length: 20 }, (_, at) => `${at + 1},${Math.abs(at - 11) / 100 + 0.1}`).join("\n");
  check("log.csv", `epoch,val_loss\n${rows}`, "epoch_10.pt, likely the best by val_loss in log.csv: 0.12", saved);
});

test("among equal values the first epoch that reached it stays, in whatever order the folder is listed", () => {
  const csv = "epoch,val_acc\n1,0.5\n2,0.9\n3,1\n4,1\n5,1\n6,1\n";
  const reason = "likely the best by val_acc in log.csv: 1";
  check("log.csv", csv, `epoch_3.pt, ${reason}\nepoch_2.pt, ${reason}${IF_SHIFTED}`, SAVES.toReversed());
});

test("a torn file of the best epoch leaves the best of the others", () => {
  const isTorn = { completeness: { state: "torn", reason: "its end is missing" } } as const;
  const left = SAVES.map((entry) =>
    entry.summary.name === "epoch_3.pt" ? { ...entry, summary: { ...entry.summary, ...isTorn } } : entry,
  );
  assert.deepEqual(reasonsIn("epoch,val_loss\n1,0.9\n2,0.8\n3,0.1\n5,0.4\n7,0.6\n", left), [
    "likely the best by val_loss in log: 0.4",
  ]);
});

test("a loss of 0 or below may not have been measured, so that the best that was stays too", () => {
  const unmeasured = ", as what is not above 0 may not have been measured";
  for (const none of ["0", "-1"]) {
    assert.deepEqual(reasonsIn(`epoch,val_loss\n1,${none}\n2,0.5\n3,${none}\n4,0.3\n5,${none}\n6,0.4\n`), [
      `likely the best by val_loss in log: ${none}`,
      `likely the best by val_loss in log: 0.3${unmeasured}`,
    ]);
  }
});

test("where a second attempt logged its epochs again, the best of its own values stays too", () => {
  assert.deepEqual(reasonsIn("epoch,val_loss\n1,0.5\n2,0.2\n3,0.4\n1,0.6\n2,0.5\n3,0.3\n"), [
    "likely the best by val_loss in log: 0.2",
    "likely the best by val_loss in log: 0.3",
  ]);
});

test("of several folds in one log the best of each stays", () => {
  assert.deepEqual(reasonsIn("fold,epoch,val_loss\n0,1,0.5\n0,2,0.4\n0,3,0.6\n1,1,0.5\n1,2,0.4\n1,3,0.2\n"), [
    "likely the best by val_loss in log: 0.4",
    "likely the best by val_loss in log: 0.2",
  ]);
});

function reasonsIn(text: string, entries = SAVES): string[] {
  const reasons = loggedBest({ name: "log", text, modifiedMs: LATER }, entries).map(({ reason }) => reason);
  return reasons.filter((reason) => !reason.endsWith(IF_SHIFTED));
}

test("qualities are judged by beside losses, as Ultralytics and DETR log them", () => {
  const csv = "epoch,train/box_loss,val/box_loss,metrics/mAP50(B)\n3,3,1,0.1\n4,2,2,0.1\n7,1,3,0.9\n";
  assert.deepEqual(reasonsIn(csv), [
    "likely the best by val/box_loss in log: 1",
    "likely the best by metrics/mAP50(B) in log: 0.9",
  ]);
  const lists =
    '{"epoch": 3, "test_loss": 1, "test_coco_eval_bbox": [0.1, 0.9]}\n{"epoch": 5, "test_loss": 2, "test_coco_eval_bbox": [0.4]}';
  assert.ok(reasonsIn(lists).includes("likely the best by test_coco_eval_bbox in log: 0.4"));
  const ofTraining = "epoch,accuracy,val_accuracy\n3,0.1,0.9\n5,0.9,0.1\n";
  assert.deepEqual(reasonsIn(ofTraining), ["likely the best by val_accuracy in log: 0.9"]);
});

test("a log that tells no best, is none or is of another training singles out nothing", () => {
  for (const text of [
    "epoch,val_loss\n1,2\n2,2\n",
    "name,label\na.png,3\n",
    "epoch,val_loss\n90,2\n91,1\n",
    "",
    "{}",
    "[1]",
  ]) {
    check("log.csv", text, "");
  }
  const steps = SAVES.map((entry) => ({ ...entry, summary: { ...entry.summary, step: 3 } }));
  const near = ["epoch_2.pt", "epoch_3.pt", "epoch_1.pt"];
  const reason = "likely the best by val_loss in log.csv: 1";
  const expected = near.map((name, at) => `${name}, ${reason}${at === 0 ? "" : IF_SHIFTED}`).join("\n");
  check("log.csv", "step,val_loss\n1,2\n2,1\n", expected, steps);
});

test("of many saves within the best epoch the last stays", () => {
  const steps = [100, 200, 300, 400, 500, 600].map((step) => entryOf(`step_${step}.pt`, step, { epoch: 3, step }));
  const expected = "step_600.pt, likely the best by val_loss in log.csv: 1";
  check("log.csv", "epoch,val_loss\n1,2\n3,1\n", expected, steps);
});

test("of many folds in one folder each keeps the epoch that its rows in the log call the best", () => {
  const folds = [0, 1, 2, 3, 4, 5];
  const saves = folds.flatMap((fold) => [1, 2, 3].map((epoch) => entryOf(`fold${fold}_epoch${epoch}.pt`, fold)));
  const found = loggedBest({ name: "log", text: "epoch,val_loss\n1,3\n2,1\n3,2\n", modifiedMs: LATER }, saves);
  const best = found.filter(({ reason }) => !reason.endsWith(IF_SHIFTED)).map(({ entry }) => entry.summary.name);
  assert.deepEqual(
    best,
    folds.map((fold) => `fold${fold}_epoch2.pt`),
  );
});

test("a text that was made to harm costs no time", () => {
  const columns = Array.from({ length: 100_000 }, (_, index) => `"${index}":[]`).join(",");
  const startedAt = process.cpuUsage().user;
  check("a.json", `{${columns}}`, "");
  check("a.csv", `${"a,".repeat(100_000)}\n${"1\n".repeat(300_000)}`, "");
  check("a.json", `{"val_loss":[${"1,".repeat(300_000)}1]}`, "");
  check("b.json", `{"a":[${"1,".repeat(60_000)}1],${columns.replaceAll("[]", "[1]")}}`, "");
  assert.ok(process.cpuUsage().user - startedAt < 5_000_000);
});

/** The names of the checkpoints that a log of some epochs singles out. */
function bestOf(text: string, entries = SAVES): string {
  const found = loggedBest({ name: "log", text, modifiedMs: LATER }, entries);
  return found.map(({ entry }) => entry.summary.name).join(" ");
}

const LOSSES = [0.9, 0.1, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

test("a NaN, as Python writes it, hides neither its row nor the log", () => {
  const rows = LOSSES.map(
    (loss, at) => `{"epoch": ${at + 1}, "val_loss": ${loss}, "grad_norm": ${at === 1 ? "NaN" : 1}}`,
  );
  assert.equal(bestOf(rows.join("\n")), "epoch_2.pt");
  assert.equal(bestOf(`[${rows.join(",")}]`), "epoch_2.pt");
  assert.equal(
    bestOf(`{"epoch": [1,2,3,4,5,6,7,8], "val_loss": [${LOSSES.slice(0, 6).join(",")}, NaN, NaN]}`),
    "epoch_2.pt",
  );
  assert.equal(bestOf(`args: lr=0.1\n\n${rows.join("\n")}\n`), "epoch_2.pt");
});

function tableRows(separator: string, quote = ""): string {
  return LOSSES.map((loss, at) => [at + 1, `${quote}${loss}${quote}`].join(separator)).join("\n");
}

test("a table is read as many write it", () => {
  assert.equal(bestOf(`"epoch","val_loss"\n${tableRows(",", '"')}`), "epoch_2.pt");
  assert.equal(bestOf(`epoch;val_loss\n${tableRows(";").replaceAll(".", ",")}`), "epoch_2.pt");
  assert.equal(bestOf(`# epoch,val_loss\n${tableRows(",")}`), "epoch_2.pt");
});

test("a long log is judged to its end", () => {
  const saves = [10_000, 20_000, 30_000].map((step, at) => entryOf(`step_${step}.pt`, at, { step }));
  const rows = Array.from({ length: 30_000 }, (_, at) => `${at + 1},${at + 1 === 30_000 ? 0.001 : 1 - at / 1e6}`);
  assert.equal(bestOf(`step,val_loss\n${rows.join("\n")}`, saves).split(" ")[0], "step_30000.pt");
});

/** What a log singles out whose trainings are best at these epochs; the cells before tell them apart. */
function bestOfTrainings(head: string, trainings: readonly (readonly [string, number])[]): string {
  const rows = trainings.flatMap(([cells, best]) =>
    SAVES.map((_, at) => `${cells},${at + 1},${at + 1 === best ? 0.1 : 0.5 + at / 100}`),
  );
  return bestOf(`${head},epoch,val_loss\n${rows.join("\n")}`);
}

test("trainings in one log are told apart by all columns that name them, numbers or not", () => {
  const runs = [
    ["base", 2],
    ["wide", 6],
  ] as const;
  assert.equal(bestOfTrainings("run", runs), "epoch_2.pt epoch_6.pt");
  const folds = [
    ["0,0", 6],
    ["0,1", 2],
    ["1,0", 4],
  ] as const;
  assert.equal(bestOfTrainings("seed,fold", folds), "epoch_6.pt epoch_2.pt epoch_4.pt");
});

test("what counts or scales is no metric", () => {
  const rows = LOSSES.map((loss, at) => `${at + 1},${1024 * (8 - at)},${at},${loss}`).join("\n");
  assert.equal(bestOf(`epoch,loss_scale,val_loss_weight,lr\n${rows}`), "");
  assert.equal(bestOf(`epoch,eval_loss_scale,val_loss_weight,val_loss\n${rows}`), "epoch_2.pt");
});

test("where a log has epochs and steps, files are of those that their names say", () => {
  const saves = LOSSES.map((_, at) => entryOf(`step_${(at + 1) * 100}.safetensors`, at));
  const rows = LOSSES.map((loss, at) => `${Math.floor(at / 4)},${(at + 1) * 100},${loss}`).join("\n");
  assert.equal(bestOf(`epoch,step,val_loss\n${rows}`, saves), "step_200.safetensors");
  const steps = LOSSES.map((_, at) => (at + 1) * 100).join(",");
  assert.equal(bestOf(`{"step": [${steps}], "val_loss": [${LOSSES.join(",")}]}`, saves), "step_200.safetensors");
  const epochs = LOSSES.map((loss, at) => `${at + 1},${(at + 1) * 3},${loss}`).join("\n");
  assert.equal(bestOf(`epoch,step,val_loss\n${epochs}`), "epoch_2.pt");
});
