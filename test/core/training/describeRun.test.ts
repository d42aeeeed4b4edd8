import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeRunBriefly,
  describeRunEnd,
  describeRunInList,
  describeRunInRow,
} from "../../../src/core/training/describeRun.ts";
import { diagnoseFailure } from "../../../src/core/training/diagnosis/diagnoseFailure.ts";
import type { EvidenceLine } from "../../../src/core/training/diagnosis/diagnosis.ts";
import { formatDuration, formatRemaining } from "../../../src/core/training/duration.ts";
import type { Run, RunProgress, RunStatus } from "../../../src/core/training/runRecord.ts";
import { buildRun } from "../../support/runBuilder.ts";

const updatedAt = "2026-11-21T03:01:00.000Z";
const after102s = { endedAt: "2026-11-21T03:01:42.000Z" };

function progress(change: Partial<RunProgress>): Pick<RunStatus, "progress"> {
  return { progress: { metrics: {}, updatedAt, ...change } };
}

function check(describe: (run: Run) => string, run: Run, expected: string): void {
  assert.equal(describe(run), expected);
}

test("the status bar says how far, how good and how long", () => {
  const live = progress({ epoch: 3, epochs: 10, metrics: { lr: 3e-4, val_acc: 0.9, loss: 0.31 }, etaSeconds: 245 });
  check(describeRunBriefly, buildRun("running", live), "digits · epoch 3/10 · loss 0.31 · 4 min left");
  check(describeRunBriefly, buildRun("running"), "digits · running");
  check(describeRunBriefly, buildRun("running", progress({ step: 5, steps: 20 })), "digits · step 5/20");
  check(describeRunBriefly, buildRun("running", progress({ metrics: { loss: Number.NaN } })), "digits · loss NaN");
  check(describeRunBriefly, buildRun("starting"), "digits · starting");
  check(describeRunBriefly, buildRun("stopping", live), "digits · stopping · epoch 3/10 · loss 0.31");
  check(describeRunBriefly, buildRun("orphaned"), "digits · running unwatched");
});

test("restarts of workers are told as restarts", () => {
  const restarts = { count: 1, localRank: 1, exitCode: -9, line: 14 };
  const live = progress({ step: 5, steps: 20 });
  check(describeRunBriefly, buildRun("running", { ...live, restarts }), "digits · step 5/20 · workers restarted once");
  check(
    describeRunEnd,
    buildRun("finished", { ...after102s, restarts }),
    "Run digits finished in 1 min 42 s. torchrun had started its workers anew once after the one with local rank 1 was killed by signal 9 (train.log line 14).",
  );
  check(
    describeRunEnd,
    buildRun("finished", { ...after102s, restarts: { ...restarts, count: 2, exitCode: 1 } }),
    "Run digits finished in 1 min 42 s. torchrun had started its workers anew 2 times, the last time after the one with local rank 1 ended with exit code 1 (train.log line 14).",
  );
});

test("an alarm stands before the progress, and a training that is lost has no end to forecast", () => {
  const alarm = { message: "", advice: "", raisedAt: "2026-11-21T03:00:30.000Z" };
  const alarms = [{ ...alarm, kind: "plateau" as const }];
  const live = progress({ epoch: 3, epochs: 10, metrics: { loss: 0.31 }, etaSeconds: 240 });
  check(
    describeRunBriefly,
    buildRun("running", { ...live, alarms }),
    "digits · plateau · epoch 3/10 · loss 0.31 · 4 min left",
  );
  const stalled = [...alarms, { ...alarm, kind: "stall" as const }];
  check(
    describeRunBriefly,
    buildRun("running", { ...live, alarms: stalled }),
    "digits · plateau · epoch 3/10 · loss 0.31",
  );
  const over = [{ ...alarm, kind: "stall" as const, endedAt: "2026-11-21T03:00:40.000Z" }];
  check(describeRunInList, buildRun("running", { alarms: over }), "running");
});

