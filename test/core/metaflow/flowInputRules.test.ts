import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEdits } from "../../../src/core/metaflow/edit/applyEdits.ts";
import { checkFlow } from "../../../src/core/metaflow/lint/checkFlow.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

function findingsIn(text: string, files: readonly string[] = []) {
  const fileExists = (path: string) => files.includes(path);
  return checkFlow(parser, { path: "flow.py", text, find: () => undefined, fileExists }).findings;
}

type Lines = {
  above?: string;
  member?: string;
  start?: string;
  next?: string;
  mark?: string;
  work?: string;
  join?: string;
  end?: string;
};

/** A foreach over `work` beside a step `other`, with a line in each of its places; Metaflow runs it as it is. */
function flowWith(lines: Lines): string {
  const { above = "", member = "pass", start = "pass", mark = "", work = "pass", join = "pass", end = "pass" } = lines;
  return `import metaflow
from metaflow import Config, FlowSpec, IncludeFile, Parameter, current, step

${above}
class SweepFlow(FlowSpec):
    ${member}

    @step
    def start(self):
        self.items = [1, 2]
        ${start}
        self.next(self.sweep, self.other)

    @step
    def other(self):
        self.loss = 0.5
        self.next(self.gather)

    @step
    def sweep(self):
        self.next(self.work, foreach="items")

    ${mark}
    @step
    def work(self):
        self.score = self.input
        ${work}
        self.next(self.join)

    @step
    def join(self, inputs):
        ${join}
        self.next(self.gather)

    @step
    def gather(self, inputs):
        ${lines.next ?? "pass"}
        self.next(self.end)

    @step
    def end(self):
        ${end}


if __name__ == "__main__":
    SweepFlow()
`;
}

function check(lines: Lines, expected: readonly string[]): void {
  const text = flowWith(lines);
  const found = findingsIn(text)
    .filter(({ severity }) => severity !== "information")
    .map(({ code, step }) => (step === undefined ? code : `${code} ${step}`));
  assert.deepEqual(found, expected, text);
}

/** What the only fix writes, and that nothing is found afterwards. */
function checkFix(lines: Lines, expected: string): void {
  const text = flowWith(lines);
  const [fix, ...others] = findingsIn(text).flatMap((finding) => finding.fixes);
  assert.ok(fix, text);
  assert.deepEqual(others, []);
  const fixed = applyEdits(text, fix.edits);
  assert.ok(fixed.includes(expected), fixed);
  const left = findingsIn(fixed).filter(({ severity }) => severity !== "information");
  assert.deepEqual(left, [], fixed);
}

test("an input of a join is chosen by a number or an attribute, and not by a text", () => {
  checkFix({ next: 'print(inputs["other"].loss)' }, "print(inputs.other.loss)");
  check({ join: 'self.scores = inputs["score"].x' }, ["unknown-input join"]);
  check({ join: 'row = {"a": inputs}; print(row["a"].flows, inputs[0].score, inputs[-1].score)' }, []);
  check({ join: 'try: print(inputs["work"].score)\n        except TypeError: pass' }, []);
  check({ join: 'inputs = {each.score: each for each in inputs}; print(inputs["work"].score)' }, []);
});

test("a join reads what its inputs have, however it names one of them", () => {
  for (const expression of [
    "inputs[0].NAME",
    "[each.NAME for each in inputs]",
    "{i: each.NAME for i, each in enumerate(inputs)}",
    "max(inputs, key=lambda each: each.NAME)",
    "[each.NAME for each in sorted(inputs, key=lambda task: task.score)]",
    "inputs.work.NAME",
  ]) {
    check({ join: `print(${expression.replace("NAME", "score")})` }, []);
    check({ join: `print(${expression.replace("NAME", "input")})` }, []);
    check({ join: `print(${expression.replace("NAME", "loss")})` }, ["unknown-input join"]);
  }
  check({ join: "for each in inputs: print(each.scores)" }, ["unknown-input join"]);
  checkFix({ join: "self.all = [each.scoer for each in inputs]" }, "self.all = [each.score for each in inputs]");
});

