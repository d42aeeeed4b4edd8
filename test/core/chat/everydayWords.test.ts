import { test } from "node:test";
import { checkCommands } from "../../support/chatRoutes.ts";

/* What people type on a working day, with the command that answers it; nothing in it starts, stops or deletes by itself. */

test("everyday questions to the trainer", () => {
  checkCommands("ml-trainer", {
    "show me the last run": "/runs",
    "what failed last night?": "/runs",
    "hows it going": "/runs",
    "whats the loss": "/runs",
    "is it still training?": "/runs",
    "how many epochs are left?": "/runs",
    "when will it finish?": "/runs",
    "loss of the last run": "/runs",
    "which lr was best?": "/runs",
    "compare train and mnist": "/monitor",
    "compare lr 0.1 and 0.01": "?",
    "what command did the last run use?": "@mlops-engineer /receipt",
    "which hyperparameters did the best run have?": "/runs",
    "test the model": "/evaluate",
    "is my model any good?": "/evaluate",
    "is cuda available?": "/gpus",
    "speed it up": "/optimize",
    "how many samples are in the train set?": "/data",
    "is there leakage between train and test?": "/data",
    "notify me when the training is done": "wish",
    "wait for mnist": "wish",
    "wait until the gpu is free, then train": "/train",
    "lower the learning rate of the running job": "wish",
    "export the best checkpoint to onnx": "wish",
    "change the learning rate in train.py": "?",
    "how to stop training": "?",
    "start a new chat": "?",
    "write a train.py for mnist": "wish",
    "update my resume": "?",
    restart: "wish",
    "sweep is done": "/runs",
    "is it ok?": "/runs",
    "try 3 seeds": "/sweep",
    "run 5 different seeds": "/sweep",
    "train with seed 3": "/train",
    "check train.py": "?",
    "check train.py and then train": "/train",
    "let it run": "wish",
    "stop it when the loss is nan": "/stop",
    "kill everything that is running": "/stop",
    no: "refusal",
  });
});

test("everyday requests to train or to go on", () => {
  checkCommands("ml-trainer", {
    "use adamw": "/train",
    "use a cosine schedule": "?",
    "start a run with a cosine schedule": "/train",
    "fine tune bert on my data": "/train",
    "run it for 5 epochs and then stop": "/train",
    "try adamw instead of sgd": "/train",
    "same again with seed 2": "/train",
    "repeat the last run with dropout 0.3": "/train",
    "train.py again, but from scratch": "/train",
    "dry run": "/train",
    "what would you run?": "/train",
    "show me the command but don't run it": "/train",
    "continue with lr 1e-5": "/resume",
    "keep training for 5 more epochs": "/resume",
    "continue explaining": "?",
  });
});

test("everyday words about flows", () => {
  checkCommands("metaflow-agent", {
    "convert train.py to metaflow": "/scaffold",
    "check churn_flow.py": "/check",
    "is churn_flow.py ok?": "/check",
    "python churn_flow.py check": "/check",
    lint: "/check",
    "run the checks": "/check",
    "start step is missing": "/check",
    "python churn_flow.py show": "show-graph",
    "visualize the flow": "show-graph",
    "resume from where it failed": "/resume",
    "which step failed?": "/runs",
    "logs of the train step": "/runs",
    "is the flow running?": "/runs",
    "execution time of each step": "/runs",
    "run --with kubernetes": "/run",
    "the join step fails": "@ml-trainer /diagnose",
    "what's the difference between @batch and @kubernetes?": "?",
    "is metaflow installed?": "@mlops-engineer /facts",
  });
});

test("everyday words about what is around a model", () => {
  checkCommands("mlops-engineer", {
    "how is the training going?": "@ml-trainer /runs",
    "how is the flow doing?": "@metaflow-agent /runs",
    status: "@ml-trainer /runs",
    "show the receipt of the last run": "/receipt",
    "what changed between the last two runs?": "/receipt",
    "what data was it trained on?": "/receipt",
    "which torch version?": "/facts",
    "what did I tell you?": "/memory",
    "who should train?": "/agents",
    "where are we in the pipeline?": "/status",
    approve: "/approve",
    "remember when we trained the model?": "?",
    "remember that we trained on v2": "/remember",
    "check my changes": "wish",
    "are there secrets in the repo?": "wish",
    "dockerize the model": "wish",
    "serve the model as a REST API": "wish",
    "deploy with fastapi": "/deploy",
    "retrain every night": "/deploy",
    "memory leak": "?",
  });
});
