import assert from "node:assert/strict";
import { test } from "node:test";
import { takeWaitWords, type WaitWords } from "../../../src/core/training/waitWords.ts";

function check(text: string, expected: WaitWords): void {
  const runs = ["latest", "20261121-030000-digits-0001"];
  assert.deepEqual(
    takeWaitWords(text, (word) => runs.includes(word)),
    expected,
    text,
  );
}

test("takes out of a sentence what it says about the start", () => {
  check("train.py with lr 3e-4", { text: "train.py with lr 3e-4", isForFreeGpu: false });
  check("with 5 epochs after latest", { text: "with 5 epochs", after: "latest", isForFreeGpu: false });
  check("after run 20261121-030000-digits-0001 has ended, lr 0.1", {
    text: ", lr 0.1",
    after: "20261121-030000-digits-0001",
    isForFreeGpu: false,
  });
  check("lr 0.1 when a GPU is free", { text: "lr 0.1", isForFreeGpu: true });
  check("on the next free gpu", { text: "", isForFreeGpu: true });
  check("once latest is done, on a free GPU", { text: ",", after: "latest", isForFreeGpu: true });
});

test("leaves alone what names no run", () => {
  check("stop after 5 epochs", { text: "stop after 5 epochs", isForFreeGpu: false });
  check("with warmup when training", { text: "with warmup when training", isForFreeGpu: false });
});
