import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dropSecretWords,
  maskSecretValue,
  maskSecretWords,
  replaceSecretWords,
  unmaskSecretWords,
} from "../../../src/core/base/secretWords.ts";

const words = (line: string) => line.split(" ");

test("masks the secrets of a command and keeps all else", () => {
  for (const [line, expected] of [
    ["train.py --api-key hunter22 --lr 0.1", "train.py --api-key … --lr 0.1"],
    ["train.py --hf_token=hunter22", "train.py --hf_token=…"],
    ["train.py logger.api_key=hunter22 +wandb.token=x lr=1", "train.py logger.api_key=… +wandb.token=… lr=1"],
    ["env WANDB_API_KEY=hunter22 python train.py", "env WANDB_API_KEY=… python train.py"],
    [`train.py sk-${"a1".repeat(12)}`, "train.py …"],
    ["train.py --api-key --verbose", "train.py --api-key --verbose"],
    ["train.py --api-key -v --use-auth-token true", "train.py --api-key -v --use-auth-token true"],
    ["train.py --password -hunter2 --api-keys a b --lr 1", "train.py --password … --api-keys … … --lr 1"],
    [
      "train.py trainer.logger@x.api_key=abc model.hub[token]=abc",
      "train.py trainer.logger@x.api_key=… model.hub[token]=…",
    ],
    ["train.py --db postgres://u:secret9@h/db", "train.py --db postgres://…@h/db"],
    ["train.py --passes 3 --path a --key-padding 1", "train.py --passes 3 --path a --key-padding 1"],
    ["train.py --pad-token <pad> --data a=b", "train.py --pad-token <pad> --data a=b"],
  ] as const) {
    assert.deepEqual(maskSecretWords(words(line)), words(expected));
  }
  assert.equal(maskSecretValue("--api-key", "hunter22"), "…");
  assert.equal(maskSecretValue("--lr", "0.1"), "0.1");
});

test("masks the secrets within a word, such as the command of a shell", () => {
  for (const [word, expected] of [
    ["python3 t.py --hub-token Swordfish99 --lr 1", "python3 t.py --hub-token … --lr 1"],
    ["t.py --hub-token \\\n Sword --pwd='a b' --lr 1", "t.py --hub-token \\\n … --pwd='…' --lr 1"],
    ["cd x && HF_TOKEN=x PGPASSWORD='a b' t.py", "cd x && HF_TOKEN=… PGPASSWORD='…' t.py"],
    ['{"api_key": "hun\\"ter", "lr": 0.1, "api_keys": ["a", "b"]}', '{"api_key": "…", "lr": 0.1, "api_keys": […]}'],
    ['{\\"api_key\\": \\"hunter2\\"}', '{\\"api_key\\": \\"…\\"}'],
    ["{api_key: hunter2x, token:abc}", "{api_key: …, token:…}"],
    ["https://h/x?lr=1&token=abc", "https://h/x?lr=1&token=…"],
  ] as const) {
    assert.deepEqual(maskSecretWords(["bash", "-c", word]), ["bash", "-c", expected]);
  }
  for (const word of [
    'train --hub-token $HF_TOKEN --pad-token x --push-token "${HF_TOKEN}"',
    "t.py --max_tokens 3 --passes 3 && KEYBOARD=us PWD=/w python t.py",
    '{"pad_token": "x", "sort_key": "a", "use_auth_token": true}',
    "run --with secrets:sources=a --batch-size 3",
    "registry/token:latest",
  ]) {
    assert.deepEqual(maskSecretWords(["bash", "-c", word]), ["bash", "-c", word]);
  }
});

test("who edits a command within a word keeps its secrets", () => {
  const original = ["bash", "-c", "t.py --hub-token Sword --lr 1"];
  assert.deepEqual(unmaskSecretWords(["bash", "-c", "t.py --hub-token … --lr 2"], original), [
    "bash",
    "-c",
    "t.py --hub-token Sword --lr 2",
  ]);
});

test("words are judged in linear time", () => {
  const started = process.cpuUsage();
  for (const part of ['token="', "--token ", "token = ", "token:", "a-", "--", '\\"token', "[", "--token\\\n", "sk-"]) {
    maskSecretWords([part.repeat(20_000)]);
  }
  const many = Array.from({ length: 5000 }, () => ["--token", "x"]).flat();
  assert.deepEqual(unmaskSecretWords(maskSecretWords(many), many), many);
  assert.ok(process.cpuUsage(started).user < 3_000_000);
});

