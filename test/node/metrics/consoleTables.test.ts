import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ConsoleLog } from "../../../src/core/metrics/consoleLog.ts";
import { openLogs } from "../../../src/node/metrics/openLogs.ts";
import { repositoryRoot } from "../../support/python.ts";
import { spelledRuns } from "../../support/spelledRuns.ts";

const fixtures = join(repositoryRoot, "test", "fixtures", "metrics");

type Curves = Record<string, [step: number, value: number][]>;

async function readLog(path: string): Promise<Curves> {
  const opened = await openLogs(path);
  await opened?.logs.update();
  const [run] = opened?.logs.runs ?? [];
  return Object.fromEntries(
    (run?.series ?? []).map(({ tag, steps, values }) => [
      tag,
      Array.from(steps, (step, index): [number, number] => [step, values[index] ?? Number.NaN]),
    ]),
  );
}

/** A console prints three digits of what the file has in full. */
function checkAgree(printed: Curves, written: Curves, tags: RegExp): void {
  const wanted = Object.keys(written).filter((tag) => tags.test(tag));
  assert.ok(wanted.length > 6);
  assert.deepEqual(Object.keys(printed).toSorted(), wanted.toSorted());
  for (const tag of wanted) {
    const [ours = [], theirs = []] = [printed[tag], written[tag]];
    assert.deepEqual(
      ours.map(([step]) => step),
      theirs.map(([step]) => step),
      tag,
    );
    for (const [index, [, value]] of theirs.entries()) {
      const shown = ours[index]?.[1] ?? Number.NaN;
      assert.ok(Math.abs(shown - value) <= Math.abs(value) * 0.005 + 1e-9, `${tag}: ${shown} for ${value}`);
    }
  }
}

test("the tables that Stable-Baselines3 prints are what it writes to progress.csv", async () => {
  const folder = join(fixtures, "stable-baselines3");
  checkAgree(await readLog(join(folder, "console.txt")), await readLog(join(folder, "progress.csv")), /./);
});

test("what Ultralytics prints of its epochs is what it writes to results.csv", async () => {
  const folder = join(fixtures, "ultralytics");
  const printed = /^(?:train\/\w+_loss|metrics\/.*)$/;
  checkAgree(await readLog(join(folder, "console.txt")), await readLog(join(folder, "results.csv")), printed);
});

function curvesOf(lines: readonly string[]): unknown {
  const log = new ConsoleLog();
  lines.forEach((line) => log.addLine(line, 1_000));
  return spelledRuns([{ name: "r", series: log.table.all() }]).runs["r"];
}

test("a table of other rows is read line by line, and so is one that never ends", () => {
  const rule = "-".repeat(30);
  assert.deepEqual(curvesOf([rule, "| loss | 0.5 |", rule, "step 3 loss 0.25"]), {
    loss: [
      [0, 0.5],
      [3, 0.25],
    ],
  });
  assert.deepEqual(curvesOf([rule, "step 3 loss 0.25"]), { loss: [[3, 0.25]] });
  assert.deepEqual(curvesOf([rule, "| rollout/ep_rew_mean | 123 |", "| time/total_timesteps | 2048 |", rule]), {
    "rollout/ep_rew_mean": [[2048, 123]],
  });
});

test("the columns of Ultralytics' tasks have the names of its results", () => {
  const bar = "100% ━━━━━━━━━━━━ 8/8 3.5it/s 2.3s";
  const segment = [
    "      Epoch    GPU_mem   box_loss   seg_loss  Instances       Size",
    `        2/9      2.5G      1.5      2.5         12        640: ${bar}`,
    `  Class  Images  Instances  Box(P  R  mAP50  mAP50-95)  Mask(P  R  mAP50  mAP50-95): ${bar}`,
    "    all     128        929   0.1  0.2    0.3       0.4      0.5  0.6    0.7       0.8",
    "      person     128        929   0.9  0.9    0.9       0.9      0.9  0.9    0.9       0.9",
    "9 epochs completed in 0.003 hours.",
    "    all     128        929   0.9  0.9    0.9       0.9      0.9  0.9    0.9       0.9",
  ];
  const values = { precision: [0.1, 0.5], recall: [0.2, 0.6], mAP50: [0.3, 0.7], "mAP50-95": [0.4, 0.8] };
  const boxes = Object.entries(values).flatMap(([name, [box, mask]]) => [
    [`metrics/${name}(B)`, [[2, box]]],
    [`metrics/${name}(M)`, [[2, mask]]],
  ]);
  const losses = { "train/box_loss": [[2, 1.5]], "train/seg_loss": [[2, 2.5]] };
  assert.deepEqual(curvesOf(segment), { ...losses, ...Object.fromEntries(boxes) });
  const classify = [
    "      Epoch    GPU_mem       loss  Instances       Size",
    "        1/3         0G      0.69          4         64: 100%|██████████| 2/2 [00:00<00:00]",
    `               classes   top1_acc   top5_acc: ${bar}`,
    "                   all        0.5          1",
  ];
  assert.deepEqual(curvesOf(classify), {
    "train/loss": [[1, 0.69]],
    "metrics/accuracy_top1": [[1, 0.5]],
    "metrics/accuracy_top5": [[1, 1]],
  });
});
