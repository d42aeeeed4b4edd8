import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArgumentText } from "../../../src/core/training/argumentText.ts";
import type { ScriptArgument, ScriptArguments } from "../../../src/core/training/scriptArguments.ts";

function declare(argument: Partial<ScriptArgument> & { flag: string }): ScriptArgument {
  return {
    kind: "option",
    name: argument.flag.replace(/^-+/, "").replaceAll("-", "_"),
    aliases: [],
    type: "unknown",
    isRequired: false,
    isList: false,
    line: 0,
    ...argument,
  };
}

const mnist: ScriptArguments = {
  dialect: "argparse",
  isComplete: true,
  arguments: [
    declare({ flag: "--epochs", aliases: ["-e"], type: "integer", default: "14" }),
    declare({ flag: "--lr", type: "float", default: "1.0" }),
    declare({ flag: "--batch-size", type: "integer", default: "64" }),
    declare({ flag: "--test-batch-size", type: "integer", default: "1000" }),
    declare({ flag: "--optimizer", type: "string", choices: ["adam", "sgd"] }),
    declare({ flag: "--model", type: "string" }),
    declare({ flag: "--betas", type: "float", isList: true }),
    declare({ flag: "--num-workers", type: "integer" }),
    declare({ flag: "--data-dir", type: "string" }),
    declare({ flag: "--amp", kind: "switch", type: "boolean", negative: "--no-amp" }),
    declare({ flag: "--no-cuda", kind: "switch", type: "boolean" }),
  ],
};

const hydra: ScriptArguments = {
  dialect: "hydra",
  isComplete: true,
  arguments: [
    declare({ flag: "optimizer", kind: "override", choices: ["adam", "sgd"], type: "string" }),
    declare({ flag: "optimizer.lr", name: "optimizer.lr", kind: "override", type: "float" }),
    declare({ flag: "scheduler.lr", name: "scheduler.lr", kind: "override", type: "float" }),
    declare({ flag: "trainer.max_epochs", name: "trainer.max_epochs", kind: "override", type: "integer" }),
  ],
};

/** Without the switch that names the refusal itself. */
const cudaless: ScriptArguments = {
  ...mnist,
  arguments: mnist.arguments.filter(({ flag }) => flag !== "--no-cuda"),
};

const unread: ScriptArguments = { dialect: "none", arguments: [], isComplete: false };

type Expected = Partial<ReturnType<typeof parseArgumentText>>;

function check(text: string, expected: Expected | string[], script = mnist): void {
  const wanted = Array.isArray(expected) ? { arguments: expected } : expected;
  assert.deepEqual(parseArgumentText(text, script), { arguments: [], unknown: [], problems: [], ...wanted }, text);
}

test("reads values after a name", () => {
  check("with lr 3e-4 and 5 epochs", ["--lr", "3e-4", "--epochs", "5"]);
  check("epochs 5, batch size 64", ["--epochs", "5", "--batch-size", "64"]);
  check("set the learning rate to 0.01.", ["--lr", "0.01"]);
  check("lr = 1e-3", ["--lr", "1e-3"]);
  check("batch_size of 32", ["--batch-size", "32"]);
  check("a test batch size of 10", ["--test-batch-size", "10"]);
  check("optimizer Adam", ["--optimizer", "adam"]);
  check("data folder ./digits", ["--data-dir", "./digits"]);
  check("with model resnet and lr 1", ["--model", "resnet", "--lr", "1"]);
});

test("reads values before a name", () => {
  check("train for 5 epochs", ["--epochs", "5"]);
  check("one epoch", ["--epochs", "1"]);
  check("5 epochs 64 batch size", ["--epochs", "5", "--batch-size", "64"]);
  check("lr 3e-4 5 epochs", ["--lr", "3e-4", "--epochs", "5"]);
  check("2 workers", ["--num-workers", "2"]);
});

test("reads flags as the script declares them", () => {
  check("--lr 3e-4", ["--lr", "3e-4"]);
  check("--lr=3e-4 -e 2", ["--lr", "3e-4", "--epochs", "2"]);
  check("--batch_size 8", ["--batch-size", "8"]);
  check("--betas 0.9 0.99 on cpu", { arguments: ["--betas", "0.9", "0.99"], device: "cpu" });
  check('--model "my net"', ["--model", "my net"]);
});

test("reads assignments", () => {
  check("lr=3e-4,epochs=5", ["--lr", "3e-4", "--epochs", "5"]);
  check("model='a b'", ["--model", "a b"]);
  check("amp=true", ["--amp"]);
});

