import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { INTENT_RULES } from "../../../src/core/chat/intents.ts";
import { routeIntent } from "../../../src/core/chat/routeIntent.ts";
import { checkCommands, commands, route } from "../../support/chatRoutes.ts";

function isReading(text: string): boolean {
  const intent = routeIntent(text, "ml-trainer", { commands });
  return intent.kind === "command" && intent.isReading;
}

test("every rule is for a command that exists", () => {
  const known = new Set(commands.map(({ name }) => name));
  assert.deepEqual(
    INTENT_RULES.filter(({ command }) => !known.has(command)).map(({ command }) => command),
    [],
  );
});

test("handing over and adding a step are neither commands nor questions for a model", () => {
  const cases: Record<string, string> = {
    "hand over to mlops": "hand-over",
    "Please hand this to @mlops-engineer": "hand-over",
    "hand the run over to eval-agent": "hand-over",
    "hand it over": "hand-over",
    "show the flow graph": "show-graph",
    "plot a graph of the loss": "/monitor",
    "how do I add a foreach?": "add-step",
    "add another step": "add-step",
    "what did the last run reach?": "/runs",
    "how good was my training?": "/runs",
    "how do I write a loss?": "?",
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.equal(route(text, "ml-trainer").split(" ")[0], expected, text);
  }
});

describe("what people say to @ml-trainer", () => {
  test("starts trainings", () => {
    checkCommands("ml-trainer", {
      train: "/train",
      "train with lr 3e-4": "/train",
      "please train the model for 5 epochs": "/train",
      "Can you train it on the GPU?": "/train",
      "train on gpu 1": "/train",
      "start training": "/train",
      "launch a run with batch size 64": "/train",
      "run train.py": "/train",
      "run it": "/train",
      go: "/train",
      "let's fine-tune with --lr 1e-5": "/train",
      "I want to retrain from epoch 0": "/train",
      "kick off an experiment": "/train",
      "train on the new data": "/train",
      "train exp3.py and show me the curves": "/train",
      "train exp3.py and then evaluate it": "/train",
      "train a new model from scratch with exp3.py": "/train",
      "train for 5 epochs and compare the runs": "/train",
      "lr 1e-4": "/train",
      "train a new model from scratch": "/develop",
      "train.py crashed": "/diagnose",
      "why does it not train?": "/diagnose",
    });
  });

  test("stops and resumes them", () => {
    checkCommands("ml-trainer", {
      stop: "/stop",
      "stop it": "/stop",
      "please stop the training": "/stop",
      "cancel my run": "/stop",
      "kill it!": "/stop",
      abort: "/stop",
      resume: "/resume",
      "resume from the last checkpoint": "/resume",
      "continue training": "/resume",
      "pick up where it left off": "/resume",
      "restart from epoch 6": "/resume",
    });
  });

  test("asks how they go", () => {
    checkCommands("ml-trainer", {
      "how is it going": "/runs",
      "How's the training going?": "/runs",
      "how far is it": "/runs",
      status: "/runs",
      "is it done yet?": "/runs",
      "has the training finished?": "/runs",
      "what's running?": "/runs",
      "list runs": "/runs",
      "how long until it is done?": "/runs",
      "what is the current loss": "/runs",
      "Please report how the current training is going: progress, latest metrics, and anything that looks wrong.":
        "/runs",
    });
  });

  test("looks at checkpoints, curves and devices", () => {
    checkCommands("ml-trainer", {
      "what checkpoints are there": "/checkpoints",
      "show me the best model": "/checkpoints",
      "list ckpts": "/checkpoints",
      "which gpus are free": "/gpus",
      "how much VRAM do I have?": "/gpus",
      "nvidia-smi": "/gpus",
      "open tensorboard": "/monitor",
      "plot the curves": "/monitor",
      "show the loss curve": "/monitor",
    });
  });

  test("finds out why", () => {
    checkCommands("ml-trainer", {
      "why did it crash?": "/diagnose",
      "why is the loss not improving": "/diagnose",
      "what went wrong?": "/diagnose",
      "CUDA out of memory": "/diagnose",
      "the loss is nan": "/diagnose",
      "diagnose the last run": "/diagnose",
      "why is training so slow": "/optimize",
    });
  });

  test("works on model and data", () => {
    checkCommands("ml-trainer", {
      "evaluate the model": "/evaluate",
      "validate the model": "/evaluate",
      "validate the setup": "?",
      "do a dry run": "?",
      "sweep over lr": "/sweep over lr",
      "grid search over lr and batch size": "/sweep",
      "run a hyperparameter search": "/sweep",
      "stop the sweep": "/stop",
      "compare the last two runs": "/monitor",
      "make it faster": "/optimize",
      "look at the dataset": "/data",
      "Please evaluate the trained model performance using appropriate metrics and benchmarks.": "/evaluate",
    });
  });
});

