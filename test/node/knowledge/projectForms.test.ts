import assert from "node:assert/strict";
import { test } from "node:test";
import type { FactKey } from "../../../src/core/knowledge/fact.ts";
import { placeholderText } from "../../../src/core/knowledge/resolveFacts.ts";
import { factsOf } from "../../support/factsOf.ts";

async function check(files: Readonly<Record<string, string>>, key: FactKey, values: readonly string[]): Promise<void> {
  const { facts } = await factsOf(files);
  assert.deepEqual(
    facts.filter((fact) => fact.key === key).map(({ value }) => value),
    values,
  );
}

test("requirements that setuptools takes from a file are read", async () => {
  const dynamic = '[project]\nname = "a"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n';
  const files = { "deps.txt": "torch==2.4.0\n", "gpu.txt": "jax\n" };
  await check({ ...files, "pyproject.toml": `${dynamic}dependencies = {file = ["deps.txt"]}\n` }, "ml_framework", [
    "torch ==2.4.0",
  ]);
  await check(
    {
      ...files,
      "pyproject.toml": `${dynamic}dependencies = {file = "deps.txt"}\noptional-dependencies.gpu = {file = ["gpu.txt"]}\n`,
    },
    "ml_framework",
    ["torch ==2.4.0", "jax"],
  );
});

test("a comment behind a requirement of setup.cfg is no part of it", async () => {
  const { facts, problems } = await factsOf({
    "setup.cfg": "[options]\ninstall_requires =\n  jax>=0.4 # tail\n  # torch\n",
  });
  assert.deepEqual([facts.map(({ value }) => value), problems], [["jax >=0.4"], []]);
});

test("lists in lists without end are no requirements and end nothing", async () => {
  const nested = `${"[".repeat(5_000)}"torch"${"]".repeat(5_000)}`;
  await check(
    { "setup.py": `from setuptools import setup\nsetup(install_requires=${nested})\n`, "requirements.txt": "jax\n" },
    "ml_framework",
    ["jax"],
  );
});

test("a command that is pasted into a shell starts the script and nothing else", async () => {
  const flow = "from metaflow import FlowSpec, step\nclass F(FlowSpec):\n  @step\n  def start(self): pass\n";
  await check({ "my proj/$(touch pwn).py": flow }, "run_flow_command", ["python 'my proj/$(touch pwn).py' run"]);
  await check({ "it's `x`/flow.py": flow }, "run_flow_command", ["python 'it'\\''s `x`/flow.py' run"]);
});

test("credentials in manifests are not shown", async () => {
  const token = `ghp_${"a1".repeat(18)}`;
  const text = JSON.stringify(
    await factsOf({
      "requirements.txt": `transformers @ git+https://oauth2:${token}@github.com/a/b\nxgboost @ https://user:hunter2x@host/x.whl\n`,
      ".trainyard/facts.yaml": "train_command: WANDB_API_KEY=0123456789abcdef01234567 python train.py\n",
    }),
  );
  assert.doesNotMatch(text, /a1a1|hunter2x|0123456789abcdef/);
  assert.match(text, /WANDB_API_KEY=… python train\.py/);
});

test("groups of configurations and packages of code are no folders of data", async () => {
  await check(
    { "configs/data/mnist.yaml": "a: 1\n", "src/data/load.py": "", "data/train.csv": "", "project/data/a.csv": "" },
    "data_dirs",
    ["data", "project/data"],
  );
});

test("of alternatives of Poetry the one for this Python counts, and none of them is a conflict", async () => {
  const files = {
    "pyproject.toml":
      '[tool.poetry.dependencies]\npython = "~3.11"\ntorch = [{version = "^1.13", python = "<3.9"}, {version = "^2.2", python = ">=3.9"}]\n',
    "poetry.lock":
      '[[package]]\nname = "torch"\nversion = "1.13.1"\n\n[[package]]\nname = "torch"\nversion = "2.2.1"\n',
  };
  const { conflicts } = await factsOf(files);
  assert.deepEqual(conflicts, []);
  await check({ "pyproject.toml": files["pyproject.toml"], ".python-version": "3.11\n" }, "ml_framework", [
    "torch <3,>=2.2",
  ]);
});

test("a constraints file gives a requirement its version", async () => {
  const files = { "requirements.txt": "-c constraints.txt\ntorch\n", "constraints.txt": "torch==2.3.1\n" };
  await check(files, "ml_framework", ["torch ==2.3.1"]);
});

