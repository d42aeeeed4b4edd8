import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeFacts, renderFactsMarkdown, type WorkspaceFact } from "../../../src/core/knowledge/workspaceFacts.ts";

const torch: WorkspaceFact = {
  key: "ml_framework",
  value: "torch >=2",
  source: { path: "requirements.txt", line: 2 },
  confidence: "certain",
};
const folder: WorkspaceFact = {
  key: "model_dirs",
  value: "checkpoints",
  source: { path: "checkpoints" },
  confidence: "likely",
};
const script: WorkspaceFact = {
  key: "training_script",
  value: "src/train.py",
  note: "named train.py",
  source: { path: "src/train.py" },
  confidence: "likely",
};

test("keeps one of several equal statements, the certain one first", () => {
  assert.deepEqual(mergeFacts([{ ...torch, confidence: "likely" }, torch, { ...torch, source: { path: "x" } }]), [
    torch,
  ]);
});

test("renders facts in a fixed order with their places", () => {
  assert.deepEqual(renderFactsMarkdown([folder, script, torch]), {
    markdown: [
      "**Frameworks**",
      "",
      "- torch >=2 · `requirements.txt:3`",
      "",
      "**Training scripts**",
      "",
      "- `src/train.py` · named train.py",
      "",
      "**Checkpoints**",
      "",
      "- `checkpoints`",
      "",
    ].join("\n"),
    references: [{ path: "requirements.txt", line: 2 }, { path: "src/train.py" }, { path: "checkpoints" }],
  });
});

test("counts what is too much to list, and says when there is nothing", () => {
  const many = Array.from({ length: 20 }, (_, index) => ({ ...folder, value: `run-${index}` }));
  assert.match(renderFactsMarkdown(many).markdown, /- and 8 more\n$/);
  assert.match(renderFactsMarkdown([]).markdown, /^Nothing about machine learning .*New Training Script/);
});
