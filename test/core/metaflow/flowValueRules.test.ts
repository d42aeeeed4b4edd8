import assert from "node:assert/strict";
import { test } from "node:test";
import { check, checkFix, findingsIn, sweep } from "../../support/sweepFlow.ts";

test("no step assigns what the class fixes", () => {
  for (const member of ['rate = Parameter("rate")', 'rate = Config("rate")', "rate = 3", "rate: int = 3"]) {
    check({ member, start: "self.rate = 4" }, ["fixed-attribute start"]);
    check({ member, work: "self.rate += 1" }, ["fixed-attribute work"]);
  }
  check({ member: 'rates = Config("rates")', start: "self.rates.first = 4" }, ["fixed-attribute start"]);
  check({ member: 'rates = Config("rates", plain=True)', start: "self.rates.first = 4" }, []);
  check({ member: 'rates = Config("rates")', start: "self.model.rates = self.rates.first" }, []);
  const tried = "try: self.rates.first = self.rates = 4\n        except (AttributeError, TypeError): pass";
  check({ member: 'rates = Config("rates")', start: tried }, []);
  check({ member: "rate: int", start: "self.rate = 4" }, []);
  const property = "@property\n    def rate(self): return 1";
  check({ member: property, start: "self.rate = 4" }, ["fixed-attribute start"]);
  check({ member: `${property}\n    @rate.setter\n    def rate(self, value): pass`, start: "self.rate = 4" }, []);
  check({ member: "_rate = 3", start: "self._rate = 4" }, []);
  check({ member: 'rate = Parameter("rate")', start: "self.rates = [self.rate]" }, []);
});

test("no step assigns what Metaflow or a step is called", () => {
  check({ work: "self.input = 2" }, ["fixed-attribute work"]);
  check({ end: "self.index = 1" }, ["fixed-attribute end"]);
  check({ work: "self.join = 2" }, ["fixed-attribute work"]);
  check({ start: "self.end = 2" }, ["fixed-attribute start"]);
  check({ member: "input = 3", work: "print(self.input)" }, []);
  check({ start: "self.next_item = self.end_time = 2" }, []);
});

function calling(call: string): string[] {
  return findingsIn(sweep({}).replace(/if __name__[^]*$/, call)).map(({ code }) => code);
}

test("a file calls its flow", () => {
  assert.deepEqual(calling(""), ["flow-not-called"]);
  assert.deepEqual(calling("class Other(SweepFlow): pass\n"), ["flow-not-called"]);
  assert.deepEqual(calling('{"sweep": SweepFlow}[name]()\n'), []);
  assert.deepEqual(calling("flow = SweepFlow\nflow()\n"), []);
  assert.deepEqual(calling('if __name__ == "main":\n    SweepFlow()\n'), ["flow-not-called"]);
  const guarded = 'if __name__ == "__mp_main__":\n    pass\nif __name__ == "__main__":\n    SweepFlow()\n';
  assert.deepEqual(calling(guarded), []);
  assert.deepEqual(calling('def main():\n    SweepFlow()\n\nif __name__ == "worker":\n    pass\nmain()\n'), []);
  checkFix(sweep({}).replace('"__main__"', "'main'"), 'Write "__main__"', 'if __name__ == "__main__":');
});

test("an __init__ calls the one of FlowSpec", () => {
  check({ member: "def __init__(self): self.rate = 1" }, ["unfinished-init"]);
  check({ member: "def __init__(self, use_cli=True): super().__init__(use_cli)" }, []);
  check({ member: "def __init__(self, *args): FlowSpec.__init__(self, *args)" }, []);
});

test("the name of the flow hides an artifact of that name from the other steps", () => {
  check({ work: "self.name = self.input", join: "self.names = [each.name for each in inputs]" }, [
    "fixed-attribute work",
  ]);
  check({ start: "self.name = 'a'", end: "print(self.name)" }, ["fixed-attribute start"]);
  check({ work: "self.name = 'a'", join: "self.first = inputs[0].name" }, ["fixed-attribute work"]);
  check({ work: "self.name = self.input; print(self.name)" }, []);
  check({ end: "print(self.name)" }, []);
  check({ member: "name = 'sweep'", end: "print(self.name)" }, []);
  const init = "def __init__(self, use_cli=True): super().__init__(use_cli); self.name = 'a'";
  check({ member: init, end: "print(self.name)" }, []);
});

test("advice comes in the order of the file", () => {
  const expected = ["unpicklable-artifact start", "unknown-artifact work", "unpicklable-artifact end"];
  check(
    { start: "self.f = (row for row in [1])", work: "print(self.never)", end: 'self.file = open("a.csv")' },
    expected,
  );
});

