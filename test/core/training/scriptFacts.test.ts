import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ScriptArgument } from "../../../src/core/training/scriptArguments.ts";
import { collectScriptArguments, readScriptFacts } from "../../../src/core/training/scriptFacts.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();
const scripts = new URL("../../fixtures/scripts/", import.meta.url);

function fixture(path: string) {
  return readFileSync(new URL(path, scripts), "utf8");
}

function facts(source: string, label = "train.py") {
  return parser.read(source, (root) => readScriptFacts(root, label));
}

/** `--lr float=1e-3`, with ` | choices`, `!` for required, `…` for lists: one line per argument. */
function brief(argument: ScriptArgument): string {
  const value = argument.default === undefined ? "" : `=${argument.default}`;
  const choices = argument.choices ? ` ${argument.choices.join("|")}` : "";
  const marks = `${argument.isRequired ? "!" : ""}${argument.isList ? "…" : ""}`;
  const names = [argument.flag, ...argument.aliases, ...(argument.negative ? [argument.negative] : [])].join(",");
  return `${names} ${argument.kind} ${argument.type}${value}${choices}${marks}`;
}

function check(path: string, dialect: string, expected: readonly string[]) {
  const collected = collectScriptArguments(facts(fixture(path)), [], new Map());
  assert.equal(collected.dialect, dialect);
  assert.deepEqual(collected.arguments.map(brief), expected);
  return collected;
}

test("reads argparse arguments wherever the parser is made", () => {
  const collected = check("mnist/train.py", "argparse", [
    "data positional unknown=data",
    "--epochs,-e option integer=10",
    "--lr,--learning-rate option float=1e-3",
    "--batch-size option integer=64",
    "--optimizer option string=adam adam|sgd",
    "--betas option float=0.9 0.999…",
    "--device option unknown=cuda",
    "--amp,--no-amp switch boolean=False",
    "--save-model switch boolean",
    "--checkpoint-dir option unknown=checkpoints",
    "--seed option integer!",
  ]);
  assert.equal(collected.isComplete, true);
  const epochs = collected.arguments[1];
  assert.equal(epochs?.help, "number of epochs");
  assert.equal(fixture("mnist/train.py").split("\n")[epochs?.line ?? 0]?.includes("--epochs"), true);
});

test("a click type that is called like what every JavaScript object has is unknown", () => {
  const source =
    'import click\n\n\n@click.command()\n@click.option("--x", type=click.constructor)\n@click.option("--y", type=click.INT)\ndef main(x, y):\n    pass\n';
  const collected = collectScriptArguments(facts(source), [], new Map());
  assert.deepEqual(collected.arguments.map(brief), ["--x option unknown", "--y option integer"]);
});

test("reads click decorators", () => {
  check("click/finetune.py", "click", [
    "dataset positional string!",
    "--lr,-l option float=3e-4",
    "--epochs option integer=3",
    "--precision option string=fp32 fp32|bf16",
    "--compile,--no-compile switch boolean=False",
    "--tag option string…",
    "--verbose switch boolean",
    "--run-name option string!",
  ]);
});

test("reads the parameters of a typer command", () => {
  check("typer/train.py", "typer", [
    "data positional string!",
    "--epochs option integer=5",
    "--lr,-l option float=1e-3",
    "--name option string=base",
    "--amp,--no-amp switch boolean=False",
  ]);
});

test("reads Metaflow parameters and does not take a flow for a script", () => {
  check("flow/train_flow.py", "flow", [
    "--learning-rate option float=1e-3",
    "--epochs option integer=5",
    "--dataset option string!",
  ]);
  assert.deepEqual(facts(fixture("flow/train_flow.py")).flow, { name: "TrainFlow", line: 3, gpuNeeds: [] });
});

test("reads dataclasses and the known arguments of transformers", () => {
  const collected = collectScriptArguments(facts(fixture("transformers/run_clm.py")), [], new Map());
  assert.deepEqual(collected.arguments.slice(0, 5).map(brief), [
    "--model_name_or_path option string!",
    "--torch_dtype option string",
    "--use_fast_tokenizer,--no_use_fast_tokenizer switch boolean=True",
    "--output_dir option string=trainer_output",
    "--num_train_epochs option float=3.0",
  ]);
  assert.equal(collected.isComplete, false);
});

test("composes a Hydra configuration with its groups, each key with its file and line", () => {
  const configs = new Map(
    ["config.yaml", "optimizer/adam.yaml", "optimizer/sgd.yaml"].map((path) => [path, fixture(`hydra/conf/${path}`)]),
  );
  const collected = collectScriptArguments(facts(fixture("hydra/train.py")), [], configs);
  assert.deepEqual(collected.arguments.map(brief).toSorted(), [
    "checkpoint_dir override string=outputs/checkpoints",
    "epochs override integer=10",
    "model.inputs override integer=64",
    "model.layers override string=[32,16]…",
    "model.outputs override integer=10",
    "optimizer override string=adam adam|sgd",
    "optimizer.lr override float=1e-3",
    "optimizer.name override string=adam",
    "run_name override unknown=${now:%Y-%m-%d}",
    "seed override unknown!",
  ]);
  const lr = collected.arguments.find((argument) => argument.name === "optimizer.lr");
  assert.deepEqual([lr?.file, lr?.line], ["conf/optimizer/adam.yaml", 1]);
});

