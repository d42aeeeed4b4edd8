import assert from "node:assert/strict";
import { before, test } from "node:test";
import { BOUNDARY_CHECKS } from "../../../../src/core/agents/boundaryChecks.ts";
import type { PythonParser } from "../../../../src/core/base/pythonSyntax.ts";
import { judgeLaunch, type LaunchToJudge } from "../../../../src/core/training/audit/launchRules.ts";
import { auditTraining } from "../../../../src/core/training/audit/trainingAudit.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

let parser: PythonParser;
before(async () => {
  parser = await loadPythonParser();
});

const LOOP = ["for x, y in loader:", "    f(model(x), y).backward()"];

/** The checks that a test of this file saw at work. */
const seen = new Set<string>();

/** The checks that a launch breaks, and those that are named in the question. */
function check(
  launch: Partial<Omit<LaunchToJudge, "audits">> & { lines?: readonly string[] },
  expected: { refusals?: readonly string[]; askFirst?: readonly string[] },
): void {
  const { lines = [], ...given } = launch;
  const audit = parser.read(lines.join("\n"), (root) => auditTraining(root, "train.py"));
  const { refusals, askFirst } = judgeLaunch({ audits: [audit], given: [], exists: () => false, ...given });
  const names = { refusals: refusals.map((each) => each.check), askFirst: askFirst.map((each) => each.check) };
  assert.deepEqual(names, { refusals: [], askFirst: [], ...expected });
  for (const name of [...names.refusals, ...names.askFirst]) {
    assert.ok(name in BOUNDARY_CHECKS, name);
    seen.add(name);
  }
}

const exists = () => true;

test("a checkpoint that exists is not saved over, and one with the epoch in its name is no matter", () => {
  check({ lines: ['torch.save(model, "best.pt")'], exists }, { refusals: ["checkpoint-version"] });
  check({ lines: ['torch.save(model, "best.pt")'] }, {});
  check({ lines: ['torch.save(model, os.path.join("out", "best.pt"))'], exists }, { refusals: ["checkpoint-version"] });
  check(
    { lines: ['NAME = "best.pt"', "torch.save(model, Path('out') / NAME)"], exists },
    { refusals: ["checkpoint-version"] },
  );
  check({ lines: ['torch.save(model, f"epoch_{n}.pt")', 'figure.save("a.png")'], exists }, {});
});

test("training without held-out data or on the test set is refused", () => {
  check({ lines: LOOP }, { refusals: ["held-out-data"] });
  check({ lines: [...LOOP, "validate(model)"] }, {});
  const attack = ["for x, y in test_loader:", "    f(model(x), y).backward()"];
  check({ lines: [...attack, "    optimizer.step()"] }, { refusals: ["test-data"] });
  check({ lines: attack }, {});
  check({ lines: ["clf.fit(X[~test_mask], y[~test_mask])"] }, {});
});

test("a library's own training loop may hold data out by its settings, so it is not refused", () => {
  check({ lines: ["trainer = Trainer()", "trainer.fit(model, data)"] }, {});
});

test("a flow with a secret or a path of one machine is refused", () => {
  const findings = [
    { code: "secret-in-code", line: 3 },
    { code: "absolute-path", line: 4 },
    { code: "mutable-default", line: 5 },
  ];
  check(
    { flow: { path: "flow.py", findings, hasForeach: false, remote: [] } },
    { refusals: ["flow-secrets", "flow-paths"] },
  );
});

test("what has to be asked about first is found in the arguments and in the flow", () => {
  check({ given: ["train.py", "--amp"] }, { askFirst: ["mixed-precision"] });
  check({ given: ["train.py", "--trainer.precision=16-mixed"] }, { askFirst: ["mixed-precision"] });
  check({ given: ["train.py", "lr_scheduler=cosine"] }, { askFirst: ["learning-rate-schedule"] });
  check(
    { given: ["train.py", "--mixup-alpha", "0.2", "--arch", "vit"] },
    { askFirst: ["augmentation", "architecture"] },
  );
  check({ given: ["flow.py", "run", "--with", "kubernetes"] }, { askFirst: ["remote-compute"] });
  check({ flow: { path: "flow.py", findings: [], hasForeach: true, remote: [] } }, { askFirst: ["foreach"] });
  check(
    { flow: { path: "flow.py", findings: [], hasForeach: false, remote: [{ decorator: "@kubernetes", line: 8 }] } },
    { askFirst: ["remote-compute"] },
  );
  check({ given: ["train.py", "--model-dir", "out", "--epochs", "3", "kubernetes"] }, {});
  check({ given: ["train.py", "++trainer.precision=bf16"] }, { askFirst: ["mixed-precision"] });
  check(
    { given: ["train.py", "+scheduler=cosine", "model/backbone=vit"] },
    {
      askFirst: ["learning-rate-schedule", "architecture"],
    },
  );
  check({ given: ["train.py", "--precision", "32", "--mixed_precision", "no", "amp=false", "--fp16=0"] }, {});
});

test("every check that is said to ask before a launch was seen to ask", () => {
  const asking = Object.entries(BOUNDARY_CHECKS).flatMap(([name, { effect }]) => (effect === "asks" ? [name] : []));
  assert.deepEqual(
    asking.filter((name) => !seen.has(name)),
    [],
  );
});
