import assert from "node:assert/strict";
import { test } from "node:test";
import { flowTemplateIds } from "../../../src/core/metaflow/flowTemplate.ts";
import { parseScaffoldText, renderScaffoldText, type ScaffoldWish } from "../../../src/core/metaflow/scaffoldText.ts";

function check(text: string, template: ScaffoldWish["template"], name?: string, folder?: string) {
  assert.deepEqual(
    parseScaffoldText(text),
    {
      template,
      ...(name === undefined ? {} : { name }),
      ...(folder === undefined ? {} : { folder }),
      missing: name === undefined ? ["name"] : [],
    },
    text,
  );
}

test("a sentence gives template, name and folder", () => {
  check("scaffold a sweep called churn in flows/", "foreach-sweep", "churn", "flows");
  check("scaffold a training flow called churn", "training", "churn");
  check(
    "Please create a hyperparameter search named lr finder under ml/flows.",
    "foreach-sweep",
    "lr finder",
    "ml/flows",
  );
  check('make a flow named "customer churn"', "training", "customer churn");
  check("a grid search for fraud", "foreach-sweep", "fraud");
  check("new flow called ChurnTraining for our customers", "training", "ChurnTraining");
});

test("each template has its words, and words inside of the name choose none", () => {
  check("a robust flow called churn", "robust", "churn");
  check("quality-gate called churn", "quality-gate", "churn");
  check("batch inference for churn in flows/", "batch-inference", "churn", "flows");
  check("batch-inference called churn", "batch-inference", "churn");
  check("a batch flow called churn", "batch", "churn");
  check("scheduled churn", "scheduled", "churn");
  check("retraining triggered when another flow finishes, called churn", "retraining", "churn");
  check("kubernetes churn", "kubernetes", "churn");
  check("artifacts flow named churn", "artifacts", "churn");
  check("a training flow called nightly report", "training", "nightly report");
  check('a flow called "quality of service"', "training", "quality of service");
});

test("bare words are the name", () => {
  check("churn", "training", "churn");
  check("sweep churn", "foreach-sweep", "churn");
  check("training churn flows/", "training", "churn", "flows");
  check("foreach-sweep churn", "foreach-sweep", "churn");
});

test("a folder may be quoted, nested or absolute", () => {
  check('churn in "my flows"', "training", "churn", "my flows");
  check("churn in the folder pipelines", "training", "churn", "pipelines");
  check("churn into a/b/c/", "training", "churn", "a/b/c");
  check("churn in ../elsewhere", "training", "churn", "../elsewhere");
  check("churn in /tmp/x", "training", "churn", "/tmp/x");
});

test("without a name the name is missing, and nothing is invented", () => {
  check("", "training");
  check("make this a flow", "training");
  check("scaffold a sweep", "foreach-sweep");
  check("create a training pipeline in flows/", "training", undefined, "flows");
});

/** Name, folder, the word that is no folder, and the script, of those that there are. */
function place(text: string, knownFolders: string[] = []) {
  const { template: _template, missing: _missing, ...rest } = parseScaffoldText(text, knownFolders);
  return rest;
}

test("a word after a preposition is a folder only where it looks like one or exists", () => {
  assert.deepEqual(place("create a flow to detect fraud in transactions"), {
    name: "detect fraud in transactions",
    noFolder: "transactions",
  });
  assert.deepEqual(place("write a flow that trains in parallel"), { name: "trains in parallel", noFolder: "parallel" });
  assert.deepEqual(place("churn in flows"), { name: "churn", noFolder: "flows" });
  assert.deepEqual(place("churn in flows", ["flows"]), { name: "churn", folder: "flows" });
  assert.deepEqual(place("churn in the flows", ["flows"]), { name: "churn", folder: "flows" });
  assert.deepEqual(place("churn in the ml folder"), { name: "churn", folder: "ml" });
  assert.deepEqual(place("churn in a new folder called ml"), { name: "churn", folder: "ml" });
  assert.deepEqual(place("evaluate in parallel in flows/"), { name: "evaluate in parallel", folder: "flows" });
  assert.deepEqual(place("churn in 3 steps", ["3"]), { name: "churn in 3 steps" });
  assert.deepEqual(place("make this into a flow", ["a"]), {});
  assert.deepEqual(place('a flow called "fraud in payments"', ["payments"]), { name: "fraud in payments" });
});

test("a script that shall become a flow is named, and gives the name where there is no other", () => {
  for (const text of [
    "convert train.py into a flow",
    "turn train.py into a Metaflow flow",
    "wrap `train.py` as a pipeline",
    "create a flow from my script train.py",
    "make train.py a flow",
  ]) {
    assert.deepEqual(place(text), { name: "train", script: "train.py" }, text);
  }
  assert.deepEqual(place("turn the notebook books/churn.ipynb into a flow"), {
    name: "churn",
    script: "books/churn.ipynb",
  });
  assert.deepEqual(place("port ml/fit.py to a flow called digits in flows/"), {
    name: "digits",
    folder: "flows",
    script: "ml/fit.py",
  });
});

test("what is rendered is read as it was meant", () => {
  for (const template of flowTemplateIds) {
    const wish = { template, name: "fraud in nightly batch", folder: "my flows" };
    assert.deepEqual(parseScaffoldText(renderScaffoldText(wish)), { ...wish, missing: [] });
  }
});
