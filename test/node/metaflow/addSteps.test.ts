import assert from "node:assert/strict";
import { test } from "node:test";
import { type Addition, addSteps, type Place } from "../../../src/core/metaflow/edit/addSteps.ts";
import { applyEdits } from "../../../src/core/metaflow/edit/applyEdits.ts";
import { requireFlowName } from "../../../src/core/metaflow/flowName.ts";
import { buildGraph } from "../../../src/core/metaflow/graph/flowGraph.ts";
import { renderSpec } from "../../../src/core/metaflow/spec/renderSpec.ts";
import { inspectFlowText } from "../../../src/node/metaflow/inspectFlow.ts";
import { askMetaflow, type CorpusFlow, writeCorpus } from "../../support/flowCorpus/parity.ts";
import { randomSpec } from "../../support/flowCorpus/randomSpec.ts";
import { samplePython, temporaryFolder } from "../../support/python.ts";

const FLOW = `import metaflow as mf

class F(mf.FlowSpec):
\t@mf.step
\tdef start(self):
\t\tself.x = 1
\t\tself.next(self.end)  # on we go

\t@mf.step
\tdef end(self):
\t\tpass
`;

async function add(text: string, place: Place, addition: Addition): Promise<string> {
  const { flows } = await inspectFlowText(text, { path: "/nowhere/f.py" });
  assert.ok(flows[0]);
  return applyEdits(text, addSteps(buildGraph(flows[0]), place, addition));
}

async function check(addition: Addition, expected: readonly string[]) {
  const changed = await add(FLOW, { from: "start", to: "end" }, addition);
  const [head = "", rest = ""] = changed.split("\t\tself.x = 1\n");
  assert.equal(head, FLOW.split("\t\tself.x = 1\n")[0]);
  assert.equal(rest.slice(0, rest.indexOf("\n\t@mf.step\n\tdef end")), expected.map((line) => `${line}\n`).join(""));
}

test("a step, a branch and a foreach change one transition and add methods in the flow's own style", async () => {
  await check({ kind: "step", name: "clean" }, [
    "\t\tself.next(self.clean)  # on we go",
    "",
    "\t@mf.step",
    "\tdef clean(self):",
    '\t\t"""Say what clean does."""',
    '\t\tprint("clean")',
    "\t\tself.next(self.end)",
  ]);
  await check({ kind: "foreach", name: "each", over: "items", join: "collect" }, [
    "\t\tself.items = [1, 2, 3]",
    '\t\tself.next(self.each, foreach="items")  # on we go',
    "",
    "\t@mf.step",
    "\tdef each(self):",
    '\t\t"""Say what each does."""',
    '\t\tprint("each", self.input)',
    "\t\tself.next(self.collect)",
    "",
    "\t@mf.step",
    "\tdef collect(self, inputs):",
    '\t\t"""Keep what the branches agree on; choose among the rest."""',
    "\t\tself.merge_artifacts(inputs)",
    "\t\tself.next(self.end)",
  ]);
  const branched = await add(FLOW, { from: "start", to: "end" }, { kind: "branch", names: ["a", "b"], join: "ab" });
  assert.match(branched, /\t\tself\.next\(self\.a, self\.b\) {2}# on we go\n/);
  const crlf = await add(FLOW.replaceAll("\n", "\r\n"), { from: "start", to: "end" }, { kind: "step", name: "clean" });
  assert.doesNotMatch(crlf, /[^\r]\n/);
});

async function checkRefused(place: Place, addition: Addition, message: RegExp) {
  await assert.rejects(add(FLOW, place, addition), { name: "UserError", message });
}

test("what would break the flow is refused", async () => {
  const place = { from: "start", to: "end" };
  await checkRefused(place, { kind: "step", name: "end" }, /F has end already/);
  await checkRefused(place, { kind: "step", name: "Clean Up" }, /cannot name a step/);
  await checkRefused(place, { kind: "branch", names: ["a", "a"], join: "ab" }, /F has a already/);
  await checkRefused({ from: "end", to: "start" }, { kind: "step", name: "a" }, /end does not lead to start/);
});

test("what is added to flows of any shape is accepted, by our own check and by Metaflow", async () => {
  const flows: CorpusFlow[] = [];
  const refusals: string[] = [];
  for (let seed = 0; seed < 60; seed += 1) {
    const name = requireFlowName(`grown s${seed}`);
    const text = renderSpec(randomSpec(1_000 + seed), name);
    const { flows: found } = await inspectFlowText(text, { path: `/nowhere/${name.moduleName}.py` });
    assert.ok(found[0]);
    const graph = buildGraph(found[0]);
    const places = [...graph.nodes.values()].flatMap(({ name: from, next }) => next.map((to) => ({ from, to })));
    const place = places[seed % places.length];
    const addition: Addition = [
      { kind: "step", name: "added" } as const,
      { kind: "branch", names: ["added", "other"], join: "added_join" } as const,
      { kind: "foreach", name: "added", over: "added_items", join: "added_join" } as const,
    ][seed % 3] ?? { kind: "step", name: "added" };
    assert.ok(place);
    const node = graph.nodes.get(place.from);
    if (addition.kind !== "step" && (node?.transition?.kind !== "linear" || node.argumentCount > 1)) {
      refusals.push(name.moduleName);
      assert.throws(() => addSteps(graph, place, addition), { name: "UserError" });
      continue;
    }
    const changed = applyEdits(text, addSteps(graph, place, addition));
    const { findings } = await inspectFlowText(changed, { path: `/nowhere/${name.moduleName}.py` });
    // What a join collects is assigned by whoever fills the steps in, and until then it is rightly missed.
    const errors = findings.filter(({ severity, code }) => severity === "error" && code !== "unknown-input");
    assert.deepEqual(
      errors.map(({ message }) => message),
      [],
      `${JSON.stringify([place, addition])}\n${changed}`,
    );
    flows.push({ name: name.moduleName, files: new Map([[name.moduleName, changed]]) });
  }
  assert.ok(flows.length > 35, `${flows.length} grown, ${refusals.length} refused`);
  await using folder = await temporaryFolder();
  await writeCorpus(folder.path, flows);
  const answers = await askMetaflow(samplePython(), folder.path, flows);
  for (const { name, files } of flows) {
    const { error, mistake } = answers.get(name) ?? { error: "no answer" };
    assert.deepEqual({ error, mistake }, { error: undefined, mistake: null }, files.get(name));
  }
});
