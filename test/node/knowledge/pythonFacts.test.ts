import assert from "node:assert/strict";
import { test } from "node:test";
import { placeholderText } from "../../../src/core/knowledge/resolveFacts.ts";
import { factsOf } from "../../support/factsOf.ts";

const flow = (name: string, body: string) =>
  `from metaflow import FlowSpec, step\n\n\nclass ${name}(FlowSpec):\n    @step\n    def start(self):\n        ${body}\n`;

test("a flow that does not parse is named with its line, and the commands are those of one that does", async () => {
  const facts = await factsOf({
    "a.py": flow("Broken", "self.next(self.end"),
    "examples/near.py": flow("Example", "pass"),
    "flows/sound.py": flow("Sound", "pass"),
  });
  assert.equal(placeholderText(facts, "run_flow_command"), "python flows/sound.py run");
  assert.deepEqual(
    facts.facts.filter(({ key }) => key === "flow").map(({ value, why, source }) => `${value} ${why} ${source?.path}`),
    [
      "Broken does not parse from line 7 on a.py",
      "Sound derives from FlowSpec flows/sound.py",
      "Example derives from FlowSpec examples/near.py",
    ],
  );
  assert.deepEqual(
    facts.problems.map(({ path, range, code }) => `${path}:${range.start.line + 1} ${code}`),
    ["a.py:7 invalid-python"],
  );
});

test("where no flow parses, no command is offered and the reason is told", async () => {
  const { facts, unknown } = await factsOf({ "a.py": flow("Broken", "if :") });
  assert.deepEqual(
    facts.filter(({ key }) => key.endsWith("_command")),
    [],
  );
  assert.match(unknown.find(({ key }) => key === "run_flow_command")?.hint ?? "", /^No flow that was found parses\./);
});

async function flowsOf(text: string): Promise<string[]> {
  const { facts } = await factsOf({ "a.py": text });
  return facts.filter(({ key }) => key === "flow").map(({ value, source }) => `${value}:${(source?.line ?? 0) + 1}`);
}

test("finds the flows that a check of the file finds, however they are written", async () => {
  const steps = "    @step\n    def start(self):\n        pass\n";
  const imports = "from metaflow import FlowSpec as F, FlowSpec, step\nimport metaflow as mf\nfrom lib import Base\n";
  const cases: [text: string, flows: string[]][] = [
    [`class A(\n    FlowSpec,\n):\n${steps}`, ["A:4"]],
    [`class A(F):\n${steps}`, ["A:4"]],
    [`class A(mf.FlowSpec):\n${steps}`, ["A:4"]],
    [`class A(FlowSpec):\n    pass\n\n\nclass B(A):\n${steps}`, ["B:8"]],
    [`class A(Base):\n${steps}`, ["A:4"]],
    [`class A(FlowSpec):\n${steps}\n\nclass B(FlowSpec):\n${steps}\n\nA()\n`, ["A:4"]],
    [`if True:\n    class A(FlowSpec):\n${steps.replaceAll("    ", "        ")}`, ["A:5"]],
    [`class A(FlowSpec)\n${steps}`, ["A:4"]],
    [`"""Write\n\nclass D(FlowSpec):\n${steps}"""\n`, []],
    [`# class D(FlowSpec):\nx = '''\nclass E(FlowSpec):\n${steps}'''\n`, []],
    [`class Step(Base):\n    pass\n`, []],
  ];
  for (const [text, flows] of cases) {
    assert.deepEqual(await flowsOf(`${imports}${text}`), flows, text);
  }
});

test("what a docstring or a comment shows is no code", async () => {
  const shown = 'torch.save(m, "old/m.pt")\nSummaryWriter("old/logs")\n@kubernetes\n"--resume"\n';
  const real = 'torch.save(m, "new/m.pt")\nSummaryWriter("new/logs")\n';
  const text = `import torch, argparse\n# torch.save(m, "gone/m.pt"), it's gone\n"""\n${shown}"""\nx = '#"'\n${real}`;
  const { facts } = await factsOf({ "a.py": text });
  assert.deepEqual(
    facts.map(({ key, value, source }) => `${key} ${value} ${(source?.line ?? 0) + 1}`),
    ["ml_framework torch 1", "model_dirs new 10", "tensorboard_command tensorboard --logdir new/logs 11"],
  );
});
