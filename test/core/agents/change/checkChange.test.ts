import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChangedFile, newFile } from "../../../../src/core/agents/change/changedFile.ts";
import { checkChange } from "../../../../src/core/agents/change/checkChange.ts";
import { describeChange } from "../../../../src/core/agents/change/describeChange.ts";
import { parseDiff } from "../../../../src/core/agents/change/parseDiff.ts";
import { readDeclaredPackages } from "../../../../src/core/knowledge/manifests/declaredPackages.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

function findings(files: readonly ChangedFile[], scope: readonly string[] = []): string[] {
  const found = checkChange(files, scope, parser, readDeclaredPackages);
  return found.map(({ rule, path, line }) => `${rule} ${path}:${line + 1}`);
}

/** A file whose lines from `start` were `removed` and are `added`. */
function edited(before: string, start: number, removed: number, added: readonly string[]): ChangedFile {
  const lines = before.split("\n");
  const oldLines = lines.slice(start, start + removed);
  const after = lines.toSpliced(start, removed, ...added).join("\n");
  return { path: "a.py", before, after, hunks: [{ oldStart: start, oldLines, newStart: start, newLines: added }] };
}

function checkLine(line: string, isPlaceholder: boolean) {
  assert.deepEqual(findings([newFile("a.py", line)]), isPlaceholder ? ["placeholder-comment a.py:1"] : [], line);
}

test("an added line that promises work is a placeholder", () => {
  checkLine("# TODO: add caching", true);
  checkLine("x = 1  # fixme", true);
  checkLine("# optimize this later", true);
  checkLine("# ... rest of the code stays the same", true);
  checkLine("# existing implementation", true);
  checkLine("# your code here", true);
  checkLine("    raise NotImplementedError", true);
  checkLine("// TODO(ada): retry", true);
});

test("an ordinary comment is none", () => {
  checkLine("# The optimizer keeps its state in float32.", false);
  checkLine("todo = load()", false);
  checkLine("# Improve recall by oversampling the rare class.", false);
  checkLine("# Handle the last, shorter batch.", false);
  checkLine('    raise NotImplementedError("a subclass gives the loss")', false);
});

test("a comment behind code, an address and an abstract method promise nothing", () => {
  checkLine("left = total - done  # remaining steps", false);
  checkLine("x = 1  # existing method of sklearn", false);
  checkLine("# Remaining steps of the schedule, in updates.", false);
  checkLine("# Sample the initial value.", false);
  checkLine("url = 'https://host//sample/code'", false);
  checkLine("half = n // todo", false);
  checkLine("    # the rest of the implementation", true);
  checkLine("x = 1  # TODO", true);
  const method = '    def loss(self):\n        """The loss."""\n        raise NotImplementedError';
  assert.deepEqual(findings([newFile("a.py", `class A(ABC):\n    @abstractmethod\n${method}`)]), []);
  assert.deepEqual(findings([newFile("a.py", `class A:\n${method}`)]), ["placeholder-comment a.py:4"]);
});

test("only added lines count", () => {
  assert.deepEqual(findings([edited("# TODO: old\nx = 1", 1, 1, ["x = 2"])]), []);
});

test("an edit that changes nothing is unrelated", () => {
  const unrelated = ["unrelated-edit a.py:1"];
  assert.deepEqual(findings([edited("f( x )", 0, 1, ["f(x)"])]), unrelated);
  assert.deepEqual(findings([edited("f(x, y)", 0, 1, ["f(", "    x,", "    y", ")"])]), unrelated);
  assert.deepEqual(findings([edited("a = 'b'", 0, 1, ['a = "b"'])]), unrelated);
  assert.deepEqual(findings([edited("import b\nimport a", 0, 2, ["import a", "import b"])]), unrelated);
  assert.deepEqual(findings([edited("# Loads.", 0, 1, ["# Loads data."])]), unrelated);
  assert.deepEqual(findings([edited("", 0, 1, ["", ""])]), unrelated);
});

test("white space in a string, between words and at a statement's end means something", () => {
  assert.deepEqual(findings([edited('log("train loss")', 0, 1, ['log("trainloss")'])]), []);
  assert.deepEqual(findings([edited("log('a  b')", 0, 1, ['log("a b")'])]), []);
  assert.deepEqual(findings([edited("is_a = not b", 0, 1, ["is_a = notb"])]), []);
  assert.deepEqual(findings([edited("return f(x)", 0, 1, ["return", "f(x)"])]), []);
});

test("indentation and order of statements mean something", () => {
  assert.deepEqual(findings([edited("if x:\n    a()\n    b()", 2, 1, ["b()"])]), []);
  assert.deepEqual(findings([edited("a()\nb()", 0, 2, ["b()", "a()"])]), []);
});

test("a call that leaves its block by being wrapped, and quotes of a shell, mean something", () => {
  const wrapped = edited("if resume:\n    reset(model, batch)", 1, 1, ["reset(", "    model, batch", ")"]);
  assert.deepEqual(findings([wrapped]), []);
  const inside = edited("if resume:\n    reset(model, batch)", 1, 1, ["    reset(", "        model, batch", "    )"]);
  assert.deepEqual(findings([inside]), ["unrelated-edit a.py:2"]);
  assert.deepEqual(findings([{ ...edited("echo '$HOME'", 0, 1, ['echo "$HOME"']), path: "run.sh" }]), []);
});