test("a row of a tree begins with what must not be cut off", () => {
  const done = progress({ epoch: 10, epochs: 10, metrics: { loss: 0.123456, val_acc: 0.98712 } });
  check(describeRunInRow, buildRun("finished", { ...after102s, exitCode: 0, ...done }), "val_acc 0.9871 · 1 min 42 s");
  check(describeRunInRow, buildRun("finished", { ...after102s, exitCode: 0 }), "finished in 1 min 42 s");
  const live = progress({ epoch: 3, epochs: 10, metrics: { loss: 0.31 }, etaSeconds: 245 });
  check(describeRunInRow, buildRun("running", live), "loss 0.31 · 4 min left · epoch 3/10");
  check(describeRunInRow, buildRun("failed", { ...after102s, exitCode: 1 }), "failed after 1 min 42 s · exit code 1");
  const diagnosis = { cause: "disk-full" as const, title: "Disk full", evidence: [], advice: "Free some." };
  check(describeRunInRow, buildRun("failed", { ...after102s, exitCode: 1, diagnosis }), "Disk full · 1 min 42 s");
});

test("a list says the state and the result", () => {
  const done = progress({ epoch: 10, epochs: 10, metrics: { loss: 0.123456, val_acc: 0.98712 } });
  check(
    describeRunInList,
    buildRun("finished", { ...after102s, exitCode: 0, ...done }),
    "finished in 1 min 42 s · epoch 10 · val_acc 0.9871",
  );
  check(describeRunInList, buildRun("failed", { ...after102s, exitCode: 1 }), "failed after 1 min 42 s · exit code 1");
  check(
    describeRunInList,
    buildRun("failed", { ...after102s, signal: "SIGKILL" }),
    "failed after 1 min 42 s · SIGKILL",
  );
  check(describeRunInList, buildRun("running", progress({ epoch: 1 })), "running · epoch 1");
  check(describeRunInList, buildRun("running"), "running");
  const lost = buildRun("lost", { ...done, heartbeatAt: after102s.endedAt });
  check(describeRunInList, lost, "lost after 1 min 42 s · epoch 10 · val_acc 0.9871");
  assert.match(describeRunEnd(lost), /last sign of life was at .*\), epoch 10, val_acc 0\.9871\. Resume/);
});

test("the end is a sentence with the best metric", () => {
  const done = progress({ epoch: 10, epochs: 10, metrics: { loss: 0.1, val_loss: 0.2, val_acc: 0.987 } });
  check(
    describeRunEnd,
    buildRun("finished", { ...after102s, exitCode: 0, ...done }),
    "Run digits finished in 1 min 42 s: epoch 10, val_acc 0.987.",
  );
  check(
    describeRunEnd,
    buildRun("stopped", { ...after102s, signal: "SIGINT" }),
    "Run digits was stopped after 1 min 42 s.",
  );
  check(
    describeRunEnd,
    buildRun("finished", { ...after102s, problem: "3 lines are lost." }),
    "Run digits finished in 1 min 42 s. 3 lines are lost.",
  );
});

test("the end of a run names the line of the person's own code, where there is one", () => {
  const error = { line: 8, text: "KeyError: 'x'" };
  const said = (frame: string) => {
    const evidence = [error, { line: 3, text: frame }];
    const diagnosis = { cause: "exception" as const, title: "", evidence, advice: "Look." };
    return describeRunEnd(buildRun("failed", { ...after102s, exitCode: 1, diagnosis }));
  };
  const start = "Run digits failed with exit code 1 after 1 min 42 s: KeyError: 'x' (train.log line 8)";
  assert.equal(said('File "/w/src/train.py", line 25, in step'), `${start}, at train.py line 25. Look.`);
  assert.equal(said('File "<string>", line 1, in <module>'), `${start}. Look.`);
});

/** A failure whose output ends with one line, diagnosed as the process beside it does. */
function checkFailure({ said, ...change }: Partial<RunStatus> & { said?: EvidenceLine }, expected: RegExp): void {
  const interpreterPath = "/w/.venv/bin/python";
  const diagnosis = diagnoseFailure(said === undefined ? [] : [said], { ...change, interpreterPath });
  const status = { ...after102s, ...change, ...(diagnosis && { diagnosis }) };
  assert.match(describeRunEnd(buildRun("failed", status)), expected);
}