test("reads the model and data classes of a LightningCLI, also from a neighbouring file", () => {
  const data = facts(fixture("lightning/data.py"), "data.py");
  const collected = collectScriptArguments(facts(fixture("lightning/main.py")), [data], new Map());
  assert.deepEqual(collected.prefix, ["fit"]);
  assert.deepEqual(collected.arguments.filter(({ name }) => /^(?:model|data)\./.test(name)).map(brief), [
    "--model.hidden option integer=64",
    "--model.lr option float=1e-3",
    "--model.activation option string=relu",
    "--data.root option string!",
    "--data.batch_size option integer=32",
    "--data.num_workers option integer=0",
  ]);
});

test("takes the arguments of an imported module where the script has none", () => {
  const options = facts(fixture("options/src/options.py"), "options.py");
  const collected = collectScriptArguments(facts(fixture("options/src/train.py")), [options], new Map());
  assert.deepEqual(collected.arguments.map(brief), [
    "--lr option float=0.1",
    "--steps option integer=100",
    "--out_dir option unknown=results",
  ]);
  assert.equal(collected.arguments[0]?.file, "options.py");
});

function withParser(line: string) {
  return facts(`p = argparse.ArgumentParser()\np.add_argument("--lr")\n${line}\n`);
}

function mentions(source: string): string[] {
  return facts(source).folders.map(({ purpose, path, call }) => `${purpose} ${path} ${call}`);
}

test("knows that it did not see every argument", () => {
  for (const line of ["p.parse_known_args()", "p.add_argument(*names)", "p.add_subparsers(dest='command')"]) {
    assert.equal(withParser(line).declared.isComplete, false, line);
  }
  assert.equal(withParser("p.parse_args()").declared.isComplete, true);
});

test("finds the folders that checkpoints and logs are written to", () => {
  assert.deepEqual(mentions(fixture("mnist/train.py")), ["logs logs/tensorboard SummaryWriter"]);
  assert.deepEqual(mentions(fixture("click/finetune.py")), ["checkpoints artifacts/weights torch.save"]);
  for (const [line, expected] of [
    ['torch.save(m, "ckpt/best.pt")', ["checkpoints ckpt torch.save"]],
    ['torch.save(m, f"out/{run}/best.pt")', ["checkpoints out torch.save"]],
    ['torch.save(m, os.path.join("out", "weights", name))', ["checkpoints out/weights torch.save"]],
    ['torch.save(m, "best.pt")', []],
    ['image.save("figures/a.png")', []],
    ['ModelCheckpoint(dirpath="saved", monitor="val")', ["checkpoints saved ModelCheckpoint"]],
    [
      'keras.callbacks.ModelCheckpoint("ck/{epoch:02d}-{loss:.2f}.keras")',
      ["checkpoints ck keras.callbacks.ModelCheckpoint"],
    ],
    ['ModelCheckpoint(filepath="ck/last.weights.h5")', ["checkpoints ck ModelCheckpoint"]],
    ['ModelCheckpoint("last.keras")', []],
    ['ProjectConfiguration("runs", automatic_checkpoint_naming=True)', ["checkpoints runs ProjectConfiguration"]],
    ['ProjectConfiguration(project_dir="runs", logging_dir="logs")', []],
    ['model.save_pretrained("out/final")', ["checkpoints out/final model.save_pretrained"]],
    ["SummaryWriter()", ["logs runs SummaryWriter"]],
    ['SummaryWriter(f"runs/{name}")', ["logs runs SummaryWriter"]],
  ] as const) {
    assert.deepEqual(mentions(line), expected, line);
  }
});

test("reads what it can from a file with syntax errors", () => {
  const broken = facts('p.add_argument("--lr", type=float)\ndef broken(:\n');
  assert.equal(broken.hasSyntaxErrors, true);
  assert.equal(broken.declared.arguments.length, 1);
});

test("knows the word by which a script resumes that declares none", () => {
  const detectron = "args = default_argument_parser().parse_args()\nlaunch(main, args.num_gpus)\n";
  assert.equal(facts(detectron).resumeWord, "--resume");
  const configured = "exec(open('configurator.py').read())\n";
  assert.equal(facts(`init_from = 'scratch'\n${configured}`).resumeWord, "--init_from=resume");
  assert.equal(facts(configured).resumeWord, undefined);
});
