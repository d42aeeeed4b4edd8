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
