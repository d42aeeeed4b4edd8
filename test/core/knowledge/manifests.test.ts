import assert from "node:assert/strict";
import { test } from "node:test";
import { condaSpecifiers } from "../../../src/core/knowledge/manifests/condaEnvironment.ts";
import { readDistInfoName, readPyvenvCfg } from "../../../src/core/knowledge/manifests/installed.ts";
import { readNotebook } from "../../../src/core/knowledge/manifests/notebook.ts";
import { parsePoetryConstraint } from "../../../src/core/knowledge/manifests/poetryConstraint.ts";
import { formatSpecifiers } from "../../../src/core/knowledge/pep/specifier.ts";
import { brief, checkManifest as check } from "../../support/manifestReading.ts";

test("translates the constraints of Poetry into those of PEP 440", () => {
  const cases: Record<string, string | undefined> = {
    "^1.2.3": "<2,>=1.2.3",
    "^0.2.3": "<0.3,>=0.2.3",
    "^0.0.3": "<0.0.4,>=0.0.3",
    "^0.0": "<0.1,>=0.0",
    "^0": "<1,>=0",
    "~1.2.3": "<1.3,>=1.2.3",
    "~1": "<2,>=1",
    "~=1.4": "~=1.4",
    "*": "",
    "1.2.*": "==1.2.*",
    "2.1": "==2.1",
    "=2.1": "==2.1",
    ">=1,<3 , !=2": "!=2,<3,>=1",
    ">=1 <3": "<3,>=1",
    "^1 || ^2": undefined,
    latest: undefined,
  };
  for (const [written, expected] of Object.entries(cases)) {
    const parsed = parsePoetryConstraint(written);
    assert.equal(parsed && formatSpecifiers(parsed), expected, written);
  }
});

test("translates the versions of conda into those of PEP 440", () => {
  const cases: Record<string, string | undefined> = {
    "": "",
    "*": "",
    "=2.4": "==2.4.*",
    "==2.4": "==2.4",
    "2.4": "==2.4",
    "2.4.*": "==2.4.*",
    "=2.4=py3.11_cuda12": "==2.4.*",
    "2.4.0=cuda": "==2.4.0",
    ">=1.2,<2": "<2,>=1.2",
    " >= 1.2 , <2 py_0": "<2,>=1.2",
    "1.2|1.3": undefined,
  };
  for (const [written, expected] of Object.entries(cases)) {
    const parsed = condaSpecifiers(written);
    assert.equal(parsed && formatSpecifiers(parsed), expected, written);
  }
});

test("reads Poetry's tables with groups, extras, alternatives and scripts", () => {
  check(
    "pyproject.toml",
    `[tool.poetry.dependencies]
python = "^3.11"
torch = { version = "^2.4", extras = ["opt"] }
mylib = { git = "https://example.org/mylib.git" }
jax = "^0.4 || ^0.5"
[tool.poetry.dev-dependencies]
black = "*"
[tool.poetry.group.track.dependencies]
wandb = "0.18"
[tool.poetry.scripts]
train = "trainer:main"
`,
    [
      "python ^3.11 @2",
      "torch <3,>=2.4 @3",
      "mylib @4",
      "jax @5",
      "black (dev) @7",
      "wandb ==0.18 (track) @9",
      "poetry run train: trainer:main @11",
    ],
    ["unknown-constraint @5"],
  );
});

test("reads conda environments with channels, builds and their pip list", () => {
  check(
    "environment.yml",
    "name: x\nchannels: [pytorch]\ndependencies:\n  - python=3.11\n  - pytorch::pytorch=2.4=py3.11_cuda\n  - numpy >=2\n  - pip\n  - pip:\n      - -r more.txt\n      - metaflow>=2.19 ; python_version > '3.8'\n",
    ["python 3.11 @4", "torch ==2.4.* @5", "numpy >=2 @6", "pip @7", "requirements more.txt @9", "metaflow >=2.19 @10"],
  );
  check("environment.yml", "dependencies: [", [], ["invalid-yaml @1"]);
});