test("a file outside of the request is unrelated", () => {
  const files = [newFile("src/train.py", "x = 1"), newFile("docs/notes.md", "x"), newFile("src2/a.py", "y = 1")];
  assert.deepEqual(findings(files, ["./src/"]), ["unrelated-edit docs/notes.md:1", "unrelated-edit src2/a.py:1"]);
  assert.deepEqual(findings(files), []);
});

const BLOCK = ["a = load()", "b = clean(a)", "c = split(b)", "d = train(c)", "e = score(d)", "save(e)"];

test("a copied block is reported at the copy, with its origin", () => {
  const before = ["def first():", ...BLOCK.map((line) => `    ${line}`), "", ""].join("\n");
  const copy = ["def second():", ...BLOCK.map((line) => `    ${line}`)];
  const file = edited(before, 8, 0, copy);
  const [only, ...others] = checkChange([file], [], parser, readDeclaredPackages);
  assert.deepEqual(others, []);
  assert.deepEqual([only?.line, only?.message.split(".")[0]], [9, "6 lines are the same as at a"]);
});

test("imports, short blocks and old duplicates are no findings", () => {
  const imports = ["a", "b", "c", "d", "e", "f"].map((name) => `import ${name}`).join("\n");
  assert.deepEqual(findings([newFile("a.py", imports), newFile("b.py", imports)]), []);
  const short = BLOCK.slice(0, 5).join("\n");
  assert.deepEqual(findings([newFile("a.py", short), newFile("b.py", short)]), []);
  const twice = [...BLOCK, "x = 1", ...BLOCK].join("\n");
  assert.deepEqual(findings([edited(twice, 6, 1, ["x = 2"])]), []);
});

test("rows that repeat are no copied code, and a package that only moved is no new one", () => {
  const rows = Array.from({ length: 8 }, () => "wheels = 1").join("\n");
  assert.deepEqual(findings([newFile("uv.lock", rows), newFile("a.csv", rows)]), []);
  const gone = { ...newFile("requirements.txt", ""), before: "torch\nray\n", hunks: [] };
  assert.deepEqual(findings([gone, newFile("requirements/base.txt", "torch\npolars\n")]), [
    "new-dependency requirements/base.txt:2",
  ]);
});

function branches(count: number): string {
  return ["def f(x: int):", ...Array.from({ length: count }, (_, index) => `    if x == ${index}: pass`)].join("\n");
}

test("a function that grows to ten paths is reported, one that was as large is not", () => {
  assert.deepEqual(findings([edited(branches(8), 9, 0, ["    if x == 9: pass"])]), ["growing-complexity a.py:1"]);
  assert.deepEqual(findings([edited(branches(7), 8, 0, ["    if x == 9: pass"])]), []);
  assert.deepEqual(findings([edited(branches(12), 1, 1, ["    if x == 50: pass"])]), []);
  assert.deepEqual(findings([newFile("a.py", branches(9))]), ["growing-complexity a.py:1"]);
});

test("complexity counts branches, handlers, operators and comprehensions, and not nested functions", () => {
  const source = [
    "class A:",
    "    def f(self, x: int):",
    "        if x: pass",
    "        elif x: pass",
    "        def g():",
    "            if x: pass",
    "        for y in x:",
    "            while y and x or y: pass",
    "        try: pass",
    "        except E: pass",
    "        return [z for z in x if z] if x else 1",
  ].join("\n");
  const [only, ...others] = checkChange([newFile("a.py", source)], [], parser, readDeclaredPackages);
  assert.deepEqual(others, []);
  assert.match(only?.message ?? "", /^A\.f has 11 paths;/);
});

test("a unified diff gives the lines of both sides, also those that look like headers", () => {
  const diff = [
    "diff --git a.py a.py",
    "index 1..2 100644",
    "--- a.py",
    "+++ a.py",
    "@@ -3 +3,2 @@ def f():",
    "--- a comment in SQL",
    "+++ b",
    "+c",
    "\\ No newline at end of file",
    "@@ -9,2 +10,0 @@",
    "-d",
    "-e\r",
    "diff --git gone.py gone.py",
    "--- gone.py",
    "+++ /dev/null",
    "@@ -1 +0,0 @@",
    "-x",
    "Binary files x.png and x.png differ",
    "",
  ].join("\n");
  assert.deepEqual(parseDiff(diff), [
    {
      oldPath: "a.py",
      newPath: "a.py",
      hunks: [
        { oldStart: 2, oldLines: ["-- a comment in SQL"], newStart: 2, newLines: ["++ b", "c"] },
        { oldStart: 8, oldLines: ["d", "e"], newStart: 10, newLines: [] },
      ],
    },
    { oldPath: "gone.py", hunks: [{ oldStart: 0, oldLines: ["x"], newStart: 0, newLines: [] }] },
  ]);
});

