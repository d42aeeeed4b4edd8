import assert from "node:assert/strict";
import { test } from "node:test";
import { requireFlowName } from "../../../src/core/metaflow/flowName.ts";
import { flowTemplates } from "../../../src/core/metaflow/flowTemplate.ts";
import { renderFlow } from "../../../src/core/metaflow/renderFlow.ts";

const template = flowTemplates.training;

test("class and module take the new name everywhere, and only as whole words", () => {
  const text = 'class TrainingFlow(FlowSpec):\n    """python training_flow.py"""\nMyTrainingFlow\nTrainingFlow()\n';
  assert.equal(
    renderFlow(template, text, requireFlowName("churn")),
    'class ChurnFlow(FlowSpec):\n    """python churn_flow.py"""\nMyTrainingFlow\nChurnFlow()\n',
  );
});

test("a template without its own name is a bug, not a flow", () => {
  assert.throws(
    () => renderFlow(template, "class Other: pass", requireFlowName("churn")),
    /does not contain TrainingFlow/,
  );
});
