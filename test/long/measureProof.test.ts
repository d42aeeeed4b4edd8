import assert from "node:assert/strict";
import { mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "../../src/core/base/errors.ts";
import type { Proof } from "../../src/core/workflow/proof.ts";
import { transition } from "../../src/core/workflow/transition.ts";
import type { WorkflowState } from "../../src/core/workflow/workflowState.ts";
import { type EvidencePorts, measureProof } from "../../src/node/workflow/measureProof.ts";
import { writeDocument } from "../../src/node/workflow/workflowDocuments.ts";
import { hashText } from "../../src/node/workflow/workflowSeal.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { benchOf, evidencePorts, openBench, type WorkflowBench } from "../support/workflowFolder.ts";
import { ADA, AT, ENGINE, outputFor, shippedWorkflow, WRITER } from "../support/workflows.ts";

/* What an agent could name as a proof that proves nothing, and what Trainyard sees when it looks. */

const LATER = new Date(Date.parse(AT) + 3_600_000);
const EARLIER = new Date(Date.parse(AT) - 3_600_000);

const testCase = (body: string, head = "") =>
  `import unittest\n${head}\n\nclass T(unittest.TestCase):\n    def test_it(self) -> None:\n        ${body}\n`;

/** A workflow that is at its evaluation, in a workspace with these files. */
async function openPlace(context: TestContext, files: Readonly<Record<string, string>>) {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("mlops-pipeline"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
    await utimes(join(workspace, path), LATER, LATER);
  }
  const begun = await bench.read();
  const measure = (proof: Proof, change: Partial<WorkflowState> = {}, ports: Partial<EvidencePorts> = {}) =>
    measureProof(
      {
        folder: bench.folder,
        state: { ...begun, ...change },
        ports: { ...evidencePorts(workspace), ...ports },
        runs: new Map(),
      },
      { task: "t", check: "单元测试", number: 2, proof },
      new AbortController().signal,
    );
  const check = async (
    proof: Proof,
    status: "passed" | "failed",
    seen: RegExp,
    change: Partial<WorkflowState> = {},
  ) => {
    const measured = await measure(proof, change);
    assert.match(measured.evidence, seen);
    assert.equal(measured.status, status, measured.evidence);
    return measured;
  };
  return { workspace, bench, measure, check };
}

const tests = (...files: string[]): Proof => ({ kind: "tests", files });

test("tests count when they ran and passed here, and their output is kept with its exit code", async (context) => {
  const { bench, check } = await openPlace(context, {
    "test_good.py": testCase("print('seen here'); self.assertTrue(True)"),
    "test_bad.py": testCase("self.assertEqual(1, 2)"),
  });
  const { log } = await check(tests("test_good.py"), "passed", /^1 passed, exit code 0: test_good\.py$/);
  const kept = await readFile(join(bench.folder, log?.document ?? ""), "utf8");
  assert.equal(basename(log?.document ?? ""), "t-2-round-1.log");
  assert.match(kept, /seen here[\s\S]*exit code 0/);
  assert.equal(hashText(kept), log?.hash);
  await check(
    tests("test_bad.py"),
    "failed",
    /^0 passed, 1 failed, exit code 1: test_bad\.py\. AssertionError: 1 != 2$/,
  );
  await check(tests("test_good.py", "test_bad.py"), "failed", /^1 passed, 1 failed/);
});

const noPython = () => Promise.reject(new UserError("No Python was found. Choose one."));

test("what keeps tests from running here is told, and fails no check", async (context) => {
  const { workspace, bench, measure, check } = await openPlace(context, { "test_good.py": testCase("pass") });
  const good = tests("test_good.py");
  await assert.rejects(measure(good, {}, { python: noPython }), { message: "No Python was found. Choose one." });
  const nowhere = () => Promise.resolve(join(workspace, "nowhere"));
  await assert.rejects(measure(good, {}, { python: nowhere }), /could not be started/);
  await rm(join(bench.folder, "evidence"), { recursive: true, force: true });
  await writeFile(join(bench.folder, "evidence"), "no folder");
  await assert.rejects(measure(good), UserError);
  await check(tests(`${"n".repeat(300)}.py`), "failed", /it, or a name in it, is too long/);
});

test("tests that prove nothing are no proof", async (context) => {
  const { check, measure } = await openPlace(context, {
    "test_none.py": "print('Ran 12 tests in 0.1s OK')\n",
    "test_exit.py": testCase("print('1 passed'); import os; os._exit(0)"),
    "test_leaves.py": "import sys\nprint('OK')\nsys.exit(0)\n",
    "test_skipped.py": testCase("self.skipTest('later')"),
    "test_expected.py": testCase("self.fail()").replace(
      "    def test_it",
      "    @unittest.expectedFailure\n    def test_it",
    ),
    "test_broken.py": "import there_is_no_such_module\n",
    "report.txt": "12 passed",
    // What counts is loaded before the folder of the workspace is looked into.
    "unittest.py": "class TestCase: pass\n",
    "json.py": "def dump(*_): pass\n",
    "pytest.py": "def main(args, plugins):\n    plugins[0].pytest_runtest_logreport\n    return 0\n",
    "test_shadowed.py": "def test_it():\n    assert False\n",
  });
  await check(tests("test_none.py"), "failed", /^no test was found/);
  await check(tests("test_exit.py"), "failed", /ended with exit code 0 before the tests had/);
  await check(tests("test_leaves.py"), "failed", /ended with exit code 0 before the tests had/);
  await check(tests("test_skipped.py"), "failed", /^0 passed, 1 skipped/);
  await check(tests("test_expected.py"), "failed", /no test was found|^0 passed/);
  await check(
    tests("test_broken.py"),
    "failed",
    /1 failed, exit code 1: test_broken\.py\. ModuleNotFoundError: No module/,
  );
  await assert.rejects(measure(tests("test_shadowed.py")), /^UserError: test_shadowed\.py needs pytest/);
  await check(tests("report.txt"), "failed", /is no file of Python/);
  await check(tests("test_nowhere.py"), "failed", /test_nowhere\.py is not there/);
  await check(tests("../test_outside.py"), "failed", /lies outside the workspace folder/);
});

const majority = (name: string) => ({ file: "majority.json", metric: name });

const metric = (file: string, name: string, baseline: Extract<Proof, { kind: "metric" }>["baseline"]): Proof => ({
  kind: "metric",
  file,
  metric: name,
  baseline,
});

test("a metric is read from the file that a program wrote, and compared with its baseline", async (context) => {
  const { check } = await openPlace(context, {
    "results.json": '{"test": {"accuracy": 0.97, "loss": 0.2}}',
    "runs/metrics.csv": "epoch,val_loss,val_acc\n1,0.9,0.7\n2,0.4,0.91\n",
    "runs/metrics.jsonl": '{"step": 1, "f1": 0.5}\n{"step": 2, "f1": 0.8}\n',
    "majority.json": '{"accuracy": 0.11, "loss": 2.3, "f1": 0.2}',
    "both.json": '{"model": {"accuracy": 0.97}, "baseline": {"accuracy": 0.9}}',
  });
  await check(
    metric("results.json", "test.accuracy", majority("accuracy")),
    "passed",
    /is 0\.97 in results\.json, against 0\.11/,
  );
  await check(metric("results.json", "loss", majority("loss")), "passed", /0\.2 in .* against 2\.3/);
  await check(metric("runs/metrics.csv", "val_acc", majority("accuracy")), "passed", /val_acc is 0\.91/);
  await check(metric("runs/metrics.jsonl", "f1", majority("f1")), "passed", /f1 is 0\.8/);
  await check(
    metric("both.json", "model.accuracy", { file: "both.json", metric: "baseline.accuracy" }),
    "passed",
    /0\.97 .* against 0\.9/,
  );
  await check(
    metric("majority.json", "accuracy", { file: "results.json", metric: "accuracy" }),
    "failed",
    /is 0\.11 .* against 0\.97/,
  );
});

test("a baseline that an agent chose does not stand for what the person asked for", async (context) => {
  const { check } = await openPlace(context, {
    "results.json": '{"accuracy": 0.61, "val_accuracy": 0.5}',
    "worst.json": '{"accuracy": 0.1}',
  });
  const grown = { answers: { successMetrics: "Today accuracy is 0.6, and it has to reach 0.9" } };
  await check(
    metric("results.json", "accuracy", 0.6),
    "failed",
    /against 0\.6, as agreed, and 0\.9, as you asked$/,
    grown,
  );
  await check(metric("results.json", "accuracy", 0.9), "failed", /against 0\.9, as agreed$/, grown);
  const worst = { file: "worst.json", metric: "accuracy" };
  const wanted = { answers: { successMetrics: "accuracy of at least 0.95" } };
  await check(metric("results.json", "accuracy", worst), "failed", /worst\.json\), and 0\.95, as you asked$/, wanted);
  const met = { answers: { successMetrics: "accuracy of at least 60 %" } };
  await check(metric("results.json", "accuracy", worst), "passed", /and 0\.6, as you asked$/, met);
  await check(
    metric("results.json", "accuracy", { file: "results.json", metric: "val_accuracy" }),
    "failed",
    /is compared with accuracy there, which is the same model/,
  );
});

