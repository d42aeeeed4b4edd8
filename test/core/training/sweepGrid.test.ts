import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScriptArgument, ScriptArguments } from "../../../src/core/training/scriptArguments.ts";
import {
  gridPoints,
  gridProblem,
  pointFolder,
  readSweepText,
  readSweepWords,
} from "../../../src/core/training/sweep/sweepGrid.ts";

const argument = (flag: string, change: Partial<ScriptArgument>): ScriptArgument => ({
  flag,
  kind: "option",
  name: flag.replace(/^-+/, "").replaceAll("-", "_"),
  aliases: [],
  type: "unknown",
  isRequired: false,
  isList: false,
  line: 0,
  ...change,
});

const script: ScriptArguments = {
  dialect: "argparse",
  isComplete: true,
  arguments: [
    argument("--learning-rate", { type: "float" }),
    argument("--batch-size", { type: "integer" }),
    argument("--optimizer", { choices: ["adam", "sgd"] }),
    argument("--amp", { kind: "switch", negative: "--no-amp" }),
    argument("--seed", { type: "integer" }),
  ],
};

function check(
  text: string,
  expected: { runs?: string[]; rest?: string; problems?: string[] },
  declared = script,
): void {
  const { axes, rest, problems } = readSweepText(text, declared);
  const runs = problems.length > 0 ? [] : gridPoints(axes).map(({ words }) => words.join(" "));
  assert.deepEqual({ runs, rest, problems }, { runs: [], rest: "", problems: [], ...expected }, text);
}

test("reads a grid in the words of the script, the last argument varying fastest", () => {
  check("lr=1e-3,1e-4 batch=32,64", {
    runs: [
      "--learning-rate 1e-3 --batch-size 32",
      "--learning-rate 1e-3 --batch-size 64",
      "--learning-rate 1e-4 --batch-size 32",
      "--learning-rate 1e-4 --batch-size 64",
    ],
  });
  check("--optimizer adam,sgd", { runs: ["--optimizer adam", "--optimizer sgd"] });
  check("3 seeds", { runs: ["--seed 1", "--seed 2", "--seed 3"] });
  check("two different seeds on cpu", { runs: ["--seed 1", "--seed 2"], rest: "on cpu" });
  check("seed=1..3", { runs: ["--seed 1", "--seed 2", "--seed 3"] });
  check("seed 2..1", { runs: ["--seed 2", "--seed 1"] });
  check("lr=0.1, 0.2", { runs: ["--learning-rate 0.1", "--learning-rate 0.2"] });
  check("batch=64..192..64", { runs: ["--batch-size 64", "--batch-size 128", "--batch-size 192"] });
  check("seed=9..1..4 on cpu", { runs: ["--seed 9", "--seed 5", "--seed 1"], rest: "on cpu" });
  check("amp=on,off", { runs: ["--amp", "--no-amp"] });
});

test("reads a list of values as people write one", () => {
  const rates = ["--learning-rate 0.1", "--learning-rate 0.01", "--learning-rate 0.001"];
  check("try learning rates 0.1, 0.01 and 0.001.", { runs: rates, rest: "try" });
  check("batch sizes 32 and 64 with seed 1", {
    runs: ["--batch-size 32", "--batch-size 64"],
    rest: "with seed 1",
  });
  check("seed 1,2 and 5 epochs", { runs: ["--seed 1", "--seed 2"], rest: "and 5 epochs" });
});

test("leaves what all runs have in common to be read as any request", () => {
  check("train.py lr=1e-3,1e-4 with batch size 32 on cpu", {
    runs: ["--learning-rate 1e-3", "--learning-rate 1e-4"],
    rest: "train.py with batch size 32 on cpu",
  });
  check("lr=1e-3, batch=32,64", { runs: ["--batch-size 32", "--batch-size 64"], rest: "lr=1e-3," });
  check("on gpu 0,1", { runs: [""], rest: "on gpu 0,1" });
});

