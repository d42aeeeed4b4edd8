import assert from "node:assert/strict";
import { test } from "node:test";
import type { PythonImport } from "../../../../src/core/base/pythonImports.ts";
import { frameworkOf, loaderOf } from "../../../../src/core/training/resume/framework.ts";
import { proposeResume } from "../../../../src/core/training/resume/proposeResume.ts";
import {
  renderResumeMarkdown,
  renderResumeText,
  resumeLabel,
} from "../../../../src/core/training/resume/resumeOffer.ts";
import {
  NO_ARGUMENTS,
  type ScriptArgument,
  type ScriptArguments,
} from "../../../../src/core/training/scriptArguments.ts";
import { entryOf } from "../../../support/checkpointSummaries.ts";
import { buildRun } from "../../../support/runBuilder.ts";

const { plan } = buildRun("failed").record;
const PYTHON = "/w/.venv/bin/python";

function option(flag: string, change: Partial<ScriptArgument> = {}): ScriptArgument {
  const name = flag.replace(/^-+/, "").replaceAll("-", "_");
  return {
    flag,
    kind: "option",
    name,
    aliases: [],
    type: "string",
    isRequired: false,
    isList: false,
    line: 0,
    ...change,
  };
}

function argparse(...declared: ScriptArgument[]): ScriptArguments {
  return { dialect: "argparse", arguments: declared, isComplete: true };
}

type Case = {
  words?: readonly string[];
  before?: readonly string[];
  script?: ScriptArguments;
  imports?: readonly string[];
  checkpoint?: string;
  epoch?: number;
  restoresItself?: boolean;
  resumeWord?: string;
  loader?: ReturnType<typeof loaderOf>;
};

function propose({ words = [], before = [PYTHON, "train.py"], script = NO_ARGUMENTS, imports = [], ...given }: Case) {
  const framework = frameworkOf(imports.map(importOf));
  const command = [...before, ...words];
  return proposeResume({ plan: { ...plan, command }, script, framework, checkpoint: "runs/c-5", ...given });
}

/** `transformers.Trainer` imports a name, `torch` a module. */
function importOf(text: string): PythonImport {
  const [module = "", name] = text.split(":");
  return { module, ...(name === undefined ? {} : { name }), local: name ?? module, line: 0, isUnconditional: true };
}

/** The words behind the script; what the script chooses itself is marked. */
function check(given: Case, expected: readonly string[] | RegExp): void {
  const proposal = propose(given);
  if (expected instanceof RegExp) {
    assert.match(
      proposal.kind === "no-argument" ? proposal.advice : `command ${proposal.plan.command.join(" ")}`,
      expected,
    );
    return;
  }
  assert.ok(proposal.kind === "command", JSON.stringify(proposal));
  const words = proposal.plan.command.slice((given.before ?? [PYTHON, "train.py"]).length);
  assert.deepEqual([...words, ...(proposal.choosesItself !== undefined ? ["(chooses itself)"] : [])], expected);
}

test("sets the argument that the script declares for it, by the names that scripts use", () => {
  const flags = ["--resume", "--resume-from", "--resume_from_checkpoint", "--ckpt-path", "--restore-file"];
  const rarer = ["--resume-from-ckpt", "--resume_ckpt_path", "--load-ckpt-path", "--restart-from", "--snapshot-path"];
  for (const flag of [...flags, ...rarer]) {
    check({ script: argparse(option("--lr"), option(flag)) }, [flag, "runs/c-5"]);
  }
  check({ script: argparse(option("--checkpoint"), option("--resume")) }, ["--resume", "runs/c-5"]);
  check({ script: argparse(option("--checkpoint")) }, ["--checkpoint", "runs/c-5"]);
  check({ script: argparse(option("--load-dir")) }, ["--load-dir", "runs/c-5"]);
  check({ script: argparse(option("--checkpoint-dir"), option("--init-from")) }, /^Add an argument such as `--resume`/);
});

