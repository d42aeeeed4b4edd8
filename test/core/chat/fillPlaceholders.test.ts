import assert from "node:assert/strict";
import { test } from "node:test";
import { asksForFacts, fillPlaceholders } from "../../../src/core/chat/fillPlaceholders.ts";
import type { WorkspaceFacts } from "../../../src/core/knowledge/fact.ts";

function folder(trainCommand?: string): WorkspaceFacts {
  const nothing = { conflicts: [], problems: [], omissions: [] };
  return trainCommand === undefined
    ? { ...nothing, facts: [], unknown: [{ key: "train_command", hint: "No training script was found." }] }
    : {
        ...nothing,
        facts: [{ key: "train_command", value: trainCommand, why: "runs it", confidence: "likely" }],
        unknown: [],
      };
}

test("a placeholder is replaced by the fact, and says so where nothing is known", () => {
  const cases: [text: string, folders: WorkspaceFacts[], expected: string][] = [
    ["Run `{train_command}`.", [folder("make train")], "Run `make train`."],
    ["Run `{train_command}`.", [folder("make train"), folder("python t.py")], "Run `make train; python t.py`."],
    ["Run `{train_command}`.", [folder(), folder("make train")], "Run `make train`."],
    ["Run `{train_command}`.", [folder()], "Run `unknown (No training script was found.)`."],
    ["Run `{train_command}`.", [], "Run `unknown (No folder is open.)`."],
    [
      "f'{loss_value}' ${train_command} {{train_command}}",
      [folder("make")],
      "f'{loss_value}' ${train_command} {{train_command}}",
    ],
    ["{train_command}", [folder("echo $& {resume_command}")], "echo $& {resume_command}"],
  ];
  for (const [text, folders, expected] of cases) {
    assert.equal(fillPlaceholders(text, folders), expected);
  }
});

test("only instructions with a placeholder ask for facts", () => {
  assert.deepEqual(["Run {train_command}.", "f'{loss_value}'", "Help."].map(asksForFacts), [true, false, false]);
});