test("reads Pipfiles and pixi manifests", () => {
  check(
    "Pipfile",
    '[[source]]\nurl = "https://pypi.org/simple"\n[packages]\ntorch = ">=2.4"\nnumpy = "*"\n[dev-packages]\npytest = {version = "==8.3", extras = ["x"]}\n[requires]\npython_version = "3.11"\n[scripts]\ntrain = "python train.py"\n',
    ["torch >=2.4 @4", "numpy @5", "pytest ==8.3 (dev) @7", "python 3.11 @9", "pipenv run train: python train.py @11"],
  );
  check(
    "pixi.toml",
    '[project]\nname = "x"\n[dependencies]\npython = ">=3.11"\npytorch = { version = ">=2.4", channel = "conda-forge" }\n[pypi-dependencies]\nmetaflow = ">=2.19"\n[feature.gpu.dependencies]\ncuda = "12.*"\n[tasks]\ntrain = { cmd = "python train.py", depends-on = ["data"] }\n',
    [
      "python >=3.11 @4",
      "torch >=2.4 @5",
      "metaflow >=2.19 @7",
      "pixi run train: python train.py @11",
      "cuda ==12.* (gpu) @9",
    ],
  );
});

test("reads locks of conda and pixi without their platforms' repetitions", () => {
  check(
    "conda-lock.yml",
    "version: 1\npackage:\n- name: python\n  version: 3.11.7\n  manager: conda\n- name: pytorch\n  version: 2.4.0\n  platform: linux-64\n- name: pytorch\n  version: 2.4.0\n  platform: osx-arm64\n",
    ["python 3.11.7 @3", "torch ==2.4.0 locked @6"],
  );
  check(
    "pixi.lock",
    "version: 6\npackages:\n- conda: https://conda.example.org/noarch/tqdm-4.66.5-pyhd8ed1ab_0.conda\n  sha256: aa\n- pypi: https://example.org/metaflow.whl\n  name: metaflow\n  version: 2.19.38\n",
    ["tqdm ==4.66.5 locked @3", "metaflow ==2.19.38 locked @6"],
  );
  check("uv.lock", "<<<<<<< HEAD\n", [], ["unreadable-lock @1"]);
});

test("reads what an environment holds", () => {
  assert.deepEqual(brief(readDistInfoName("torch-2.13.0+cpu.dist-info")), ["torch ==2.13.0+cpu installed @1"]);
  assert.deepEqual(brief(readDistInfoName("not a package")), []);
  assert.deepEqual(brief(readPyvenvCfg({ path: "", text: "home = /usr/bin\nversion_info = 3.11.7.final.0\n" })), [
    "python 3.11.7 @2",
  ]);
  check(".python-version", "3.12\n", ["python 3.12 @1"]);
  check("runtime.txt", "python-3.11.9\n", ["python 3.11.9 @1"]);
});

test("reads Dockerfiles: image, pip lines and the command", () => {
  check(
    "docker/train.Dockerfile",
    'FROM --platform=linux/amd64 pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime AS base\n# comment\nRUN apt-get update && \\\n    pip install --no-cache-dir -r requirements.txt "metaflow>=2.19" && \\\n    pip install -i https://example.org numpy==1.26.4\nCMD ["python", "train.py"]\n',
    [
      "on container image pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime @1",
      "torch ==2.4.0 (container) @1",
      "requirements requirements.txt @3",
      "metaflow >=2.19 (container) @3",
      "numpy ==1.26.4 (container) @3",
      "docker build -f docker/train.Dockerfile .: python train.py @6",
    ],
  );
  check("Dockerfile", "FROM python:3.11-slim\n", ["on container image python:3.11-slim @1", "python 3.11 @1"]);
});

test("reads commands of make, just, tox, nox, shell scripts and the editor", () => {
  const help = 'help:\n\t@echo "Usage:"\n\t@echo "  python train.py; then wait"\n\t# python train.py\n\n';
  check("Makefile", `${help}fit:\n\techo begin && python train.py\n\techo done\n`, [
    "make fit: echo begin && python train.py @6",
  ]);
  check("Makefile", "LR := 1\n.PHONY: train\ntrain: data\n\t@python train.py \\\n\t  --lr $(LR)\n\nempty:\n", [
    "make train: python train.py --lr 1 @3",
  ]);
  check("sub/justfile", "train epochs='3':\n    python train.py --epochs {{epochs}}\n", [
    "just -d sub train: python train.py --epochs {{epochs}} @1",
  ]);
  check(
    "tox.ini",
    "[testenv:eval]\ndeps =\n    pytest>=8\n    -r base.txt\n    py311: numpy\ncommands =\n    python evaluate.py\n",
    ["pytest >=8 (tox) @3", "requirements base.txt @4", "numpy (tox) @5", "tox -e eval: python evaluate.py @7"],
  );
  check(
    "noxfile.py",
    'import nox\n@nox.session(name="fit")\ndef train(session):\n    session.install("torch>=2", "-e", ".")\n    session.run("python", "train.py", *session.posargs)\n',
    ["torch >=2 (nox) @4", "nox -s fit: python train.py @3"],
  );
  check("job.sbatch", "#!/bin/bash\n#SBATCH --gres=gpu:1\npip install wandb\nsrun python train.py \\\n  --epochs 3\n", [
    "on Slurm cluster @2",
    "wandb @3",
    "sbatch job.sbatch: srun python train.py --epochs 3 @4",
  ]);
  check(
    ".vscode/launch.json",
    '{\n  // comment, with "quotes"\n  "configurations": [\n    { "name": "Fit", "program": "${workspaceFolder}/train.py", "args": ["--lr", "1"], },\n  ]\n}\n',
    ['the launch configuration "Fit": python train.py --lr 1 @4'],
  );
});

