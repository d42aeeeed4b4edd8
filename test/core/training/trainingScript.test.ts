import assert from "node:assert/strict";
import { test } from "node:test";
import { rankTrainingScripts } from "../../../src/core/training/trainingScript.ts";

const loop = "import torch\nfor x in data:\n    loss.backward()\n    optimizer.step()\n";
const main = '\nif __name__ == "__main__":\n    main()\n';

function check(files: Record<string, string>, expected: readonly string[]): void {
  const ranked = rankTrainingScripts(Object.entries(files).map(([path, text]) => ({ path, text })));
  assert.deepEqual(
    ranked.map(({ path }) => path),
    expected,
  );
}

test("puts the script that a person means first", () => {
  check({ "main.py": loop + main, "train.py": loop + main, "src/finetune.py": loop + main }, [
    "train.py",
    "src/finetune.py",
    "main.py",
  ]);
  check({ "a/b/c/train.py": loop + main, "train.py": loop + main }, ["train.py", "a/b/c/train.py"]);
});

test("leaves out tests, notebooks, libraries and files that only import a framework", () => {
  check({ "tests/train.py": loop + main, "test_train.py": loop + main, "train.ipynb": loop }, []);
  check({ "engine.py": "import torch\ndef fit():\n    loss.backward()\n" }, []);
  check({ "plot.py": `import torch${main}`, "eval.py": `import torch\nmodel.eval()${main}` }, []);
  check({ "train.py": "# import torch\nprint('choo choo')\n" }, []);
});

const fits = {
  keras: "import keras\nm = keras.Sequential()\nm.fit(x, y)\n",
  sklearn: "from sklearn.ensemble import RandomForestClassifier\nforest = RandomForestClassifier().fit(X, y)\n",
  xgboost: "import xgboost as xgb\nbst = xgb.train({}, data)\n",
  lightning: `import lightning as L\nt = L.Trainer()\nt.fit(model)${main}`,
  transformers: "from transformers import Trainer\nTrainer(model=model).train()\n",
};

test("knows a training by its package and its call, whatever the variables are called", () => {
  for (const text of Object.values(fits)) {
    check({ "work.py": text }, ["work.py"]);
  }
  check({ "prepare_x.py": `from sklearn.preprocessing import StandardScaler\nscaler.fit(x)${main}` }, []);
  check({ "net.py": "import keras\nclass Net:\n    def fit(self):\n        self.m.fit(x)\n" }, []);
  check({ "cut.py": `import numpy\npolynomial.fit(x)${main}` }, []);
});

test("code of others and examples stand behind the project's own", () => {
  check({ "third_party/x/train.py": loop + main, "main.py": loop + main }, ["main.py", "third_party/x/train.py"]);
  check({ "examples/train.py": loop + main, "src/fine_tune.py": loop + main }, [
    "src/fine_tune.py",
    "examples/train.py",
  ]);
});

test("recognises flows as flows, after the scripts", () => {
  const flow = "from metaflow import FlowSpec\nclass Train(FlowSpec):\n    pass\n";
  const ranked = rankTrainingScripts([
    { path: "flow.py", text: flow },
    { path: "train.py", text: loop + main },
  ]);
  assert.deepEqual(
    ranked.map(({ path, kind }) => [path, kind]),
    [
      ["train.py", "training"],
      ["flow.py", "flow"],
    ],
  );
});

test("gives its reasons, the best first", () => {
  const [candidate] = rankTrainingScripts([
    { path: "train.py", text: `${loop}parser = argparse.ArgumentParser()\n${main}` },
  ]);
  assert.deepEqual(candidate?.reasons, [
    "named train.py",
    "calls optimizer.step()",
    "imports torch",
    "has a __main__ block",
    "calls loss.backward()",
    "takes arguments with argparse",
  ]);
});

test("finds scripts of libraries that train by themselves", () => {
  check({ "main.py": `from lightning.pytorch.cli import LightningCLI\nLightningCLI(Model)${main}` }, ["main.py"]);
  check({ "run_clm.py": `from transformers import Trainer\ntrainer.train()${main}` }, ["run_clm.py"]);
  check({ "digits.py": `import keras\nmodel.fit(x, y)${main}` }, ["digits.py"]);
});

test("offers a script that only its name tells to train, behind those whose text does", () => {
  const own = `from mytrainer import start\nstart()\n`;
  const arrays = "import numpy as np\nfor step in range(3):\n    w -= 0.1 * w\n";
  check({ "train.py": own, "train_np.py": arrays, "fit.py": loop + main }, ["fit.py", "train.py", "train_np.py"]);
  check({ "train.py": "from mytrainer import start\n\ndef begin():\n    start()\n" }, []);
});
