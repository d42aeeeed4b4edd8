import { test } from "node:test";
import { checkCommands } from "../../support/chatRoutes.ts";

test("what asks to train or to run a script lists no runs and does nothing else of its words", () => {
  for (const text of [
    "train with the best accuracy",
    "train until the best val loss",
    "train the model with the lowest val_loss",
    "retrain with the best hyperparameters of run 3",
    "start a better run",
    "start the best experiment again",
    "launch training with higher loss weight and best metrics",
    "train.py with best f1",
    "train with the highest learning rate of the best run",
    "begin the run with the lowest loss",
    "run train.py for 5 more epochs",
    "run notebooks/train.py",
    "execute notebooks/prepare.py",
    "start train.py in notebooks/",
    "run train.py on notebook data",
    "run exp.py on notebook data",
    "start a run with 2 gpus",
    "run it on gpu 0",
    "run gpu.py",
    "train and stop it after 3 epochs",
    "train with a cosine schedule",
    "train until the score is 0.9",
    "train until there is no progress",
    "train the model with tensorboard",
    "train with the docs dataset",
    "start training from the last checkpoint",
  ]) {
    checkCommands("ml-trainer", { [text]: "/train" });
  }
  checkCommands("ml-trainer", {
    "run nvidia-smi": "/gpus",
    "execute nvidia-smi": "/gpus",
    "run a gpu check": "/gpus",
    "which gpu does exp.py use": "/gpus",
    "run 5 more epochs": "/resume",
    "continue train.py for 5 more epochs": "/resume",
    "run my notebook": "wish",
    "run notebooks/explore.ipynb": "wish",
    "print loss in output": "?",
    "get the model output shape": "?",
    "get the last 20 lines of the log": "/runs",
    "print the output of train.py": "/runs",
    "did train.py reach the best loss": "/runs",
    "find the best run": "/runs",
    "train with grid search over lr": "/sweep",
    "train it faster": "/optimize",
    "train my model: why did it stop": "/diagnose",
    "train the model on kubernetes": "@mlops-engineer /deploy",
    "train the model step by step": "/develop",
  });
});

test("what shall begin anew is trained and not resumed", () => {
  checkCommands("ml-trainer", {
    "run train.py without resume": "/train",
    "run train.py --no-resume": "/train",
    "run train.py with resume=False": "/train",
    "restart from scratch": "/train",
    "restart the training from scratch": "/train",
    "restart from the beginning": "/train",
    "retrain from scratch": "/train",
    "rerun train.py from scratch": "/train",
    "start over from scratch with lr 0.1": "/train",
    "restart from epoch 6": "/resume",
  });
  checkCommands("metaflow-agent", { "run from scratch": "/run", "restart the flow from the beginning": "/run" });
});

test("no argument of a script that is to be run is a request of its own", () => {
  for (const text of [
    "run train.py and stop it after 10 minutes",
    "run train.py until I stop it",
    "launch train.py and abort it if loss > 10",
    "run train.py --resume checkpoints/last.pt",
    "run train.py --debug",
    "run scripts/diagnose.py",
    "run train.py --plot",
    "run train.py with tensorboard",
    "launch main.py --monitor val_loss",
    "run train.py --evaluate",
    "run status.py",
    "python train.py --status",
    "run results.py",
    "run agent.py",
    "run deploy.py",
    "run on the full data",
    "run with data augmentation",
    "start a run with cosine schedule",
    "start a run from checkpoint best.pt",
    "run with checkpoint every 5 epochs",
  ]) {
    checkCommands("ml-trainer", { [text]: "/train" });
  }
  checkCommands("ml-trainer", {
    "run train.py as a sweep over lr": "/sweep",
    "run flow.py --debug": "@metaflow-agent /run",
    "python churn_flow.py": "@metaflow-agent /run",
    "run train.py on kubernetes": "@mlops-engineer /deploy",
  });
  checkCommands("metaflow-agent", {
    "run results.py": "/run",
    "python churn.py run --plot": "/run",
    "python flows/churn.py card view train": "/results",
    "python flows/churn.py --with retry argo-workflows create": "/deploy",
    "run train.py --debug": "@ml-trainer /train",
    "run with checkpoint every 5 epochs": "/run",
  });
});