test("reads switches only where they are asked for", () => {
  check("with amp", ["--amp"]);
  check("without amp", ["--no-amp"]);
  check("no cuda", ["--no-cuda"]);
  check("what is amp?", { unknown: ["amp"] });
});

test("turns no switch on that is refused, and says an option that is", () => {
  const cases: Record<string, Expected> = {
    "train without using amp": { arguments: ["--no-amp"] },
    "with lr 0.1, don't use amp": { arguments: ["--lr", "0.1", "--no-amp"] },
    "with lr 0.1, don’t use the amp": { arguments: ["--lr", "0.1", "--no-amp"] },
    "never use amp": { arguments: ["--no-amp"] },
    "do not enable amp": { arguments: ["--no-amp"] },
    "disable amp": { arguments: ["--no-amp"] },
    "do not, use amp": { arguments: ["--amp"], unknown: ["do not"] },
    "without using fast": {},
    "without --amp": { arguments: ["--no-amp"] },
    "do not use --fast": {},
    "without --no-amp": { unknown: ["--no-amp"] },
    "--amp=false": { arguments: ["--no-amp"] },
    "--fast False 5 epochs": { arguments: ["--epochs", "5"] },
    "--fast True": { arguments: ["--fast"] },
    "fast=maybe": { problems: ["`--fast` is turned on or off, so it takes no `maybe`."] },
    "don't set --lr 3": { unknown: ["don't set --lr 3"] },
    "--model no --amp": { arguments: ["--model", "no", "--amp"] },
    "do not set epochs to 5": { unknown: ["do not set epochs to 5"] },
    "10 epochs, not 5 epochs": { arguments: ["--epochs", "10"], unknown: ["not 5 epochs"] },
    "with lr 0.1, don't set epochs too high": {
      arguments: ["--lr", "0.1"],
      unknown: ["don't set epochs too high"],
    },
  };
  const fast = declare({ flag: "--fast", kind: "switch", type: "boolean" });
  for (const [text, expected] of Object.entries(cases)) {
    check(text, expected, { ...mnist, arguments: [...mnist.arguments, fast] });
  }
});

test("reads the script and the device", () => {
  check("train.py --epochs 5 on cpu", { arguments: ["--epochs", "5"], script: "train.py", device: "cpu" });
  check("src/train.py on gpu 1", { script: "src/train.py", device: [1] });
  check("on gpu 0 and 5 epochs", { arguments: ["--epochs", "5"], device: [0] });
  check("on gpus 0 and 1", { device: [0, 1] });
  check("on cuda:1", { device: [1] });
  check("on the gpu", { device: "auto" });
  check("on the gpu, 5 epochs", { arguments: ["--epochs", "5"], device: "auto" });
});

test("keeps off a device that is refused, and says where another one would have to be guessed", () => {
  for (const refusal of [
    "don't use the gpu",
    "do not run it on my gpu",
    "not on the gpu",
    "no gpu",
    "without using any GPUs",
    "without cuda",
    "keep it off the gpu",
  ]) {
    check(
      `train.py ${refusal}, 5 epochs`,
      { arguments: ["--epochs", "5"], script: "train.py", device: "cpu" },
      cudaless,
    );
  }
  check("use gpu 1 instead of gpu 0", { device: [1] }, cudaless);
  check("use the gpu instead of the cpu", { device: "auto" }, cudaless);
  check("on cpu rather than the gpu", { device: "cpu" }, cudaless);
  check("on the gpu instead of gpu 0", { device: "auto", unknown: ["instead of gpu 0"] }, cudaless);
  check("instead of the cpu", { unknown: ["instead of the cpu"] });
  check("not on the cpu", { unknown: ["not", "cpu"] });
  check("don't touch gpu 0", { unknown: ["don't touch gpu 0"] });
  check("--model no on gpu 1", { arguments: ["--model", "no"], device: [1] });
});

test("reads a quoted value behind a name in words", () => {
  check('data dir "my data/set 1" epochs 2', ["--data-dir", "my data/set 1", "--epochs", "2"]);
  check('lr "0.1" 5 epochs', ["--lr", "0.1", "--epochs", "5"]);
});

test("reads quotes and dashes that a word processor made", () => {
  check("—data-dir “my data” –lr 3", ["--data-dir", "my data", "--lr", "3"]);
  check("with lr 3 – and amp", ["--lr", "3", "--amp"]);
});