test("what people say to @metaflow-agent", () => {
  checkCommands("metaflow-agent", {
    "scaffold a flow called X": "/scaffold",
    "create a new flow": "/scaffold",
    "turn train.py into a flow": "/scaffold",
    "make me a Metaflow pipeline": "/scaffold",
    "check the flow": "/check",
    "is my flow valid?": "/check",
    "show the graph": "show-graph",
    "draw the dag": "show-graph",
    "what does the graph of my flow look like?": "show-graph",
    "compare the last two runs": "/compare",
    "run the flow with 2 epochs": "/run",
    "run it": "/run",
    resume: "/resume",
    "show the results": "/results",
    "what artifacts are there": "/results",
    "deploy to argo": "/deploy",
    "write tests for the steps": "/test",
    "document this pipeline": "/document",
    "status of the run": "/runs",
  });
});

test("what people say to @mlops-engineer", () => {
  checkCommands("mlops-engineer", {
    "what do you know about this project?": "/facts",
    "which framework is used": "/facts",
    "who can help me with data?": "/agents",
    "list the agents": "/agents",
    "remember that the registry is in s3": "/remember",
    "forget the registry note": "/forget",
    "what do you remember?": "/memory",
    "deploy the model": "/deploy",
    "show the mcp servers": "/mcp",
    "which commit was this trained on?": "/receipt",
  });
});

test("a command of another agent is offered there and not run", () => {
  checkCommands("ml-trainer", {
    "deploy the model": "@mlops-engineer /deploy",
    "create a flow from this": "@metaflow-agent /scaffold",
    "run the flow": "@metaflow-agent /run",
    "list the agents": "@mlops-engineer /agents",
  });
  checkCommands("mlops-engineer", {
    "train the model": "@ml-trainer /train",
    "which gpus are free": "@ml-trainer /gpus",
  });
});

test("the text after the command's own word goes along, with its case", () => {
  assert.equal(route("train with lr 3e-4", "ml-trainer"), "/train with lr 3e-4");
  assert.equal(route("Please train scripts/Train.py --epochs 3", "ml-trainer"), "/train scripts/Train.py --epochs 3");
  assert.equal(route("scaffold a flow called MyFlow", "metaflow-agent"), "/scaffold a flow called MyFlow");
  assert.equal(route("Resume RunName", "ml-trainer"), "/resume RunName");
  assert.equal(route("remember: images live in S3", "mlops-engineer"), "/remember images live in S3");
});

test("a question that needs knowledge is not answered with a command", () => {
  for (const text of [
    "how do I train a transformer?",
    "should I train longer?",
    "what is a good learning rate?",
    "explain dropout",
    "which optimizer works best for training?",
    "what does val_loss mean",
    "tell me a joke",
    "hello",
    "",
    "thanks!",
    "write a poem about training",
    "1234",
    `train ${"x ".repeat(400)}`,
  ]) {
    assert.equal(route(text, "ml-trainer"), "?", text);
  }
});

test("a question and a don't lead to no command that acts", () => {
  for (const text of [
    "don't stop the training",
    "please do not stop it",
    "the run looks fine, never stop it",
    "does closing the window stop the training?",
    "what happens if I stop the run?",
    "can you tell me what happens if I stop the run?",
    "if I stop it, is the checkpoint lost?",
    "can it resume from the last checkpoint if I kill it",
    "is it safe to stop the training?",
    "end-to-end training please",
    "a non-stop training",
    "do not train yet",
    "where does it resume from",
    "forget it",
    "forget about that",
    "forget it!",
  ]) {
    const shown = routeIntent(text, "ml-trainer", { commands });
    const doesNothing = ["unknown", "refusal", "wish"].includes(shown.kind);
    assert.ok(doesNothing || (shown.kind === "command" && shown.isReading), `${text}: ${shown.kind}`);
  }
  checkCommands("ml-trainer", {
    "don't stop the training": "refusal",
    "what happens if I stop the run?": "?",
    "does closing the window stop the training?": "wish",
    "end-to-end training please": "?",
    "train with lr 0.1, not 0.01": "/train",
    "can you stop it?": "/stop",
  });
  checkCommands("mlops-engineer", { "forget it": "refusal", "forget that note about the registry": "/forget" });
});

