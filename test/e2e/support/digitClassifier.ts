import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/paths.mjs";

const FOLDER = join(root, "test", "fixtures", "digitClassifier");

const read = (path: string) => ({ path, content: readFileSync(join(FOLDER, path), "utf8") });

/** A small training on the sample's digits, by the task of `/develop` that writes each part of it. */
export const CLASSIFIER = {
  model: [read("digit_classifier.py"), read("test_digit_classifier.py")],
  training: [read("train_classifier.py"), read("test_train_classifier.py")],
  serving: [read("predict_digits.py"), read("test_predict_digits.py"), read("evaluate_classifier.py")],
} as const;

/** Where the training leaves its model. */
const CHECKPOINT = "checkpoints/classifier.pt";

/** The tests that show a check of `/develop`. */
export const TESTS = {
  unit: "test_digit_classifier.py",
  integration: "test_train_classifier.py",
  smoke: "test_predict_digits.py",
} as const;

/** Runs a program of the workspace with the Python of the sample and gives what it prints. */
export function runPython(workspace: string, ...words: readonly string[]): string {
  return execFileSync(join(workspace, ".venv", "bin", "python"), words, { cwd: workspace, encoding: "utf8" });
}

/** Runs test files of the workspace; throws where one fails. */
export function runTests(workspace: string, ...files: readonly string[]): void {
  runPython(workspace, "-m", "unittest", "-q", ...files.map((file) => file.replace(/\.py$/, "")));
}

/** A layer of 64 inputs and 64 units, and one from there to ten digits, each with its biases. */
const PARAMETERS = 64 * 64 + 64 + 64 * 10 + 10;

/** Whether the training has left a whole model that has learned something, as Trainyard reads it from the file. */
export function assertTrained(workspace: string): void {
  const words = [join(root, "dist", "cli.js"), "inspect", CHECKPOINT, "--json"];
  const { completeness, parameterCount, metrics } = JSON.parse(
    execFileSync(process.execPath, words, { cwd: workspace, encoding: "utf8" }),
  );
  assert.deepEqual([completeness.state, parameterCount], ["whole", PARAMETERS]);
  assert.ok(metrics.val_accuracy > 0.9, `${metrics.val_accuracy}`);
}
