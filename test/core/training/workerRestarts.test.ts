import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerRestarts } from "../../../src/core/training/runRecord.ts";
import { RestartWatch } from "../../../src/core/training/workerRestarts.ts";

const PREFIX = "torch/distributed/elastic/multiprocessing/api.py";
const CLOSING = `W1121 17:24:27.816000 15533 ${PREFIX}:1028] Sending process 15714 closing signal SIGTERM`;
const GIVEN_UP = [
  "Traceback (most recent call last):",
  '  File "/venv/bin/torchrun", line 8, in <module>',
  "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ",
  "============================================================",
  "ddp.py FAILED",
];

function failed(localRank: number, exitCode: number): string {
  return `E1121 17:24:27.853000 15533 ${PREFIX}:1002] failed (exitcode: ${exitCode}) local_rank: ${localRank} (pid: 15715) of binary: /venv/bin/python3`;
}

function check(lines: readonly string[], expected: WorkerRestarts | undefined, earlier?: WorkerRestarts): void {
  const watch = new RestartWatch(earlier);
  lines.forEach((text, index) => watch.push(text, index + 1));
  assert.deepEqual(watch.restarts, expected);
}

test("workers that print again after one of them failed were started anew", () => {
  check(["step 1 loss 0.5", CLOSING, failed(1, -9), "step 1 loss 0.5"], {
    count: 1,
    localRank: 1,
    exitCode: -9,
    line: 3,
  });
  check([failed(1, -9), CLOSING, failed(0, 1), "rank 0 attempt 2"], { count: 2, localRank: 0, exitCode: 1, line: 3 });
});

test("the failure at which torchrun gives up is no restart", () => {
  check(["step 1", CLOSING, failed(1, -9)], undefined);
  check(["step 1", CLOSING, failed(1, -9), ...GIVEN_UP], undefined);
  check([failed(1, -9), "step 1", CLOSING, failed(0, 1), ...GIVEN_UP], {
    count: 1,
    localRank: 1,
    exitCode: -9,
    line: 1,
  });
});

test("a launcher that ends well has started its workers anew, whatever order its lines came in", () => {
  const watch = new RestartWatch();
  ["step 1 loss 0.5", "step 1 loss 0.5", failed(1, -9)].forEach((text, index) => watch.push(text, index + 1));
  assert.equal(watch.restarts, undefined);
  watch.endWell();
  watch.endWell();
  assert.deepEqual(watch.restarts, { count: 1, localRank: 1, exitCode: -9, line: 3 });
});

test("a supervisor that takes over counts on", () => {
  const earlier = { count: 2, localRank: 0, exitCode: 1, line: 90 };
  check(["step 1"], earlier, earlier);
  check([failed(1, -6), "step 1"], { count: 3, localRank: 1, exitCode: -6, line: 1 }, earlier);
});

test("what cleans up behind a dead worker, and what nobody knows, is no restart when torchrun gives up", () => {
  const warning =
    "/usr/lib/python3.11/multiprocessing/resource_tracker.py:254: UserWarning: resource_tracker: There appear to be 1 leaked semaphore objects";
  check([failed(0, 1), warning, "  warnings.warn("], undefined);
  check([failed(0, 1), "terminate called without an active exception", ...GIVEN_UP], undefined);
  const earlier = { count: 2, localRank: 0, exitCode: 1, line: 90 };
  check([failed(0, 1), "terminate called", ...GIVEN_UP], earlier, earlier);
});
