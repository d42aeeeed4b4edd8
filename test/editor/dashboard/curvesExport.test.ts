import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { GrowingCurve } from "../../../src/core/dashboard/growingCurve.ts";
import { saveValues } from "../../../src/editor/dashboard/curvesExport.ts";
import { fake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

function seriesOf(tag: string) {
  const curve = new GrowingCurve();
  curve.grow({ tag, steps: [1, 2], times: [0, 0], values: [0.5, 0.25] });
  const { summary } = curve;
  assert.ok(summary);
  return { tag, summary, points: curve.points({ maxPoints: Infinity, smoothing: 0 }) };
}

async function readLossOnly(tag: string) {
  assert.equal(tag, "loss", "gone");
  return [{ name: "run", series: [seriesOf(tag)] }];
}

test("values that could not be written whole leave no file that looks as if they were", async (context) => {
  const target = join(temporaryFolder(context), "curves.csv");
  fake.saveTarget = target;
  context.after(() => {
    fake.saveTarget = undefined;
  });
  await saveValues(["loss", "acc"], async (tag) => [{ name: "run", series: [seriesOf(tag)] }]);
  assert.deepEqual(
    readFileSync(target, "utf8")
      .split("\n")
      .map((row) => row.replace(/,1970[^,]*/, "")),
    ["run,metric,step,time,value", "run,loss,1,0.5", "run,loss,2,0.25", "run,acc,1,0.5", "run,acc,2,0.25", ""],
  );
  await assert.rejects(saveValues(["loss", "acc"], readLossOnly), /gone/);
  assert.equal(existsSync(target), false);
});