test("an artifact is something that can be stored", () => {
  check({ work: "self.rows = (row for row in range(3))" }, ["unpicklable-artifact work"]);
  check({ end: 'self.file = open("a.csv")' }, ["unpicklable-artifact end"]);
  check({ end: 'self.text = open("a.csv").read()' }, []);
  check({ end: 'self.s3 = boto3.client("s3", region_name="eu-west-1")' }, ["unpicklable-artifact end"]);
  check({ end: 'self.names = boto3.client("s3").list_buckets()' }, []);
  check({ end: 'self.file = open("a.csv"); self.text = self.file.read(); del self.file' }, []);
  check({ end: "self.rows = (row for row in range(3)); self.rows = list(self.rows)" }, []);
  check({ end: "self.rows = sorted([2, 1], key=lambda row: row)" }, []);
});

test("an input of a join is no artifact, and what it holds is one", () => {
  const whole = ["inputs", "inputs[0]", "inputs.work", "max(inputs, key=lambda each: each.model)", "sorted(inputs)"];
  for (const value of whole) {
    check({ join: `self.best = ${value}` }, ["unpicklable-artifact join"]);
  }
  check({ join: "for each in inputs: self.best = each" }, ["unpicklable-artifact join"]);
  for (const value of ["inputs[0].model", "inputs.work.model", "max(inputs, key=id).model", "len(list(inputs))"]) {
    check({ join: `self.best = ${value}` }, []);
  }
  check({ join: "self.best = inputs; self.best = 1" }, []);
  check({ join: "inputs = [1]; self.best = inputs[0]" }, []);
});

test("a lambda is gone in the next step, and ends only a run in which that one reads it", () => {
  const start = "self.scale = lambda row: 2 * row";
  check({ start: `${start}; print(self.scale(1))` }, []);
  check({ start, work: "print(self.scale(self.input))" }, ["unpicklable-artifact start"]);
  check({ start, work: "self.scale = abs; print(self.scale(1))" }, []);
  check({ start: `${start}; self.scale = 2`, work: "print(self.scale)" }, []);
  check({ start: `${start}; print(self.scaled(1))`, member: "def scaled(self, row): return self.scale(row)" }, []);
});

test("a step reads what some step assigns", () => {
  check({ work: "print(self.never)" }, ["unknown-artifact work"]);
  check({ work: "print(self.input, self.index, self.foreach_stack())" }, []);
  checkFix(sweep({ work: "print(self.modell)" }), "Write self.model", "print(self.model)");
  const hidden = [
    "load(self)",
    "load(flow=self)",
    'setattr(self, "never", 1)',
    'print(hasattr(self, "never"))',
    "self.first, *self.never = [1, 2]",
  ];
  for (const start of hidden) {
    check({ start, work: "print(self.never)" }, []);
  }
  check({ member: "def fill(self): self.never = 1", start: "self.fill()", work: "print(self.never)" }, []);
  const reads = sweep({ above: "from tools import track", work: "print(self.never)" });
  assert.deepEqual(findingsIn(reads.replace("    @step\n    def work", "    @track\n    @step\n    def work")), []);
  const extended = reads.replace("from tools import track", "from metaflow import agent as track");
  assert.deepEqual(findingsIn(extended.replace("    @step\n    def work", "    @track\n    @step\n    def work")), []);
  const network =
    "class Net:\n            def __init__(self): self.layer = 1\n            def go(self): return self.training";
  check({ work: network }, []);
  const behind = "\n        print(self.never)";
  check({ work: `${network}${behind}\n        ${network}` }, ["unknown-artifact work"]);
});

function day(value: string, more = ""): string {
  return `day = Parameter("day", default=${value}${more})`;
}

