import assert from "node:assert/strict";
import { test } from "node:test";
import {
  filledInWords,
  leftOutOfTask,
  renderEditorTask,
  taskProblem,
  variablesOf,
} from "../../../src/core/training/editorTask.ts";
import { buildRun } from "../../support/runBuilder.ts";

test("a plan becomes a task without a shell, relative to the folder and named by what was given", () => {
  const { plan } = buildRun("finished").record;
  const given = { flag: "--lr", value: "0.1", source: "given" as const };
  const task = renderEditorTask({ ...plan, command: [...plan.command, "--lr", "0.1"], arguments: [given] }, "/w");
  assert.deepEqual(task, {
    label: "Train digits lr 0.1",
    type: "process",
    command: "${workspaceFolder}/.venv/bin/python",
    args: ["train.py", "--lr", "0.1"],
    options: { cwd: "${workspaceFolder}", env: {} },
    problemMatcher: [],
  });
});

test("a task takes what is secret from the environment of whoever runs it", () => {
  const { plan } = buildRun("finished").record;
  const given = { flag: "--api-key", value: "hunter22", source: "given" as const };
  const command = [...plan.command, "--api-key", "hunter22", "--hub-token=hunter22", "--lr", "0.1"];
  const secret = { ...plan, command, environment: { HF_TOKEN: "hunter22" }, arguments: [given], unrecorded: ["TOKEN"] };
  const task = renderEditorTask(secret, "/w");
  assert.deepEqual(variablesOf(secret), ["API_KEY", "HUB_TOKEN", "HF_TOKEN", "TOKEN"]);
  assert.deepEqual(task.args.slice(1), ["--api-key", "${env:API_KEY}", "--hub-token=${env:HUB_TOKEN}", "--lr", "0.1"]);
  assert.deepEqual([task.options.env, task.label], [{ HF_TOKEN: "${env:HF_TOKEN}" }, "Train digits"]);
});

test("a task names no GPU as only one machine calls it, and keeps the numbers that a person gave", () => {
  const { plan } = buildRun("finished").record;
  const chosen = {
    ...plan,
    environment: { CUDA_VISIBLE_DEVICES: "GPU-9a1b2c33-5d2e,GPU-8b2c3d44", PYTHONUNBUFFERED: "1" },
  };
  assert.deepEqual(renderEditorTask(chosen, "/w").options.env, { PYTHONUNBUFFERED: "1" });
  assert.deepEqual(leftOutOfTask(chosen), ["CUDA_VISIBLE_DEVICES"]);
  const typed = { ...plan, environment: { CUDA_VISIBLE_DEVICES: "0,1" } };
  assert.deepEqual(renderEditorTask(typed, "/w").options.env, { CUDA_VISIBLE_DEVICES: "0,1" });
  assert.deepEqual(leftOutOfTask(typed), []);
});

test("a variable for a secret has a name that a shell can set", () => {
  const { plan } = buildRun("finished").record;
  const command = [
    ...plan.command,
    "--multirun",
    "wandb.api_key=abc",
    "+trainer/logger@x.api_key=abc",
    "hub[token]=abc",
  ];
  const secret = { ...plan, command };
  assert.deepEqual(variablesOf(secret), ["WANDB_API_KEY", "TRAINER_LOGGER_X_API_KEY", "HUB_TOKEN_"]);
  assert.deepEqual(renderEditorTask(secret, "/w").args.slice(1), [
    "--multirun",
    "wandb.api_key=${env:WANDB_API_KEY}",
    "+trainer/logger@x.api_key=${env:TRAINER_LOGGER_X_API_KEY}",
    "hub[token]=${env:HUB_TOKEN_}",
  ]);
});

test("what looks like a secret is none of a task's either, whatever it is called", () => {
  const { plan } = buildRun("finished").record;
  const key = `hf_${"a".repeat(34)}`;
  const address = "postgres://u:secret9@h/db";
  const command = [...plan.command, "--teacher", key, `--db=${address}`];
  const given = { flag: "--teacher", value: key, source: "given" as const };
  const secret = { ...plan, command, environment: { DATABASE_URL: address }, arguments: [given] };
  const task = renderEditorTask(secret, "/w");
  assert.deepEqual(task.args.slice(1), ["--teacher", "${env:TEACHER}", "--db=${env:DB}"]);
  assert.deepEqual([task.options.env, task.label], [{ DATABASE_URL: "${env:DATABASE_URL}" }, "Train digits"]);
  assert.deepEqual(variablesOf(secret), ["TEACHER", "DB", "DATABASE_URL"]);
  assert.equal(taskProblem(secret), undefined);
});

test("a plan with a secret that nothing names is no task, and the word is said", () => {
  const { plan } = buildRun("finished").record;
  for (const words of [["postgres://u:secret9@h/db"], ["-c", "postgres://u:secret9@h/db"]]) {
    const problem = taskProblem({ ...plan, command: [...plan.command, ...words] });
    const place = plan.command.length + words.length;
    assert.ok(problem?.startsWith(`Word ${place} of the command (postgres://…@h/db) holds a secret`), problem);
  }
});

test("paths of the folder are written relative to it wherever they stand", () => {
  const { plan } = buildRun("finished").record;
  const command = [...plan.command, "--data=/w/a,/w/b", "/w2/c", "x/w/d"];
  const task = renderEditorTask({ ...plan, command, environment: { PYTHONPATH: "/w:/opt:/w/src" } }, "/w");
  assert.deepEqual(task.args.slice(1), ["--data=${workspaceFolder}/a,${workspaceFolder}/b", "/w2/c", "x/w/d"]);
  assert.equal(task.options.env["PYTHONPATH"], "${workspaceFolder}:/opt:${workspaceFolder}/src");
});

test("what an editor would fill in is named, and what it leaves alone is not", () => {
  const { plan } = buildRun("finished").record;
  const words = ["${env:HOME}", "a=${workspaceFolder}/x", "${oc.env:HOME}", "${model.lr}", "$HOME", "${now:%Y}"];
  assert.deepEqual(filledInWords({ ...plan, command: [...plan.command, ...words] }), [
    "${env:HOME}",
    "${workspaceFolder}",
  ]);
});
