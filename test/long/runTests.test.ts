import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { identifyProcess } from "../../src/node/base/processIdentity.ts";
import { runTests } from "../../src/node/workflow/runTests.ts";
import { waitFor } from "../support/poll.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { BARE_PYTHON, pytestPython } from "../support/workflowFolder.ts";

const testCase = (body: string, head = "") =>
  `import unittest\n${head}\n\nclass T(unittest.TestCase):\n    def test_it(self) -> None:\n        ${body}\n`;

/** Notes the number of a process that sleeps for a minute, and holds the output. */
const sleeper = (how: string) =>
  testCase(
    `open("pid", "w").write(str(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]${how}).pid))`,
    "import subprocess, sys",
  );

async function writeFiles(context: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder(context);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

function run(folder: string, files: readonly string[], python = BARE_PYTHON, signal = new AbortController().signal) {
  return runTests({ python, folder, files }, signal);
}

/** The process that a test has noted, once it has. */
function noted(folder: string): Promise<number> {
  return waitFor("the test to note its process", async () =>
    existsSync(join(folder, "pid")) ? Number(await readFile(join(folder, "pid"), "utf8")) || undefined : undefined,
  );
}

const gone = (pid: number) => waitFor(`process ${pid} to end`, () => identifyProcess(pid) === undefined);

for (const [where, how] of [
  ["in the group of the tests", ""],
  ["in a session of its own", ", start_new_session=True"],
] as const) {
  test(`tests have ended when their program has, and what they left behind ${where} ends too`, async (context) => {
    const folder = await writeFiles(context, { "test_it.py": sleeper(how) });
    const started = Date.now();
    const { exitCode, counts, hasTimedOut } = await run(folder, ["test_it.py"]);
    assert.deepEqual([exitCode, counts?.passed, hasTimedOut], [0, 1, false]);
    assert.ok(Date.now() - started < 30_000, "nobody waited for what sleeps in the background");
    await gone(await noted(folder));
  });

  test(`stopping ends the tests and what they started ${where}`, async (context) => {
    const folder = await writeFiles(context, {
      "test_it.py": `${sleeper(how)}        import time; time.sleep(60)\n`,
    });
    const stop = new AbortController();
    const running = run(folder, ["test_it.py"], BARE_PYTHON, stop.signal);
    const pid = await noted(folder);
    stop.abort();
    await assert.rejects(running, { name: "AbortError" });
    await gone(pid);
  });
}

test("tests that take too long are ended, and those that were counted by then have not", async (context) => {
  const folder = await writeFiles(context, {
    "test_slow.py": testCase("time.sleep(60)", "import time"),
    "test_thread.py": testCase("threading.Thread(target=time.sleep, args=(60,)).start()", "import threading, time"),
  });
  const signal = new AbortController().signal;
  const [slow, thread] = await Promise.all(
    ["test_slow.py", "test_thread.py"].map((file) =>
      runTests({ python: BARE_PYTHON, folder, files: [file], timeoutMs: 5_000 }, signal),
    ),
  );
  assert.deepEqual([slow?.hasTimedOut, slow?.counts], [true, undefined]);
  assert.deepEqual([thread?.hasTimedOut, thread?.counts?.passed, thread?.exitCode], [false, 1, -1]);
});

test("tests end with the program that asked for them, and leave no folder behind", async (context) => {
  const folder = await writeFiles(context, {
    "test_it.py": testCase(
      `open("place", "w").write(os.environ["TRAINYARD_TESTS"]); open("pid", "w").write(str(os.getpid())); time.sleep(60)`,
      "import os, time",
    ),
  });
  const module = new URL("../../src/node/workflow/runTests.ts", import.meta.url).href;
  const request = JSON.stringify({ python: BARE_PYTHON, folder, files: ["test_it.py"] });
  const script = `import { runTests } from ${JSON.stringify(module)}; await runTests(${request}, new AbortController().signal);`;
  const host = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
  const pid = await noted(folder);
  host.kill("SIGKILL");
  await gone(pid);
  const place = join(tmpdir(), await readFile(join(folder, "place"), "utf8"));
  await waitFor(`${place} to be removed`, () => !existsSync(place));
});

test("folders that earlier runs left behind are removed, and those of runs at work are not", async (context) => {
  const [old, young] = [
    await mkdtemp(join(tmpdir(), "trainyard-tests-")),
    await mkdtemp(join(tmpdir(), "trainyard-tests-")),
  ];
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  await utimes(old, yesterday, yesterday);
  await run(await writeFiles(context, { "test_it.py": testCase("pass") }), ["test_it.py"]);
  assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
  await utimes(young, yesterday, yesterday);
  await run(await writeFiles(context, { "test_it.py": testCase("pass") }), ["test_it.py"]);
  assert.equal(existsSync(young), false);
});

test("an interpreter that runs no tests is refused, and not taken for tests that fail", async (context) => {
  const folder = await writeFiles(context, {
    "test_it.py": testCase("pass"),
    broken: "#!/bin/sh\necho no Python >&2\nexit 3\n",
  });
  await chmod(join(folder, "broken"), 0o755);
  await assert.rejects(
    run(folder, ["test_it.py"], join(folder, "broken")),
    /\(exit code 3\)\. no Python Choose another/,
  );
  await assert.rejects(run(folder, ["test_it.py"], join(folder, "nowhere")), /could not be started/);
});

const FILES = {
  "test_class.py": `${testCase("pass")}
class G(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        raise unittest.SkipTest("no GPU")
    def test_a(self) -> None: ...
    def test_b(self) -> None: ...
`,
  "test_module.py": 'import unittest\nraise unittest.SkipTest("no torch")\n',
  "pkg/__init__.py": "",
  "pkg/model.py": "SIZE = 3\n",
  "pkg/tests/__init__.py": "",
  "pkg/tests/test_model.py": testCase("self.assertEqual(SIZE, 3)", "from ..model import SIZE"),
  "other/pkg/__init__.py": "",
  "other/pkg/tests/__init__.py": "",
  "other/pkg/tests/test_model.py": testCase("self.fail()"),
  "test_parts.py": testCase(
    "\n        for n in (1, 2):\n            with self.subTest(n=n):\n                self.assertEqual(n, 1)",
  ),
};

/** Three tests: of the parts of one two fail, of another's none, and of the last one's one is skipped. */
const SUBTESTS = `import unittest

class T(unittest.TestCase):
    def test_bad(self):
        for n in (1, 2, 3):
            with self.subTest(n=n):
                self.assertEqual(n, 1)
    def test_good(self):
        for n in (1, 2, 3):
            with self.subTest(n=n):
                self.assertLess(n, 4)
    def test_partly(self):
        for n in (1, 2, 3):
            with self.subTest(n=n):
                if n == 2:
                    self.skipTest("not this one")
`;

const PYTEST_SUBTESTS = `import pytest

def test_bad(subtests):
    for n in (1, 2, 3):
        with subtests.test(n=n):
            assert n == 1
def test_good(subtests):
    for n in (1, 2, 3):
        with subtests.test(n=n):
            assert n < 4
def test_partly(subtests):
    for n in (1, 2, 3):
        with subtests.test(n=n):
            if n == 2:
                pytest.skip("not this one")
@pytest.fixture
def torn():
    yield
    raise OSError
def test_torn(torn): ...
`;

test("a test with parts counts once, by unittest and by pytest", async (context) => {
  const folder = await writeFiles(context, { "test_parts.py": SUBTESTS, "test_plain.py": PYTEST_SUBTESTS });
  const check = async (file: string, python: string, counted: readonly [number, number, number]) => {
    const { counts, output } = await run(folder, [file], python);
    assert.deepEqual([counts?.passed, counts?.failed, counts?.skipped], counted, output);
  };
  await check("test_parts.py", BARE_PYTHON, [2, 1, 0]);
  await check("test_parts.py", pytestPython(), [2, 1, 0]);
  await check("test_plain.py", pytestPython(), [2, 2, 0]);
});

test("unittest counts what passed, what was skipped, and tests of packages", async (context) => {
  const folder = await writeFiles(context, FILES);
  const check = async (files: readonly string[], passed: number, failed: number, skipped: number) => {
    const { counts, output } = await run(folder, files);
    assert.deepEqual(counts, { runner: "unittest", passed, failed, skipped }, output);
  };
  await check(["test_class.py"], 1, 0, 1);
  await check(["test_module.py"], 0, 0, 1);
  await check(["test_class.py", "test_module.py"], 1, 0, 2);
  await check(["pkg/tests/test_model.py"], 1, 0, 0);
  await check(["pkg/tests/test_model.py", "other/pkg/tests/test_model.py"], 1, 1, 0);
  await check(["test_parts.py"], 0, 1, 0);
});

test("pytest counts the same, and plain functions, and what a plugin repeats", async (context) => {
  const folder = await writeFiles(context, {
    ...FILES,
    "test_plain.py":
      "import pytest\ndef test_good(): assert True\ndef test_bad(): assert False\n@pytest.mark.skip\ndef test_later(): ...\n",
    "test_flaky.py":
      "import pytest\nruns = []\n@pytest.mark.flaky(reruns=2)\ndef test_it():\n    runs.append(1)\n    assert len(runs) == 2\n",
    "test_setup.py": "import pytest\n@pytest.fixture\ndef data(): raise OSError\ndef test_it(data): ...\n",
    "test_broken.py": "import there_is_no_such_module\n",
    "test_none.py": "",
  });
  const check = async (files: readonly string[], expected: readonly [number, number, number, number]) => {
    const { exitCode, counts, output } = await run(folder, files, pytestPython());
    assert.equal(counts?.runner, "pytest", output);
    assert.deepEqual([exitCode, counts.passed, counts.failed, counts.skipped], expected, output);
  };
  await check(["test_plain.py"], [1, 1, 1, 1]);
  await check(["test_flaky.py"], [0, 1, 0, 0]);
  await check(["test_class.py", "test_module.py"], [0, 1, 0, 3]);
  await check(["pkg/tests/test_model.py"], [0, 1, 0, 0]);
  await check(["test_setup.py"], [1, 0, 1, 0]);
  await check(["test_broken.py"], [2, 0, 1, 0]);
  await check(["test_none.py"], [5, 0, 0, 0]);
  assert.equal((await readdir(folder)).includes(".pytest_cache"), false);
});

test("no file that is named like an option of pytest decides which tests run", async (context) => {
  const folder = await writeFiles(context, {
    "test_bad.py": testCase("self.fail()"),
    "test_good.py": testCase("pass"),
    "-ktest_good.py": testCase("self.fail()"),
    "--ignore=test_bad.py": testCase("self.fail()"),
    "@args.py": "test_good.py\n",
  });
  for (const file of ["-ktest_good.py", "--ignore=test_bad.py", "@args.py"]) {
    for (const python of [BARE_PYTHON, pytestPython()]) {
      const { counts, exitCode } = await run(folder, [file], python);
      assert.deepEqual([counts?.passed ?? 0, exitCode === 0], [0, false], file);
    }
  }
});

/** Options and first act of pytest-benchmark. */
const BENCHMARK_PLUGIN = `import os
def pytest_addoption(parser):
    parser.addoption("--benchmark-storage", default="file://./.benchmarks")
    parser.addoption("--benchmark-autosave", action="store_true")
def pytest_configure(config):
    os.makedirs(config.getoption("benchmark_storage").removeprefix("file://"))
`;

test("plugins keep nothing of a run in the workspace, unless its settings say so", async (context) => {
  const examples =
    'import os\ndef test_it(): os.makedirs(os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY", ".hypothesis"))\n';
  const files = { "test_plain.py": examples, "conftest.py": BENCHMARK_PLUGIN };
  const check = async (more: Readonly<Record<string, string>>, left: readonly string[]) => {
    const folder = await writeFiles(context, { ...files, ...more });
    const { counts, output } = await run(folder, ["test_plain.py"], pytestPython());
    assert.equal(counts?.passed, 1, output);
    const names = (await readdir(folder)).filter((name) => !(name in files) && !(name in more));
    assert.deepEqual(names, left);
  };
  await check({}, []);
  await check({ "pytest.ini": "[pytest]\naddopts = --benchmark-autosave\n" }, [".benchmarks"]);
});

/** Compiles what says 1 to where the compiled `nearest.py`, which says 0, is looked for, so that it is taken without a look at its source. */
const FORGE = `
import importlib.util, py_compile
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
py_compile.compile("other.py", cfile=importlib.util.cache_from_source("nearest.py"), invalidation_mode=unchecked)
`;

for (const [runner, pythonOf] of [
  ["unittest", () => BARE_PYTHON],
  ["pytest", pytestPython],
] as const) {
  test(`a compiled file beside the sources stands for none of them: ${runner}`, async (context) => {
    const folder = await writeFiles(context, {
      "nearest.py": "def nearest():\n    return 0\n",
      "other.py": "def nearest():\n    return 1\n",
      "test_it.py": testCase("self.assertEqual(nearest(), 1)", "from nearest import nearest"),
      "asks.py": "import subprocess, sys\nfrom nearest import nearest\nprint(nearest())\n",
      "test_child.py": testCase(
        'self.assertEqual(subprocess.check_output([sys.executable, "asks.py"]), b"1\\n")',
        "import subprocess, sys",
      ),
      "test_grandchild.py": testCase(
        'self.assertEqual(subprocess.check_output(["sh", "-c", sys.executable + " -m asks"]), b"1\\n")',
        "import subprocess, sys",
      ),
    });
    execFileSync("python3", ["-c", FORGE], { cwd: folder });
    const forged = await readdir(join(folder, "__pycache__"));
    assert.equal(
      execFileSync("python3", ["-c", "import nearest; print(nearest.nearest())"], { cwd: folder, encoding: "utf8" }),
      "1\n",
    );
    for (const file of ["test_it.py", "test_child.py", "test_grandchild.py"]) {
      const { counts } = await run(folder, [file], pythonOf());
      assert.deepEqual([counts?.runner, counts?.passed, counts?.failed], [runner, 0, 1], file);
    }
    assert.deepEqual(await readdir(join(folder, "__pycache__")), forged, "nothing is left in the workspace");
  });
}
