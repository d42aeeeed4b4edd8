import assert from "node:assert/strict";
import { test } from "node:test";
import { rankTrainingScripts } from "../../../src/core/training/trainingScript.ts";

/*
 * Repositories as people lay them out, each with the scripts that train, best first. What stands beside them trains
 * nothing, or nothing that a person would start.
 */

const MAIN = '\n\nif __name__ == "__main__":\n    main()\n';
const ARGS = "import argparse\n\nparser = argparse.ArgumentParser()\n";
const LOOP = "import torch\n\n\ndef main():\n    for x in data:\n        loss.backward()\n        optimizer.step()\n";
const LIBRARY_LOOP = "import torch\n\n\ndef train_one_epoch(model):\n    loss.backward()\n    optimizer.step()\n";
const ESTIMATOR = `import joblib\nfrom sklearn.ensemble import RandomForestClassifier\n${ARGS}\n\ndef main():\n    clf = RandomForestClassifier()\n    clf.fit(X, y)\n    joblib.dump(clf, "m.joblib")\n${MAIN}`;
const SCALER = `from sklearn.preprocessing import StandardScaler\n\n\ndef main():\n    scaler = StandardScaler()\n    scaler.fit(X)\n${MAIN}`;
const PREDICT = `import torch\n\n\ndef main():\n    model.eval()\n    print(model(x))\n${MAIN}`;
const SERVER = `import torch\nimport uvicorn\nfrom fastapi import FastAPI\n\napp = FastAPI()\nmodel = torch.load("m.pt")\n\nif __name__ == "__main__":\n    uvicorn.run(app)\n`;
const SMOKE = `import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n\n\ndef main():\n    loss = Net()(x).sum()\n    loss.backward()\n${MAIN}`;
const PLAIN = `import csv\n\n\ndef main():\n    print("done")\n${MAIN}`;
const HF = `from transformers import Trainer, TrainingArguments\n\n\ndef main():\n    trainer = Trainer(model=model)\n    trainer.train()\n${MAIN}`;