test("a failure is explained by its line, with what to do next", () => {
  checkFailure(
    { exitCode: 1, said: { line: 12, text: "ModuleNotFoundError: No module named 'sklearn'" } },
    /^Run digits failed with exit code 1 after 1 min 42 s: ModuleNotFoundError: No module named 'sklearn' \(train\.log line 12\)\. .*: \/w\/\.venv\/bin\/python -m pip install scikit-learn$/,
  );
  checkFailure(
    {
      exitCode: 1,
      said: { line: 9, text: "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 324.00 MiB." },
    },
    /CUDA out of memory.*\(train\.log line 9\)\. Use a smaller batch/,
  );
  checkFailure(
    { exitCode: 1, said: { line: 9, text: "OSError: [Errno 28] No space left on device" } },
    /Free some disk space.*resume from the one before/,
  );
  checkFailure(
    { exitCode: 2, said: { line: 3, text: "train.py: error: unrecognized arguments: --foo" } },
    /exit code 2.*--foo/,
  );
});

test("a failure without an error message says what was printed last and what the signal means", () => {
  checkFailure(
    { signal: "SIGKILL", said: { line: 4, text: "Epoch 3" } },
    /killed by SIGKILL after.*line 4\): “Epoch 3”\. A person, a job scheduler or the kernel.*dmesg/,
  );
  checkFailure(
    { signal: "SIGKILL", memoryKills: 0 },
    /killed nothing for lack of memory meanwhile\. So a time limit .*, a person or another program/,
  );
  checkFailure({ signal: "SIGKILL", memoryKills: 1 }, /killed 1 process .*\. Load less data at once, or use fewer/);
  checkFailure(
    { exitCode: 137, memoryKills: 2 },
    /exit code 137.*printed nothing\. Exit code 137 is 128 \+ 9, which stands for SIGKILL\. The kernel killed 2 proc/,
  );
  checkFailure({ signal: "SIGSEGV" }, /PYTHONFAULTHANDLER/);
  checkFailure(
    { exitCode: 3 },
    /^Run digits failed with exit code 3 after 1 min 42 s\. It printed nothing\. It ended with exit code 3 and printed no error that is known\./,
  );
});

test("a run that never ran is told apart from one that was lost", () => {
  const { startedAt: _never, ...unstarted } = buildRun("failed").status;
  assert.equal(
    describeRunEnd({ ...buildRun("failed"), status: { ...unstarted, problem: "The program x was not found." } }),
    "Run digits did not start. The program x was not found.",
  );
  assert.match(describeRunEnd({ ...buildRun("lost"), status: unstarted }), /never started/);
  assert.match(
    describeRunEnd(buildRun("lost")),
    /was lost.*last sign of life was at 2026-11-2[01] .*:00 \(UTC.*\)\. Resume/,
  );
  assert.match(
    describeRunEnd(buildRun("orphaned", { training: { pid: 7, startTime: "" } })),
    /still trains \(process 7\)/,
  );
  assert.equal(describeRunEnd(buildRun("running")), "Run digits has not ended: running.");
});

test("of an end that nobody looked into no checkpoint is promised", () => {
  const said = describeRunEnd(buildRun("lost", after102s));
  assert.match(said, /only that one could have heard the exit code\. Diagnose it: its log may tell why\.$/);
});

test("an end that nobody heard is said to be unknown once", () => {
  const diagnosis = diagnoseFailure([{ line: 4, text: "Epoch 3" }], { hasFailed: true });
  assert.deepEqual(diagnosis?.cause, "unknown");
  const said = describeRunEnd(buildRun("lost", { ...after102s, ...(diagnosis && { diagnosis }) }));
  assert.equal(said.match(/not known/g)?.length, 1, said);
});

test("durations name two units, forecasts no seconds beyond a minute", () => {
  const durations = [0, 0.4, 42, 60, 102, 3600, 7500, 273_600].map(formatDuration);
  assert.deepEqual(durations, ["0 s", "0 s", "42 s", "1 min", "1 min 42 s", "1 h", "2 h 5 min", "3 d 4 h"]);
  const forecasts = [-3, 12.3, 245, 7500].map(formatRemaining);
  assert.deepEqual(forecasts, ["0 s left", "12 s left", "4 min left", "2 h 5 min left"]);
});
