import assert from "node:assert/strict";
import { test } from "node:test";
import { GrowingCurve } from "../../../src/core/dashboard/growingCurve.ts";
import { CsvLog } from "../../../src/core/metrics/csvLog.ts";
import { SeriesJoin } from "../../../src/core/metrics/joinedSeries.ts";
import { readJsonDocument } from "../../../src/core/metrics/jsonDocument.ts";
import { JsonLinesLog, readTrainerState } from "../../../src/core/metrics/jsonLog.ts";
import type { Series } from "../../../src/core/metrics/series.ts";
import { assertScales } from "../../support/assertScales.ts";
import { type Curves, checkCurves as check, curvesOf } from "../../support/metricCurves.ts";

test("a CSV log gives its columns over the step, else the epoch, else the row", () => {
  check(new CsvLog(), "epoch,step,train_loss,val_acc\n0,10,0.5,\n0,20,0.25,\n0,20,,0.9\n", {
    train_loss: [
      [10, 0.5],
      [20, 0.25],
    ],
    val_acc: [[20, 0.9]],
  });
  check(new CsvLog(), "epoch,accuracy,loss\r\n0,0.5,nan\r\n1,0.75,inf\r\n", {
    accuracy: [
      [0, 0.5],
      [1, 0.75],
    ],
    loss: [
      [0, Number.NaN],
      [1, Infinity],
    ],
  });
  check(new CsvLog("steps/"), "loss\n3\n2\n", {
    "steps/loss": [
      [1, 3],
      [2, 2],
    ],
  });
});

test("a curve that is followed and joined goes back once the log has repeated several steps", () => {
  const log = new JsonLinesLog();
  const join = new SeriesJoin("a/");
  const curve = new GrowingCurve();
  const counts = [1, 2, 3, 4, 5, 2, 3, 4, 5, 6].map((step, at) => {
    log.push(new TextEncoder().encode(`${JSON.stringify({ global_step: step, loss: at })}\n`));
    const [series] = join.join([{ series: log.table.all() }]);
    assert.ok(series);
    curve.grow(series);
    return curve.summary?.count;
  });
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 6, 7, 4, 5, 6]);
  assert.deepEqual(curve.summary?.superseded, { count: 4, fromStep: 2, times: 1 });
});

test("a long table or lines that name their metric give a curve for each, and those of each run apart", () => {
  const curves: Curves = {
    "a/loss": [
      [0, 1.5],
      [1, 1.25],
    ],
    "a/acc": [[0, 0.5]],
    "b/loss": [[0, Number.NaN]],
  };
  const table = 'run,metric,step,value\na,loss,0,1.5\r\na,acc,0,0.5\n"a",loss,1,1.25\nb,loss,0,nan\nb,loss,1,\n';
  check(new CsvLog(), table, curves);
  const rows = table
    .split("\n")
    .slice(1, -1)
    .map((row) => row.trim().replaceAll('"', "").split(","));
  const lines = rows.map(([run, metric, step, value]) =>
    JSON.stringify({ run, metric, step: Number(step), value: value === "" ? null : value }),
  );
  check(new JsonLinesLog(), `${lines.join("\n")}\n`, curves);
  check(new CsvLog("x/"), "epoch,variable,value\n1,loss,0.5\n", { "x/loss": [[1, 0.5]] });
  // A value function and its loss, which a name stands beside.
  check(new JsonLinesLog(), '{"name": "ppo", "step": 1, "value": 0.5, "loss": 2}\n', {
    value: [[1, 0.5]],
    loss: [[1, 2]],
  });
});

function readDocument(text: string): Curves {
  return curvesOf(readJsonDocument(text).all());
}

test("a JSON document tells its values in lists, in objects or as results", () => {
  assert.deepEqual(
    readDocument('{"loss": [2, NaN], "val": {"acc": ["0.5", null, 0.75]}, "note": ["a"], "params": {"epochs": 2}}'),
    {
      loss: [
        [0, 2],
        [1, Number.NaN],
      ],
      "val/acc": [
        [0, 0.5],
        [2, 0.75],
      ],
    },
  );
  assert.deepEqual(readDocument('{"epoch": [1, 2], "loss": [3, 4]}'), {
    loss: [
      [1, 3],
      [2, 4],
    ],
  });
  assert.deepEqual(readDocument('[{"epoch": 1, "loss": 2}, {"epoch": 2, "loss": 1}]'), {
    loss: [
      [1, 2],
      [2, 1],
    ],
  });
  assert.deepEqual(readDocument('{\n "epoch": 3.0,\n "eval_loss": 0.5\n}'), { eval_loss: [[3, 0.5]] });
  assert.deepEqual(readDocument('{"log_history": [{"step": 5, "loss": 1}], "betas": [1, 2]}'), { loss: [[5, 1]] });
  assert.deepEqual(readDocument("[1, 2]"), {});
  assert.deepEqual(readDocument("{"), {});
});

