import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fact, WorkspaceFacts } from "../../../src/core/knowledge/fact.ts";
import { renderFactsMarkdown } from "../../../src/core/knowledge/renderFacts.ts";

function fact(key: Fact["key"], value: string, rest: Partial<Fact> = {}): Fact {
  return { key, value, why: "declared", confidence: "declared", source: { path: "a.txt", line: 2 }, ...rest };
}

const FACTS: WorkspaceFacts = {
  facts: [
    fact("ml_framework", "torch 2.4", { confidence: "installed", why: "installed", source: { path: "x/METADATA" } }),
    fact("tech_stack", "numpy"),
    fact("tech_stack", "wandb"),
    fact("tech_stack", "optuna"),
    fact("tech_stack", "ray"),
    fact("data_dirs", "data", { source: { path: "data" } }),
    fact("train_command", "make train"),
    fact("train_command", "python train.py"),
    fact("list_runs_command", "x".repeat(80)),
  ],
  unknown: [{ key: "model_dirs", hint: "" }],
  conflicts: [
    { message: "one", severity: "warning", sources: [] },
    { message: "two", severity: "information", sources: [] },
  ],
  problems: [],
  omissions: ["three"],
};

test("a brief answer has a line for each kind, with the surest of it and their places", () => {
  const { markdown, references } = renderFactsMarkdown(FACTS, "brief");
  assert.deepEqual(markdown.trimEnd().split("\n\n"), [
    [
      "- **Frameworks**: torch 2.4 (installed)",
      "- **Tools**: numpy (`a.txt:3`), wandb (`a.txt:3`), optuna (`a.txt:3`), and 1 more",
      "- **Data**: `data`",
      "- **Train**: `make train` (`a.txt:3`), and 1 more",
      `- **List runs of a flow**: \`${"x".repeat(59)}…\` (\`a.txt:3\`)`,
    ].join("\n"),
    "**Conflicts**",
    "- one",
    "**Remarks**",
    "- two",
    "**Left out**",
    "- three",
    "**Not known**: `model_dirs`. Set what matters in `.trainyard/facts.yaml` or in the settings `trainyard.facts.*`.",
  ]);
  assert.equal(references.length, 3);
});

test("the whole of it says why of each, and keeps conflicts and remarks apart", () => {
  const { markdown } = renderFactsMarkdown(FACTS);
  assert.match(markdown, /^\*\*Train\*\*\n\n- `make train` · declared · `a\.txt:3`\n- `python train\.py` · declared/m);
  assert.match(markdown, /\*\*Conflicts\*\*\n\n- one\n\n\*\*Remarks\*\*\n\n- two\n/);
});
