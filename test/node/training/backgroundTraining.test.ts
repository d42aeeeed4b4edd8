import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type TestContext, test } from "node:test";
import { awaitBackgroundTraining, findBackgroundTraining } from "../../../src/node/training/backgroundTraining.ts";
import { waitUntil } from "../../support/runFixtures.ts";

/** A process that sleeps, called as the words say. */
async function sleepAs(context: TestContext, argv0: string, isDetached = false): Promise<number> {
  const child = spawn("sleep", ["600"], { argv0, detached: isDetached, stdio: "ignore" });
  context.after(() => child.kill("SIGKILL"));
  return waitUntil(`${argv0} runs`, () => child.pid);
}

test("of what a command left behind its workers and what people leave running beside it are no training", async (context) => {
  const command = ["sh", "train.sh"];
  const training = await sleepAs(context, "python");
  const board = await sleepAs(context, "/usr/bin/tensorboard");
  const worker = await sleepAs(context, "python -c from multiprocessing.spawn import spawn_main");
  assert.deepEqual(findBackgroundTraining([board, worker, training], command), [training]);
  const fork = await sleepAs(context, "python3");
  const daemon = await sleepAs(context, "python3", true);
  assert.deepEqual(findBackgroundTraining([fork, daemon], ["python3", "600"]), [daemon]);
});

test("a process in the background that does not run any more is not waited for", async (context) => {
  const idle = await sleepAs(context, "python");
  await awaitBackgroundTraining(
    () => [idle],
    () => false,
    600,
  );
  assert.equal(process.kill(idle, 0), true, "it was only waited for");
});
