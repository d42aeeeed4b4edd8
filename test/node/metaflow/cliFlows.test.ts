import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { CliVerb } from "../../../src/node/base/cliVerb.ts";
import { checkVerb } from "../../../src/node/metaflow/cliCheck.ts";
import { graphVerb } from "../../../src/node/metaflow/cliGraph.ts";
import { checkTraining } from "../../../src/node/training/checkTraining.ts";
import { checkWorkspace } from "../../../src/node/training/checkWorkspace.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const check = checkVerb(checkTraining);

const GOOD = `from metaflow import FlowSpec, step

class GoodFlow(FlowSpec):
    @step
    def start(self):
        """Begins."""
        self.way = "a"
        self.next({"a": self.work, "b": self.end}, condition="way")

    @step
    def work(self):
        self.next(self.end)

    @step
    def end(self):
        pass

GoodFlow()
`;

function workspace(context: TestContext, files: Record<string, string>): string {
  const root = temporaryFolder(context);
  mkdirSync(join(root, "flows"));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(root, name), text);
  }
  return root;
}

async function call(
  verb: CliVerb,
  root: string,
  words: readonly string[],
  options: Record<string, string | boolean> = {},
) {
  const printed: string[] = [];
  const host = { supervisorPath: "", version: "", print: (text: string) => printed.push(text) };
  const exitCode = await verb.run({ root, folder: root, options, words, rest: [], host });
  return { exitCode, text: printed.join("\n") };
}

test("graph claims no default of a decorator that takes a configuration", async (context) => {
  const decorated = GOOD.replace("step\n", "Config, retry, resources, step\n").replace(
    "    @step",
    '    config = Config("config")\n\n    @resources(cpu=2, **config.resources)\n    @retry(times=4)\n    @step',
  );
  const root = workspace(context, { "flows/good.py": decorated });
  const { text } = await call(graphVerb, root, ["flows/good.py"], { json: true });
  const { decorators } = JSON.parse(text).graph.start;
  assert.deepEqual(
    decorators.map(({ name, attributes }: { name: string; attributes: object }) => [name, attributes]),
    [
      ["retry", { times: 4, minutes_between_retries: "2" }],
      ["resources", { cpu: 2 }],
    ],
  );
});