test("tells configurations by the lines that only they have", () => {
  check("conf/train.yaml", "defaults:\n  - model: cnn\ntraining:\n  lr: 1e-3\n", [
    "configures hydra @1",
    "configures hyperparameters @4",
  ]);
  check("ds_config.json", '{\n  "train_micro_batch_size_per_gpu": 4,\n  "zero_optimization": {}\n}', [
    "configures deepspeed @2",
  ]);
  check("default_config.yaml", "compute_environment: LOCAL_MACHINE\ndistributed_type: MULTI_GPU\n", [
    "configures accelerate @1",
  ]);
  check("title.yaml", "title: lr\n", []);
});

test("reads the imports of notebooks with the lines of their file", () => {
  const text = JSON.stringify(
    {
      cells: [
        { cell_type: "markdown", source: ["import no\n"] },
        { cell_type: "code", source: ["%pip install wandb\n", "import torch\n", "!ls\n", "from sklearn import svm"] },
      ],
    },
    undefined,
    1,
  );
  const lines = text.split("\n");
  const reading = readNotebook({ path: "a.ipynb", text });
  assert.deepEqual(brief(reading), [
    `wandb @${lines.findIndex((line) => line.includes("wandb")) + 1}`,
    `imports torch @${lines.findIndex((line) => line.includes("torch")) + 1}`,
    `imports sklearn @${lines.findIndex((line) => line.includes("sklearn")) + 1}`,
  ]);
  assert.deepEqual(
    readNotebook({ path: "a.ipynb", text: "{" }).problems.map(({ code }) => code),
    ["invalid-notebook"],
  );
});

test("names what is wrong with its line, and keeps the rest", () => {
  check(
    "requirements.txt",
    "torch>=2\ntorch==\nnumpy; python\n--unknown\n[x]\nscipy",
    ["torch >=2 @1", "scipy @6"],
    ["invalid-requirement @2", "invalid-requirement @3", "unknown-option @4", "invalid-requirement @5"],
  );
  check(
    "pyproject.toml",
    '[project]\ndependencies = ["torch", 3, "!"]\n[dependency-groups]\na = [{include-group = "a"}, {include-group = "b"}]\n',
    ["torch @2"],
    ["invalid-requirement @2", "invalid-requirement @2", "invalid-group @4", "invalid-group @4"],
  );
  check("pyproject.toml", "[project\n", [], ["invalid-toml @1"]);
  check(
    "setup.py",
    "from setuptools import setup\nsetup(install_requires=open('r').read())\n",
    [],
    ["computed-requirements @2"],
  );
});

test("finds the line of an item that others hold in their names, and stops at the next table", () => {
  check(
    "pyproject.toml",
    '[project]\nname = "x"\ndependencies = [\n  "jaxlib",\n  "pytorch-lightning",\n  "jax",\n  \'torch\', # "torch"\n  "torch",\n]\n[project.optional-dependencies]\na = ["numpy"]\n',
    ["jaxlib @4", "pytorch-lightning @5", "jax @6", "torch @7", "torch @7", "numpy (a) @11"],
  );
  check("pyproject.toml", '[project]\ndependencies = ["torch; sys_platform == \\"linux\\""]\n[x]\ny = ["torch"]\n', [
    "torch @2",
  ]);
  check("pyproject.toml", '[tool.poetry]\nname = "x"\ndependencies.torch = "2"\n', ["torch ==2 @3"]);
  const twice = 'c = [{include-group = "a"}, {include-group = "b"}]\nb = [{include-group = "a"}]\na = ["torch"]\n';
  check("pyproject.toml", `[dependency-groups]\n${twice}`, ["torch (c) @4", "torch (b) @4", "torch (a) @4"]);
});

