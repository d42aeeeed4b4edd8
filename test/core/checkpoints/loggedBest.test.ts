import assert from "node:assert/strict";
import { test } from "node:test";
import { loggedBest } from "../../../src/core/checkpoints/loggedBest.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";

/** Of eight epochs; none has a metric. */
const SAVES = Array.from({ length: 8 }, (_, index) => entryOf(`epoch_${index + 1}.pt`, index, { epoch: index + 1 }));

function check(name: string, text: string, expected: string, entries = SAVES): void {
  const found = loggedBest({ name, text }, entries);
  assert.equal(
    found.map(({ entry, reason }) => `${entry.summary.name}, ${reason}`).join("\n"),
    expected,
    text.slice(0, 80),
  );
}

function bestIn(name: string): string {
  return `epoch_3.pt, likely the best by val_loss in ${name}: 0.1`;
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

test("where a log counts from 0 and the files may not, both epochs stay that may be meant", () => {
  const both = ["epoch_4.pt", "epoch_3.pt"].map((name) => `${name}, likely the best by val_acc in h.json: 0.9`);
  check("h.json", '{"val_acc": [0.1, 0.2, 0.3, 0.9, 0.5], "lr": [1, 1, 1, 1, 1]}', both.join("\n"));
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
  check("log.csv", "step,val_loss\n1,2\n2,1\n", "epoch_2.pt, likely the best by val_loss in log.csv: 1", steps);
});

test("of many saves within the best epoch the last stays", () => {
  const steps = [100, 200, 300, 400, 500, 600].map((step) => entryOf(`step_${step}.pt`, step, { epoch: 3, step }));
  const expected = "step_600.pt, likely the best by val_loss in log.csv: 1";
  check("log.csv", "epoch,val_loss\n1,2\n3,1\n", expected, steps);
});

test("a text that was made to harm costs no time", () => {
  const columns = Array.from({ length: 100_000 }, (_, index) => `"${index}":[]`).join(",");
  const startedAt = process.cpuUsage().user;
  check("a.json", `{${columns}}`, "");
  check("a.csv", `${"a,".repeat(100_000)}\n${"1\n".repeat(300_000)}`, "");
  check("a.json", `{"val_loss":[${"1,".repeat(300_000)}2]}`, "");
  assert.ok(process.cpuUsage().user - startedAt < 5_000_000);
});
