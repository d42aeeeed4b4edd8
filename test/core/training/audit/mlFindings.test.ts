import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { applyEdits } from "../../../../src/core/metaflow/edit/applyEdits.ts";
import { checkMachineLearning } from "../../../../src/core/training/audit/checkMachineLearning.ts";
import { mentionsMachineLearning } from "../../../../src/core/training/audit/mlLibraries.ts";
import { ML_RULES } from "../../../../src/core/training/audit/mlRules.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

const findings = (text: string) => checkMachineLearning(parser, text).findings;

function checkCount(text: string, expected: number): void {
  assert.equal(findings(text).length, expected, text);
}

function checkBelowImport(text: string, expected: number): void {
  checkCount(`import sklearn\n${text}`, expected);
}

const silence = (rule: string) => `# trainyard: ignore[${rule}]`;

function checkMention(text: string, expected: boolean): void {
  assert.equal(mentionsMachineLearning(text), expected, text);
}

function checkRepair(text: string, expected: string): void {
  const [finding] = findings(text).filter(({ fixes }) => fixes.length > 0);
  const fixed = applyEdits(text, finding?.fixes[0]?.edits ?? []);
  assert.equal(fixed, expected);
  assert.ok(!findings(fixed).some(({ code }) => code === finding?.code));
}

describe("a finding", () => {
  test("is silenced on its line, on the line below a comment, and in a file", () => {
    const text = "import sklearn\na, b = train_test_split(X)";
    checkCount(text, 1);
    checkCount(`${text}  # trainyard: ignore[split-without-seed]`, 0);
    checkCount(text.replace("\na", "\n# trainyard: ignore\na"), 0);
    checkCount(`${text}  # trainyard: ignore[no-validation]`, 1);
    checkCount(`${text}\n\n# trainyard: ignore-file[split-without-seed, no-validation]`, 0);
    checkCount(`${text}\n# trainyard: ignore-file`, 0);
  });

  test("is silenced behind its statement, and by every comment that stands above it or behind it", () => {
    const both = "a, b = train_test_split(pd.concat([train_df, test_df]))";
    const [seed, joined] = [silence("split-without-seed"), silence("joined-with-test-data")];
    checkBelowImport(both, 2);
    checkBelowImport(`${seed}\n${joined}\n${both}`, 0);
    checkBelowImport(`${seed}\n# Small data.\n${both}  ${joined}`, 0);
    checkBelowImport(`${seed}\n\n${both}`, 2);
    checkBelowImport(`data = pd.concat(\n    [train_df, test_df],\n)  ${joined}`, 0);
    checkBelowImport(`data = pd.concat(  ${joined}\n    [train_df, test_df],\n)`, 0);
    checkBelowImport(`${seed}\nparts = check(\n    train_test_split(X),\n)`, 0);
    checkBelowImport(`parts = [\n    train_test_split(X),  ${seed}\n    train_test_split(Y),\n]`, 1);
    checkBelowImport(`for x in g(\n    train_test_split(X)\n):  ${seed}\n    pass`, 0);
    checkBelowImport(`for x in train_test_split(X):\n    print(x)  ${seed}`, 1);
    checkBelowImport(`@decorate\ndef f(config={}):\n    config["a"] = 1  ${silence("mutable-default")}`, 1);
    checkBelowImport(`def f(\n    config={},\n):  ${silence("mutable-default")}\n    config["a"] = 1`, 0);
  });

  test("is only looked for where a library for it is imported", () => {
    checkMention("import torch", true);
    checkMention("import os, sklearn.svm as svm", true);
    checkMention("    from transformers import Trainer", true);
    checkMention("import json", false);
    checkMention("# import torch", false);
    checkMention("import torchless", false);
    assert.deepEqual(findings('"""\nimport torch\n"""\na, b = train_test_split(X)'), []);
  });

  test("carries a repair where only one thing can be meant", () => {
    checkRepair(
      "import torch\nimport os\n\nfor x in loader:\n    f(x).backward()\nprint(val_loss)\n",
      "import torch\nimport os\n\ntorch.manual_seed(0)\n\nfor x in loader:\n    f(x).backward()\nprint(val_loss)\n",
    );
    checkRepair(
      'import torch\ndef train(config={}):\n    """Trains."""\n    run(config)\n',
      'import torch\ndef train(config=None):\n    """Trains."""\n    if config is None:\n        config = {}\n    run(config)\n',
    );
  });

  test("says what to write instead", () => {
    for (const { id } of ML_RULES) {
      assert.match(id, /^[a-z]+(?:-[a-z]+)+$/);
    }
    const [found] = findings(
      "import sklearn\nX = StandardScaler().fit_transform(X)\na, b = train_test_split(X, random_state=1)",
    );
    assert.match(found?.message ?? "", /Split first/);
  });
});

function named(comment: string): string[] {
  return findings(`import sklearn\nx = 1  # trainyard: ${comment}\n`).map(({ code, severity, message, range }) => {
    const place = `${range.start.line}:${range.start.column}-${range.end.column}`;
    return `${place} ${severity} ${code}: ${message}`;
  });
}

test("a comment that names a rule that there is not is told, with the one that was meant", () => {
  assert.deepEqual(named("ignore[fit-befor-split, start]"), [
    "1:27-42 information unknown-rule: No rule is called `fit-befor-split`, so this comment silences nothing. Did you mean `fit-before-split`?",
    "1:44-49 information unknown-rule: No rule is called `start`, so this comment silences nothing. Write the name that stands behind the message of the rule.",
  ]);
  assert.equal(named("ignore-file[seeds]").length, 1);
  for (const right of [
    "ignore",
    "ignore-file",
    "ignore[fit-before-split]",
    "ignore[step-names, unseeded-training]",
    "ignore[]",
  ]) {
    assert.deepEqual(named(right), [], right);
  }
  checkRepair(
    "import sklearn\nx = 1  # trainyard: ignore[train-on-test-dat]\n",
    "import sklearn\nx = 1  # trainyard: ignore[train-on-test-data]\n",
  );
});

test("every rule has its paragraph, with a bad and a good example that the rule itself tells apart", () => {
  const text = readFileSync(new URL("../../../../docs/ml-checks.md", import.meta.url), "utf8");
  const chapters = new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((chapter) => [/^`([\w-]+)`/.exec(chapter)?.[1] ?? "", chapter]),
  );
  assert.deepEqual(new Set(chapters.keys()), new Set(ML_RULES.map(({ id }) => id)));
  for (const [id, chapter] of chapters) {
    const [bad = "", good = ""] = [...chapter.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");
    assert.ok(bad !== "" && good !== "", id);
    const found = (code: string) => findings(code).some((finding) => finding.code === id);
    assert.deepEqual([found(bad), found(good)], [true, false], `${id}\n${chapter}`);
  }
});
