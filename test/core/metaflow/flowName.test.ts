import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { parseFlowName, requireFlowName } from "../../../src/core/metaflow/flowName.ts";

function check(text: string, className: string, moduleName: string) {
  const parsed = parseFlowName(text);
  assert.ok(parsed.kind === "name", `${text}: ${JSON.stringify(parsed)}`);
  assert.deepEqual([parsed.name.className, parsed.name.moduleName], [className, moduleName], text);
}

function checkRefused(text: string, reason: RegExp) {
  const parsed = parseFlowName(text);
  assert.ok(parsed.kind === "refused", `${text} was accepted`);
  assert.match(parsed.reason, reason);
}

test("every spelling of a name gives the same class and module", () => {
  check("churn training", "ChurnTrainingFlow", "churn_training_flow");
  check("churn-training", "ChurnTrainingFlow", "churn_training_flow");
  check("churn_training", "ChurnTrainingFlow", "churn_training_flow");
  check("ChurnTraining", "ChurnTrainingFlow", "churn_training_flow");
  check("ChurnTrainingFlow", "ChurnTrainingFlow", "churn_training_flow");
  check("churn_training_flow.py", "ChurnTrainingFlow", "churn_training_flow");
  check("  churn   training ", "ChurnTrainingFlow", "churn_training_flow");
});

test("capitals and digits keep their words together", () => {
  check("BERT fine tuning", "BertFineTuningFlow", "bert_fine_tuning_flow");
  check("HTTPLogs", "HttpLogsFlow", "http_logs_flow");
  check("churn 2", "Churn2Flow", "churn_2_flow");
  check("gpt2", "Gpt2Flow", "gpt2_flow");
});

test("Python keywords and Metaflow's own names are harmless with the ending", () => {
  check("class", "ClassFlow", "class_flow");
  check("import", "ImportFlow", "import_flow");
  check("flow spec", "FlowSpecFlow", "flow_spec_flow");
});

test("a name that cannot be an identifier is refused with what to write instead", () => {
  checkRefused("", /needs a name/);
  checkRefused("   ", /needs a name/);
  checkRefused("flow", /does not say what the flow does/);
  checkRefused("Flow.py", /does not say what the flow does/);
  checkRefused("--", /does not say what the flow does/);
  checkRefused("2 towers", /begins with a digit/);
  checkRefused("../escape", /because of "\."/);
  checkRefused("a/b", /because of "\/"/);
  checkRefused("größe", /because of "ö"/);
  checkRefused("流れ", /because of "流"/);
  checkRefused("churn😀", /because of "😀"/);
  checkRefused("a".repeat(61), /at most 60 characters; this one has 61/);
});

test("requiring a bad name throws its reason", () => {
  assert.throws(
    () => requireFlowName("2 towers"),
    new UserError(
      '"2 towers" begins with a digit, and a Python name must not. Begin with a letter, for example "churn training".',
    ),
  );
  assert.equal(requireFlowName("churn").className, "ChurnFlow");
});