test("a metric that proves nothing is no proof", async (context) => {
  const { workspace, check } = await openPlace(context, {
    "results.json": '{"accuracy": 0.97, "loss": 0.2, "speed": 3, "broken": null}',
    "written.json": '{"accuracy": 0.99}',
    "old.json": '{"accuracy": 0.99}',
    "base.json": '{"accuracy": 0.5, "loss": 2}',
    "report.md": "accuracy 0.97",
    "none.json": "[]",
    "train.json": '{"train_accuracy": 0.99}',
    "nested.json": '{"train": {"accuracy": 0.99}}',
  });
  await utimes(join(workspace, "old.json"), EARLIER, EARLIER);
  const base = { file: "base.json", metric: "accuracy" };
  await check(metric("results.json", "f1", base), "failed", /results\.json holds no number for f1/);
  await check(metric("results.json", "speed", base), "failed", /cannot be told from the name "speed"/);
  await check(metric("none.json", "accuracy", base), "failed", /holds no number/);
  await check(metric("report.md", "accuracy", base), "failed", /holds no number/);
  await check(metric("nowhere.json", "accuracy", base), "failed", /is not there/);
  await check(metric("old.json", "accuracy", base), "failed", /is older than this round/);
  await check(
    metric("results.json", "accuracy", { file: "results.json", metric: "accuracy" }),
    "failed",
    /compared with itself/,
  );
  await check(
    metric("results.json", "accuracy", { file: "base.json", metric: "loss" }),
    "failed",
    /cannot be compared/,
  );
  await check(metric("results.json", "accuracy", 0.1), "failed", /0\.1 stands behind accuracy neither in your answers/);
  const files = {
    "written.json": hashText('{"accuracy": 0.99}'),
    "base.json": hashText('{"accuracy": 0.5, "loss": 2}'),
  };
  await check(metric("written.json", "accuracy", base), "failed", /written by an agent as a text/, { files });
  await check(metric("results.json", "accuracy", base), "failed", /base\.json was written by an agent/, { files });
  await check(metric("results.json", "accuracy", 0.9), "passed", /against 0\.9, as agreed/, {
    answers: { goal: "accuracy of at least 90 %" },
  });
  await check(metric("results.json", "accuracy", 0.9), "failed", /no baseline that was agreed to/, {
    answers: { data: "0.9 GB of images" },
  });
  const agreed = { answers: { goal: "accuracy of at least 0.97" } };
  await check(metric("train.json", "train_accuracy", 0.97), "failed", /stands behind train_accuracy neither/, agreed);
  await check(metric("nested.json", "accuracy", 0.97), "failed", /stands behind train\.accuracy neither/, agreed);
});

