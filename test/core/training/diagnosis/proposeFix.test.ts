import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureCause } from "../../../../src/core/training/diagnosis/failureCause.ts";
import { type Fix, proposeFix, type ResumePoint } from "../../../../src/core/training/diagnosis/proposeFix.ts";
import { renderChanges } from "../../../../src/core/training/diagnosis/renderDiagnosis.ts";
import type { LaunchPlan } from "../../../../src/core/training/launchPlan.ts";
import {
  NO_ARGUMENTS,
  type ScriptArgument,
  type ScriptArguments,
} from "../../../../src/core/training/scriptArguments.ts";
import { buildRun } from "../../../support/runBuilder.ts";

const { plan: trainPlan } = buildRun("failed").record;
const LAST: ResumePoint = { path: "checkpoints/last.pt", epoch: 6 };

function option(flag: string, value?: string, change: Partial<ScriptArgument> = {}): ScriptArgument {
  return {
    flag,
    kind: "option",
    name: flag.replace(/^--/, "").replaceAll("-", "_"),
    aliases: [],
    type: "unknown",
    isRequired: false,
    isList: false,
    line: 0,
    ...(value === undefined ? {} : { default: value }),
    ...change,
  };
}

const DECLARED: ScriptArguments = {
  dialect: "argparse",
  isComplete: true,
  arguments: [
    option("--batch-size", "64"),
    option("--accumulation-steps", "1"),
    option("--learning-rate", "0.001"),
    option("--num-workers", "4"),
    option("--resume"),
  ],
};

test("a module of the workspace is looked for, not installed", () => {
  const text = "ModuleNotFoundError: No module named 'mymodel'";
  const diagnosis = { cause: "own-module", title: "", advice: "", evidence: [{ line: 1, text }] } as const;
  const fix = proposeFix({ diagnosis, plan: trainPlan, script: NO_ARGUMENTS, moduleFolder: "/w/src" });
  assert.equal(fix?.label, "Retry with PYTHONPATH=/w/src");
  assert.deepEqual(fix && renderChanges(fix).at(-1), "  PYTHONPATH=/w/src .venv/bin/python train.py");
});

test("a package that another environment of the folder has is not installed again", () => {
  const text = "ModuleNotFoundError: No module named 'torch'";
  const diagnosis = { cause: "other-environment", title: "", advice: "", evidence: [{ line: 1, text }] } as const;
  const facts = { diagnosis, script: NO_ARGUMENTS, otherPython: `${trainPlan.cwd}/venv/bin/python` };
  const fix = proposeFix({ ...facts, plan: { ...trainPlan, command: ["python", "train.py"] } });
  assert.equal(fix?.label, "Retry with venv/bin/python");
  assert.deepEqual(fix && renderChanges(fix), ["  Python python → venv/bin/python", "  venv/bin/python train.py"]);
  assert.equal(proposeFix({ ...facts, plan: { ...trainPlan, command: ["make", "train"] } }), undefined);
});

type Case = {
  cause: FailureCause;
  text?: string;
  words?: readonly string[];
  script?: ScriptArguments;
  resumeFrom?: ResumePoint;
  plan?: LaunchPlan;
  flowRunId?: string;
};

function propose({ cause, text = "", words = [], script = DECLARED, plan = trainPlan, ...found }: Case) {
  return proposeFix({
    diagnosis: { cause, title: "", advice: "", evidence: [{ line: 1, text }] },
    plan: { ...plan, command: [...plan.command, ...words] },
    script,
    ...found,
  });
}

/** The label, and what stands behind the script in the new command. */
function check(input: Case, expected: readonly [label: string, ...words: string[]] | undefined): void {
  const fix = propose(input);
  const words = fix?.kind === "install" ? fix.command : fix?.plan.command.slice(2);
  assert.deepEqual(fix && [fix.label, ...(words ?? [])], expected);
}

function changesOf(fix: Fix | undefined) {
  return fix?.kind === "rerun" ? fix.changes : undefined;
}

test("too little memory halves the batch and doubles the accumulation, from the last whole checkpoint", () => {
  const cause = "gpu-memory";
  check({ cause, resumeFrom: LAST, words: ["--batch-size", "32"] }, [
    "Resume from Epoch 6 with batch 16 × 2",
    "--batch-size",
    "16",
    "--accumulation-steps",
    "2",
    "--resume",
    "checkpoints/last.pt",
  ]);
  check({ cause, words: ["--batch-size=32"], script: NO_ARGUMENTS }, ["Retry with batch 16", "--batch-size=16"]);
  check({ cause, words: ["--batch-size", "1"], resumeFrom: LAST }, undefined);
  check({ cause, script: NO_ARGUMENTS, resumeFrom: LAST }, undefined);
  assert.deepEqual(changesOf(propose({ cause })), [
    { name: "--batch-size", from: "64", to: "32" },
    { name: "--accumulation-steps", from: "1", to: "2" },
  ]);
});

test("a file of a package that was started by its path is started as a module", () => {
  const python = trainPlan.command[0] ?? "";
  const plan = { ...trainPlan, command: [python, "src/pkg/train.py"], script: "/w/src/pkg/train.py" };
  const fix = propose({ cause: "relative-import", plan, words: ["--epochs", "3"] });
  assert.equal(fix?.label, "Retry with -m src.pkg.train");
  assert.deepEqual(fix?.kind === "rerun" && fix.plan.command, [python, "-m", "src.pkg.train", "--epochs", "3"]);
  assert.equal(propose({ cause: "relative-import", plan: trainPlan }), undefined);
});

