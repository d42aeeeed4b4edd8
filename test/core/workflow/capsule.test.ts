import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCapsule, takeCapsuleOption } from "../../../src/core/workflow/capsule.ts";
import { readWorkflowRequest } from "../../../src/core/workflow/workflowRequest.ts";

const CAPSULE = `version: "1.0"
created: 2026-01-03T10:00:00Z
slug: trajectory-model
goal: |
  Predict the next position.
constraints: [runs on a CPU]
success_criteria: [tests_pass, { no_regressions: true }, { files_created: [model.py, test_model.py] }, { boundary_violations: 0 }]
context:
  key_files: [{ path: train.py, reason: it trains }]
questions:
  decisions_made: [{ question: Which horizon?, answer: three seconds }]
  open_questions: [Who labels the new tracks?, { question: How old may a track be? }]
risks: [{ severity: high, description: few samples, mitigation: collect more }]
handoff: { recommended_command: /develop, args: "--capsule trajectory-model" }
`;

function checkRefused(text: string, reason: RegExp): void {
  assert.throws(
    () => parseCapsule(text, "trajectory-model"),
    (error) => error instanceof Error && error.name === "UserError" && reason.test(error.message),
  );
}

test("a capsule gives all that it says to the first phase: goal, limits, criteria, decisions, questions, files and risks", () => {
  assert.deepEqual(parseCapsule(CAPSULE, "trajectory-model"), {
    slug: "trajectory-model",
    goal: "Predict the next position.",
    constraints: ["runs on a CPU"],
    nonGoals: [],
    successCriteria: [
      "tests_pass",
      "no regressions",
      "files created: model.py, test_model.py",
      "boundary violations: 0",
    ],
    decisions: [{ question: "Which horizon?", answer: "three seconds" }],
    openQuestions: ["Who labels the new tracks?", "How old may a track be?"],
    keyFiles: [{ path: "train.py", reason: "it trains", isMissing: false }],
    risks: [{ severity: "high", description: "few samples", mitigation: "collect more" }],
  });
});

test("a capsule that lacks something or belongs to another slug is refused with its place", () => {
  checkRefused(CAPSULE.replace("goal: |\n  Predict the next position.\n", ""), /goal/);
  checkRefused(CAPSULE.replace('version: "1.0"', 'version: "2.0"'), /version/);
  checkRefused(CAPSULE.replace("slug: trajectory-model", "slug: other"), /says it is the capsule "other"/);
  checkRefused(CAPSULE.replace(/handoff:.*\n/, ""), /handoff/);
  checkRefused(CAPSULE.replace(/handoff:.*\n/, "handoff: { args: x }\n"), /handoff\.recommended_command/);
  checkRefused(
    CAPSULE.replace("recommended_command: /develop", "recommended_command: /destroy"),
    /handoff\.recommended_command: "\/destroy" is no command that begins a guided workflow\. There are: \/develop/,
  );
  checkRefused(CAPSULE.replace("answer: three seconds", "answer: [1]"), /questions\.decisions_made\.0\.answer/);
  checkRefused(CAPSULE.replace("severity: high", "severity: huge"), /risks\.0\.severity/);
  checkRefused("goal: [", /no valid capsule: .* at line \d+, column \d+\. Correct/);
  checkRefused("", /no valid capsule/);
});

test("everything that is wrong in a capsule is told at once, with what it has to be", () => {
  checkRefused(
    "version: '2.0'\nslug: trajectory-model\nrisks: [{ severity: huge, description: few samples }]\n",
    /version: the version is "2\.0", and has to be 1\.0; created: the created is missing; goal: the goal is missing; risks\.0\.severity: the severity of the risk number 1 is "huge", and has to be high, medium or low; handoff: the handoff is missing\. Correct/,
  );
});

test("the command of a handoff may be written as people type it", () => {
  for (const command of [
    "/ml-flow",
    "develop",
    '"@ml-trainer /develop"',
    '"/develop --capsule trajectory-model"',
    "/pipeline",
  ]) {
    const text = CAPSULE.replace("recommended_command: /develop", `recommended_command: ${command}`);
    assert.equal(parseCapsule(text, "trajectory-model").slug, "trajectory-model", command);
  }
});

test("--capsule is taken out of the task, and an unsafe or missing name is refused", () => {
  assert.deepEqual(takeCapsuleOption("faster --capsule digits-v2 please"), {
    task: "faster please",
    slug: "digits-v2",
  });
  assert.deepEqual(takeCapsuleOption("no option here"), { task: "no option here" });
  for (const prompt of ["--capsule", "--capsule ../../etc", "--capsule a/b", "--capsule .", "--capsule=..%2f"]) {
    assert.throws(() => takeCapsuleOption(prompt), { name: "UserError" }, prompt);
  }
});

test("a request may name another workflow or one that goes on", () => {
  assert.deepEqual(readWorkflowRequest("--workflow small clean the data"), {
    task: "clean the data",
    workflow: "small",
  });
  assert.deepEqual(readWorkflowRequest("--continue w-1"), { task: "", goesOn: "w-1" });
});

function checkNoRequest(prompt: string, reason: RegExp): void {
  assert.throws(
    () => readWorkflowRequest(prompt),
    (error) => error instanceof Error && error.name === "UserError" && reason.test(error.message),
  );
}

test("an option that is none is refused, and no task", () => {
  checkNoRequest("--capsul trajectory-model", /no option --capsul here.* Did you mean --capsule\?/);
  checkNoRequest("clean the data --workfow small", /Did you mean --workflow\?/);
  checkNoRequest("--help", /no option --help here, so nothing was begun\. .*--capsule and --workflow/);
  checkNoRequest("--workflow", /--workflow needs a name behind it/);
  assert.equal(readWorkflowRequest("train with --lr 3e-4").task, "train with --lr 3e-4");
});