test("a sentence that asks to train is no wish, whatever else it names", () => {
  for (const text of [
    "train and keep only the best checkpoint",
    "train with --clear-checkpoints",
    "train resnet and remove old checkpoints",
    "remove the checkpoints of the last training and train again",
    "remove the dropout and train again",
    "download the dataset and train",
    "copy the config and train",
    "push the learning rate to 0.01 and train",
    "set up training with gitlab data",
  ]) {
    checkCommands("ml-trainer", { [text]: "/train" });
  }
});

test("what is refused is not done, and what stands beside it is", () => {
  checkCommands("mlops-engineer", { "do not deploy anything": "refusal", "never deploy on friday": "refusal" });
  checkCommands("metaflow-agent", {
    "don't run it, only check it": "/check",
    "do not run the flow but check the flow": "/check",
    "not yet": "refusal",
  });
  const held = {
    "don't start anything yet, just show me which hyperparameters train.py has":
      "/train don't start anything yet, just show me which hyperparameters train.py has",
    "I want to train but not yet": "/train but not yet",
    "stop it, but do not delete the checkpoint": "/stop it, but do not delete the checkpoint",
    "don't forget to use seed 42": "?",
  };
  for (const [text, expected] of Object.entries(held)) {
    assert.equal(route(text, "ml-trainer"), expected);
  }
});

test("plain words for what there is a command for", () => {
  checkCommands("ml-trainer", {
    "which checkpoint is best?": "/checkpoints",
    "use half the learning rate": "/train use half",
    "is my model overfitting?": "/evaluate",
    "what is overfitting?": "?",
    "show me the loss": "/monitor",
    "what is the accuracy?": "/runs",
    "what is a good accuracy?": "?",
    "try learning rates 0.1, 0.01 and 0.001": "/sweep",
    "which python is used?": "@mlops-engineer /facts",
    "how do I reproduce my last run?": "@mlops-engineer /receipt",
    "how do I reproduce a paper?": "?",
    "what does my flow do?": "@metaflow-agent /graph",
    "start a pipeline for churn prediction": "@mlops-engineer /pipeline",
    "resume from the last checkpoint but on the other GPU": "/resume from",
    "train overnight and email me when it's done": "/train overnight",
    "run the new training script": "/train",
    "start my new training script": "/train",
    "train loss is nan in exp.py": "/diagnose",
    "train loss of exp.py went nan": "/diagnose",
    "train script exp.py crashed": "/diagnose",
    "train error in train.py: traceback": "/diagnose",
    "train exp.py and tell me if it crashed": "/train",
    "epoch 5 failed": "?",
    "start my new training script on gpu 1": "/train start my",
    "which gpu is free?": "/gpus",
    "which run was best": "/runs",
    "what is the best run so far?": "/runs",
    "what's the best val_acc": "/runs",
    "what is the best learning rate?": "?",
    "which checkpoint was the best one of the run?": "/checkpoints",
    "where are the logs?": "/runs",
    "show me the output": "/runs",
    "show the logs in tensorboard": "/monitor",
    "did it crash?": "/diagnose",
    "why is it so slow": "/optimize",
    "pls train with lr 1e-3": "/train with lr 1e-3",
    "train for 10 more epochs": "/resume",
    "weiter vom letzten Checkpoint": "/resume",
    "can I close vs code now?": "wish",
    "will my training go on when I close the window?": "wish",
    "convert my notebook to a script": "wish",
    "lr 0.1 is too high?": "?",
    "lr 0.1": "/train",
  });
  checkCommands("mlops-engineer", {
    "start a pipeline for churn prediction": "/pipeline",
    "check the pipeline": "@metaflow-agent /check",
    "forget everything": "/forget everything",
  });
  checkCommands("metaflow-agent", { "what does my flow do?": "/graph", "run the pipeline": "/run" });
  checkCommands("metaflow-agent", {
    "what is the score of the last ChurnFlow run?": "/results",
    "what did the last ChurnFlow run give?": "/results",
    "how do I give a step more memory?": "?",
  });
});

test("a command that does not exist is never chosen", () => {
  assert.deepEqual(routeIntent("stop it", "ml-trainer", { commands: [{ name: "train", participant: "ml-trainer" }] }), {
    kind: "unknown",
  });
});

test("only looking is marked as such", () => {
  assert.deepEqual(["status", "which gpus are free", "train", "stop it", "resume"].map(isReading), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
