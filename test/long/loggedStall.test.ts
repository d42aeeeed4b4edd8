import assert from "node:assert/strict";
import { test } from "node:test";
import { startLoggedRun } from "../support/loggedRun.ts";

const GOES_SILENT = `
import time
lines = open("logs/log.txt", "w")
for step in range(90):
    lines.write('{"step": %d, "train_loss": %f}\\n' % (step, 1 / (1 + step)))
    lines.flush()
    time.sleep(0.5)
time.sleep(600)
`;

// The supervisor looks every five seconds, and six looks have to find something before a silence is one.
test("that a training which prints nothing logs no more is noticed as a stall", async (context) => {
  const watchdog = { stallSeconds: 5, stallFactor: 2 };
  const training = await startLoggedRun(context, GOES_SILENT, { folder: "logs", watchdog });
  const { status } = await training.until("the stall is noticed", (run) => run.status.alarms !== undefined);
  assert.match(status.alarms?.[0]?.message ?? "", /^Nothing was printed or logged for \d+ s/);
  assert.equal(status.progress?.step, 89);
  await training.stop();
});
