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

test("what is to be done with a run by its name begins no training, and ends none but by stop", () => {
  checkRoutes({
    "pause finetune": "wish",
    "let finetune run": "wish",
    "keep finetune running overnight": "wish",
    "leave mnist alone": "wish",
    "delete finetune and its checkpoints": "wish",
    "delete mnist": "wish",
    "maybe stop finetune": "/stop maybe stop finetune",
    "we should cancel finetune": "/stop we should cancel finetune",
    "shall I cancel mnist?": "/stop shall I cancel mnist?",
    "mnist can be stopped": "/stop mnist can be stopped",
    "finetune should be stopped": "/stop finetune should be stopped",
    "stop finetune if the loss is nan": "/stop finetune if the loss is nan",
    "stop mnist and train gan": "/stop mnist and train gan",
    "stop mnist then resume it with lr 0.01": "/stop mnist then resume it with lr 0.01",
    "mnist is stuck, kill it": "/stop mnist is stuck, kill it",
    "kill mnist it is stuck": "/stop kill mnist it is stuck",
    "stop mnist because it overfits": "/stop mnist because it overfits",
    "stop mnist from overfitting": "?",
    "sotp finetune": "?",
    "tail finetune": "/runs tail finetune",
    "check finetune": "/runs check finetune",
    "check my data": "/data check my data",
    "logs of finetune please": "/runs logs of finetune please",
    "finetune is done, right?": "/runs finetune is done, right?",
    "is mnist ok?": "/runs is mnist ok?",
    "was mnist stopped?": "/runs was mnist stopped?",
    "when did mnist start?": "/runs when did mnist start?",
    "how long did mnist take?": "/runs how long did mnist take?",
    "what was the command of mnist?": "@mlops-engineer /receipt what was the command of mnist?",
    "has train improved?": "/monitor has train improved?",
    "train is overfitting": "/evaluate train is overfitting",
    "test mnist": "/evaluate test mnist",
    "find the best lr for mnist": "/sweep find the best lr for mnist",
  });
});

test("what a training waits for may stand first", () => {
  checkRoutes({
    "when finetune is done, train mnist with lr 0.05": "/train mnist with lr 0.05 when finetune is done",
    "Once finetune has finished then start mnist.py": "/train start mnist.py once finetune has finished",
    "after finetune ends, stop mnist": "/stop mnist after finetune ends",
    "when is finetune done?": "/runs when is finetune done?",
  });
});

test("a word for any flow is no name of a run", () => {
  for (const [text, expected] of Object.entries({
    "check my flow": "/check my flow",
    "is the flow ok?": "/check is the flow ok?",
    "what does this flow do?": "/graph what does this flow do?",
  })) {
    assert.equal(route(text, "metaflow-agent", ["flow"]), expected, text);
  }
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