test("manifests of one project that no version can please are a conflict, variants are none", async () => {
  const project = { "pyproject.toml": '[project]\nname = "a"\ndependencies = ["torch>=2.2"]\n' };
  const { conflicts } = await factsOf({ ...project, "requirements.txt": "torch==2.1.0\n" });
  assert.deepEqual(
    conflicts.map(({ message }) => message),
    ["torch 2.1.0 is declared (requirements.txt:1), but pyproject.toml:3 asks for >=2.2. Make them agree."],
  );
  const three = await factsOf({
    ...project,
    "requirements.txt": "torch==2.1.0\n",
    Dockerfile: "FROM scratch\nRUN pip install torch==2.0.1\n",
  });
  assert.deepEqual(
    three.conflicts.map(({ sources }) => sources.map(({ path }) => path)),
    [
      ["Dockerfile", "pyproject.toml"],
      ["requirements.txt", "pyproject.toml"],
    ],
  );
  const variant = await factsOf({ ...project, "requirements-cpu.txt": "torch==2.1.0+cpu\n" });
  assert.deepEqual(variant.conflicts, []);
});

test("what only development asks for never stands in for what the project needs, and says what it is for", async () => {
  const { facts, conflicts } = await factsOf({
    "requirements.txt": "torch\n-e .\n",
    "requirements-dev.txt": "-r requirements.txt\ntorch==2.1\nwandb\n",
    "docs/requirements.txt": "jax==0.4\n",
  });
  const packages = facts.filter(({ key }) => key === "ml_framework" || key === "tech_stack");
  assert.deepEqual(
    packages.map(({ value, why, source }) => `${value} · ${why} · ${source?.path}`),
    [
      "torch · declared · requirements.txt",
      "jax ==0.4 · declared for docs · docs/requirements.txt",
      "wandb · declared for dev · requirements-dev.txt",
    ],
  );
  assert.deepEqual(conflicts, []);
  assert.equal(placeholderText({ facts }, "tech_stack"), "torch, jax ==0.4 (for docs), wandb (for dev)");
});

test("what Poetry installs for an extra only is told so, and stands behind the rest", async () => {
  const poetry = [
    "[tool.poetry.dependencies]",
    'torch = {version = "^2.4", optional = true}',
    'wandb = {version = "*", optional = true}',
    'jax = "0.4"',
    "[tool.poetry.extras]",
    'ML_all = ["torch"]',
  ].join("\n");
  const { facts } = await factsOf({ "pyproject.toml": poetry });
  assert.deepEqual(
    facts.map(({ value, why }) => `${value} · ${why}`),
    ["jax ==0.4 · declared", "torch <3,>=2.4 · declared for ml-all", "wandb · declared for optional"],
  );
});

function scripts(...lines: string[]) {
  return { "pyproject.toml": ["[project.scripts]", ...lines].join("\n") };
}

test("the entry points of a project that train and evaluate are its commands", async () => {
  await check(scripts('digits-train = "digits.cli:main"'), "train_command", ["digits-train"]);
  await check(scripts('digits = "digits.train:main"'), "train_command", ["digits"]);
  await check(scripts('digits = "digits.cli:evaluate"'), "validate_command", ["digits"]);
  const image = { Dockerfile: 'FROM python:3.11\nCMD ["python", "train.py"]\n' };
  await check({ ...image, Makefile: "train:\n\tpython train.py\n" }, "train_command", [
    "make train",
    "python train.py",
  ]);
  await check(scripts('download-train-data = "digits.data:download"', 'trainer = "x:y"'), "train_command", []);
});

test("a command runs a flow where the file that it names holds one", async () => {
  const files = {
    Makefile:
      "commit:\n\tgit commit -m 'train it'\nserve:\n\tpython manage.py run\ngo:\n\tcd flows && python churn.py run\n",
    "flows/churn.py": "from metaflow import *\nclass Churn(FlowSpec):\n  @step\n  def start(self): pass\n",
    "flows/Makefile": "again:\n\tpython ./churn.py run\n",
  };
  await check(files, "run_flow_command", ["make go", "make -C flows again", "python flows/churn.py run"]);
  await check(files, "train_command", []);
});

test("files that are too large to be read are told and not passed over", async () => {
  const { problems } = await factsOf({
    "plots.ipynb": `{"cells": [], "metadata": "${"x".repeat(8_000_000)}"}`,
    "generated.py": "#".repeat(1_000_001),
    ".trainyard/facts.yaml": `train_command: ${"x".repeat(100_000)}`,
  });
  assert.deepEqual(
    problems.map(({ path, severity, message }) => `${path} ${severity}: ${message}`),
    [
      ".trainyard/facts.yaml warning: It cannot be read: it is larger than 100 kB.",
      "generated.py information: The file is larger than 1 MB and was not read.",
      "plots.ipynb information: The file is larger than 8 MB and was not read.",
    ],
  );
});