const LAYOUTS: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  expected: readonly string[],
])[] = [
  [
    "tabular data with a script to fit",
    { "src/fit_model.py": ESTIMATOR, "src/features.py": SCALER, "src/predict.py": PREDICT, "setup.py": PLAIN },
    ["src/fit_model.py"],
  ],
  [
    "a script to fit that leaves the estimator to the package",
    {
      "fit_model.py": `from churn.model import build\n\n\ndef main():\n    model = build()\n    model.fit(X, y)\n${MAIN}`,
      "churn/model.py": "from sklearn.svm import SVC\n\n\ndef build():\n    return SVC()\n",
    },
    ["fit_model.py"],
  ],
  [
    "an experiment runner before a trainer of its own",
    {
      "run_experiment.py": `from src.trainer import Trainer\n${ARGS}\n\ndef main():\n    Trainer(args).train()\n${MAIN}`,
      "src/trainer.py": "import torch\n\n\nclass Trainer:\n    def train(self):\n        self.optimizer.step()\n",
    },
    ["run_experiment.py"],
  ],
  [
    "main with an engine",
    {
      "main.py": `import torch\nfrom engine import evaluate, train_one_epoch\n${ARGS}\n\ndef main():\n    for epoch in range(3):\n        train_one_epoch(model)\n${MAIN}`,
      "engine.py": LIBRARY_LOOP,
      "models/detr.py": SMOKE,
      "datasets/coco.py": PLAIN,
      "util/misc.py": "import torch\n",
    },
    ["main.py"],
  ],
  [
    "a main for each stage",
    {
      "main_pretrain.py": `import torch\nfrom engine_pretrain import train_one_epoch\n\n\ndef main():\n    train_one_epoch(model)\n${MAIN}`,
      "main_finetune.py": `import torch\nfrom engine_finetune import train_one_epoch\n\n\ndef main():\n    train_one_epoch(model)\n${MAIN}`,
      "engine_pretrain.py": LIBRARY_LOOP,
      "engine_finetune.py": LIBRARY_LOOP,
      "submitit_pretrain.sh": "",
    },
    ["main_finetune.py", "main_pretrain.py"],
  ],
  [
    "a small language model",
    {
      "train.py": LOOP.replace("def main():\n    for", "for").replaceAll("        ", "    "),
      "model.py": SMOKE,
      "sample.py": PREDICT,
      "bench.py": `${LOOP}${MAIN}`,
      "data/shakespeare/prepare.py": PLAIN,
    },
    ["train.py"],
  ],
  [
    "lightning with hydra",
    {
      "src/train.py": `import hydra\nimport lightning as L\n\n\n@hydra.main(config_path="../configs")\ndef main(cfg):\n    trainer.fit(model)\n${MAIN}`,
      "src/eval.py": `import hydra\nimport lightning as L\n\n\n@hydra.main(config_path="../configs")\ndef main(cfg):\n    trainer.test(model)\n${MAIN}`,
      "src/models/mnist_module.py":
        "import lightning as L\n\n\nclass M(L.LightningModule):\n    def training_step(self):\n        pass\n",
      "tests/test_train.py": LOOP + MAIN,
    },
    ["src/train.py"],
  ],
  [
    "the data-science cookiecutter",
    {
      "src/models/train_model.py": ESTIMATOR,
      "src/models/predict_model.py": PREDICT,
      "src/data/make_dataset.py": PLAIN,
      "src/features/build_features.py": SCALER,
      "src/visualization/visualize.py": PLAIN,
    },
    ["src/models/train_model.py"],
  ],
  [
    "the newer cookiecutter with typer",
    {
      "churn/modeling/train.py": `import typer\nfrom sklearn.linear_model import LogisticRegression\n\napp = typer.Typer()\n\n\n@app.command()\ndef main():\n    model.fit(X, y)\n\n\nif __name__ == "__main__":\n    app()\n`,
      "churn/modeling/predict.py": PREDICT,
      "churn/dataset.py": PLAIN,
    },
    ["churn/modeling/train.py"],
  ],
  [
    "nodes of a pipeline that a framework starts",
    { "src/p/pipelines/data_science/nodes.py": ESTIMATOR.replace(MAIN, "\n").replace(ARGS, "") },
    [],
  ],
  [
    "object detection",
    {
      "train.py": `${LOOP}${MAIN}`,
      "segment/train.py": `${LOOP}${MAIN}`,
      "val.py": PREDICT,
      "detect.py": PREDICT,
      "export.py": PREDICT,
      "utils/loss.py": "import torch\n",
      "models/yolo.py": SMOKE,
    },
    ["train.py", "segment/train.py"],
  ],
  [
    "a notebook turned script",
    {
      "train_yolo.py": 'from ultralytics import YOLO\n\nmodel = YOLO("yolov8n.pt")\nmodel.train(data="coco8.yaml")\n',
      "predict_video.py": 'from ultralytics import YOLO\n\nmodel = YOLO("best.pt")\nmodel.predict("x.mp4")\n',
    },
    ["train_yolo.py"],
  ],
  [
    "jax with absl, where train.py is a library",
    {
      "main.py":
        "from absl import app\nimport jax\nimport train\n\n\ndef main(argv):\n    train.train_and_evaluate(config)\n\n\nif __name__ == '__main__':\n    app.run(main)\n",
      "train.py":
        "import jax\nfrom flax.training import train_state\n\n\ndef train_and_evaluate(config):\n    state = state.apply_gradients(grads=grads)\n",
    },
    ["main.py"],
  ],
  [
    "reinforcement learning",
    {
      "cartpole.py":
        'from stable_baselines3 import PPO\n\nmodel = PPO("MlpPolicy", env)\nmodel.learn(total_timesteps=10_000)\n',
      "enjoy.py": "from stable_baselines3 import PPO\n\nmodel = PPO.load('x')\nmodel.predict(obs)\n",
    },
    ["cartpole.py"],
  ],
  [
    "fastai",
    { "pets.py": "from fastai.vision.all import *\n\nlearn = vision_learner(dls, resnet34)\nlearn.fine_tune(1)\n" },
    ["pets.py"],
  ],
  [
    "tools of a detection toolbox",
    {
      "tools/train.py": `from mmengine.runner import Runner\n\n\ndef main():\n    runner = Runner.from_cfg(cfg)\n    runner.train()\n${MAIN}`,
      "tools/test.py": `from mmengine.runner import Runner\n\n\ndef main():\n    runner.test()\n${MAIN}`,
    },
    ["tools/train.py"],
  ],
  [
    "instruction tuning",
    { "sft.py": HF, "scripts/lora_finetune.py": HF, "merge_adapter.py": PREDICT, "chat.py": PREDICT },
    ["scripts/lora_finetune.py", "sft.py"],
  ],
  ["numbered steps", { "01_download.py": PLAIN, "02-train.py": ESTIMATOR, "03_evaluate.py": PREDICT }, ["02-train.py"]],
  [
    "hyphens and capitals",
    { "fine-tune.py": HF, "TrainModel.py": ESTIMATOR, "modelTraining.py": ESTIMATOR },
    ["TrainModel.py", "modelTraining.py", "fine-tune.py"],
  ],
  [
    "a tensorflow loop of one's own",
    {
      "experiments/gan.py": `import tensorflow as tf\n\n\ndef main():\n    optimizer.apply_gradients(zip(gradients, variables))\n${MAIN}`,
    },
    ["experiments/gan.py"],
  ],
  [
    "a service beside the training",
    { "services/api/main.py": SERVER, "services/api/run.py": SERVER, "training/main.py": `${LOOP}${MAIN}` },
    ["training/main.py"],
  ],
  [
    "only a service",
    { "main.py": SERVER, "run.py": SERVER.replace("uvicorn.run(app)", "app.run()"), "app.py": SERVER },
    [],
  ],
  [
    "names that only speak of training",
    {
      "train_utils.py": `import torch${MAIN}`,
      "train_test_split.py": `from sklearn.model_selection import train_test_split\n\n\ndef main():\n    train_test_split(X, y)\n${MAIN}`,
      "make_train_data.py": `import torch${MAIN}`,
      "plot_training.py": `import torch${MAIN}`,
      "training_config.py": `import transformers${MAIN}`,
      "download_pretrained.py": `import torch${MAIN}`,
      "convert_pretrained_weights.py": `import torch${MAIN}`,
      "eval_finetuned.py": PREDICT,
      "eval_train.py": PREDICT,
      "predict_after_training.py": PREDICT,
      "train_callbacks.py": `import torch${MAIN}`,
      "export_trained_model.py": PREDICT,
    },
    [],
  ],
  [
    "tests, checkpoints of notebooks and packaging",
    {
      "tests/train.py": LOOP + MAIN,
      "integration_tests/train.py": LOOP + MAIN,
      "test_train.py": LOOP + MAIN,
      "train_test.py": LOOP + MAIN,
      ".ipynb_checkpoints/train-checkpoint.py": LOOP + MAIN,
      "notebooks/.ipynb_checkpoints/train.py": LOOP + MAIN,
      "setup.py": `import torch\nfrom torch.utils.cpp_extension import CUDAExtension\n${MAIN}`,
      "utils.py": LIBRARY_LOOP,
      "conftest.py": LOOP + MAIN,
      "build/lib/train.py": LOOP + MAIN,
    },
    [],
  ],
  [
    "a training and what it used to be",
    { "old/train.py": LOOP + MAIN, "archive/train_v1.py": LOOP + MAIN, "train_v2.py": LOOP + MAIN },
    ["train_v2.py", "old/train.py", "archive/train_v1.py"],
  ],
  [
    "a package that is run as a module",
    {
      "digits/__main__.py": `from digits.loop import train\n${ARGS}train(parser.parse_args())\n`,
      "digits/loop.py": LIBRARY_LOOP,
    },
    ["digits/__main__.py"],
  ],
  [
    "one command line with subcommands",
    {
      "src/cli.py": `import lightning as L\nimport typer\n\napp = typer.Typer()\n\n\n@app.command()\ndef train():\n    trainer.fit(model)\n\n\nif __name__ == "__main__":\n    app()\n`,
    },
    ["src/cli.py"],
  ],
];

for (const [name, files, expected] of LAYOUTS) {
  test(`finds what trains: ${name}`, () => {
    const ranked = rankTrainingScripts(Object.entries(files).map(([path, text]) => ({ path, text })));
    assert.deepEqual(
      ranked.map(({ path }) => path),
      expected,
    );
  });
}