test("remarks above the header of a table are none, and a header may be written as one", () => {
  check(new CsvLog(), '#{"t_start": 1.5, "env_id": "x"}\nr,l,t\n1.5,9,0.1\n', {
    r: [[1, 1.5]],
    l: [[1, 9]],
    t: [[1, 0.1]],
  });
  check(new CsvLog(), "# run of monday\n# epoch,loss\n3,0.5\n", { loss: [[3, 0.5]] });
});

test("the download of a curve from TensorBoard has times, which are no metric", () => {
  const log = new CsvLog();
  check(log, "Wall time,Step,Value\n1795353618.5,10,0.25\n", { Value: [[10, 0.25]] });
  assert.deepEqual([...(log.table.all()[0]?.times ?? [])], [1795353618500]);
});

test("a CSV log takes padded and quoted cells, and leaves out what is no number or not yet whole", () => {
  check(new CsvLog(), '  epoch,  metrics/mAP50(B), note\n 1, 0.25, "a, b"\n 2, 0.5, x\n 3, 0.7', {
    "metrics/mAP50(B)": [
      [1, 0.25],
      [2, 0.5],
    ],
  });
});

test("where semicolons part the cells of a CSV log, numbers may have a decimal comma", () => {
  check(new CsvLog(), 'step;loss;acc;gpus\n1;0,5;-1,25e-3;"0,1,2"\n2;0.25;7;a,1\n', {
    loss: [
      [1, 0.5],
      [2, 0.25],
    ],
    acc: [
      [1, -1.25e-3],
      [2, 7],
    ],
  });
  check(new CsvLog(), "step,loss\n1,5\n", { loss: [[1, 5]] });
});

test("a log in UTF-16 is read like one in UTF-8, in whatever pieces it comes", () => {
  const logs = [
    { open: () => new CsvLog(), text: "step,lóss 😀\r\n1,0.5\r\n2,0.25\r\n3,7" },
    {
      open: () => new JsonLinesLog(),
      text: '{"step":1,"lóss 😀":0.5}\r\n{"step":2,"lóss 😀":0.25}\n{"step":3,"lóss 😀":7}',
    },
  ];
  for (const { open, text } of logs) {
    const little = Buffer.from(`\ufeff${text}`, "utf16le");
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      for (const size of [1, 3, 7, bytes.length]) {
        const log = open();
        for (let at = 0; at < bytes.length; at += size) {
          log.push(bytes.subarray(at, at + size));
        }
        assert.equal(log.takeLast(true), true, "a last line without an end");
        assert.deepEqual(curvesOf(log.table.all()), {
          "lóss 😀": [
            [1, 0.5],
            [2, 0.25],
            [3, 7],
          ],
        });
      }
    }
  }
});

test("cells of a CSV log stay in their columns, whatever is quoted or empty", () => {
  for (const row of ['"a",2,0.4', ',"2",0.4', '"a, ""b""",2,"0.4"', '"",2,0.4', '"""",2,0.4', ' "a" ,2, "0.4"']) {
    check(new CsvLog(), `note,step,loss\n${row}\n`, { loss: [[2, 0.4]] });
  }
  check(new CsvLog(), 'step,loss,note\n2,0.4,""\n3,"0.3",\n', {
    loss: [
      [2, 0.4],
      [3, 0.3],
    ],
  });
  check(new CsvLog(), ',"val, loss",step\nx,0.5,10\n', { "val, loss": [[10, 0.5]] });
});

test("a log of JSON lines takes Python's NaN, and passes over torn and foreign lines", () => {
  const lines = [
    '{"step": 5, "loss": 1.5, "name": "a"}',
    "not json",
    '{"step": 10, "loss": NaN, "lr": -Infinity}',
    '{"st',
  ];
  check(new JsonLinesLog(), lines.join("\n"), {
    loss: [
      [5, 1.5],
      [10, Number.NaN],
    ],
    lr: [[10, -Infinity]],
  });
});

test("NaN within a text is a word, in a log of JSON lines and in a trainer state", () => {
  const note = String.raw`"note": "a \" quote, NaN: in \\"`;
  check(
    new JsonLinesLog(),
    `{"step": 1, ${note}, "loss": 0.5}\n{"step": 2, ${note}, "loss": -Infinity, "acc": NaN}\n`,
    {
      loss: [
        [1, 0.5],
        [2, -Infinity],
      ],
      acc: [[2, Number.NaN]],
    },
  );
  const state = '{"best_model_checkpoint": "out, NaN-run", "log_history": [{"step": 1, "loss": 0.5}]}';
  assert.deepEqual(curvesOf(readTrainerState(state).all()), { loss: [[1, 0.5]] });
});