test("a join knows its branches by their steps", () => {
  check({ next: "print(inputs.other.loss, inputs.join.items)" }, ["unknown-input gather"]);
  check({ next: "print(inputs.other.loss, inputs.flows)" }, []);
  check({ next: "print(inputs.start.items)" }, ["unknown-input gather"]);
  check({ next: "print(inputs.loss)" }, ["unknown-input gather"]);
  checkFix({ next: "print(inputs.otehr.loss)" }, "print(inputs.other.loss)");
});

test("a name that stands for something else too is no input", () => {
  check({ join: "print([each.score for each in inputs], [each.name for each in [current]])" }, []);
  check({ join: "each = current; print([each.nothing for each in inputs])" }, []);
  check({ join: "print([getattr(each, 'extra', 0) for each in inputs], [each.extra for each in inputs])" }, []);
  check({ join: "inputs = list(inputs); inputs.sort(key=id); print(inputs[0].nothing)" }, []);
  check({ member: "def load(self): super().load()", join: "print([each.anything for each in inputs])" }, []);
  for (const line of [
    "fill(self)",
    "flow = self  # shorthand",
    "fill(flow=self)",
    "(flow := self)",
    'self.__setattr__("anything", 1)',
    'object.__setattr__(self, "anything", 1)',
    'self.__dict__["anything"] = 1',
    'vars(self)["anything"] = 1',
  ]) {
    check({ member: `def load(self): ${line}`, join: "print([each.anything for each in inputs])" }, []);
    check({ member: `def load(self): ${line}`, end: "print(self.anything, self.score)" }, []);
  }
  const called = { join: "print([each.anything for each in inputs])" };
  check({ ...called, work: "print(lambda self: self.score)" }, ["unknown-input join"]);
  check({ ...called, work: "with metaflow.S3(run=self) as s3: s3.put('a', 'b')" }, ["unknown-input join"]);
});

function guarded(line: string): string {
  return `try:\n            ${line}\n        except Exception:\n            print("none")`;
}

test("what an except may catch is no mistake", () => {
  check({ next: guarded("print(inputs.nowhere)") }, []);
  check({ join: guarded("print([each.nothing for each in inputs])") }, []);
  check({ start: guarded("self.merge_artifacts([])") }, []);
  check({ work: guarded("print(self.nothing)") }, []);
  check({ work: guarded("print(current.step_names)") }, []);
  check({ work: "print(current.step_names)" }, ["unknown-current work"]);
  check({ work: "current = metaflow.current; print(current.step_names)" }, []);
  check({ end: guarded("print(self.score)") }, []);
  check({ end: guarded("print(self.score)").replace("except Exception", "finally") }, ["artifact-lost-in-join end"]);
});

test("a join may merge by a helper", () => {
  const end = { end: "print(self.items)" };
  check({ ...end, member: "def merge(self, inputs): self.merge_artifacts(inputs)", join: "self.merge(inputs)" }, []);
  check({ ...end, join: "merge = self.merge_artifacts; merge(inputs)" }, []);
  check({ ...end, join: "self.merge_artifacts(inputs, exclude=['score'])" }, ["artifact-lost-in-join end"]);
});

test("self.input is read inside of a foreach only", () => {
  for (const name of ["input", "index"]) {
    check({ start: `print(self.${name})` }, ["input-outside-foreach start"]);
    check({ join: `print(self.${name})` }, ["input-outside-foreach join"]);
    check({ end: `print(self.${name})` }, ["input-outside-foreach end"]);
    check({ work: `print(self.${name})` }, []);
    check({ end: `print(self.${name} or 0, self.${name} is None)` }, []);
  }
  check({ member: 'input = Parameter("data")', end: "print(self.input)" }, []);
  const broken = flowWith({ work: "print(self.input)" }).replace('foreach="items"', 'foreach="items", num_parallel=2');
  assert.deepEqual(
    findingsIn(broken).map(({ code }) => code),
    ["valid-transitions"],
  );
});

