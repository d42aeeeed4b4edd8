import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCommands, route } from "../../support/chatRoutes.ts";

test("only a run is stopped, and nothing is deployed by a request to take it back", () => {
  for (const text of [
    "kill the deployment",
    "terminate the ec2 instances",
    "stop the endpoint",
    "cancel the schedule",
    "kill idle instances",
    "stop paying for gpus",
    "end of quarter report",
    "deploy and stop the old one",
    "end step",
    "end step is missing",
    "roll back the deployment",
    "undo the deployment",
    "write code to stop training early",
    "edit train.py so that I can stop the run",
    "stop words removal",
    "stop overfitting",
    "end to end test loss?",
  ]) {
    const said = ["ml-trainer", "metaflow-agent", "mlops-engineer"].map((agent) => route(text, agent)).join();
    assert.doesNotMatch(said, /\/stop\b/, text);
    if (!text.startsWith("deploy")) {
      assert.doesNotMatch(said, /\/deploy\b/, text);
    }
  }
});

test("a run is stopped by whatever it is called", () => {
  for (const text of [
    "stop now",
    "stop everything",
    "stop all runs",
    "kill the last run",
    "kill train-3",
    "stop train.py",
    "cancel the hyperparameter search",
    "stop after this epoch",
    "stop and save a checkpoint",
    "end the training",
    "end it",
    "stop the old one",
  ]) {
    checkCommands("ml-trainer", { [text]: "/stop" });
  }
});

test("a run is known by its own name where nothing else is understood", () => {
  const names = ["mnist", "train", "GAN"];
  for (const [text, expected] of Object.entries({
    "stop mnist": "/stop mnist",
    "please kill `gan`": "/stop kill `gan`",
    "stop train": "/stop train",
    "stop everything except mnist": "/stop everything except mnist",
    "is mnist done?": "/runs is mnist done?",
    "how is the gan run?": "/runs how is the gan run?",
    "don't stop mnist": "refusal",
    "should I stop mnist?": "?",
    "what happens if I stop mnist?": "?",
    "stop overfitting on mnist": "?",
    "open train.py": "?",
    "stop resnet": "?",
  })) {
    assert.equal(route(text, "ml-trainer", names), expected, text);
  }
});

test("a run whose name holds a word of a command is stopped, and nothing is begun in its place", () => {
  const names = ["finetune", "bert-finetune", "evaluate", "data", "resume"];
  for (const [text, expected] of Object.entries({
    "stop finetune": "/stop finetune",
    "Stop finetune.": "/stop finetune.",
    "please end finetune": "/stop end finetune",
    "I want to stop finetune": "/stop finetune",
    "kill the `finetune` run, please": "/stop kill the `finetune` run, please",
    "stop bert-finetune": "/stop bert-finetune",
    "stop evaluate": "/stop evaluate",
    "stop data": "/stop data",
    "kill resume": "/stop kill resume",
    "finetune resnet and stop after 3 epochs": "/train finetune resnet and stop after 3 epochs",
    "fine-tune it": "/train fine-tune it",
    "don't stop finetune": "refusal",
    "should I stop finetune?": "?",
  })) {
    assert.equal(route(text, "ml-trainer", names), expected, text);
  }
  assert.equal(route("stop finetune", "metaflow-agent", names), "@ml-trainer /stop finetune");
  assert.doesNotMatch(route("stop finetune", "ml-trainer", ["mnist"]), /\/stop\b/);
});

test("what failed is offered to be started again, and nothing else is planned for it", () => {
  for (const text of [
    "rerun the failed runs",
    "rerun the failed run",
    "retry the failed ones",
    "restart all failed runs",
    "start the failed run again",
    "rerun everything that failed",
    "please rerun what failed",
  ]) {
    checkCommands("ml-trainer", { [text]: "/runs" });
    checkCommands("mlops-engineer", { [text]: "@ml-trainer /runs" });
  }
  checkCommands("ml-trainer", {
    "run train.py again, the last one failed": "/train",
    "resume the failed run": "/resume",
  });
  checkCommands("metaflow-agent", { "retry the failed step": "/resume", "rerun the failed run": "/resume" });
});
