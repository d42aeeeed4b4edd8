import assert from "node:assert/strict";
import { test } from "node:test";
import {
  check,
  checkFix,
  END,
  findings,
  flow,
  IMPORT,
  indented,
  START,
  severities,
} from "../../support/flowFindings.ts";

test("a whole flow has no findings", () => {
  check(flow([START, END]), []);
});

test("repairs transitions that can only mean one thing", () => {
  const work = "def work(self):\n    self.next(self.end)";
  const broken = (next: string, more: readonly string[] = [work]) =>
    flow([`def start(self):\n    self.items = [1]\n    ${next}`, ...more, END]);
  checkFix(broken("pass"), "Add self.next(self.work)", "        self.items = [1]\n        self.next(self.work)\n");
  checkFix(broken("return  # later"), "Add self.next(self.work)", "[1]\n        self.next(self.work)  # later\n");
  checkFix(broken("self.next(self.wrk)"), "Go to work", "self.next(self.work)");
  checkFix(broken("self.next(self.wrok)"), "Go to work", "self.next(self.work)");
  checkFix(broken('self.next("work")'), "Write self.work", "self.next(self.work)");
  checkFix(broken("self.next(work)"), "Write self.work", "self.next(self.work)");
  checkFix(broken("self.next(self.work())"), "Write self.work", "self.next(self.work)");
  const join = "def join(self, inputs):\n    self.next(self.end)";
  const each = "def work(self):\n    self.next(self.join)";
  checkFix(broken('self.next(self.work, for_each="items")', [each, join]), "Write foreach", 'foreach="items"');
  checkFix(broken("self.next(self.work, foreach=self.items)", [each, join]), 'Write "items"', 'foreach="items"');
  checkFix(
    flow([START, "def end(self):\n    self.x = 1\n    self.next(self.start)"]),
    "Remove self.next from the end step",
    "self.x = 1\n",
  );
  checkFix(
    flow([START, "def end(self):\n    self.next(self.start)"]),
    "Remove self.next from the end step",
    "        pass\n",
  );
  checkFix(flow([START, "def end():\n    pass"]), "Add self", "def end(self):");
});