test("merge_artifacts is for joins, and takes their inputs", () => {
  check({ start: "self.merge_artifacts([])" }, ["merge-arguments start"]);
  check({ join: "self.merge_artifacts(inputs, include=['items'], exclude=['score'])" }, ["merge-arguments join"]);
  check({ join: "self.merge_artifacts(inputs=inputs, exclude=['score'])" }, []);
  check({ join: "self.merge_artifacts(inputs, include=[], exclude=['score'])" }, []);
  check({ join: "self.merge_artifacts(inputs, ['score'])" }, []);
  check({ join: "self.merge_artifacts(inputs, ['loss'])" }, ["merge-conflict join"]);
  check({ join: "self.merge_artifacts(inputs, exclude=[name for name in ['score']])" }, []);
  check({ join: "self.merge_artifacts(**{'inputs': inputs, 'exclude': ['score']})" }, []);
  check({ join: "self.merge_artifacts(*[inputs], include=['items'])" }, []);
  checkFix({ join: "self.merge_artifacts(exclude=['score'])" }, "self.merge_artifacts(inputs, exclude=['score'])");
});

test("a step that returns early calls self.next first, and once", () => {
  check({ work: "if self.score: return" }, ["return-before-next work"]);
  check({ end: "if self.items: return" }, ["artifact-lost-in-join end"]);
  check({ work: "def half(x): return x / 2" }, []);
  check({ work: "if self.score:\n            self.next(self.join)\n            return" }, []);
  check({ work: "if self.score: return self.next(self.join)" }, []);
  check({ work: "if self.score: return self.next(self.end)" }, ["multiple-next work"]);
  check({ work: "if False: self.next(self.end)" }, []);
  check({ work: "if False: pass\n        else: self.next(self.end)" }, ["multiple-next work"]);
  for (const work of ["self.next(self.end)", "return"]) {
    const severities = [`if self.score: ${work}`, work].map(
      (line) => findingsIn(flowWith({ work: line }))[0]?.severity,
    );
    assert.deepEqual(severities, ["warning", "error"], work);
  }
  check({ work: "if self.score:\n            self.next(self.join)" }, ["multiple-next work"]);
  const twice = flowWith({}).replace(
    "def sweep(self):",
    'def sweep(self):\n        if self.items:\n            self.next(self.work,  foreach="items")\n            return',
  );
  assert.deepEqual(findingsIn(twice), []);
});

test("what fails below @catch does not end the run", () => {
  for (const [mark, severity] of [
    ["", "error"],
    ['@metaflow.catch(var="failure")', "warning"],
  ] as const) {
    const text = flowWith({ join: "print(inputs[0].scores, self.items, self.never)" }).replace(
      "    @step\n    def join",
      `    ${mark}\n    @step\n    def join`,
    );
    const found = new Set(findingsIn(text).map((finding) => `${finding.severity}: ${finding.code}`));
    const codes = ["unknown-input", "artifact-lost-in-join", "unknown-artifact"];
    assert.deepEqual(found, new Set(codes.map((code) => `${severity}: ${code}`)));
  }
});

test("merge_artifacts includes what some task has", () => {
  check({ join: 'self.merge_artifacts(inputs, include=["items"])' }, []);
  check({ join: 'self.merge_artifacts(inputs, include=["items", "scores"])' }, ["unknown-input join"]);
});

test("foreach needs elements", () => {
  for (const value of [
    "[]",
    "None",
    "3",
    "True",
    "{'a': 1}",
    "zip([1], [2])",
    "map(str, [len('a')])",
    "{key: 1 for key in 'ab'}",
  ]) {
    const text = flowWith({}).replace("def sweep(self):", `def sweep(self):\n        self.items = ${value}`);
    const expected = value.includes("for") ? [] : ["foreach-value"];
    assert.deepEqual(
      findingsIn(text).map(({ code }) => code),
      expected,
      value,
    );
  }
  assert.deepEqual(findingsIn(flowWith({ start: "self.items = list(zip([1], [2]))" })), []);
  const own = flowWith({}).replace("def sweep(self):", "def sweep(self):\n        self.items = map(str, [1])");
  assert.deepEqual(findingsIn(`${own}\n\ndef map(work, items):\n    return [work(item) for item in items]\n`), []);
  const filled = flowWith({}).replace(
    "def sweep(self):",
    "def sweep(self):\n        self.items = []\n        self.items.append(1)",
  );
  assert.deepEqual(findingsIn(filled), []);
  for (const line of ["items = self.items = []", "self.items = items = []"]) {
    const chained = flowWith({}).replace(
      "def sweep(self):",
      `def sweep(self):\n        ${line}\n        items.append(1)`,
    );
    assert.deepEqual(findingsIn(chained), []);
  }
  const helped = flowWith({ member: "def fill(self): self.items.append(1)" }).replace(
    "def sweep(self):",
    "def sweep(self):\n        self.items = []\n        self.fill()",
  );
  assert.deepEqual(findingsIn(helped), []);
});

