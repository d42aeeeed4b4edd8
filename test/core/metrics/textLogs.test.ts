import assert from "node:assert/strict";
import { test } from "node:test";
import { CsvLogReader } from "../../../src/core/metrics/csvLog.ts";
import { JsonLinesReader, TrainerStateReader } from "../../../src/core/metrics/jsonLog.ts";
import { parseLooseJson } from "../../../src/core/metrics/looseJson.ts";
import type { MetricReader, ScalarSink } from "../../../src/core/metrics/metricReader.ts";
import { RunSeries } from "../../../src/core/metrics/scalarSeries.ts";

type Expected = Record<string, [step: number, value: number][]>;

/** Reads the text at once and byte by byte: both give the same. */
function check(Reader: new (sink: ScalarSink) => MetricReader, text: string, expected: Expected): void {
  const bytes = new TextEncoder().encode(text);
  for (const size of [bytes.length, 1]) {
    const run = new RunSeries();
    const reader = new Reader(run);
    for (let start = 0; start < bytes.length; start += size) {
      reader.push(bytes.subarray(start, start + size));
    }
    const read = [...run.byTag].map(([tag, { steps, values }]) => [
      tag,
      [...steps].map((step, index) => [step, values[index]]),
    ]);
    assert.deepEqual(Object.fromEntries(read), expected);
  }
}

test("CSV logs of Lightning, Keras, Ultralytics and of a script are read by the names in their header", () => {
  check(CsvLogReader, "epoch,step,train_loss,val_loss\n0,49,1.5,\n0,49,,1.2\n1,99,0.7,nan\n", {
    train_loss: [
      [49, 1.5],
      [99, 0.7],
    ],
    val_loss: [
      [49, 1.2],
      [99, Number.NaN],
    ],
  });
  check(CsvLogReader, "epoch,accuracy,loss\r\n0,0.5,2.1\r\n1,0.75,1e-1\r\n", {
    accuracy: [
      [0, 0.5],
      [1, 0.75],
    ],
    loss: [
      [0, 2.1],
      [1, 0.1],
    ],
  });
  check(CsvLogReader, "   epoch,   train/box_loss,  metrics/mAP50(B)\n    1,   1.25,   0.5\n", {
    "train/box_loss": [[1, 1.25]],
    "metrics/mAP50(B)": [[1, 0.5]],
  });
  check(CsvLogReader, 'loss,"note, quoted"\n0.5,"a ""b"""\n0.25,x\n', {
    loss: [
      [0, 0.5],
      [1, 0.25],
    ],
  });
});

test("a torn last row waits, and a row that repeats a step takes its place", () => {
  check(CsvLogReader, "step,loss\n1,3\n2,2\n2,1.5\n3,1", {
    loss: [
      [1, 3],
      [2, 1.5],
    ],
  });
});

test("JSONL is read with NaN, nested names and the step names of its dialects", () => {
  check(
    JsonLinesReader,
    '{"current_steps": 5, "loss": NaN, "lr": 1e-4}\n{"step": 6, "train": {"loss": 0.5}, "text": "a\\"}"}\n{"step": 7, "los',
    { loss: [[5, Number.NaN]], lr: [[5, 1e-4]], "train/loss": [[6, 0.5]] },
  );
});

test("the history of a Hugging Face trainer is read when its file is whole", () => {
  const history =
    '{"best_metric": null, "log_history": [{"epoch": 0.5, "loss": 2.5, "step": 10}, {"eval_loss": Infinity, "step": 20}]}';
  check(TrainerStateReader, history, { loss: [[10, 2.5]], eval_loss: [[20, Number.POSITIVE_INFINITY]] });
  check(TrainerStateReader, history.slice(0, -2), {});
});

test("loose JSON is JSON with NaN, and nothing else", () => {
  assert.deepEqual(parseLooseJson(' [1, -2.5e3, "x", true, null, -Infinity] '), [1, -2500, "x", true, null, -Infinity]);
  assert.deepEqual(parseLooseJson('{"__proto__": {"a": []}}'), new Map([["__proto__", new Map([["a", []]])]]));
  for (const text of ["", "{", "[1,]", "{a: 1}", '{"a" 1}', "[1] 2", "nul", "[".repeat(1_000)]) {
    assert.equal(parseLooseJson(text), undefined, text.slice(0, 20));
  }
});
