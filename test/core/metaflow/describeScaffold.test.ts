import assert from "node:assert/strict";
import { test } from "node:test";
import { describeScaffold, scaffoldCommands } from "../../../src/core/metaflow/describeScaffold.ts";
import { requireFlowName } from "../../../src/core/metaflow/flowName.ts";
import type { PlannedFlow } from "../../../src/core/metaflow/flowScaffold.ts";

function planned(relativePath: string, name = "churn"): PlannedFlow {
  return {
    origin: { kind: "template", template: "foreach-sweep" },
    name: requireFlowName(name),
    path: `/w/${relativePath}`,
    relativePath,
    text: "",
    outline: {
      name: "ChurnFlow",
      steps: [
        { name: "start", purpose: "Check the parameters." },
        { name: "end", purpose: "Say what came out." },
      ],
      parameters: [
        { name: "batch-sizes", type: "json", default: "[16, 32, 64]", help: "Sizes to try", isRequired: false },
        { name: "day", type: "string", isRequired: true },
      ],
      requiredConfigs: [],
      gpuNeeds: [],
    },
  };
}

test("a written flow is described by its steps, parameters, commands and needs", () => {
  const markdown = describeScaffold({ kind: "written", flow: planned("flows/churn_flow.py") });
  assert.match(markdown, /^Wrote `flows\/churn_flow\.py` with the flow `ChurnFlow`\.\n/);
  assert.match(markdown, /\n2\. `end` Say what came out\.\n/);
  assert.match(markdown, /\n- `--batch-sizes` \(`\[16, 32, 64\]`\): Sizes to try\n- `--day` \(required\)\n/);
  assert.match(markdown, /\npython flows\/churn_flow\.py --no-pylint run --max-workers 2\n```/);
  assert.match(markdown, /It needs `metaflow` and `scikit-learn`\.$/);
});

test("an existing file is named with the free name beside it", () => {
  const alternative = planned("flows/churn_2_flow.py", "churn 2");
  const markdown = describeScaffold({ kind: "exists", flow: planned("flows/churn_flow.py"), alternative });
  assert.match(markdown, /`flows\/churn_flow\.py` exists already and was left as it is/);
  assert.match(markdown, /`flows\/churn_2_flow\.py` \(class `Churn2Flow`\)/);
});

test("paths with blanks and quotes are quoted for the shell", () => {
  assert.equal(
    scaffoldCommands(planned("my flows/churn_flow.py"))[0],
    "python 'my flows/churn_flow.py' --no-pylint check",
  );
  assert.equal(scaffoldCommands(planned("it's/f.py"))[0], "python 'it'\\''s/f.py' --no-pylint check");
});