test("a switch over True and False has cases without quotes", () => {
  const text = `from metaflow import FlowSpec, step


class GateFlow(FlowSpec):
    @step
    def start(self):
        self.is_good = 0.9 > 0.8
        self.next({"true": self.keep, "false": self.drop}, condition="is_good")

    @step
    def keep(self):
        self.next(self.end)

    @step
    def drop(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    GateFlow()
`;
  const [finding, ...others] = findingsIn(text);
  assert.deepEqual([finding?.code, others], ["condition-value", []]);
  const fixed = applyEdits(text, finding?.fixes[0]?.edits ?? []);
  assert.match(fixed, /\{True: self\.keep, False: self\.drop\}/);
  assert.deepEqual(findingsIn(fixed), []);
  const named = text.replace("0.9 > 0.8\n", '0.9 > 0.8\n        self.is_good = "true" if self.is_good else "false"\n');
  assert.deepEqual(findingsIn(named), []);
});

test("a misspelt attribute of current is named", () => {
  check({ work: "print(current.run_id, current.whatever_an_extension_adds)" }, []);
  checkFix({ work: "print(current.run_idd)" }, "print(current.run_id)");
  check({ work: "print(current.parameter_names, current.graph_info, current.is_parallel)" }, []);
});

test("what a decorator adds to current is there with that decorator only", () => {
  const project = '@metaflow.project(name="digits")';
  check({ work: "print(current.project_name, current.is_production)" }, [
    "missing-current work",
    "missing-current work",
  ]);
  check({ above: project, work: "print(current.project_name)" }, []);
  check({ above: "import tools\n@tools.tracked", work: "print(current.project_name)" }, []);
  check({ work: 'print("project_name" in current and current.project_name)' }, []);
  check({ work: "print(current.parallel.node_index)" }, ["missing-current work"]);
  const text = flowWith({ work: "print(current.trigger)" });
  assert.equal(findingsIn(text).find(({ code }) => code === "missing-current")?.severity, "information");
  const asked = flowWith({ work: 'print("trigger" in current and current.trigger)' });
  assert.ok(findingsIn(asked).every(({ code }) => code !== "missing-current"));
});

test("current.parallel has four fields", () => {
  const text = flowWith({ work: "print(current.parallel.node_idx, current.parallel._fields)" });
  const [finding, ...others] = findingsIn(text).filter(({ code }) => code === "unknown-current");
  assert.deepEqual(others, []);
  assert.match(applyEdits(text, finding?.fixes[0]?.edits ?? []), /current\.parallel\.node_index,/);
});

test("a Parameter, a Config and an IncludeFile take their own keywords", () => {
  check({ member: 'rate = Parameter("rate", default=0.1, help="x", separator=",", hidden=True)' }, []);
  checkFix({ member: 'rate = Parameter("rate", defualt="a")' }, 'Parameter("rate", default="a")');
  checkFix({ member: 'data = IncludeFile("data", is_txt=True)' }, 'IncludeFile("data", is_text=True)');
  checkFix({ member: 'data = Config("data", defalt_value={})' }, 'Config("data", default_value={})');
  check({ member: 'rate = Parameter("rate", **options)' }, []);
  // Metaflow does not look at it.
  const [unread] = findingsIn(flowWith({ member: 'data = Config("data", defalt_value={})' }));
  assert.equal(unread?.severity, "warning");
});

test("the name of a Parameter can be an option, and is there once", () => {
  check({ member: "rate = Parameter()" }, ["parameter-name"]);
  check({ member: `rate = Parameter("rate", default="a")\n    pace = Parameter("RATE", default="b")` }, [
    "parameter-name",
  ]);
  check({ member: 'rate = Parameter("learning-rate", default="a")' }, []);
  check({ member: 'rate = Parameter("rate", default="a")\n    pace = Config("rate", default_value={})' }, []);
  check({ member: 'settings = Config("my settings", default_value={})' }, []);
  checkFix({ member: 'rate = Parameter("learning rate", default="a")' }, 'Parameter("learning_rate", default="a")');
});

