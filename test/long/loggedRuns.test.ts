import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeAlarm } from "../../src/core/training/watchdog/alarm.ts";
import { diagnoseRun } from "../../src/node/training/diagnoseRun.ts";
import { startLoggedRun } from "../support/loggedRun.ts";
import { samplePython } from "../support/python.ts";

const TENSORBOARD = `
import time
from torch.utils.tensorboard import SummaryWriter
writer = SummaryWriter("runs/a")
for step in range(10**6):
    writer.add_scalar("Loss/train", float("nan") if step >= 40 else 1 / (1 + step), step)
    writer.flush()
    time.sleep(0.1)
`;

const KERAS = `
import os, time
os.makedirs("logs", exist_ok=True)
with open("logs/training.csv", "w") as table:
    table.write("epoch,loss,val_loss\\n")
    for epoch in range(10**6):
        table.write(f"{epoch},{1 / (1 + epoch):.6f},{1.2 / (1 + epoch):.6f}\\n")
        table.flush()
        time.sleep(0.2)
`;

const SPEAKS = `
import time
with open("logs/metrics.csv", "w") as table:
    table.write("step,loss\\n")
    for step in range(10**6):
        table.write(f"{step},nan\\n")
        table.flush()
        print(f"step {step} loss 0.5", flush=True)
        time.sleep(0.2)
`;

describe("a training that logs its losses", { concurrency: true }, () => {
  test("to TensorBoard alone: a NaN is noticed, with its file, tag and step", async (context) => {
    const training = await startLoggedRun(context, TENSORBOARD, { python: samplePython(), folder: "runs" });
    const { status } = await training.until("the NaN is noticed", (run) => run.status.alarms !== undefined);
    const [alarm] = status.alarms ?? [];
    assert.equal(alarm?.kind, "not-a-number");
    assert.match(
      describeAlarm(alarm),
      /^Loss\/train is not a number \(runs\/a\/events\.out\.tfevents\.\S+: Loss\/train at step 40\)\./,
    );
    const stopped = await training.stop();
    const found = await diagnoseRun(stopped, async () => undefined);
    assert.equal(found?.diagnosis.cause, "nan-loss");
    assert.match(found.diagnosis.title, /tfevents\.\S+: Loss\/train at step 40\)$/);
    const { status: last } = stopped;
    assert.ok((last.progress?.step ?? 0) >= 40);
    assert.deepEqual(Object.keys(last.progress?.metrics ?? {}), ["Loss/train"]);
  });

  test("to a table alone: the progress is shown, and a healthy one raises no alarm", async (context) => {
    const training = await startLoggedRun(context, KERAS, { folder: "logs" });
    await training.until("the epoch is known", (run) => (run.status.progress?.epoch ?? 0) > 20);
    const { status } = await training.stop();
    assert.equal(status.alarms, undefined);
    assert.equal(status.progress?.step, undefined);
    assert.ok((status.progress?.metrics["loss"] ?? 1) < 1 / 20);
  });

  test("and prints them: its files are not read", async (context) => {
    const training = await startLoggedRun(context, SPEAKS, { folder: "logs" });
    await training.until("it has trained for a while", (run) => (run.status.progress?.step ?? 0) > 70);
    const { status } = await training.stop();
    assert.equal(status.alarms, undefined);
    assert.deepEqual(status.progress?.metrics, { loss: 0.5 });
  });
});
