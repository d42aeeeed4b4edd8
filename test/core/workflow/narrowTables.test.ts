import assert from "node:assert/strict";
import { test } from "node:test";
import { narrowTables } from "../../../src/core/workflow/narrowTables.ts";
import { table } from "../../../src/core/workflow/renderOutput.ts";

test("a wide table becomes a list by its rows, and a narrow one stays", () => {
  const narrow = table(["Question", "Answer"], [["Where?", "batch"]]);
  assert.equal(narrowTables(narrow), narrow);
  const risks = table(
    ["Risk", "Severity", "What could happen", "Evidence"],
    [
      ["leakage", "high", "Rows of the test set | may be seen in the training.", "train.py:3"],
      ["shift", "low", "Nothing.", ""],
    ],
  );
  assert.equal(
    narrowTables(`Before.\n\n${risks}\n\nBehind.`),
    [
      "Before.",
      "**leakage**",
      "- _Severity:_ high\n- _What could happen:_ Rows of the test set | may be seen in the training.\n- _Evidence:_ train.py:3",
      "**shift**: Severity low · What could happen Nothing.",
      "Behind.",
    ].join("\n\n"),
  );
  const approaches = table(
    ["", "Baseline", "Deep"],
    [
      ["Inference", "in batches, once a night", "in batches, once a night"],
      ["Performance (of 5)", "2", "5"],
    ],
  );
  assert.equal(
    narrowTables(approaches),
    "**Inference**: in batches, once a night\n\n**Performance (of 5)**: Baseline 2 · Deep 5",
  );
  assert.equal(narrowTables("| no table |\n\n| --- |"), "| no table |\n\n| --- |");
});