test("graph prints the steps, or the JSON of Metaflow, or a drawing", async (context) => {
  const root = workspace(context, { "flows/good.py": GOOD });
  const words = ["flows/good.py"];
  assert.equal(
    (await call(graphVerb, root, words)).text,
    [
      "GoodFlow: 3 steps",
      "  start (split-switch, line 5)  -> a: work, b: end by way  # Begins.",
      "  work (linear, line 11)  -> end",
      "  end (end, line 15)",
    ].join("\n"),
  );
  const json = JSON.parse((await call(graphVerb, root, words, { json: true })).text);
  assert.deepEqual(json.graph_structure, ["start", [["work"], []], "end"]);
  assert.deepEqual(json.graph.start.switch_cases, { a: "work", b: "end" });
  assert.match(
    (await call(graphVerb, root, words, { dot: true })).text,
    /^digraph GoodFlow \{[\s\S]*start -> work \[label="a"/,
  );
  const { text } = await call(graphVerb, root, words, { svg: true });
  assert.deepEqual(
    [...text.matchAll(/<g class="node ([\w-]+)" data-node="(\w+)"/g)].map(([, kind, step]) => [kind, step]),
    [
      ["pointed", "start"],
      ["box", "work"],
      ["double-round", "end"],
    ],
  );
});

test("the words of a flow cannot command the terminal that its graph is printed to", async (context) => {
  const text = GOOD.replace("Begins.", "Begins\\x1b]0;title\\x07 now.").replaceAll('"a"', '"a\\x1b[2J"');
  const root = workspace(context, { "flows/good.py": text });
  const printed = (await call(graphVerb, root, ["flows/good.py"])).text;
  assert.match(printed, /a \[2J.*# Begins \]0;title now\./);
  assert.doesNotMatch(printed, /(?!\n)\p{Cc}/u);
});

test("graph says what it needs", async (context) => {
  const two = GOOD.replace("GoodFlow()", `class OtherFlow(GoodFlow):\n    pass\n\nGoodFlow()\nOtherFlow()\n`);
  const root = workspace(context, { "flows/two.py": two, "none.py": "print(1)\n" });
  await assert.rejects(
    call(graphVerb, root, ["flows/two.py"]),
    /several flows: GoodFlow, OtherFlow\. Choose one with --flow/,
  );
  await assert.rejects(call(graphVerb, root, ["flows/two.py"], { flow: "Third" }), /no flow Third/);
  assert.match((await call(graphVerb, root, ["flows/two.py"], { flow: "OtherFlow" })).text, /^OtherFlow: 3 steps/);
  await assert.rejects(call(graphVerb, root, ["none.py"]), /has no Metaflow flow/);
  writeFileSync(join(root, "cut.py"), GOOD.slice(0, GOOD.indexOf("self):", 200) + 2));
  await assert.rejects(call(graphVerb, root, ["cut.py"]), /cut\.py is not Python from line \d+ on/);
  await assert.rejects(call(graphVerb, root, ["gone.py"]), /cannot be read/);
  await assert.rejects(call(graphVerb, root, ["none.py"], { json: true, dot: true }), /exclude each other/);
});

test("check looks through folders, and ends with 1 where something is wrong", async (context) => {
  const bad = GOOD.replace("self.next(self.end)", "self.next(self.edn)").replaceAll("Good", "Bad");
  const root = workspace(context, { "flows/good.py": GOOD, "flows/bad.py": bad, "flows/other.py": "x = 1\n" });
  assert.deepEqual(await call(check, root, ["flows/good.py"]), { exitCode: 0, text: "No mistakes in 1 flow." });
  const { exitCode, text } = await call(check, root, ["flows"]);
  assert.equal(exitCode, 1);
  assert.match(
    text,
    /^flows\/bad\.py:12:24: error: \*work\* goes to \*edn\*.* \[unknown-transitions\]\n1 finding in 2 flows\.$/,
  );
  const json = JSON.parse((await call(check, root, ["flows"], { json: true })).text);
  const [found] = json.findings;
  assert.deepEqual([json.flows, found.rule, found.step, found.line], [2, "unknown-transitions", "work", 12]);
  await assert.rejects(call(check, root, ["nothing"]), /does not exist/);
});

test("check does not pass a flow whose rest a syntax error hides", async (context) => {
  const cut = GOOD.slice(0, GOOD.indexOf("self):", 200) + 2);
  const root = workspace(context, { "cut.py": cut, "flows/old.py": 'from metaflow import Run\nprint("a"\n' });
  const { exitCode, text } = await call(check, root, ["."]);
  assert.equal(exitCode, 1);
  assert.match(text, /^cut\.py:\d+:\d+: error: This is not Python\. .* \[syntax-error\]\n1 finding in 1 flow\.$/);
});

test("check says that there was nothing to check, and why", async (context) => {
  const root = workspace(context, { "notes.py": "print(1)\n", "flows/readme.md": "" });
  const says = async (word: string, ml: boolean) => (await call(check, root, [word], { ml })).text;
  assert.equal(
    await says(".", true),
    "Nothing was checked: no Python file or notebook of the 1 here imports a library for machine learning.",
  );
  assert.equal(
    await says(".", false),
    "Nothing was checked: no Python file of the 1 here has a Metaflow flow. To check other training code: trainyard check --ml",
  );
  assert.equal(await says("flows", false), "Nothing was checked: there is no Python file here.");
  assert.equal((await call(check, root, ["."])).exitCode, 0);
});

test("check ends with 0 where there are only remarks", async (context) => {
  const remarked = GOOD.replace("    @step\n    def work", "    @resources(gpu=1)\n    @step\n    def work").replace(
    "FlowSpec, step",
    "FlowSpec, resources, step",
  );
  const root = workspace(context, { "flow.py": remarked });
  const { exitCode, text } = await call(check, root, ["flow.py"]);
  assert.equal(exitCode, 0);
  assert.match(text, /information: .*\[resources-gpu-local\]/);
});

test("check --ml reads what files do to models and data, and leaves the others out", async (context) => {
  const train = "import sklearn\nX = StandardScaler().fit_transform(X)\na, b = train_test_split(X, random_state=1)\n";
  const root = workspace(context, {
    "train.py": train,
    "quiet.py": "import torch\n",
    "flows/good.py": GOOD,
    "notes.py": "print(1)\n",
  });
  const found = await call(check, root, ["."], { ml: true });
  assert.equal(found.exitCode, 1);
  assert.match(
    found.text,
    /^train\.py:2:5: warning: `StandardScaler` is fitted here .* \[fit-before-split\]\n1 finding in 2 files\.$/,
  );
  const json = JSON.parse((await call(check, root, ["train.py"], { ml: true, json: true })).text);
  assert.equal(json.files, 1);
  assert.equal(json.findings[0].rule, "fit-before-split");
  assert.deepEqual(await call(check, root, ["quiet.py"], { ml: true }), {
    exitCode: 0,
    text: "No mistakes in 1 file.",
  });
});

test("check --ml does not pass a file that is no Python", async (context) => {
  const root = workspace(context, { "syntax.py": "import os\ndef x(:\n  import sklearn\n" });
  const { exitCode, text } = await call(check, root, ["syntax.py"], { ml: true });
  assert.equal(exitCode, 1);
  assert.match(text, /^syntax\.py:2:\d+: error: This is not Python\. .* \[syntax-error\]\n1 finding in 1 file\.$/);
});

const code = (source: string | string[]) => ({ cell_type: "code", source });
const notebook = (cells: unknown[]) => JSON.stringify({ cells, nbformat: 4, metadata: {} }, null, 1);

test("check --ml reads the cells of a notebook as one script, and names the cell", async (context) => {
  const mistaken = notebook([
    { cell_type: "markdown", source: "# Digits: model.fit(X_test)" },
    code([
      "%matplotlib inline\n",
      "!pip install a \\\\\n",
      "  b\n",
      "from sklearn.preprocessing import StandardScaler",
    ]),
    code("%%bash\nls 'unbalanced"),
    code([
      "%%time\n",
      "files = !ls\n",
      "if files:\n",
      "    %load_ext autoreload\n",
      "X = StandardScaler().fit_transform(X)\n",
      "X?",
    ]),
    code("\nX_train, X_test = train_test_split(X, random_state=0)"),
    code("model.fit(X_test, y_test)  # trainyard: ignore[train-on-test-data]"),
  ]);
  const good = notebook([code("import sklearn\nX_train, X_test = train_test_split(X, random_state=0)")]);
  const root = workspace(context, { "a.ipynb": mistaken, "flows/b.ipynb": good, "torn.ipynb": mistaken.slice(0, 200) });
  const { exitCode, text } = await call(check, root, ["a.ipynb", "flows"], { ml: true });
  assert.equal(exitCode, 1);
  assert.match(
    text,
    /^a\.ipynb:cell 4:5:5: warning: .*line 2 of cell 5 splits them afterwards.* \[fit-before-split\]\n1 finding in 2 files\.$/,
  );
  const [found] = JSON.parse((await call(check, root, ["a.ipynb"], { ml: true, json: true })).text).findings;
  assert.deepEqual([found.cell, found.line, found.column], [4, 5, 5]);
  const torn = await call(check, root, ["torn.ipynb"], { ml: true });
  assert.match(torn.text, /^torn\.ipynb:1:1: error: The notebook cannot be read: .* \[invalid-notebook\]/);
  const [risk] = await checkWorkspace(root, new AbortController().signal);
  const line = mistaken.split("\n").findIndex((row) => row.includes("fit_transform")) + 1;
  assert.deepEqual([risk?.rule, risk?.where], ["fit-before-split", `a.ipynb:${line}`]);
});

test("a comment in a flow that names a rule that there is not is told", async (context) => {
  const root = workspace(context, {
    "flow.py": GOOD.replace("pass", "pass  # trainyard: ignore[step-nams]"),
  });
  const { exitCode, text } = await call(check, root, ["flow.py"]);
  assert.equal(exitCode, 0);
  assert.match(text, /information: No rule is called `step-nams`.* Did you mean `step-names`\? \[unknown-rule\]/);
});

test("check finds a base class below the folder of the command, as graph does", async (context) => {
  const root = workspace(context, {
    "base.py":
      "from metaflow import FlowSpec, step\n\nclass Base(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.nowhere)\n",
    "flows/f.py":
      "from metaflow import step\nfrom base import Base\n\nclass F(Base):\n    @step\n    def end(self):\n        pass\n\nF()\n",
  });
  const { exitCode, text } = await call(check, root, ["flows"]);
  assert.equal(exitCode, 1);
  assert.match(text, /nowhere.*\[unknown-transitions\]/);
});