test("says how to choose the next step where a condition stands in self.next", () => {
  const choose = "def start(self):\n    self.next(self.a if self.ok else self.b)";
  const others = ["def a(self):\n    self.next(self.end)", "def b(self):\n    self.next(self.end)", END];
  const [first] = findings(flow([choose, ...others], ["ok = True"]));
  assert.match(first?.message ?? "", /To choose while it runs, store the choice: self\.next\(\{/);
});

test("turns an if around self.next into a switch", () => {
  const choose = "def start(self):\n    if self.ok:\n        self.next(self.a)\n    else:\n        self.next(self.b)";
  const others = ["def a(self):\n    self.next(self.end)", "def b(self):\n    self.next(self.end)", END];
  const text = flow([choose, ...others], ["ok = True"]);
  check(text, ["static-transitions start"]);
  checkFix(
    text,
    "Turn the if into a switch",
    '            self.next_step = "b"\n        self.next({"a": self.a, "b": self.b}, condition="next_step")\n',
  );
  const half = choose.replace("self.next(self.b)", "pass");
  assert.deepEqual(findings(flow([half, "def a(self):\n    self.next(self.end)", END]))[0]?.fixes, []);
});

/** A start step that goes to its end, and under a condition does something else first. */
function early(rest: string): string {
  return flow([`def start(self):\n    if self.ok:\n        ${rest}\n    self.next(self.end)`, END], ["ok = True"]);
}

test("sees a second self.next that Metaflow does not", () => {
  check(early("self.next(self.end)"), ["multiple-next start"]);
  check(early("self.next(self.start)\n        return"), ["multiple-next start"]);
  // Metaflow runs this one: of two calls that say the same, only one is reached.
  check(early("self.next(self.end)\n        return"), []);
});

test("names what is used without an import, and imports it", () => {
  const text = flow(["@timeout(hours=1)\n@step\ndef start(self):\n    self.next(self.end)", END]);
  check(text, ["missing-import"]);
  checkFix(text, "Import timeout from metaflow", "schedule, timeout\n");
  checkFix(
    flow([START, END], [], "from metaflow import FlowSpec, step, foreach\n"),
    "Remove foreach from the import",
    "from metaflow import FlowSpec, step\n",
  );
  checkFix(
    flow([START, END], [], "from metaflow import FlowSpec, step, Paramter\n"),
    "Import Parameter",
    "step, Parameter\n",
  );
  check(flow([START, END], [], "from metaflow import FlowSpec, step, checkpoint, torchrun\n"), []);
});

test("knows where decorators stand and what they take", () => {
  checkFix(
    flow(["@step\n@retry\ndef start(self):\n    self.next(self.end)", END]),
    "Move @step down",
    "    @retry\n    @step\n    def start",
  );
  checkFix(
    flow(["@step\n@retry\ndef start(self):\n    self.next(self.end)", END]).replaceAll("\n", "\r\n"),
    "Move @step down",
    "    @retry\r\n    @step\r\n    def start",
  );
  checkFix(
    flow(["@retry(time=2)\n@step\ndef start(self):\n    self.next(self.end)", END]),
    "Write times",
    "@retry(times=2)",
  );
  check(flow(["@schedule(daily=True)\n@step\ndef start(self):\n    self.next(self.end)", END]), [
    "misplaced-decorator start",
  ]);
  check(flow(["@retry\n@retry\n@step\ndef start(self):\n    self.next(self.end)", END]), ["duplicate-decorator start"]);
});

test("follows artifacts to where they are read", () => {
  const each = "def work(self):\n    self.score = 1\n    self.next(self.join)";
  const fan = (start: string, join: string, end = "pass") =>
    flow([
      `def start(self):\n    ${start}\n    self.next(self.work, foreach="items")`,
      each,
      `def join(self, inputs):\n    ${join}\n    self.next(self.end)`,
      `def end(self):\n    ${end}`,
    ]);
  check(fan("self.items = [1]", "pass"), []);
  check(fan("self.itens = [1]", "pass"), ["artifact-never-assigned start"]);
  check(fan("self.items = self.other = [1]", "pass", "print(self.score)"), ["artifact-lost-in-join end"]);
  check(fan("self.items = [1]", "self.score = max(each.score for each in inputs)", "print(self.score)"), []);
  check(fan("self.items = [1]", "self.merge_artifacts(inputs)", "print(self.score)"), []);
  check(fan("setattr(self, 'x', 1); self.items = [1]", "pass", "print(self.score)"), []);
  const before = fan("self.items = [1]\n        self.seed = 3".replace("        ", "    "), "pass", "print(self.seed)");
  checkFix(before, "Merge seed in join", 'self.merge_artifacts(inputs, include=["seed"])');
});

test("knows which values a switch has cases for", () => {
  const text = flow([
    'def start(self):\n    self.route = "c"\n    self.next({"a": self.a, "b": self.end}, condition="route")',
    "def a(self):\n    self.next(self.end)",
    END,
  ]);
  check(text, ["condition-value start"]);
  check(text.replaceAll("route", "way").replace('self.way = "c"', "pass"), ["artifact-never-assigned start"]);
  const assigning = (...lines: readonly string[]) => text.replace('self.route = "c"', lines.join("\n        "));
  const choose = ["if True:", '    self.route = "a"', "else:", '    self.route = "b"'];
  check(assigning('self.route = "c"', ...choose), []);
  check(assigning(...choose).replace('"b"\n', '"c"\n'), ["condition-value start"]);
  check(assigning('self.route = "c"', "if True:", '    self.route = "a"'), ["condition-value start"]);
  check(assigning("if True:", '    self.route = "c"', 'self.route = "a"'), []);
  check(assigning('self.route = "a" if 1 > 2 else "c"'), ["condition-value start"]);
  check(assigning('self.route = "a" if 1 > 2 else "b"'), []);
  check(assigning('self.route = "a" if 1 > 2 else "b" + "c"'), []);
});

const s3 = (line: string) =>
  flow([
    `def start(self):\n    with S3(run=self) as s3:\n        self.url = s3.put("data.pkl", b"")\n        ${line}\n    self.next(self.end)`,
    END,
  ]);

test("sees data that is not where a step looks for it", () => {
  checkFix(s3("s3.get(self.url)"), 'Use the key "data.pkl"', 's3.get("data.pkl")');
  check(s3('s3.get("s3://bucket/x")'), ["s3-absolute-url start"]);
  check(s3('s3.get("x")'), []);
  check(flow([START, END], ['config = IncludeFile("config", default="none.json")']), ["include-file-missing"]);
  check(flow(["@resources(gpu=1)\n@step\ndef start(self):\n    self.next(self.end)", END]), [
    "resources-gpu-local start",
  ]);
  check(flow(["@resources(gpu=1)\n@kubernetes\n@step\ndef start(self):\n    self.next(self.end)", END]), []);
});

function caught(start: string, end: string): string {
  return flow([
    `@catch(var="failure")\n@step\ndef start(self):\n    ${start}\n    self.next(self.end)`,
    `def end(self):\n    ${end}`,
  ]);
}

test("knows what @catch leaves behind", () => {
  check(caught("self.score = 1", "print(self.score)"), ["catch-skips-artifact end"]);
  check(caught("self.score = 1", "print(None if self.failure else self.score)"), []);
  check(caught("self.failure = 1", "pass"), ["catch-variable start"]);
  check(caught("pass", "print(self.failure == False)"), ["catch-variable end"]);
  check(caught("pass", "print(hasattr(self, 'failure'))"), ["catch-variable end"]);
});

const scheduled = (cron: string) => flow([START, END]).replace("class F", `@schedule(cron="${cron}")\nclass F`);

test("knows what the schedulers take", () => {
  check(flow([START, END], ['"""python flow.py argo-workflows create --schedule=\'0 0 * * *\'"""']), [
    "schedule-option",
  ]);
  check(scheduled("0 0 * * ? *"), []);
  checkFix(scheduled("0 6 * * *"), 'Write "0 6 * * ? *"', 'cron="0 6 * * ? *"');
  check(scheduled("0 0 *"), ["schedule-cron"]);
  // Argo Workflows takes five fields, and it alone a timezone.
  assert.deepEqual(severities(scheduled("0 6 * * *")), ["information"]);
  assert.deepEqual(severities(`# step-functions create\n${scheduled("0 6 * * *")}`), ["warning"]);
  assert.deepEqual(severities(scheduled('0 6 * * *", timezone="Europe/Berlin')), []);
  const choice = [
    'def start(self):\n    self.way = "a"\n    self.next({"a": self.a, "b": self.end}, condition="way")',
    "def a(self):\n    self.next(self.end)",
    END,
  ];
  check(flow(choice, ['"""python flow.py step-functions create"""']), ["step-functions-switch start"]);
});

const beside = (line: string) => flow([START, END], [], `${IMPORT}\n${line}`);

test("a secret or a path of one machine is found wherever it stands in the file, once", () => {
  check(beside('DATA = "/home/alice/data.csv"'), ["absolute-path"]);
  check(beside(`TOKEN = "ghp_${"a1".repeat(18)}"`), ["secret-in-code"]);
  check(beside('api_key = "abcd1234efgh5678ijkl"'), ["secret-in-code"]);
  check(beside('os.environ["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYabcdefgh12"'), ["secret-in-code"]);
  check(beside('def load():\n    return connect(password="c0rrecthorse")'), ["secret-in-code"]);
  check(beside('TOKEN = os.environ["TOKEN"]\nsecret = "db"'), []);
  const twoFlows = `${beside('DATA = "/home/alice/data.csv"')}\n\nclass G(FlowSpec):\n${[START, END].map((step) => indented(`@step\n${step}`)).join("\n")}\n`;
  assert.equal(findings(twoFlows).filter(({ code }) => code === "absolute-path").length, 1);
});

test("names habits that hurt later", () => {
  check(flow(["def start(self):\n    self.api_key = 'abc123def'\n    self.next(self.end)", END]), ["secret-in-code"]);
  check(flow(["def start(self):\n    self.api_key = ''\n    self.next(self.end)", END]), []);
  check(flow(["def start(self):\n    open('/home/me/data.csv')\n    self.next(self.end)", END]), ["absolute-path"]);
  check(flow([START, END], ["def helper(self, seen=[]):\n    return seen"]), ["mutable-default"]);
  check(flow([START, END], ['sizes = Parameter("sizes", default=[1, 2])']), ["mutable-default"]);
  check(flow([START, END], ['rate = Parameter("rate", default=0.1)']), ["unvalidated-parameter"]);
  check(
    flow(
      ["def start(self):\n    assert self.rate > 0\n    self.next(self.end)", END],
      ['rate = Parameter("rate", default=0.1)'],
    ),
    [],
  );
});

test("is silent where a comment says so", () => {
  const text = flow(["@resources(gpu=1)\n@step\ndef start(self):\n    self.next(self.nowhere)", END]);
  check(text, ["unknown-transitions start", "resources-gpu-local start"]);
  check(text.replace("(gpu=1)", "(gpu=1)  # trainyard: ignore[resources-gpu-local]"), ["unknown-transitions start"]);
  check(text.replace("        self.next", "        # trainyard: ignore\n        self.next"), [
    "resources-gpu-local start",
  ]);
  check(text.replace("(gpu=1)", "(gpu=1)  # trainyard: ignore[other]"), [
    "unknown-transitions start",
    "resources-gpu-local start",
  ]);
});

test("judges only what can be read of a file that is being typed", () => {
  const text = flow(["def start(self):\n    self.next(self.", "def work(self):\n    pass", END]);
  check(text, ["syntax-error", "static-transitions work"]);
});

/** A text as a module that only others import. */
function library(text: string): string {
  return text.split("\n\n\nif __name__")[0] ?? "";
}

test("says what a class with steps does not descend from", () => {
  const bare = flow([START, END]).replace("F(FlowSpec)", "F");
  check(bare, ["no-flow-spec"]);
  checkFix(bare, "Descend from FlowSpec", "class F(FlowSpec):");
  // What nothing runs is there for flows to inherit from.
  check(bare.replace("    F()", "    pass"), []);
  const mixin = library(flow(["def train(self):\n    self.next(self.end)"]).replace("F(FlowSpec)", "F"));
  for (const name of ['"""F() is never made itself."""', "# F() is never made itself.", "F().train()"]) {
    check(`${mixin}\n\n${name}\n`, []);
  }
  check(`${library(bare)}\n\n"""Not F()."""\n`, []);
  check(bare.replace("    F()", "    F ()"), ["no-flow-spec"]);
  const foreign = flow([END])
    .replace("F(FlowSpec)", "F(Base)")
    .replace("import", "import Flow\nfrom company import Base #");
  check(`${IMPORT}${foreign}`, ["unknown-base"]);
  assert.deepEqual(severities(`${IMPORT}${foreign}`), ["information"]);
});

const OPEN = ["def start(self):\n    self.next(self.train)", "def train(self):\n    self.next(self.report)"];

test("leaves to a class that is built on a flow what the flow leaves out", () => {
  const base = flow(OPEN);
  assert.deepEqual(severities(base), ["error", "error"]);
  check(library(base), ["basic-steps", "unknown-transitions train"]);
  assert.deepEqual(severities(library(base)), ["information", "information"]);
  assert.ok(isRefused(library(base.replace("self.train", "self.trian"))));
});

test("a class with a start and an end is there to be built on where it says so", () => {
  const between = ["def start(self):\n    self.rows = self.load()\n    self.next(self.train)", END];
  const open = library(
    flow([...between, "def load(self):\n    raise NotImplementedError"]).replace(
      "    @step\n    def load",
      "    def load",
    ),
  );
  assert.deepEqual(severities(open), ["information"]);
  assert.deepEqual(severities(open.replace("NotImplementedError", "ValueError")), ["error", "information"]);
  assert.deepEqual(severities(library(flow(between)).replaceAll("class F(", "class BaseTrainFlow(")), ["information"]);
  assert.ok(isRefused(open.replace("self.train", "self.ennd")));
});

function isRefused(text: string): boolean {
  return severities(text).includes("error");
}

test("what Metaflow refuses stays an error however the flow is run", () => {
  const whole = flow(["def start(self):\n    self.next(self.missing)", END]);
  const open = flow(OPEN);
  for (const run of ["flow = F\n    flow()", "F ()", "main()", "Runner(__file__).run()"]) {
    assert.ok(isRefused(open.replace("    F()", `    ${run}`)), run);
  }
  // Another file may import it and call it.
  assert.ok(isRefused(library(whole)));
  assert.ok(isRefused(`${library(open)}\n\nchosen = F\nchosen()\n`));
});

const switchFlow = (a: string, b: string, end: string) =>
  flow([
    'def start(self):\n    self.to = "a"\n    self.next({"a": self.a, "b": self.b}, condition="to")',
    `def a(self):\n    ${a}\n    self.next(self.more)`,
    `def b(self):\n    ${b}\n    self.next(self.more)`,
    "def more(self):\n    self.next(self.end)",
    `def end(self):\n    ${end}`,
  ]);

test("knows what only one case of a switch assigns", () => {
  check(switchFlow("self.x = 1", "pass", "print(self.x, self.to)"), ["artifact-of-one-case end"]);
  check(switchFlow("self.x = 1", "self.x = 2", "print(self.x, self.to)"), []);
  check(switchFlow("self.x = 1", "self.x = 2\n    print(self.x)", "self.x = 3\n    print(self.x)"), []);
  for (const end of [
    'if self.to == "a":\n        print(self.x)',
    'print(self.x if self.to == "a" else 0)',
    'print(self.to == "a" and self.x)',
    'if self.to == "b":\n        return\n    print(self.x)',
    "try:\n        print(self.x)\n    except Exception:\n        pass",
    'print(hasattr(self, "x"), self.x)',
  ]) {
    check(switchFlow("self.x = 1", "pass", end), []);
  }
});

test("says that nothing waits for an async step", () => {
  check(flow([START.replace("def", "async def"), END]), ["async-step start"]);
  check(flow([START, END], ["async def helper(self):\n    pass"]), []);
});

test("says which of two steps of one name never runs", () => {
  const text = flow([START, START, END]);
  check(text, ["repeated-step start"]);
  assert.equal(findings(text)[0]?.range.start.line, 5);
  const helper = "def helper(self):\n    return 1";
  check(flow([START, END], [helper, helper]), []);
});

test("says where a colon is missing, and knows the rest of the flow without it", () => {
  const nowhere = "def start(self):\n    self.next(self.ned)";
  for (const header of ["def start(self):", "class F(FlowSpec):", "def end(self):"]) {
    const text = flow([nowhere, END]).replace(header, `${header.slice(0, -1)}  # typed`);
    check(text, ["syntax-error", "unknown-transitions start"]);
    checkFix(text, "Add the colon", `${header}  # typed`);
  }
  const [found] = findings(flow([START, END]).replace("end(self):", "end(self)"));
  assert.deepEqual(found?.range, { start: { line: 9, column: 16 }, end: { line: 9, column: 17 } });
  // What else is wrong is marked in its first line only.
  const [other] = findings(`${flow([START, END])}\nx = (\ny = 1\n`);
  assert.equal(other?.range.start.line, other?.range.end.line);
});

test("says where nothing is indented below a line, which Python refuses", () => {
  const start = "def start(self):\n    OPENER\n    print(1)\n    self.next(self.end)";
  for (const opener of ["for each in [1]:", "if True:", "with open('a') as b:", "while True:  # for ever"]) {
    const text = flow([start.replace("OPENER", opener), END]);
    check(text, ["syntax-error"]);
    const range = findings(text)[0]?.range;
    assert.equal(text.split("\n")[range?.start.line ?? 0]?.trim(), opener);
    assert.equal(range?.start.line, range?.end.line);
  }
  check(flow([start.replace("OPENER", "if True: pass"), END]), []);
  check(flow([start.replace("OPENER", "if True:\n        # why\n        pass"), END]), []);
});

test("says where an indentation is one that Python refuses", () => {
  const text = flow(["def start(self):\n    self.x = 1\n    self.next(self.end)", END]);
  check(text.replace("        self.x = 1", "\tself.x = 1"), ["syntax-error"]);
  check(text.replaceAll("    ", "\t"), []);
  check(text.replace("        self.next", "            self.next"), ["syntax-error"]);
  check(text.replace("self.x = 1", "if True:\n            self.x = 1\n          self.y = 2"), ["syntax-error"]);
});

test("reads the flow of a file that lacks more than a colon", () => {
  const work = "def work(self)\n    x = (1,\n    self.next(self.end)";
  check(flow([START.replace("self.end", "self.nowhere"), work, END]), ["syntax-error", "unknown-transitions start"]);
});

test("adds no colon to a text or within brackets", () => {
  const digits = '"""A flow that trains\nfor every digit\n    one class\n"""\n';
  const text = digits + flow([START, END]).replace("start(self):", "start(self)");
  assert.equal(findings(text)[0]?.range.start.line, 9);
  checkFix(text, "Add the colon", `${digits}${IMPORT}`);
  const lines = 'x = [y\nfor y in "ab"\n    if y]\n';
  checkFix(lines + text, "Add the colon", lines);
  // Something else is wrong, and a docstring is no place for a colon.
  assert.deepEqual(findings(`${digits}${flow([START, END])}x = )\n`)[0]?.fixes, []);
});

test("leaves base classes alone and checks the flow that is run", () => {
  const base = `${IMPORT}\nclass Base(FlowSpec):\n    @step\n    def work(self):\n        self.next(self.end)\n`;
  check(base, []);
  const derived = `${base}\nclass Flow(Base):\n    @step\n    def start(self):\n        self.next(self.work)\n\n    @step\n    def end(self):\n        self.next(self.work)\n\nFlow()\n`;
  check(derived, ["start-end-degree end"]);
});
