import assert from "node:assert/strict";
import { test } from "node:test";
import { check, checkFix, END, findings, flow } from "../../support/flowFindings.ts";

const BRANCHES = [
  "def start(self):\n    self.next(self.a, self.b)",
  "def a(self):\n    self.x = 1\n    self.next(self.join)",
  "def b(self):\n    self.next(self.join)",
];

test("names the step that was to join, and not the end", () => {
  const open = flow([...BRANCHES, "def join(self):\n    self.next(self.end)", END]);
  check(open, ["split-join-balance end"]);
  assert.match(open.split("\n")[findings(open)[0]?.range.start.line ?? 0] ?? "", /def join/);
  checkFix(open, "Take inputs", "def join(self, inputs):");
  const sweep = [
    'def start(self):\n    self.xs = [1]\n    self.next(self.work, foreach="xs")',
    "def work(self):\n    self.y = self.input\n    self.next(self.more)",
    "def more(self):\n    self.next(self.gather)",
    "def gather(self):\n    self.ys = [each.y for each in inputs]\n    self.next(self.end)",
    END,
  ];
  checkFix(flow(sweep), "Take inputs", "def gather(self, inputs):");
  assert.match(findings(flow(sweep))[0]?.message ?? "", /^The tasks of \*work\* are joined in \*gather\*/);
});

/** A foreach that nothing joins. */
function openSweep(encode: string, more = "pass"): string {
  return flow([
    'def start(self):\n    self.batch = self.xs = [1]\n    self.next(self.encode, foreach="xs")',
    `def encode(self):\n    ${encode}\n    self.next(self.more)`,
    `def more(self):\n    ${more}\n    self.next(self.end)`,
    END,
  ]);
}

test("takes a local name for no inputs of a join", () => {
  for (const text of [
    openSweep("inputs = f(self.input)\n    print(inputs[0])"),
    openSweep("pass", "inputs, labels = self.batch\n    print(inputs.shape)"),
    openSweep("pass", "for inputs, y in self.batch:\n        print(inputs[0])"),
    openSweep("pass", "print(len(self.batch))  # goes on for each in inputs"),
  ]) {
    check(text, ["split-join-balance end"]);
    assert.match(findings(text)[0]?.message ?? "", /^The flow comes to its end \*end\* before/);
    assert.deepEqual(findings(text)[0]?.fixes, []);
  }
  check(openSweep("print(inputs[0])"), ["split-join-balance end", "missing-self encode"]);
  checkFix(openSweep("pass", "self.merge_artifacts(inputs)"), "Take inputs", "def more(self, inputs):");
});

const joinOfNothing = (join: string) =>
  flow(["def start(self):\n    self.next(self.join)", `${join}; self.next(self.end)`, END]);

test("changes parameters of a join only where nothing is lost with them", () => {
  const open = flow([...BRANCHES, "def join(self,):\n    self.next(self.end)", END]);
  checkFix(open, "Take inputs", "def join(self, inputs):");
  assert.deepEqual(findings(open.replace("(self,)", "(self, *others)"))[0]?.fixes, []);
  checkFix(joinOfNothing("def join(self, inputs): pass"), "Remove inputs", "def join(self): pass");
  const used = joinOfNothing("def join(self, inputs): print(inputs)");
  check(used, ["split-join-balance join"]);
  assert.deepEqual(findings(used)[0]?.fixes, []);
});

test("says what a join that joins nothing is", () => {
  const choice = 'def start(self):\n    self.to = "a"\n    self.next({"a": self.a, "b": self.b}, condition="to")';
  const join = "def join(self, inputs):\n    self.next(self.end)";
  const text = flow([choice, ...BRANCHES.slice(1), join, END]);
  check(text, ["split-join-balance join"]);
  assert.match(findings(text)[0]?.message ?? "", /the switch \*start\* runs only one of its cases/);
  checkFix(text, "Remove inputs", "def join(self):");
});

test("does not judge what a join reads while the branches that lead to it are wrong", () => {
  const join = "def join(self, inputs):\n    self.x = inputs.a.x\n    self.next(self.end)";
  const text = flow([...BRANCHES, join, END]);
  check(text, []);
  check(text.replace("self.next(self.a, self.b)", "self.next(self.ab, self.b)"), ["unknown-transitions start"]);
});

test("says which split is still open where a join takes an outer one as well", () => {
  const sweep = 'def a(self):\n    self.rates = [1]\n    self.next(self.work, foreach="rates")';
  const work = "def work(self):\n    self.next(self.join)";
  const right = "def b(self):\n    self.next(self.join)";
  const join = "def join(self, inputs):\n    self.next(self.end)";
  const text = flow(["def start(self):\n    self.next(self.a, self.b)", sweep, work, right, join, END]);
  check(text, ["split-join-balance join"]);
  assert.match(
    findings(text)[0]?.message ?? "",
    /^\*join\* joins .*work.*, which are of different splits: what \*a\* splits/,
  );
});