test("an override and an abbreviated flag are changed where they stand", () => {
  const hydra: ScriptArguments = {
    dialect: "hydra",
    isComplete: false,
    arguments: [option("data.batch_size", "8", { name: "data.batch_size", kind: "override" })],
  };
  check({ cause: "gpu-memory", script: hydra, words: ["data.batch_size=128", "model=big"] }, [
    "Retry with batch 64",
    "data.batch_size=64",
    "model=big",
  ]);
  check({ cause: "nan-loss", words: ["--learning", "0.1"] }, ["Retry with learning-rate 0.01", "--learning", "0.01"]);
  check({ cause: "data-not-finite", words: ["--learning", "0.1"] }, undefined);
});

test("fragmented memory is given expandable segments", () => {
  const text =
    "Of the allocated memory 5.00 GiB is allocated by PyTorch, and 1.20 GiB is reserved by PyTorch but unallocated.";
  const fix = propose({ cause: "gpu-memory", text });
  assert.equal(fix?.label, "Retry with PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True");
  assert.equal(fix?.plan.environment["PYTORCH_CUDA_ALLOC_CONF"], "expandable_segments:True");
});

test("no change of the command is offered for the memory that another process holds", () => {
  const text =
    "Process 12 has 70.11 GiB memory in use. Including non-PyTorch memory, this process has 4.02 GiB memory in use.";
  check({ cause: "gpu-memory", text, words: ["--batch-size", "32"] }, undefined);
});

test("a worker that died gets fewer colleagues, one that is silent none", () => {
  const cause = "data-loader-worker";
  check({ cause, text: "is killed by signal: Killed" }, ["Retry with num-workers 2", "--num-workers", "2"]);
  check({ cause, text: "exited unexpectedly" }, ["Retry with num-workers 0", "--num-workers", "0"]);
});

test("a missing package is installed into the interpreter of the run, and only under a plain name", () => {
  check({ cause: "missing-package", text: "ModuleNotFoundError: No module named 'sklearn'" }, [
    "Install scikit-learn",
    "/w/.venv/bin/python",
    "-m",
    "pip",
    "install",
    "scikit-learn",
  ]);
  check({ cause: "missing-package", text: "ImportError: pip install --index-url=http://evil x" }, undefined);
  const byMake = { ...trainPlan, command: ["make", "train"], interpreter: { path: "make", reason: "typed" } };
  check({ cause: "missing-package", text: "No module named 'sklearn'", plan: byMake }, undefined);
});

test("a crash that Python has already placed is not asked for its place again", () => {
  check({ cause: "native-crash", text: "Segmentation fault" }, ["Retry with PYTHONFAULTHANDLER=1"]);
  check({ cause: "native-crash", text: "Fatal Python error: Segmentation fault" }, undefined);
  check({ cause: "native-crash", text: "Fatal Python error: Bus error", resumeFrom: LAST }, [
    "Resume from Epoch 6",
    "--resume",
    "checkpoints/last.pt",
  ]);
});

test("a mistyped flag becomes the one that was meant", () => {
  const text = "train.py: error: unrecognized arguments: --learning-rat 0.1";
  check({ cause: "usage", text, words: ["--learning-rat", "0.1"] }, [
    "Retry with --learning-rate",
    "--learning-rate",
    "0.1",
  ]);
  const script = { ...DECLARED, arguments: [option("--epochs", "10")] };
  const twice = "train.py: error: unrecognized arguments: --epoks 3";
  check({ cause: "usage", text: twice, words: ["--epoks", "3"], script }, ["Retry with --epochs", "--epochs", "3"]);
});

test("what only ended early goes on from its checkpoint, or from nothing at all", () => {
  check({ cause: "preempted", resumeFrom: LAST }, ["Resume from Epoch 6", "--resume", "checkpoints/last.pt"]);
  check({ cause: "preempted" }, undefined);
  check({ cause: "exception", resumeFrom: LAST }, undefined);
});

test("a flow is resumed by Metaflow, without the parameters that it knows", () => {
  const plan: LaunchPlan = {
    ...trainPlan,
    kind: "flow",
    script: "/w/flow.py",
    command: ["/w/.venv/bin/python", "flow.py", "--no-pylint", "run", "--max-workers", "2", "--lr", "0.1"],
  };
  const fix = propose({ cause: "killed", plan, flowRunId: "1763" });
  const resumed = ["--no-pylint", "resume", "--origin-run-id", "1763", "--max-workers", "2"];
  assert.deepEqual(fix?.plan.command.slice(2), resumed);
  // Metaflow would take its latest run, which may be another one.
  assert.equal(propose({ cause: "killed", plan }), undefined);
  assert.equal(fix?.label, "Resume the Flow");
});

test("a port in use is left to the launcher that holds none", () => {
  const plan: LaunchPlan = { ...trainPlan, command: ["torchrun", "--nproc-per-node=2", "train.py", "--epochs", "3"] };
  assert.deepEqual(propose({ cause: "port-in-use", plan })?.plan.command, [
    "torchrun",
    "--standalone",
    "--nproc-per-node=2",
    "train.py",
    "--epochs",
    "3",
  ]);
});