test("says what the script would refuse before anything is queued", () => {
  check("lr=fast,slow", { problems: ["`--learning-rate` wants a number, not `fast`."] });
  check("lr=0.1,0.2,0.1", {
    problems: ["`lr` has the value `0.1` twice. Write it once; to repeat a training, vary its seed."],
  });
  check("optimizer=adam,lion", { problems: ["`--optimizer` wants `adam` or `sgd`, not `lion`."] });
  check("--sed 1,2", { problems: ["`--sed` is no argument of this script. Did you mean `--seed`?"] });
  check("momentum=1,2", {
    problems: ["`momentum` is no argument of this script. It takes learning-rate, batch-size, optimizer, amp, seed."],
  });
});

test("writes overrides for Hydra, and flags as they are typed where nothing is known", () => {
  const unknown: ScriptArguments = { dialect: "none", isComplete: false, arguments: [] };
  check("model.width=8,16", { runs: ["model.width=8", "model.width=16"] }, { ...unknown, dialect: "hydra" });
  check("--width=8,16", { runs: ["--width 8", "--width 16"] }, unknown);
  check(
    "width=8,16",
    {
      problems: [
        "How `width` is written on the command line could not be read. Write it with its dashes: `--width=8,16`.",
      ],
    },
    unknown,
  );
});

test("cuts no value at a comma in its brackets, and takes none whose brackets do not close", () => {
  const hydra: ScriptArguments = { dialect: "hydra", isComplete: false, arguments: [] };
  const flags: ScriptArguments = { ...hydra, dialect: "none" };
  check("hidden=[64,64],[128,128]", { runs: ["hidden=[64,64]", "hidden=[128,128]"] }, hydra);
  check("hidden=[64, 64], [[1,2],[3]] x", { runs: ["hidden=[64, 64]", "hidden=[[1,2],[3]]"], rest: "x" }, hydra);
  check("opt={a:1,b:2},{a:2}", { runs: ["opt={a:1,b:2}", "opt={a:2}"] }, hydra);
  check("--betas=(0.9,0.999),(0.8,0.99)", { runs: ["--betas (0.9,0.999)", "--betas (0.8,0.99)"] }, flags);
  check("hidden=[64,64", { runs: [""], rest: "hidden=[64,64" }, hydra);
  check("hidden=[64,64]", { runs: [""], rest: "hidden=[64,64]" }, hydra);
});

test("takes the words of a shell as they are", () => {
  const { axes } = readSweepWords(["tag=v1.,v2."], { dialect: "hydra", isComplete: false, arguments: [] });
  assert.deepEqual(
    gridPoints(axes).map(({ words }) => words.join(" ")),
    ["tag=v1.", "tag=v2."],
  );
});

const problemOf = (text: string) => gridProblem(readSweepText(text, script).axes);

test("refuses what is no grid", () => {
  assert.match(problemOf("lr=0.1") ?? "", /^Nothing varies\./);
  assert.match(problemOf("lr=0.1,0.2 --learning-rate 0.3,0.4") ?? "", /varies twice/);
  assert.match(
    problemOf("seed=1..33 lr=1,2,3,4") ?? "",
    /^132 runs are more than a sweep may have, which is 128 runs\./,
  );
  assert.match(problemOf("seed=1..1000000000") ?? "", /^These are more than a sweep may have, which is 128 runs\./);
  assert.equal(problemOf("seed=1..32 lr=1,2,3,4"), undefined);
  assert.equal(problemOf("seed=1..100"), undefined);
});

test("names a folder that every file system takes, another one for each run", () => {
  assert.equal(pointFolder({ "learning-rate": "1e-3", model: "a/b c" }, 4), "learning-rate-1e-3_model-a-b-c_4");
  const { axes } = readSweepText("--data data/a,data-a,DATA/a --seed 1,2", {
    ...script,
    arguments: [argument("--data", {}), argument("--seed", {})],
  });
  const long = gridPoints(axes).map(({ values }) => ({ prefix: "x".repeat(130), ...values }));
  const folders = long.map((values, at) => pointFolder(values, at + 1).toLowerCase());
  assert.equal(new Set(folders).size, 6);
  assert.ok(folders.every((folder) => folder.length < 128));
});
