import assert from "node:assert/strict";
import { test } from "node:test";
import { rangeOnLine } from "../../../src/core/base/problems.ts";
import { describeFlowCheck, type FlowCheck, parseCheckOutput } from "../../../src/core/metaflow/flowCheck.ts";

function parse(exitCode: number, stderr: string, stdout = ""): FlowCheck {
  return parseCheckOutput({ exitCode, stdout, stderr }, "/env/bin/python", "/w/f.py");
}

function checkProblem(stderr: string, line: number, message: string) {
  const check = parse(1, stderr);
  assert.ok(check.kind === "problems");
  assert.deepEqual(
    check.problems.map((problem) => [problem.range.start.line, problem.message]),
    [[line, message]],
  );
}

test("a good graph is ok", () => {
  assert.deepEqual(parse(0, "Validating your flow...\n    The graph looks good!\n"), { kind: "ok" });
});

test("a file that only runs is no flow", () => {
  const check = parse(0, "", "hi\n");
  assert.equal(check.kind, "not-a-flow");
  assert.match(describeFlowCheck(check, "f.py"), /no flow answered/);
});

test("what is wrong keeps its line", () => {
  checkProblem(
    "Validating your flow...\n    Validity checker found an issue in file /w/f.py on line 5:\n    Step start specifies a self.next() transition to an unknown step, gone.\n\n",
    4,
    "Step start specifies a self.next() transition to an unknown step, gone.",
  );
  checkProblem(
    "Traceback (most recent call last):\n  File \"/w/f.py\", line 2, in <module>\n    import nothere\nModuleNotFoundError: No module named 'nothere'\n",
    1,
    "ModuleNotFoundError: No module named 'nothere'",
  );
  checkProblem(
    'Traceback (most recent call last):\n  File "/w/f.py", line 7, in <module>\n    help()\n  File "/w/other.py", line 99, in help\n    raise KeyError(1)\nKeyError: 1\n',
    6,
    "KeyError: 1",
  );
  checkProblem(
    "  File \"/w/f.py\", line 2\n    class F(FlowSpec)\n                     ^\nSyntaxError: expected ':'\n",
    1,
    "SyntaxError: expected ':'",
  );
  checkProblem(
    "Metaflow 2.19.39 executing F    Unknown user:\n    Something about users.\n",
    0,
    "Something about users.",
  );
  checkProblem("", 0, "The check ended with exit code 1.");
});

test("a missing Metaflow names the interpreter and the command that installs it", () => {
  const check = parse(1, "ModuleNotFoundError: No module named 'metaflow'\n");
  assert.equal(check.kind, "metaflow-missing");
  assert.match(describeFlowCheck(check, "f.py"), /`\/env\/bin\/python -m pip install metaflow`/);
});

test("problems are listed with the lines that people count", () => {
  const check = parse(1, "    Validity checker found an issue on line 3:\n    Wrong.\n\n");
  assert.equal(describeFlowCheck(check, "f.py"), "Metaflow does not accept `f.py`:\n\n- line 3: Wrong.");
});

test("what Metaflow does not look at is told beside its answer", () => {
  const finding = {
    code: "unknown-artifact",
    severity: "error",
    message: "No step assigns self.x.",
    range: rangeOnLine(17, 0, 4),
  } as const;
  const hint = { ...finding, severity: "information", message: "Small." } as const;
  const accepted = "Metaflow accepts `f.py`: the graph looks good.";
  assert.equal(describeFlowCheck({ kind: "ok" }, "f.py", [hint]), accepted);
  assert.equal(
    describeFlowCheck({ kind: "ok" }, "f.py", [hint, finding]),
    `${accepted} Trainyard finds in the code:\n\n- line 18: No step assigns self.x.`,
  );
});