test("the folder that a script saves checkpoints to is known before the first one lies there", async () => {
  const cases: [call: string, folders: string[]][] = [
    ['torch.save(model.state_dict(), "checkpoints/last.pt")', ["checkpoints"]],
    ["torch.save({'model': m, \"epoch\": 1}, f'./out/runs/epoch_{epoch:03d}.pth')", ["out/runs"]],
    ['torch.save(\n    model,\n    "weights/model.ckpt",\n)', ["weights"]],
    ['torch.save(model, "model.pt")', []],
    ["torch.save(model, path)", []],
    ['# torch.save(model, "old/model.pt")', []],
    ['torch.save(model, "../elsewhere/model.pt")', []],
    ['torch.save(model, f"{folder}/model.pt")', []],
    [`torch.save(${"torch.save(".repeat(50_000)}`, []],
  ];
  for (const [call, folders] of cases) {
    await check({ "a.py": `import torch\n\n${call}\n` }, "model_dirs", folders);
  }
});

test("a script is known by what it does, whatever fits its name", async () => {
  const fit =
    "from sklearn.svm import SVC\n\n\ndef main():\n    SVC().fit(X, y)\n\n\nif __name__ == '__main__':\n    main()\n";
  const runner =
    "from digits.trainer import Trainer\n\n\ndef main():\n    Trainer().train()\n\n\nif __name__ == '__main__':\n    main()\n";
  await check({ "src/fit_model.py": fit, "setup.py": fit, "tests/fit_model.py": fit }, "training_script", [
    "src/fit_model.py",
  ]);
  await check({ "run_experiment.py": runner, "train_utils.py": fit }, "training_script", ["run_experiment.py"]);
  await check({ "run_experiment.py": runner }, "train_command", ["python run_experiment.py"]);
});

const torchOf = (version: string) => `Metadata-Version: 2.1\nName: torch\nVersion: ${version}\n`;

/** An environment that was upgraded in place, so that folders of an older and a newer Python lie beside each other. */
const UPGRADED = {
  ".venv/lib/python3.10/site-packages/torch-2.0.0.dist-info/METADATA": torchOf("2.0.0"),
  ".venv/lib/python3.9/site-packages/torch-1.9.0.dist-info/METADATA": torchOf("1.9.0"),
  ".venv/lib/python3.12/site-packages/torch-2.4.0.dist-info/METADATA": torchOf("2.4.0"),
};

test("of several Pythons in an environment the one that its configuration names has the packages", async () => {
  const configured: readonly (readonly [configuration: string, torch: string])[] = [
    ["version = 3.10.4\n", "torch 2.0.0"],
    ["version = 3.9\n", "torch 1.9.0"],
    ["home = /usr/bin\nversion_info = 3.12.1.final.0\n", "torch 2.4.0"],
    // Nothing says which: the newest is the last that was installed.
    ["home = /usr/bin\n", "torch 2.4.0"],
    ["version = 3.13.0\n", "torch 2.4.0"],
  ];
  for (const [configuration, torch] of configured) {
    await check({ ...UPGRADED, ".venv/pyvenv.cfg": configuration }, "ml_framework", [torch]);
  }
  const freeThreaded = {
    ".venv/pyvenv.cfg": "version = 3.13.1\n",
    ".venv/lib/python3.13t/site-packages/torch-2.6.0.dist-info/METADATA": torchOf("2.6.0"),
  };
  await check({ ...UPGRADED, ...freeThreaded }, "ml_framework", ["torch 2.6.0"]);
  const windows = {
    ".venv/pyvenv.cfg": "version = 3.11.1\n",
    ".venv/Lib/site-packages/torch-2.5.0.dist-info/METADATA": torchOf("2.5.0"),
  };
  await check(windows, "ml_framework", ["torch 2.5.0"]);
});

test("an environment of conda in the workspace tells its Python and its packages", async () => {
  const files = {
    "env/conda-meta/history": "",
    "env/conda-meta/python-3.11.9-h955ad1f_0.json": "{}",
    "env/conda-meta/python-dateutil-2.9.0-py311_0.json": "{}",
    "env/lib/python3.11/site-packages/torch-2.4.0.dist-info/METADATA": torchOf("2.4.0"),
  };
  await check(files, "ml_framework", ["torch 2.4.0"]);
  await check(files, "python_version", ["3.11.9"]);
});

test("a list of facts.yaml that is not closed is told in words of who writes the file", async () => {
  for (const [text, closing] of [
    ["train_command: [a\n", "]"],
    ['train_command: "a\n', '"'],
  ] as const) {
    const { problems } = await factsOf({ ".trainyard/facts.yaml": text });
    assert.deepEqual(
      problems.map(({ message }) => message),
      [
        `The file cannot be read: a value is opened here or above and never closed. Write \`${closing}\` where it ends.`,
      ],
    );
  }
});