function multipleOf(said: string, flag: string, known: string, value: string): Expected {
  return {
    problems: [
      `\`${said}\` is not computed. The default of \`${flag}\` is \`${known}\`; if that is meant, write \`${flag} ${value}\`.`,
    ],
  };
}

test("computes no multiple, and names the default that it may be one of", () => {
  check("use half the learning rate", multipleOf("half the learning rate", "--lr", "1.0", "0.5"));
  check("with double the batch size", multipleOf("double the batch size", "--batch-size", "64", "128"));
  check("twice as many epochs", multipleOf("twice as many epochs", "--epochs", "14", "28"));
  check("with 10x the lr", multipleOf("10x the lr", "--lr", "1.0", "10"));
  check("1.3x epochs", { problems: ["`1.3x epochs` is not computed: write the number for `--epochs`."] });
  check("half the num workers", {
    problems: ["`half the num workers` is not computed: write the number for `--num-workers`."],
  });
  check("double the batch size to 64", { arguments: ["--batch-size", "64"], unknown: ["double"] });
  check("half the lr to 5e-4", { arguments: ["--lr", "5e-4"], unknown: ["half"] });
  check("double lr 0.1", { arguments: ["--lr", "0.1"], unknown: ["double"] });
  check("twice the epochs: 10", { arguments: ["--epochs", "10"], unknown: ["twice"] });
  check("half, epochs 5", { arguments: ["--epochs", "5"], unknown: ["half"] });
  const halved = multipleOf("half the lr", "--lr", "1.0", "0.5");
  check("half the lr, 5 epochs", { ...halved, arguments: ["--epochs", "5"] });
  check("half the lr, 0.1 dropout", { ...halved, unknown: ["0.1 dropout"] });
  check("at half speed", { unknown: ["half speed"] });
});

test("says that one training takes one of several values", () => {
  check("lr 1e-3 and lr 1e-4", {
    arguments: ["--lr", "1e-3", "--lr", "1e-4"],
    problems: ["`--lr` is given as `1e-3` and `1e-4`, and one training takes one of them. `/sweep` tries each."],
  });
  check("lr 3 and --lr 3", ["--lr", "3", "--lr", "3"]);
  check("--betas 0.9 --betas 0.99", ["--betas", "0.9", "--betas", "0.99"]);
});

test("says what was left out in the order of the sentence", () => {
  check("foo bar --qux 3", { unknown: ["foo bar", "--qux 3"] });
});

test("leaves words alone that only say to train", () => {
  check("please train the model on my data", []);
  check("train my network again, from scratch", []);
  check("I want to run the training script now", []);
});

test("takes a short word behind a name for its value wherever a new wish begins", () => {
  check("train.py model ro", { arguments: ["--model", "ro"], script: "train.py" });
  check("epochs 3 model mo", ["--epochs", "3", "--model", "mo"]);
  check("5 epochs data-dir ab on cpu", { arguments: ["--epochs", "5", "--data-dir", "ab"], device: "cpu" });
  check("train it data-dir ro", { unknown: ["data-dir ro"] });
});

test("takes no word in the middle of a sentence for the value of a name behind something understood", () => {
  const cases: Record<string, Expected> = {
    "train for 10 epochs model goes to runs/x": {
      arguments: ["--epochs", "10"],
      unknown: ["goes to runs/x"],
    },
    "train for 5 epochs data-dir should be shuffled": {
      arguments: ["--epochs", "5"],
      unknown: ["data-dir should be shuffled"],
    },
    "with batch size 64 model averaging": { arguments: ["--batch-size", "64"], unknown: ["averaging"] },
    "train for 5 epochs lr should stay the same": {
      arguments: ["--epochs", "5"],
      unknown: ["lr should stay the same"],
    },
    "train.py data-dir ro, then see": {
      arguments: ["--data-dir", "ro"],
      unknown: ["see"],
      script: "train.py",
    },
    "5 epochs model resnet50 everywhere": {
      arguments: ["--epochs", "5", "--model", "resnet50"],
      unknown: ["everywhere"],
    },
    "5 epochs optimizer sgd everywhere": {
      arguments: ["--epochs", "5", "--optimizer", "sgd"],
      unknown: ["everywhere"],
    },
  };
  for (const [text, expected] of Object.entries(cases)) {
    check(text, expected);
  }
});