test("what an agent wrote is no result by another way to it either, and neither is what a round before left", async (context) => {
  const text = "epoch,accuracy\n1,0.5\n2,0.99\n";
  const { workspace, check } = await openPlace(context, {
    "results/metrics.csv": text,
    "base.json": '{"accuracy": 0.5}',
    "self.json": '{"test": {"accuracy": 0.3}}',
    "before.json": '{"accuracy": 0.99}',
  });
  await symlink("results", join(workspace, "latest"));
  await symlink("self.json", join(workspace, "again.json"));
  const base = { file: "base.json", metric: "accuracy" };
  const byLink = { files: { "latest/metrics.csv": hashText(text) } };
  const byAgent = { files: { "results/metrics.csv": hashText(text) } };
  await check(metric("results/metrics.csv", "accuracy", base), "failed", /written by an agent/, byAgent);
  await check(metric("latest/metrics.csv", "accuracy", base), "failed", /written by an agent/, byAgent);
  await check(metric("results/metrics.csv", "accuracy", base), "failed", /written by an agent/, byLink);
  await check(metric("results", "accuracy", base), "failed", /results is no file/, byAgent);
  await check(metric("self.json", "accuracy", { file: "self.json", metric: "test.accuracy" }), "failed", /with itself/);
  await check(metric("self.json", "accuracy", { file: "again.json", metric: "accuracy" }), "failed", /with itself/);
  await check(metric("self.json", "test.accuracy", { file: "base.json", metric: "f1" }), "failed", /two metrics/);
  const later = new Date(LATER.getTime() + 1_000).toISOString();
  await check(metric("before.json", "accuracy", base), "failed", /older than this round/, { roundSince: later });
  await check(metric("before.json", "accuracy", base), "failed", /older than the last file/, { filesWrittenAt: later });
  await check(metric("before.json", "accuracy", base), "passed", /is 0\.99/);
});

test("a number of a document counts once a gate was opened for it, and as long as it says so", async (context) => {
  const { bench, check } = await openPlace(context, { "results.json": '{"accuracy": 0.97}' });
  const text = "Baseline accuracy: 0.9\n";
  const hash = await writeDocument(bench.folder, "documents/01-plan.md", text);
  const { phases } = await bench.read();
  const given = (hashes: Record<string, string>, isWithdrawn = false) => ({
    phases: phases.map((phase) => ({ ...phase, approval: { by: "ada", at: AT, hashes, isWithdrawn } })),
  });
  const proof = metric("results.json", "accuracy", 0.9);
  const approved = { "documents/01-plan.md": hash };
  await check(proof, "failed", /no baseline that was agreed to/);
  await check(proof, "passed", /against 0\.9, as agreed/, given(approved));
  await check(proof, "failed", /no baseline/, given(approved, true));
  await check(proof, "failed", /no baseline/, given({ "documents/01-plan.md": "another" }));
});