test("takes no version from images that count their own releases, and knows stages and arguments", () => {
  check(
    "Dockerfile",
    "ARG TAG=2.4.0-cuda12.4\nARG PYTHON=python\nFROM nvcr.io/nvidia/pytorch:24.01-py3 AS Base\nFROM base\nFROM docker.io/pytorch/pytorch:${TAG}\nFROM $PYTHON:3.12\nFROM ${OTHER:-tensorflow/tensorflow:2.17.0-gpu}\nFROM registry:5000/x/tensorflow:23.10\nFROM ${UNKNOWN}\nFROM scratch\n",
    [
      "on container image nvcr.io/nvidia/pytorch:24.01-py3 @3",
      "torch (container) @3",
      "on container image docker.io/pytorch/pytorch:2.4.0-cuda12.4 @5",
      "torch ==2.4.0 (container) @5",
      "on container image python:3.12 @6",
      "python 3.12 @6",
      "on container image tensorflow/tensorflow:2.17.0-gpu @7",
      "tensorflow ==2.17.0 (container) @7",
      "on container image registry:5000/x/tensorflow:23.10 @8",
      "tensorflow (container) @8",
    ],
    ["unknown-image @9"],
  );
});

test("any Python is nothing that is known of it", () => {
  check("environment.yml", "dependencies:\n  - python\n  - python=*\n  - pytorch\n", ["torch @4"]);
  check("pyproject.toml", '[tool.poetry.dependencies]\npython = "*"\n', []);
});

test("reads cells that are one text, and finds their lines however the file escapes them", () => {
  const cells = [
    { cell_type: "markdown", source: "import no" },
    { cell_type: "code", source: "%pip install wandb\nimport numpy\nimport é, jax\n", metadata: { a: "x" } },
    { cell_type: "code", source: ["import ", "keras\nimport", " torch"] },
  ];
  const text = JSON.stringify({ cells }, undefined, 1).replaceAll("é", "\\u00e9");
  assert.deepEqual(brief(readNotebook({ path: "a.ipynb", text })), [
    "wandb @9",
    "imports numpy @9",
    "imports é @9",
    "imports jax @9",
    "imports keras @17",
    "imports torch @18",
  ]);
});

test("knows by its place what a requirements file is for", () => {
  const cases: Record<string, string | undefined> = {
    "requirements.txt": undefined,
    "requirements/base.txt": undefined,
    "requirements-gpu.txt": undefined,
    "service/requirements.txt": undefined,
    "requirements-dev.txt": "dev",
    "dev-requirements.in": "dev",
    "requirements/dev.txt": "dev",
    "requirements_test.txt": "test",
    "tests/requirements.txt": "test",
    "docs/requirements.txt": "docs",
    "docs/requirements-gpu.txt": undefined,
    "requirements/ci.txt": "build",
  };
  for (const [path, group] of Object.entries(cases)) {
    check(path, "torch\n", [group === undefined ? "torch @1" : `torch (${group}) @1`]);
  }
});

test("takes an editable folder for a project with a manifest of its own", () => {
  check("requirements.txt", "-e .\n-e .[dev]\n--editable ./sub\n.\ntorch\n", ["torch @5"]);
  check(
    "requirements.txt",
    "-e git+https://host/x\n./x.tar.gz\n",
    [],
    ["unnamed-requirement @1", "unnamed-requirement @2"],
  );
});

test("reads quiet recipes of just and the entry points of a project", () => {
  check("justfile", '@train config="configs/a.yaml":\n    python train.py {{config}}\n_private:\n    just train\n', [
    "just train: python train.py {{config}} @1",
    "just _private: just train @3",
  ]);
  check("setup.cfg", "[options.entry_points]\nconsole_scripts =\n    fit = a.b:c\n", ["fit: a.b:c @3"]);
  check("pyproject.toml", '[project.scripts]\ntrain = "digits.train:main"\n', ["train: digits.train:main @2"]);
  check("pyproject.toml", '[project.scripts]\nfit = "a:b"\n[tool.uv]\npackage = true\n', ["uv run fit: a:b @2"]);
  check("pyproject.toml", '[tool.poetry.scripts]\nfit = { reference = "a:b", type = "console" }\n', [
    "poetry run fit: a:b @2",
  ]);
});