test("takes pleasantries for no wish", () => {
  for (const said of [
    "train it for me, thanks!",
    "train one more time",
    "start right away",
    "train in the background on my machine",
    "python train.py",
    "with these settings: 5 epochs",
    "change the lr to 3",
    "train again but with 5 epochs instead",
  ]) {
    assert.deepEqual(parseArgumentText(said, mnist).unknown, [], said);
  }
  check("train on another machine", { unknown: ["another machine"] });
  check("train on the real data", { unknown: ["real"] });
  check("train on new data", { unknown: ["new"] });
  check("change the model", { unknown: ["change"] });
  check("one more layer", { unknown: ["one more layer"] });
});

test("says every part of a sentence that it made nothing of", () => {
  const cases: Record<string, string[]> = {
    "train the model quickly and don't stop": ["quickly", "don't stop"],
    "more epochs would be nice": ["epochs would be nice"],
    "train on data/imagenet with resnet50": ["data/imagenet", "resnet50"],
    "train overnight and email me when it's done": ["overnight", "email me when it's done"],
    "train with a smaller learning rate": ["smaller learning rate"],
    "resume from the last checkpoint but on the other GPU": ["other GPU"],
  };
  for (const [text, unknown] of Object.entries(cases)) {
    check(text, { unknown });
  }
  check("with 5 epochs and a warmup", { arguments: ["--epochs", "5"], unknown: ["warmup"] });
});

test("says what it did not understand", () => {
  check("momentum 0.9", { unknown: ["momentum 0.9"] });
  check("with 3 layers", { unknown: ["3 layers"] });
  check("dropout=0.1", { unknown: ["dropout=0.1"] });
  check("--layers 3 --epochs 2", { arguments: ["--epochs", "2"], unknown: ["--layers 3"] });
});

test("refuses values of the wrong type", () => {
  check("--epochs many", { problems: ["`--epochs` wants a whole number, not `many`."] });
  check("epochs=2.5", { problems: ["`--epochs` wants a whole number, not `2.5`."] });
  check("set lr to high", { problems: ["`--lr` wants a number, not `high`."] });
  check("with optimizer lion", { problems: ["`--optimizer` wants `adam` or `sgd`, not `lion`."] });
  check("--lr", { problems: ["`--lr` needs a value."] });
});

test("writes overrides for Hydra and asks where a name means several keys", () => {
  check("5 epochs", ["trainer.max_epochs=5"], hydra);
  check("optimizer sgd", ["optimizer=sgd"], hydra);
  check("optimizer.lr=0.1 +trainer.amp=true", ["optimizer.lr=0.1", "+trainer.amp=true"], hydra);
  check("optimizer lr 0.1", ["optimizer.lr=0.1"], hydra);
  check("lr 0.1", { problems: ["`lr` could mean `optimizer.lr` or `scheduler.lr`: write the one you mean."] }, hydra);
});

test("passes flags through where the script could not be read", () => {
  check("train.py --foo 3 on cpu", { arguments: ["--foo", "3"], script: "train.py", device: "cpu" }, unread);
  check("5 epochs", { unknown: ["5 epochs"] }, unread);
});

function problemsOf(text: string): readonly string[] {
  return parseArgumentText(text, mnist).problems;
}

test("a word where a number belongs is a problem and not left out in silence", () => {
  assert.deepEqual(problemsOf("with lr banana"), ["`banana` is not a number for `--lr`."]);
  assert.deepEqual(problemsOf("learning rate of banana and 5 epochs"), ["`banana` is not a number for `--lr`."]);
  assert.deepEqual(problemsOf("with epochs and lr 3"), []);
  assert.deepEqual(problemsOf("with batch size, then see"), []);
});

test("a mistyped name is named with the nearest one of the script", () => {
  const { problems, unknown } = parseArgumentText("with epcohs 3 and foo=bar", mnist);
  assert.deepEqual(problems, ["`epcohs` is no argument of this script. Did you mean `--epochs`?"]);
  assert.deepEqual(unknown, ["foo=bar"]);
});

/** What was understood, then what was left out. */
function given(text: string): string {
  const { arguments: words, unknown } = parseArgumentText(text, mnist);
  return [words.join(" "), ...unknown].join(" | ");
}

test("takes a value that only one argument offers, and none that is refused", () => {
  for (const text of [
    "use adam",
    "train with Adam",
    "try adam instead of sgd",
    "use the adam optimizer",
    "with adam optimizer",
  ]) {
    assert.equal(given(text), "--optimizer adam", text);
  }
  for (const text of ["don't use adam", "do not train with adam", "without adam", "not with adam", "adam"]) {
    assert.doesNotMatch(given(text), /--optimizer/, text);
  }
  assert.equal(given("use adam instead of lion"), "--optimizer adam | instead of lion");
});