test("the default of a Parameter or Config is one that the flow starts with", () => {
  check({ member: 'rate = Parameter("rate", type=float, default="1e-3")' }, []);
  check({ member: 'rate = Parameter("rate", type=int, default="1e-3")' }, ["parameter-default"]);
  check({ member: 'data = Config("data", default_value={"a": 1}, default=None)' }, []);
  check({ member: 'data = Config("data", default="a.json", default_value="{}")' }, [
    "include-file-missing",
    "parameter-default",
  ]);
  checkFix({ member: 'rate = Parameter("rate", type="str", default="x")' }, "type=str");
  const text = flowWith({ member: 'data = Config("data", default="a.json")' });
  assert.deepEqual(findingsIn(text, ["a.json"]), []);
});

test("a decorator takes its attributes by name", () => {
  checkFix({ mark: "@metaflow.retry(3)" }, "@metaflow.retry(times=3)");
  checkFix({ mark: '@metaflow.catch("error")' }, '@metaflow.catch(var="error")');
  checkFix({ above: '@metaflow.project("digits")' }, '@metaflow.project(name="digits")');
  check({ mark: "@metaflow.resources(8)" }, ["decorator-argument work"]);
  check({ mark: "@metaflow.retry(times=3)" }, []);
});

test("a decorator has the attributes that it cannot do without", () => {
  for (const [mark, other] of [
    ["@metaflow.timeout", "@metaflow.timeout(hours=1)"],
    ["@metaflow.timeout()", "@metaflow.timeout(seconds=5)"],
    ["@metaflow.timeout(seconds=0)", "@metaflow.timeout(seconds=0, minutes=1)"],
    ["@metaflow.timeout(hours=0.5)", "@metaflow.timeout(hours=0.5, minutes=30)"],
    ["@metaflow.timeout(minutes=1.5)", "@metaflow.timeout(minutes=1, seconds=30)"],
    ['@metaflow.timeout(seconds="1h")', '@metaflow.timeout(seconds="30")'],
    ['@metaflow.conda(libraries=["numpy"])', '@metaflow.conda(libraries={"numpy": "2.4"})'],
  ] as const) {
    check({ mark }, ["decorator-value work"]);
    check({ mark: other }, []);
  }
  check({ above: "@metaflow.project" }, ["decorator-value"]);
  check({ above: "@metaflow.trigger" }, ["decorator-value"]);
  check({ above: '@metaflow.trigger_on_finish(flow="A", flows=["B"])' }, ["decorator-value"]);
  check({ above: '@metaflow.trigger(event="a")' }, []);
});

test("a size that only a cluster refuses is no mistake of a local run", () => {
  for (const [decorator, severity] of [
    ["resources", "warning"],
    ["kubernetes", "error"],
  ]) {
    const found = findingsIn(flowWith({ mark: `@metaflow.${decorator}(memory="16G")` }));
    assert.equal(found.find(({ code }) => code === "decorator-value")?.severity, severity);
  }
});

test("a decorator has values that Metaflow takes", () => {
  checkFix({ mark: '@metaflow.resources(memory="16GB")' }, "memory=16000");
  checkFix({ mark: '@metaflow.kubernetes(memory="2Gi", cpu="0.5")' }, 'memory=2048, cpu="0.5"');
  check({ mark: '@metaflow.resources(cpu="many")' }, ["decorator-value work"]);
  check({ mark: '@metaflow.resources(memory="16000", cpu=2)' }, []);
  checkFix({ mark: "@metaflow.retry(times=9)" }, "times=4");
  check({ mark: '@metaflow.retry(times="often")' }, ["decorator-value work"]);
  check({ mark: "@metaflow.retry(times=1.5)" }, []);
  check({ mark: '@metaflow.retry(times="1.5")' }, ["decorator-value work"]);
  checkFix({ mark: '@metaflow.secrets(sources="database")' }, 'sources=["database"]');
  checkFix({ above: '@metaflow.project(name="My Digits")' }, 'name="my_digits"');
  check({ mark: '@metaflow.pypi(packages=["torch"])' }, ["decorator-value work"]);
  check({ mark: '@metaflow.environment(vars={"A": "1"})' }, []);
});
