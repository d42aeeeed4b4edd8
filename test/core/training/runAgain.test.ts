import assert from "node:assert/strict";
import { test } from "node:test";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import {
  asksFromScratch,
  asksToRepeat,
  describeTakenOver,
  findEarlierRun,
  renewArguments,
} from "../../../src/core/training/runAgain.ts";
import { NO_ARGUMENTS } from "../../../src/core/training/scriptArguments.ts";
import { buildRun } from "../../support/runBuilder.ts";

function ran(id: string, command: readonly string[], planned: LaunchPlan["arguments"] = []) {
  const run = buildRun("finished");
  const plan = { ...run.record.plan, script: "/w/train.py", command: [...command], arguments: planned };
  return { ...run, record: { ...run.record, id, plan } };
}

test("knows that what was not said anew shall stay", () => {
  for (const text of ["run it again with lr 3", "change lr to 3 and rerun", "same settings but seed 3", "once more"]) {
    assert.ok(asksToRepeat(text), text);
  }
  for (const text of ["train with lr 3", "train again with the defaults", "retrain", "against"]) {
    assert.ok(!asksToRepeat(text), text);
  }
});

test("takes the arguments that were given to the newest run of a script, and none that was planned", () => {
  const device = { flag: "--device", value: "cpu", source: "planned" } as const;
  const runs = [
    ran("b", ["python", "train.py", "--lr", "3", "--device", "cpu", "cpu", "--amp"], [device]),
    ran("a", ["python", "train.py", "--lr", "1"]),
  ];
  assert.deepEqual(findEarlierRun(runs, "/w/train.py"), {
    id: "b",
    words: ["--lr", "3", "cpu", "--amp"],
    leftOut: [],
  });
  assert.equal(findEarlierRun(runs, "/w/other.py"), undefined);
  assert.equal(findEarlierRun([ran("c", ["python", "train.py"])], "/w/train.py"), undefined);
  const launched = ran("d", ["torchrun", "--nproc-per-node", "2", "train.py", "--lr", "1"]);
  assert.equal(findEarlierRun([launched], "/w/train.py"), undefined);
});

function again(...command: string[]) {
  return findEarlierRun([ran("b", ["python", "train.py", ...command])], "/w/train.py", { isFromScratch: true });
}

test("leaves out what made a run go on from a checkpoint where it shall begin anew", () => {
  for (const text of ["run train.py again without resume", "rerun it from scratch", "again, but never resume"]) {
    assert.ok(asksFromScratch(text), text);
  }
  for (const text of ["resume it again", "rerun with lr 3", "run it again from epoch 3"]) {
    assert.ok(!asksFromScratch(text), text);
  }
  const resumed = again("--lr", "3", "--resume", "ckpt/a.pt", "--amp");
  assert.deepEqual(resumed, { id: "b", words: ["--lr", "3", "--amp"], leftOut: ["--resume", "ckpt/a.pt"] });
  assert.ok(resumed);
  assert.match(
    describeTakenOver(resumed),
    /^`--resume ckpt\/a\.pt` of run b is left out\. `--lr 3 --amp` was given to run b/,
  );
  assert.deepEqual(again("--lr", "3", "--resume_from_checkpoint=a")?.words, ["--lr", "3"]);
  assert.deepEqual(again("--resume", "exp=1/a.pt", "--lr", "3")?.words, ["--lr", "3"]);
  const only = again("--resume");
  assert.deepEqual([only?.words, only && describeTakenOver(only)], [[], "`--resume` of run b is left out."]);
});

function check(earlier: string, said: string, expected: string, script = NO_ARGUMENTS): void {
  assert.equal(renewArguments(earlier.split(" "), said.split(" "), script).join(" "), expected);
}

test("puts what is said anew in the place of what was said before", () => {
  check("--lr 1 --epochs 3 data", "--lr 2", "--epochs 3 data --lr 2");
  check("--epochs 3 --lr=1", "--lr 2", "--epochs 3 --lr 2");
  check("--amp --lr 1", "--amp", "--lr 1 --amp");
  check("--shift -1 --lr 1", "--shift 2", "--lr 1 --shift 2");
  check("optim.lr=1 model=big", "optim.lr=2", "model=big optim.lr=2");
  check("--sizes 1 2 --lr 1", "--sizes 3", "--sizes 1 2 --lr 1 --sizes 3");
});

const [amp, sizes, files] = [
  { flag: "--amp", name: "amp", aliases: ["-a"], kind: "switch" as const, isList: false },
  { flag: "--sizes", name: "sizes", aliases: [], kind: "option" as const, isList: true },
  { flag: "files", name: "files", aliases: [], kind: "positional" as const, isList: true },
].map((argument) => ({ ...argument, type: "unknown" as const, isRequired: false, line: 0 }));
assert.ok(amp && sizes && files);
const DECLARED = { dialect: "argparse" as const, isComplete: true, arguments: [amp, sizes, files] };

test("orphans no value and drops none that is another argument's", () => {
  for (const script of [NO_ARGUMENTS, DECLARED]) {
    check(
      "--set optim.lr=0.1 --set optim.wd=0.01",
      "--set optim.lr=0.2",
      "--set optim.wd=0.01 --set optim.lr=0.2",
      script,
    );
    check("--url http://x?a=b", "--url http://y?c=d", "--url http://y?c=d", script);
  }
  check("--amp ./data", "--amp", "--amp ./data --amp");
  check("--amp ./data", "-a", "./data -a", DECLARED);
  check("--sizes 1 2 --amp", "--sizes 3", "--amp --sizes 3", DECLARED);
  check("--amp one two", "three", "--amp one two three", DECLARED);
});
