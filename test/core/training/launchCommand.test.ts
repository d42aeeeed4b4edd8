import assert from "node:assert/strict";
import { test } from "node:test";
import { launchCommandOf, readMakeTargets } from "../../../src/core/training/launchCommand.ts";
import { gpusOf } from "../../../src/core/training/launcherGpus.ts";
import { waitOf } from "../../../src/core/training/runWait.ts";
import { assertScales } from "../../support/assertScales.ts";

const named = { makeTargets: new Set(["train"]), projectScripts: new Set(["x-train"]) };

test("a whole command of a launcher, of make or of the project is one", () => {
  for (const text of [
    "torchrun --standalone --nproc-per-node 2 train.py --lr 0.2",
    "accelerate launch train.py",
    "deepspeed --num_gpus 2 train.py --deepspeed ds.json",
    "python3.11 -m pkg.train --lr 3",
    ".venv/bin/python -m torch.distributed.run train.py",
    "WANDB_API_KEY=abc torchrun -m pkg.train",
    "uv run train.py",
    "make train",
    "make train -f gpu.mk",
    "x-train --lr 3",
    "x-train run --lr 3",
    "poetry run train --lr 1",
    "uv run train",
    "python -m spacy train config.cfg --output out",
    "python -m lightning run train.py",
    "torchrun train.py train",
  ]) {
    assert.deepEqual(launchCommandOf(text, named), { words: text.split(" "), leftOut: "" }, text);
  }
  const words = ["python", "-m", "pkg.train", "--lr", "3"];
  assert.deepEqual(launchCommandOf("-m pkg.train --lr 3", named), { words, leftOut: "" });
});

test("a script with its arguments and a sentence are none", () => {
  for (const text of [
    "",
    "train.py --lr 3",
    "python train.py",
    "with torchrun on 2 gpus",
    "torchrun please",
    "accelerate the training",
    "make it faster",
    "torchrun 'train.py",
    "LR=3",
    "make train faster please",
    "make train on cpu",
  ]) {
    assert.equal(launchCommandOf(text, named), undefined, text);
  }
});

test("what is said behind a command is no part of it", () => {
  for (const [text, command, leftOut] of [
    ["x-train with lr 3e-4", "x-train", "with lr 3e-4"],
    ["torchrun train.py on two gpus", "torchrun train.py", "on two gpus"],
    ["python -m pkg.train with lr 3e-4 on cpu", "python -m pkg.train", "with lr 3e-4 on cpu"],
    ["accelerate launch train.py --note with please", "accelerate launch train.py --note with", "please"],
  ] as const) {
    assert.deepEqual(launchCommandOf(text, named), { words: command.split(" "), leftOut }, text);
  }
});

test("a script of the project that is called as sentences begin is one only without a remark", () => {
  const trains = { ...named, projectScripts: new Set(["train"]) };
  assert.equal(launchCommandOf("train with lr 3e-4", trains), undefined);
  assert.deepEqual(launchCommandOf("train --lr 3e-4", trains)?.words, ["train", "--lr", "3e-4"]);
});

test("the targets of a Makefile are the names before a colon", () => {
  const text = ".PHONY: train\nDATA := x\nLR = 1\ntrain eval: data\n\tpython train.py: x\ndata:\n";
  assert.deepEqual([...readMakeTargets(text)], ["train", "eval", "data"]);
});

test("a line of a Makefile costs no more than its length", () => {
  assertScales("blanks", (size) => readMakeTargets(`a${" ".repeat(size)}b\n`), 25_000);
});

test("a launcher that starts several processes needs as many GPUs", () => {
  const needs: Record<string, number> = {
    "torchrun --nproc-per-node 2 train.py": 2,
    "/venv/bin/torchrun --standalone --nproc_per_node=4 -m pkg.train --nproc-per-node 9": 4,
    "python -m torch.distributed.run --nproc_per_node 3 train.py": 3,
    "accelerate launch --num_processes 2 train.py --num_processes 8": 2,
    "deepspeed --num_gpus=2 train.py": 2,
    "uv run torchrun --nproc-per-node 2 train.py": 2,
    "torchrun --nproc-per-node gpu train.py": 1,
    "torchrun train.py --nproc-per-node 2": 1,
    "python train.py --num_gpus 2": 1,
    "python train.py --strategy deepspeed --num_processes 4": 1,
    "python train.py --launcher torchrun --num-gpus 8": 1,
    "python -m pkg.train --launcher torchrun --num-gpus 8": 1,
    "accelerate launch --num_machines 2 --num_processes 8 train.py": 4,
    "accelerate launch --num_processes=8 --num_machines=4 train.py": 2,
    "accelerate launch --cpu --num_processes 4 train.py": 1,
    "accelerate launch --num_processes 4 train.py --cpu": 4,
  };
  for (const [text, count] of Object.entries(needs)) {
    const command = text.split(" ");
    assert.equal(gpusOf(command), count, text);
    const device = { kind: "cuda" as const, reason: "the first GPU that is free", gpus: [] };
    assert.deepEqual(waitOf({ device, command }, undefined), { gpus: count });
  }
});