test("drops secret arguments with their flags", () => {
  const line = "--lr 0.1 --api-key hunter22 --hf_token=x wandb.api_key=y --epochs 3";
  assert.deepEqual(dropSecretWords(words(line)), words("--lr 0.1 --epochs 3"));
  const shaped = `--lr 0.1 --teacher hf_${"a".repeat(34)} --db=postgres://u:secret9@h/db --epochs 3`;
  assert.deepEqual(dropSecretWords(words(shaped)), words("--lr 0.1 --epochs 3"));
  assert.deepEqual(dropSecretWords(words("--env API_KEY=hunter22 --lr 1")), words("--lr 1"), "no bare flag is left");
});

test("a flag that only ends like several takes one value", () => {
  assert.deepEqual(dropSecretWords(words("--db-pass hunter2 data/train")), words("data/train"));
  assert.deepEqual(dropSecretWords(words("--credentials c.json data/train out")), words("data/train out"));
  assert.deepEqual(dropSecretWords(words("--secrets a b --api-keys a b --lr 1")), words("--lr 1"));
});

test("who edits masked words keeps the secrets that are not touched", () => {
  const original = words("--api-key hunter22 --hub-token=abc --lr 0.1");
  const edited = words("--lr 0.3 --hub-token=… --api-key …");
  assert.deepEqual(unmaskSecretWords(edited, original), words("--lr 0.3 --hub-token=abc --api-key hunter22"));
  assert.deepEqual(unmaskSecretWords(words("--api-key new"), original), words("--api-key new"));
  assert.deepEqual(unmaskSecretWords(words("--api-key=… --lr …"), original), words("--api-key=hunter22 --lr …"));
  const address = words("--db postgres://u:secret9@h/db …");
  assert.deepEqual(
    unmaskSecretWords(words("--db postgres://…@host2/db …"), address),
    words("--db postgres://u:secret9@host2/db …"),
  );
});

test("secrets under one name keep their order when the line is edited", () => {
  for (const line of ["--token one1 --lr 1 --token two2", "token=one1 token=two2", "--token one1 --token one1"]) {
    assert.deepEqual(unmaskSecretWords(maskSecretWords(words(line)), words(line)), words(line));
  }
  const original = words("--token one1 --lr 1 --token two2");
  assert.deepEqual(
    unmaskSecretWords(words("--token … --lr 2 --token … --token …"), original),
    words("--token one1 --lr 2 --token two2 --token two2"),
  );
});

test("no address gets the password of another one when the line is edited", () => {
  const original = words("--src https://u:aaaa1@h1/x --dst https://u:bbbb2@h2/x");
  for (const [edited, expected] of [
    ["--dst https://…@h2/x", "--dst https://u:bbbb2@h2/x"],
    ["--dst https://…@h2/x --src https://…@h1/x", "--dst https://u:bbbb2@h2/x --src https://u:aaaa1@h1/x"],
    ["--to https://…@h2/x", "--to https://u:bbbb2@h2/x"],
    ["--dst https://…@h3/x", "--dst https://…@h3/x"],
  ] as const) {
    assert.deepEqual(unmaskSecretWords(words(edited), original), words(expected));
  }
  const sameHost = words("--src https://u:aaaa1@h/x --dst https://u:bbbb2@h/x");
  assert.deepEqual(unmaskSecretWords(words("--dst https://…@h/x"), sameHost), words("--dst https://u:bbbb2@h/x"));
  assert.deepEqual(unmaskSecretWords(words("--to https://…@h/x"), sameHost), words("--to https://…@h/x"));
});

test("a switch before a secret assignment is no part of it", () => {
  const line = words("train.py --multirun wandb.api_key=abc123 lr=0.1");
  assert.deepEqual(maskSecretWords(line), words("train.py --multirun wandb.api_key=… lr=0.1"));
  assert.deepEqual(dropSecretWords(line), words("train.py --multirun lr=0.1"));
  assert.deepEqual(
    replaceSecretWords(line, (name) => `<${name}>`),
    words("train.py --multirun wandb.api_key=<wandb.api_key> lr=0.1"),
  );
  const shell = ["bash", "-c", "HF_TOKEN=abc python t.py --lr 1"];
  assert.deepEqual(maskSecretWords(shell), ["bash", "-c", "HF_TOKEN=… python t.py --lr 1"]);
  assert.deepEqual(maskSecretWords(words("--hub-token api_key=abc")), words("--hub-token …"));
});
