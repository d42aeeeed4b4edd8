import assert from "node:assert/strict";
import { test } from "node:test";
import { route } from "../../support/chatRoutes.ts";

const NAMES = ["finetune", "mnist", "train", "data", "resume"];

function checkRoutes(cases: Record<string, string>, names: readonly string[] = NAMES): void {
  for (const [text, expected] of Object.entries(cases)) {
    assert.equal(route(text, "ml-trainer", names), expected, text);
  }
}

test("what is asked or told of a run begins nothing, whatever word of a command its name holds", () => {
  checkRoutes({
    "log of finetune": "/runs log of finetune",
    "loss of finetune?": "/runs loss of finetune?",
    "what was the val loss of finetune?": "/runs what was the val loss of finetune?",
    "finetune is done": "/runs finetune is done",
    "is finetune still alive?": "/runs is finetune still alive?",
    "Good morning, is finetune still going?": "/runs is finetune still going?",
    "finetune?": "/runs finetune?",
    "mnist?": "/runs mnist?",
    "train died": "/diagnose train died",
    "train looks stuck": "/diagnose train looks stuck",
    "finetune looks good": "?",
    "train was wrong": "?",
    "the train run took 5 hours": "?",
    "ist finetune fertig?": "?",
    "I cancelled finetune last night": "?",
    "finetune should not be stopped": "?",
    "cancel finetune tomorrow": "/stop cancel finetune tomorrow",
    "stop mnist and finetune": "/stop mnist and finetune",
  });
  assert.equal(route("finetune is done", "mlops-engineer", NAMES), "@ml-trainer /runs finetune is done");
});

test("a request to train stays one where a run is called by its word", () => {
  checkRoutes({
    finetune: "/train finetune",
    "train mnist?": "/train mnist?",
    "finetune resnet with lr 1e-4": "/train finetune resnet with lr 1e-4",
    "i want to finetune with lr 0.1": "/train finetune with lr 0.1",
    "do a train run with lr 0.1": "/train do a train run with lr 0.1",
    "with lr 0.1 train for 3 epochs": "/train with lr 0.1 train for 3 epochs",
    "i need train with lr 0.1": "/train i need train with lr 0.1",
    "finetune is done, start mnist": "/train finetune is done, start mnist",
    "train is done, now train with lr 0.1": "/train is done, now train with lr 0.1",
    "resume failed runs": "/resume failed runs",
    "resume finetune": "/resume finetune",
    "data has missing values": "/data has missing values",
  });
});

test("what is done at once is done at a request, and not at a question or a report", () => {
  for (const [text, expected] of Object.entries({
    "remember the last run?": "?",
    "forget the note about lr?": "?",
    "approve?": "?",
    "the plan of the ml pipeline is outdated": "?",
    "we had a plan for an mlops pipeline last year": "?",
    "design of the ml pipeline looks good": "?",
    "remember that lr 0.1 diverges": "/remember that lr 0.1 diverges",
    "can you remember that lr 0.1 is best?": "/remember that lr 0.1 is best?",
    "forget the note about lr": "/forget the note about lr",
    approve: "/approve",
    "can you design an ml pipeline for fraud?": "/pipeline design an ml pipeline for fraud?",
    "help us plan an mlops pipeline": "/pipeline help us plan an mlops pipeline",
    "I need a plan for an mlops platform": "/pipeline I need a plan for an mlops platform",
    "give me a plan for an ml pipeline": "/pipeline give me a plan for an ml pipeline",
  })) {
    assert.equal(route(text, "mlops-engineer"), expected, text);
  }
});

test("a run that shall go on is no part of what is to be started", () => {
  checkRoutes({
    "train mnist, don't stop finetune": "/train mnist",
    "don't stop finetune, start mnist": "/train start mnist",
    "train mnist but don't stop the finetune run": "/train mnist",
    "train mnist, don't stop early": "/train mnist, don't stop early",
    "train, but not yet": "/train but not yet",
  });
});
