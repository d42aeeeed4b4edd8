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