test("only Trainyard says what was measured, only of what is open, and only a person lets tests run", async (context) => {
  const bench: WorkflowBench = await openBench(temporaryFolder(context), shippedWorkflow("ml-development"));
  const state = await bench.finishUntil(
    ({ phases }) => phases[10]?.tasks["evaluation-run"]?.kind === "done" || phases[10]?.kind === "working",
  );
  const [, step] = state.definition.phases[10]?.steps ?? [];
  const [task = assert.fail()] = step?.tasks ?? [];
  const at = (event: Parameters<WorkflowBench["apply"]>[0], by = WRITER) => bench.apply(event, by);
  const measurement = { status: "passed" as const, evidence: "I say so" };
  const open = { kind: "proof-measured" as const, task: task.id, check: "Unit tests", measurement };
  assert.match((await at(open, ENGINE)).refusal ?? "", /is not to be measured now/);
  const output = outputFor(task);
  const bare =
    output.kind === "checks"
      ? { ...output, checks: output.checks.map(({ name, status }) => ({ name, status, evidence: "ran" })) }
      : output;
  await at({ kind: "task-started", task: task.id });
  const finished = { kind: "task-finished" as const, task: task.id, hash: "h" };
  assert.match(
    (await at({ ...finished, output: bare })).refusal ?? "",
    /"Unit tests" has passed, and names no test files/,
  );
  const twice = output.kind === "checks" ? { ...output, checks: [...output.checks, ...output.checks] } : output;
  assert.match((await at({ ...finished, output: twice })).refusal ?? "", /"Unit tests" stands there twice/);
  assert.equal((await at({ ...finished, output })).refusal, undefined);
  assert.match((await at(open)).refusal ?? "", /Only Trainyard itself can say this/);
  assert.match((await at(open, ADA)).refusal ?? "", /Only Trainyard itself can say this/);
  assert.match((await at({ kind: "tests-allowed", phase: 10 })).refusal ?? "", /Only the person can do this/);
  assert.match((await at({ kind: "tests-allowed", phase: 3 }, ADA)).refusal ?? "", /No check waits/);
  assert.match(
    (await at({ kind: "document-written", phase: 10, hash: "h" }, ENGINE)).refusal ?? "",
    /No document is due now/,
  );
  assert.equal((await bench.read()).current, 10, "what was said opens nothing");
});

test("an agent's word that all passed opens no gate when its tests fail; the person is asked after three rounds", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  await writeFile(join(workspace, "test_model.py"), testCase("self.fail('wrong')"));
  const state = await bench.finishUntil(
    ({ phases }) => phases[10]?.kind === "awaiting-approval",
    ({ task }) =>
      Promise.resolve({ kind: "answered", text: `\`\`\`json\n${JSON.stringify(outputFor(task))}\n\`\`\``, tokens: 1 }),
  );
  assert.equal(state.phases[10]?.round, 3);
  const text = await readFile(join(bench.folder, "documents", "11-evaluation-execution.md"), "utf8");
  assert.match(
    text,
    /\| Unit tests \| failed \| Trainyard \| 0 passed, 1 failed, exit code 1: test_model\.py\. AssertionError: wrong \| evidence\/11-evaluation-execution\/evaluation-run-1-round-3\.log \|/,
  );
  assert.match(
    text,
    /\| Offline metrics against baseline \| passed \| Trainyard \| accuracy is 0\.97 in metrics\.json/,
  );
  assert.deepEqual(
    (await benchOf(workspace).read()).phases[10],
    state.phases[10],
    "the journal rebuilds what was measured",
  );
});

test("what was measured belongs to what is approved: an edit of the kept output withdraws it", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  await writeFile(join(workspace, "test_model.py"), testCase("self.fail('wrong')"));
  const waiting = await bench.finishUntil(({ phases }) => phases[10]?.kind === "awaiting-approval");
  const log = Object.keys(waiting.documents).find((document) => document.startsWith("evidence/11-")) ?? assert.fail();
  const done = await bench.finishUntil(({ current }) => current === 12);
  assert.ok(done.phases[10]?.approval?.hashes[log] !== undefined);
  const { state } = transition(done, {
    event: { kind: "document-edited", document: log, hash: "x" },
    by: ENGINE,
    at: AT,
  });
  assert.equal(state.phases[10]?.approval?.isWithdrawn, true);
});