test("a log of LLaMA-Factory is read at its current step, not at the step at which it will end", () => {
  const lines = [10, 20].map((step) =>
    JSON.stringify({ current_steps: step, total_steps: 200, loss: 1 / step, epoch: 1 }),
  );
  check(new JsonLinesLog(), `${lines.join("\n")}\n`, {
    loss: [
      [10, 0.1],
      [20, 0.05],
    ],
  });
});

test("a log of JSON lines names values by the objects they are in, and takes dates and both units of time", () => {
  const log = new JsonLinesLog();
  const lines = [
    '{"step": 1, "val": {"loss": 0.5, "by": {"class": 2}}, "timestamp": "2026-11-22T06:00:00Z"}',
    '{"step": 2, "val": {"loss": 0.25}, "timestamp": 1795327201}',
    '{"step": 3, "val": {"loss": 0.125}, "timestamp": 1795327202000}',
  ];
  check(log, `${lines.join("\n")}\n`, {
    "val/loss": [
      [1, 0.5],
      [2, 0.25],
      [3, 0.125],
    ],
    "val/by/class": [[1, 2]],
  });
  const loss = log.table.all().find(({ tag }) => tag === "val/loss");
  assert.deepEqual([...(loss?.times ?? [])], [1795327200000, 1795327201000, 1795327202000]);
});

test("a trainer state gives its history, and nothing while it is half written", () => {
  const state = '{"log_history": [{"epoch": 0.5, "loss": 2.0, "step": 10}, {"eval_loss": NaN, "step": 20}]}';
  assert.deepEqual(curvesOf(readTrainerState(state).all()), { loss: [[10, 2]], eval_loss: [[20, Number.NaN]] });
  assert.deepEqual(readTrainerState(state.slice(0, 40)).all(), []);
});

function oneValue(tag: string, value: number): Series {
  return { tag, steps: [value], times: [0], values: [value] };
}

test("series of several logs are joined by their tags", () => {
  const joined = new SeriesJoin().join([
    { series: [oneValue("a", 1), oneValue("b", 2)] },
    { series: [oneValue("a", 3)] },
  ]);
  assert.deepEqual(curvesOf(joined), {
    a: [
      [1, 1],
      [3, 3],
    ],
    b: [[2, 2]],
  });
});

test("the epochs that a log tells besides its steps are those of its values", () => {
  const csv = new CsvLog();
  csv.push(Buffer.from("epoch,step,loss\n1,0,5\n0,10,4\n,20,3\n"));
  assert.deepEqual([...(csv.table.all()[0]?.epochs ?? [])], [1, 0, 0]);
  const json = new JsonLinesLog();
  json.push(Buffer.from('{"step": 0, "Epoch": 1, "loss": 5}\n{"step": 10, "Epoch": 0, "loss": 4}\n'));
  assert.deepEqual([...(json.table.all()[0]?.epochs ?? [])], [1, 0]);
  const alone = new CsvLog();
  alone.push(Buffer.from("epoch,loss\n1,5\n"));
  assert.equal(alone.table.all()[0]?.epochs, undefined);
});

test("many logs of one run are joined in the time of their number", () => {
  const loss = { tag: "loss", steps: [1], times: [0], values: [0.5] };
  assertScales(
    "logs",
    (count) => {
      const logs = Array.from({ length: count }, () => ({ series: [{ ...loss }] }));
      const join = new SeriesJoin();
      join.join(logs);
      assert.equal(join.join(logs)[0]?.values.length, count);
    },
    500,
  );
});

function readBelowLongHeader(count: number, row: string): void {
  const header = Array.from({ length: count }, (_, at) => `c${at}`).join(",");
  new CsvLog().push(Buffer.from(`step,${header}\n${row.repeat(count)}`));
}

test("short rows below a long header are read in the time of their size", () => {
  assertScales("plain cells", (count) => readBelowLongHeader(count, "1,2\n"), 1_000);
  assertScales("quoted cells", (count) => readBelowLongHeader(count, '1,"2"\n'), 1_000);
});

test("of rows of different lengths, each has its own cells", () => {
  check(new CsvLog(), 'step,a,b,c\n1,10,20,30\n2,11\n3,12,"x",31\n4,"13"\n5,14,21\n', {
    a: [
      [1, 10],
      [2, 11],
      [3, 12],
      [4, 13],
      [5, 14],
    ],
    b: [
      [1, 20],
      [5, 21],
    ],
    c: [
      [1, 30],
      [3, 31],
    ],
  });
});
