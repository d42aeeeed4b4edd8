import assert from "node:assert/strict";
import { test } from "node:test";
import { deliveredPaths, filesInDocument } from "../../../src/core/workflow/filesInDocument.ts";
import { transition } from "../../../src/core/workflow/transition.ts";
import { beginState, nextEvent, shippedWorkflow } from "../../support/workflows.ts";

const fenced = (path: string, text = "on: push\n") => `${path}\n\n\`\`\`yaml\n${text}\`\`\`\n`;

test("a fence below a path in backticks is a file, however the path is set", () => {
  for (const path of [
    "`.github/workflows/ci.yml`",
    "### `.github/workflows/ci.yml`",
    "**`.github/workflows/ci.yml`**:",
  ]) {
    assert.deepEqual(filesInDocument(`Text.\n\n${fenced(path)}\nMore.\n`), [
      { path: ".github/workflows/ci.yml", text: "on: push\n" },
    ]);
  }
  const both = `${fenced("`Dockerfile`", "FROM a\n# b\n")}\n${fenced("`Dockerfile`", "FROM c\n")}`;
  assert.deepEqual(filesInDocument(both), [{ path: "Dockerfile", text: "FROM c\n" }]);
});

test("what has no path, or one that leads elsewhere, is no file", () => {
  for (const line of [
    "As follows:",
    "`../ci.yml`",
    "`/etc/passwd`",
    "`a/../../b`",
    "`.git/hooks/pre-commit`",
    "`C:\\x`",
    "`a b`",
  ]) {
    assert.deepEqual(filesInDocument(fenced(line)), [], line);
  }
});

test("a finished pipeline names the files that its specialists left", () => {
  let state = beginState(shippedWorkflow("mlops-pipeline"));
  const text = fenced("`.github/workflows/ci.yml`");
  for (let due = nextEvent(state); due !== undefined; due = nextEvent(state)) {
    const { event } = due;
    if (event.kind === "task-finished" && event.task === "deployment" && event.output.kind === "notes") {
      const sections = event.output.sections.map((section) => ({ ...section, text }));
      due = { ...due, event: { ...event, output: { ...event.output, sections } } };
    }
    ({ state } = transition(state, due));
  }
  assert.deepEqual(deliveredPaths(state), [".github/workflows/ci.yml"]);
});
