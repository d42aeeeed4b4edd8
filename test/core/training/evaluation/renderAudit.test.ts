import assert from "node:assert/strict";
import { test } from "node:test";
import { auditTraining, type TrainingAudit } from "../../../../src/core/training/audit/trainingAudit.ts";
import { renderDataReport } from "../../../../src/core/training/evaluation/renderData.ts";
import { renderSpeed } from "../../../../src/core/training/evaluation/renderSpeed.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

function auditOf(label: string, text: string): TrainingAudit {
  return parser.read(text, (root) => auditTraining(root, label));
}

function bothReports(audits: readonly TrainingAudit[]): string[] {
  const advice = audits.flatMap(({ label, speed }) => speed.map((each) => ({ ...each, file: label })));
  return [
    renderDataReport("train.py", { audits }),
    renderSpeed({ script: "train.py", audited: audits, advice, loaders: [] }),
  ];
}

const WHOLE = "import torch\nfor x in data:\n    loss.backward()\n    optimizer.step()\n";
const MISSED = /is not Python, so what follows may miss something/;

test("says of which file it may have missed something, as its text is no Python", () => {
  const broken = auditOf("data.py", "import torch\n\ndef load(:\n    return 1\n");
  for (const report of bothReports([auditOf("train.py", WHOLE), broken])) {
    assert.match(report, /`data\.py:3` is not Python, so what follows may miss something\. Mend this line first\./);
  }
  for (const report of bothReports([auditOf("train.py", WHOLE)])) {
    assert.doesNotMatch(report, MISSED);
  }
});