test("the list is short and says what was not looked at", () => {
  const finding = { rule: "unrelated-edit" as const, path: "a.py", line: 2, message: "Only quotes changed." };
  assert.equal(describeChange({ fileCount: 0, findings: [], leftOut: [] }), "Nothing differs from the last commit.");
  assert.equal(
    describeChange({ fileCount: 1, findings: [], leftOut: [] }),
    "Nothing to take back in one changed file.",
  );
  const text = describeChange({
    fileCount: 2,
    findings: Array.from({ length: 31 }, () => finding),
    leftOut: ["m.bin"],
  });
  assert.match(text, /^To take back or mend in 2 changed files:\n\n- `a\.py:3` Only quotes changed\.\n/);
  assert.match(text, /and 1 more\.\n\nNot looked at \(too large, too many, or no text\): `m\.bin`\.$/);
});

function checkPython(source: string, expected: readonly string[]) {
  assert.deepEqual(findings([newFile("a.py", source)]), expected, source);
}

test("an exception of any kind that ends unseen is swallowed", () => {
  checkPython("try:\n    f()\nexcept:\n    pass", ["swallowed-exception a.py:3"]);
  checkPython("try:\n    f()\nexcept Exception as e:\n    ...  # fine", ["swallowed-exception a.py:3"]);
  checkPython("try:\n    f()\nexcept FileNotFoundError:\n    pass", []);
  checkPython("try:\n    f()\nexcept Exception:\n    log.exception('load')\n    raise", []);
});

test("parameters of a new function have types, except self and those of steps, which have docstrings", () => {
  checkPython("def f(a, b=1, *rest):\n    return a", ["untyped-parameter a.py:1"]);
  checkPython("class A:\n    def f(self, a: int, b: str = ''):\n        return a", []);
  checkPython("class A:\n    @step\n    def start(self, inputs):\n        self.next(self.end)", [
    "step-docstring a.py:3",
  ]);
  checkPython('class A:\n    @step\n    def start(self):\n        """Loads."""\n        self.next(self.end)', []);
  assert.deepEqual(findings([edited("def f(a):\n    return a", 1, 1, ["    return a + 1"])]), []);
});

test("an added credential is reported, and not repeated", () => {
  const token = `glpat-${"a1".repeat(10)}`;
  const [only] = checkChange([newFile("a.py", `TOKEN = "${token}"`)], [], parser, readDeclaredPackages);
  assert.equal(only?.rule, "added-secret");
  assert.doesNotMatch(only?.message ?? "", /glpat/);
  assert.deepEqual(findings([newFile("a.py", 'TOKEN = os.environ["TOKEN"]')]), []);
});

function checkManifest(path: string, before: string, after: string, expected: readonly string[]) {
  const lines = after.split("\n");
  const file = {
    path,
    before,
    after,
    hunks: [{ oldStart: 0, oldLines: before.split("\n"), newStart: 0, newLines: lines }],
  };
  const names = checkChange([file], [], parser, readDeclaredPackages).flatMap(({ rule, message }) =>
    rule === "new-dependency" ? [message.split(" ")[0]] : [],
  );
  assert.deepEqual(names, expected, after);
}

function project(dependencies: string, more = ""): string {
  return `[project]\nname = "a"\n${more}dependencies = [${dependencies}]`;
}

test("a package that was not there is a new dependency, another version of one is none", () => {
  checkManifest("requirements.txt", "torch==2.4", "torch==2.5\n-r base.txt\n# note\nray[tune]>=2", ["ray"]);
  checkManifest("requirements/dev.txt", "Some_Package", "some-package>=1\npytest ; python_version > '3'", ["pytest"]);
  checkManifest("pyproject.toml", project('"torch"'), project('\n  "torch>=2",\n  "polars",\n'), ["polars"]);
  checkManifest("pyproject.toml", project('"torch"'), project('"torch", "polars"', 'keywords = ["vision"]\n'), [
    "polars",
  ]);
  const poetry = '[tool.poetry.dependencies]\npython = "^3.11"\ntorch = "^2"\n';
  checkManifest("pyproject.toml", poetry, `${poetry}ray = "*"\n`, ["ray"]);
  checkManifest("environment.yml", "dependencies:\n  - torch", "dependencies:\n  - torch\n  - ray=2", ["ray"]);
  checkManifest("setup.cfg", "[options]\ninstall_requires = torch", "[options]\ninstall_requires =\n  torch\n  ray", [
    "ray",
  ]);
  checkManifest("setup.py", "", 'from setuptools import setup\nsetup(install_requires=["ray"])', ["ray"]);
  const install = "RUN pip install \\\n  torch \\\n";
  checkManifest(
    "Dockerfile",
    `FROM python:3.11\n${install}  jax\n`,
    `FROM python:3.11\n${install}  requests \\\n  jax\n`,
    ["requests"],
  );
  checkManifest("poetry.lock", "", '[[package]]\nname = "ray"\nversion = "2.0"\n', []);
  checkManifest("notes.txt", "", "torch", []);
});