test("gives Keras the epoch to begin with, which its files do not hold; other scripts read it from the checkpoint", () => {
  const script = argparse(option("--resume"), option("--initial-epoch", { default: "0" }));
  const imports = ["keras"];
  check({ script, imports, epoch: 4 }, ["--resume", "runs/c-5", "--initial-epoch", "4"]);
  check({ script, imports, epoch: 4, words: ["--initial-epoch=2"] }, ["--initial-epoch=4", "--resume", "runs/c-5"]);
  check({ script, imports }, ["--resume", "runs/c-5"]);
  check({ script, imports: ["torch"], epoch: 4 }, ["--resume", "runs/c-5"]);
  check({ script: argparse(option("--initial-epoch")), imports, epoch: 4 }, /load_model\("runs\/c-5"\)/);
});

test("a script of which nothing is known is told how the checkpoint itself is loaded", () => {
  const cases: readonly [summary: Parameters<typeof loaderOf>[0], advice: RegExp][] = [
    [{ format: "trainer-folder" }, /^Call `trainer\.train\(resume_from_checkpoint="runs\/c-5"\)`/],
    [{ format: "torch-zip", framework: { name: "Lightning" } }, /^Call `trainer\.fit\(model, ckpt_path="runs\/c-5"\)`/],
    [{ format: "accelerate-folder" }, /^Call `accelerator\.load_state\("runs\/c-5"\)`/],
    [{ format: "hdf5", framework: { name: "Keras" } }, /load_model\("runs\/c-5"\)/],
    [{ format: "distributed-folder" }, /torch\.distributed\.checkpoint\.load\(state, checkpoint_id="runs\/c-5"\)/],
    [{ format: "safetensors" }, /load_file\("runs\/c-5"\)/],
    [{ format: "torch-zip" }, /torch\.load\("runs\/c-5"/],
  ];
  for (const [summary, advice] of cases) {
    check({ loader: loaderOf(summary) }, advice);
  }
  check({ loader: loaderOf({ format: "pickle" }) }, /pickle\.load\(file\)/);
  check({ loader: loaderOf({ format: "pickle" }, [{ module: "torch.nn" }]) }, /torch\.load\("runs\/c-5"/);
  check({ imports: ["lightning"], loader: "torch" }, /^Call `trainer\.fit/);
});

test("Megatron and DeepSpeed are given the folder in which a file names the checkpoint", () => {
  const megatron = { script: argparse(option("--load")), checkpoint: "ckpts/iter_0001000" };
  check(megatron, ["--load", "ckpts", "(chooses itself)"]);
  check({ ...megatron, words: ["--load", "old"] }, ["--load", "ckpts", "(chooses itself)"]);
  check({ script: argparse(option("--load_dir")), checkpoint: "global_step10" }, [
    "--load_dir",
    ".",
    "(chooses itself)",
  ]);
  check({ script: argparse(option("--resume")), checkpoint: "ckpts/global_step10" }, [
    "--resume",
    "ckpts/global_step10",
  ]);
});

test("a script that restores its own backup is started again as it was", () => {
  const itself = { imports: ["keras"], words: ["--lr", "1"], restoresItself: true };
  check(itself, ["--lr", "1", "(chooses itself)"]);
  const checkpoint = entryOf("m.keras", 2, { epoch: 2 });
  const offer = { title: "digits", checkpoint, passedOver: [], proposal: propose(itself), notes: [] };
  assert.match(renderResumeText(offer), /^\.venv\/bin\/python train\.py --lr 1\n[\s\S]*BackupAndRestore/);
});

test("replaces the checkpoint that the run was itself resumed from, and leaves its other arguments", () => {
  const script = argparse(option("--resume"), option("--lr"));
  check({ script, words: ["--resume", "old.pt", "--lr", "0.1"] }, ["--resume", "runs/c-5", "--lr", "0.1"]);
  check({ script, words: ["--resume=old.pt"] }, ["--resume=runs/c-5"]);
});

test("replaces the words that the argument had, and none of those around it", () => {
  const resume = option("--resume");
  const bare = ["--resume", "--epochs", "300"];
  for (const script of [argparse(resume, option("--epochs")), argparse(resume), NO_ARGUMENTS]) {
    check({ script, words: bare }, ["--resume", "runs/c-5", "--epochs", "300"]);
    check({ script, words: ["--epochs", "300", "--resume"] }, ["--epochs", "300", "--resume", "runs/c-5"]);
  }
  const list = argparse(option("--load-checkpoint", { isList: true }), option("--x"));
  const afterList = ["--load-checkpoint", "runs/c-5", "--x", "1"];
  check({ script: list, words: ["--load-checkpoint", "a", "b", "--x", "1"] }, afterList);
  check({ script: list, words: ["--load-checkpoint", "--x", "1"] }, afterList);
  const short = argparse(option("--resume", { aliases: ["-r"] }), option("--lr"));
  check({ script: short, words: ["-r", "old.pt", "--lr", "1"] }, ["-r", "runs/c-5", "--lr", "1"]);
  const positional = argparse(option("checkpoint", { kind: "positional" }), option("--lr"));
  check({ script: positional, words: ["--lr", "1", "old.pt"] }, ["--lr", "1", "runs/c-5"]);
});

test("turns on a switch, gives the path beside it where there is a place for it, and else says that the script chooses", () => {
  const resume = option("--resume", { kind: "switch" });
  check({ script: argparse(resume) }, ["--resume", "(chooses itself)"]);
  check({ script: argparse(resume, option("--checkpoint")) }, ["--resume", "--checkpoint", "runs/c-5"]);
  check({ script: argparse(option("--resume", { type: "boolean" }), option("--ckpt")) }, [
    "--resume",
    "True",
    "--ckpt",
    "runs/c-5",
  ]);
});

test("tells a script that only resumes in which folder to look, where it would look in another one", () => {
  const script = argparse(option("--resume", { kind: "switch" }), option("--ckpt-dir", { default: "./runs/" }));
  check({ script }, ["--resume", "(chooses itself)"]);
  check({ script, checkpoint: "runs/a/c-5" }, ["--resume", "(chooses itself)"]);
  check({ script, checkpoint: "other/c-5" }, ["--resume", "--ckpt-dir", "other", "(chooses itself)"]);
  const given = ["--ckpt-dir", "old"];
  check({ script, words: given }, ["--ckpt-dir", "runs", "--resume", "(chooses itself)"]);
  check({ script: argparse(option("--resume", { kind: "switch" })), checkpoint: "other/c-5" }, [
    "--resume",
    "(chooses itself)",
  ]);
});

test("says of a switch that was given already what it says of one that it adds", () => {
  const proposal = propose({ script: argparse(option("--resume", { kind: "switch" })), words: ["--resume"] });
  const offer = { title: "digits", checkpoint: entryOf("a.pt", 1), passedOver: [], proposal, notes: [] };
  assert.match(renderResumeText(offer), /train\.py --resume\n[\s\S]*\n--resume takes no path: the script looks/);
});

test("writes the word by which Detectron2 and nanoGPT resume, in the place of what was said otherwise", () => {
  check({ resumeWord: "--resume", words: ["--num-gpus", "2"] }, ["--num-gpus", "2", "--resume", "(chooses itself)"]);
  check({ resumeWord: "--resume", words: ["--resume"] }, ["--resume", "(chooses itself)"]);
  const words = ["--init_from=scratch", "--compile=False"];
  check({ resumeWord: "--init_from=resume", words }, ["--compile=False", "--init_from=resume", "(chooses itself)"]);
});

test("keeps the launcher before the script", () => {
  const script = argparse(option("--resume"));
  const torchrun = ["torchrun", "--nproc-per-node", "2", "train.py"];
  check({ before: torchrun, script, words: ["--amp"] }, ["--amp", "--resume", "runs/c-5"]);
  const accelerate = ["accelerate", "launch", "train.py"];
  check(
    { before: accelerate, script: argparse(option("--resume_from_checkpoint")), imports: ["accelerate:Accelerator"] },
    ["--resume_from_checkpoint", "runs/c-5"],
  );
});

test("knows what the parsers of the frameworks take by themselves", () => {
  const unread = { arguments: [], isComplete: false };
  check({ script: { dialect: "dataclass", ...unread }, imports: ["transformers:Trainer", "accelerate"] }, [
    "--resume_from_checkpoint",
    "runs/c-5",
  ]);
  check(
    { script: { dialect: "lightning", ...unread }, imports: ["lightning.pytorch.cli:LightningCLI"], words: ["fit"] },
    ["fit", "--ckpt_path", "runs/c-5"],
  );
  const hydra: ScriptArguments = {
    dialect: "hydra",
    arguments: [option("trainer.resume", { kind: "override", name: "resume" })],
    isComplete: false,
  };
  check({ script: hydra }, ["resume=runs/c-5"]);
});

test("where the command line has no place for it, says the call of the framework", () => {
  check({ imports: ["transformers:TrainingArguments"] }, /trainer\.train\(resume_from_checkpoint="runs\/c-5"\)/);
  check({ imports: ["torch", "pytorch_lightning"] }, /trainer\.fit\(model, ckpt_path="runs\/c-5"\)/);
  check(
    { imports: ["transformers:AutoTokenizer", "accelerate:Accelerator"] },
    /accelerator\.load_state\("runs\/c-5"\)/,
  );
  const numbered = { imports: ["accelerate"], checkpoint: "runs/checkpoints/checkpoint_1" };
  check(numbered, /load_state\("runs\/checkpoints\/checkpoint_1"\)[\s\S]*project_configuration\.iteration = 2/);
  const weights = { imports: ["keras"], checkpoint: "c/w-04.weights.h5", epoch: 4 };
  check(weights, /model\.load_weights\("c\/w-04\.weights\.h5"\)[\s\S]*initial_epoch=4/);
  check({ imports: ["tensorflow.keras.models"] }, /keras\.models\.load_model\("runs\/c-5"\)[\s\S]*initial_epoch/);
  check({ imports: ["ultralytics:YOLO"] }, /YOLO\("runs\/c-5"\)\.train\(resume=True\)/);
  check({ imports: ["torch"] }, /torch\.load\("runs\/c-5"/);
  check({ before: ["bash", "job.sh"] }, /torch\.load/);
});

test("shows the checkpoint, what was passed over and why, and the command", () => {
  const checkpoint = entryOf("epoch_2.pt", 2, { epoch: 2 });
  const torn = entryOf("epoch_3.pt", 3, { completeness: { state: "torn", reason: "cut" } });
  const offer = {
    title: "digits",
    checkpoint,
    passedOver: [{ entry: torn, reason: "torn: cut" }],
    proposal: propose({ script: argparse(option("--resume", { kind: "switch" })) }),
    notes: ["GPU 0 is already used by the run `mnist`."],
  };
  assert.equal(resumeLabel(offer), "Resume from Epoch 2");
  assert.equal(
    renderResumeText(offer),
    [
      ".venv/bin/python train.py --resume",
      "",
      "epoch_2.pt: epoch 2 · 1.0 kB · whole",
      "",
      "Passed over, newest first:",
      "  epoch_3.pt: torn: cut",
      "",
      "--resume takes no path: the script looks for the checkpoint itself and may take epoch_3.pt instead of epoch_2.pt. Move it out of the folder first.",
      "",
      "GPU 0 is already used by the run mnist.",
    ].join("\n"),
  );
  assert.match(
    renderResumeMarkdown(offer),
    /Resume digits from epoch.?_2\.pt[\s\S]*- epoch.?_3\.pt: torn: cut[\s\S]*```sh\n\.venv\/bin\/python train\.py --resume\n```[\s\S]*> GPU 0 is already used by the run `mnist`\./,
  );
});