test("a Parameter is no date, and is reckoned with in a step only", () => {
  for (const [above, value] of [
    ["from datetime import date", "date.today()"],
    ["from datetime import date as d", "d(2024, 1, 2)"],
    ["from datetime import datetime", "datetime.now()"],
    ["import datetime as dt", "dt.date.today()"],
  ] as const) {
    check({ above, member: day(value) }, ["parameter-default"]);
    checkFix(sweep({ above, member: day(value) }), "Write its text", `default=${value}.isoformat()`);
    check({ above, member: day(`${value}.isoformat()`) }, []);
    check({ above, member: day(`str(${value})`) }, []);
    check({ above, member: day(value, ", type=str") }, []);
  }
  check({ above: "from tools import date", member: day("date.today()") }, []);
  check({ above: "from datetime import timedelta", member: day("timedelta(1)") }, []);
  const start = "assert self.lr > 0";
  const lr = 'lr = Parameter("lr", default=0.1)';
  for (const line of ["half = lr / 2", "half = 2 * lr  # twice", "is_large = lr >= 3", "both = lr * lr"]) {
    check({ start, member: `${lr}\n    ${line}` }, ["parameter-arithmetic"]);
  }
  check({ start, member: `${lr}\n    text = f"{lr}"\n    is_same = lr == 3\n    both = [lr, 2]` }, []);
  for (const line of ["half = int(lr)", "text = round(lr, 2)", "parts = lr.split(',')", "all_of = list(lr)"]) {
    check({ start, member: `${lr}\n    ${line}` }, ["parameter-arithmetic"]);
    check({ start, member: `lr = load()\n    ${line}` }, []);
  }
  check({ start, above: "from tools import int", member: `${lr}\n    half = int(lr)` }, []);
  check({ start, member: `${lr}\n    text = str(lr)\n    kind = lr.name.lower()\n    made = make(lr)` }, []);
  check({ start, member: `lr = 0.1\n    half = lr / 2` }, []);
  check({ start, above: "from tools import unit", member: `${lr}\n    half = lr * unit` }, []);
});

test("a base class may read what the classes built on it assign", () => {
  const text = sweep({ end: "print(self.result)" }).replace(/\nif __name__[^]*$/, "");
  assert.deepEqual(
    findingsIn(text).map(({ code }) => code),
    ["flow-not-called"],
  );
});

test("merge_artifacts merges what is the same in all tasks", () => {
  const work = "self.score = train(self.input)";
  check({ work, join: "self.merge_artifacts(inputs)" }, ["merge-conflict join"]);
  check({ work, join: "self.score = 1\n        self.merge_artifacts(inputs)" }, []);
  check({ work, join: "self.score = 1; self.merge_artifacts(inputs)" }, []);
  check({ work, join: "self.merge_artifacts(inputs); self.score = 1" }, ["merge-conflict join"]);
  check({ work, join: 'self.merge_artifacts(inputs, exclude=["score"])' }, []);
  check({ work, join: 'self.merge_artifacts(inputs, include=["model"])' }, []);
  check({ work: "self.score = 1", join: "self.merge_artifacts(inputs)" }, []);
  checkFix(
    sweep({ work: "self.rate = self.input\n        self.loss = fit(self.rate)", join: "self.merge_artifacts(inputs)" }),
    "Leave out rate, loss",
    'self.merge_artifacts(inputs, exclude=["rate", "loss"])',
  );
  const read = findingsIn(sweep({ work, join: "self.merge_artifacts(inputs)", end: "print(self.score)" }));
  assert.deepEqual(
    read.flatMap(({ code, fixes }) => [code, fixes]),
    ["merge-conflict", []],
  );
  const branches = sweep({ join: "self.merge_artifacts(inputs)", work: "self.v = 1" })
    .replace('self.work, foreach="items"', "self.work, self.other")
    .replace(
      "    @step\n    def join",
      "    @step\n    def other(self):\n        self.v = 2\n        self.next(self.join)\n\n    @step\n    def join",
    );
  checkFix(branches, "Leave out v", 'exclude=["v"]');
  assert.deepEqual(findingsIn(branches.replace("self.v = 2", "self.v = 1")), []);
});

test("a card is written to where there is one", () => {
  checkFix(
    sweep({ work: "current.card.append(1)" }),
    "Give work a card",
    '    @card(type="blank")\n    @step\n    def work',
  );
  check({ work: 'print(hasattr(current, "card") and current.card)' }, []);
});

test("a file runs its flow, and its parameters have names of their own", () => {
  const text = sweep({});
  checkFix(
    text.replace(/\n\nif __name__[^]*$/, ""),
    "Call SweepFlow()",
    '        pass\n\n\nif __name__ == "__main__":\n    SweepFlow()\n',
  );
  check({ member: 'workers = Parameter("max_workers")' }, ["reserved-parameter"]);
  check({ member: 'workers = Parameter("workers")' }, []);
});

test("a decorator is a name of the file", () => {
  for (const [name, expected] of [
    ["retri", ["unknown-decorator"]],
    ["lib.track", []],
    ["retry", ["missing-import"]],
  ] as const) {
    const text = sweep({ above: "import lib" }).replace(
      "    @step\n    def work",
      `    @${name}\n    @step\n    def work`,
    );
    assert.deepEqual(
      findingsIn(text).map(({ code }) => code),
      expected,
    );
  }
  const mistyped = sweep({}).replace("    @step\n    def work", "    @retri\n    @step\n    def work");
  checkFix(mistyped, "Write retry", "    @retry\n    @step\n    def work");
});
