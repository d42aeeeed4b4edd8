import assert from "node:assert/strict";
import { test } from "node:test";
import { createFailureWatch } from "../../../src/core/training/failureLine.ts";

function check(output: string, expected: string | undefined, line?: number): void {
  const watch = createFailureWatch();
  for (const [index, text] of output.split("\n").entries()) {
    watch.push(text, index + 1);
  }
  assert.equal(watch.explanation?.text, expected);
  if (line !== undefined) {
    assert.equal(watch.explanation?.line, line);
  }
}

test("finds the last exception of a traceback", () => {
  check(
    'start\nTraceback (most recent call last):\n  File "a.py", line 3, in f\n    f(x)\nValueError: bad shape\n',
    "ValueError: bad shape",
    5,
  );
  check(
    "Traceback (most recent call last):\n  x\nKeyError: 'a'\n\nDuring handling\n\nTraceback (most recent call last):\n  y\nmy.Odd: b",
    "my.Odd: b",
    9,
  );
  check("Traceback (most recent call last):\n  x\nKeyboardInterrupt", "KeyboardInterrupt");
  check('  File "a.py", line 1\n    x = = 1\nSyntaxError: invalid syntax', "SyntaxError: invalid syntax");
});

test("names the worker that ended where only its launcher says something", () => {
  check(
    "step 5 loss 0.2\nE1121 17:24:27.853000 15533 torch/distributed/elastic/multiprocessing/api.py:1002] failed (exitcode: -9) local_rank: 1 (pid: 15715) of binary: /venv/bin/python3\ntorch.distributed.elastic.multiprocessing.errors.ChildFailedError: ",
    "failed (exitcode: -9) local_rank: 1 (pid: 15715) of binary: /venv/bin/python3",
    2,
  );
});

test("prefers the cause to what it brings after it", () => {
  const oom = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 324.00 MiB.";
  check(`Traceback (most recent call last):\n  x\n${oom}\nRuntimeError: worker failed\nbye`, oom, 3);
  check(
    "[rank1]: ValueError: bad\ntorch.distributed.elastic.multiprocessing.errors.ChildFailedError: ",
    "ValueError: bad",
    1,
  );
  check(
    "2026-11-21 02:18:10.914 [1/train/3 (pid 47)] OSError: [Errno 28] No space left on device",
    "OSError: [Errno 28] No space left on device",
  );
});

test("prefers the process that failed to those that lost it", () => {
  const echo =
    "[rank0]: RuntimeError: [gloo/transport/tcp/pair.cc:553] Connection closed by peer [127.0.0.1]:407. This is typically caused by a remote worker crashing.";
  check(`[rank1]: ValueError: bad label 11\n${echo}`, "ValueError: bad label 11", 1);
  check(`${echo}\n[rank1]: ValueError: bad label 11`, "ValueError: bad label 11", 2);
  check(`step 5\n${echo}`, echo.slice("[rank0]: ".length), 2);
});

test("finds what argparse, click and a crash print", () => {
  check(
    "usage: train.py\ntrain.py: error: unrecognized arguments: --foo",
    "train.py: error: unrecognized arguments: --foo",
  );
  check("Error: No such option: --foo", "Error: No such option: --foo");
  check("Fatal Python error: Segmentation fault\n\nCurrent thread", "Fatal Python error: Segmentation fault");
});

test("falls back to the last thing printed", () => {
  check("epoch 1\nepoch 2\n\n", "epoch 2", 2);
  check("", undefined);
  check("Mean error: 0.5 is fine", "Mean error: 0.5 is fine");
});
