import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "jsonc-parser";
import type { EditorTask } from "../../../src/core/training/editorTask.ts";
import { mergeTask } from "../../../src/node/training/taskFile.ts";

const task: EditorTask = {
  label: "Train digits",
  type: "process",
  command: "python",
  args: ["train.py"],
  options: { cwd: "${workspaceFolder}", env: {} },
  problemMatcher: [],
};

const WRITTEN = `{
  // ours
  "version": "2.0.0",
  "tasks": [
    // checks the style
    { "label": "lint", "type": "shell", "command": "ruff" }, // fast
    // trains
    { "label": "Train digits", "type": "shell", "command": "make" }, /* by hand */
  ],
  "inputs": [],
}
`;

function check(text: string, labels: readonly string[]): string {
  const merged = mergeTask(text, task);
  const read: unknown = parse(merged, [], { allowTrailingComma: true });
  assert.partialDeepStrictEqual(read, {
    version: "2.0.0",
    tasks: labels.map((label) => (label === task.label ? task : { label })),
  });
  return merged;
}

test("adds a task to what is there, or replaces the one with its label, and keeps every comment", () => {
  const comments = ["// ours", "// checks the style", "// fast", "// trains", "/* by hand */"];
  const replaced = check(WRITTEN, ["lint", "Train digits"]);
  const added = check(WRITTEN.replace("Train digits", "Train cats"), ["lint", "Train cats", "Train digits"]);
  for (const comment of comments) {
    assert.ok(replaced.includes(comment) && added.includes(comment), comment);
  }
  assert.match(added, /\/\* by hand \*\/\n {4}\{\n/);
  check("", ["Train digits"]);
  check("{}", ["Train digits"]);
  check('{ "version": "2.0.0", "tasks": [{ "label": "lint" }] }', ["lint", "Train digits"]);
});

test("refuses to write over a file that is no list of tasks, and says where", () => {
  for (const [text, line, reason] of [
    ['{\n  "version": "2.0.0",\n  "tasks": [\n    { "label": \n', 4, "is no JSON"],
    ['{\n  "tasks": [}\n', 2, "is no JSON"],
    ['{\n  "tasks": {}\n}\n', 2, "has no list under `tasks`"],
    ["[]", 1, "has no list under `tasks`"],
  ] as const) {
    assert.throws(() => mergeTask(text, task), {
      message: new RegExp(`^\`\\.vscode/tasks\\.json\` ${reason}.*\\(line ${line}\\)\\. Nothing was changed\\.`),
    });
  }
});
