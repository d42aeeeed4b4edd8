import assert from "node:assert/strict";
import { test } from "node:test";
import { readCondaEnvironment } from "../../../src/core/knowledge/environmentYml.ts";
import { installedFacts, readPythonVersionFile, readPyvenvCfg } from "../../../src/core/knowledge/installedPackages.ts";
import { layoutFacts, readFlows, readHyperparameterFile } from "../../../src/core/knowledge/layoutFacts.ts";
import { readPyproject } from "../../../src/core/knowledge/pyprojectToml.ts";
import { readRequirements } from "../../../src/core/knowledge/requirementsTxt.ts";
import { readSetupCfg } from "../../../src/core/knowledge/setupCfg.ts";
import { readSetupPy } from "../../../src/core/knowledge/setupPy.ts";
import type { TextFile, WorkspaceFact } from "../../../src/core/knowledge/workspaceFacts.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

/** "key value @line", counting from zero as facts do. */
function brief(facts: readonly WorkspaceFact[]): string[] {
  return facts.map(({ key, value, source }) => `${key} ${value} @${source.line ?? ""}`);
}

function check(read: (file: TextFile) => WorkspaceFact[], text: string, expected: readonly string[]): void {
  assert.deepEqual(brief(read({ path: "file", text })), expected);
}

test("reads requirements files with comments, options, extras, markers and continued lines", () => {
  check(
    readRequirements,
    [
      "\uFEFF# frameworks".slice(1),
      "torch[cuda]>=2.4 , <3 ; python_version > '3.9'  # pinned",
      "-r base.txt",
      "-e git+https://example.org/x#egg=keras",
      "metaflow==2.19.38 \\",
      "    --hash=sha256:abc",
      "Scikit_Learn",
      "jax @ https://example.org/jax.whl",
      "requests>=2",
    ].join("\r\n"),
    [
      "ml_framework torch >=2.4,<3 @1",
      "metaflow_version metaflow ==2.19.38 @4",
      "ml_framework scikit-learn @6",
      "ml_framework jax @7",
    ],
  );
});

test("reads every dependency table of pyproject.toml", () => {
  check(
    readPyproject,
    `[project]
requires-python = ">=3.10"
dependencies = [
  "torch>=2",
  'numpy',
]
[project.optional-dependencies]
logs = ["tensorboard~=2.17"]
[dependency-groups]
dev = ["pytest", { include-group = "logs" }]
[tool.poetry.dependencies]
python = "^3.11"
metaflow = "*"
lightning = { version = "^2.4", extras = ["extra"] }
[tool.poetry.group.track.dependencies]
wandb = "0.18"
`,
    [
      "ml_framework torch >=2 @3",
      "tech_stack numpy @4",
      "tech_stack tensorboard ~=2.17 @7",
      "tech_stack pytest @9",
      "metaflow_version metaflow @12",
      "ml_framework lightning ^2.4 @13",
      "tech_stack wandb 0.18 @15",
      "python_version >=3.10 @1",
    ],
  );
  check(readPyproject, "[project\n", []);
});

test("reads setup.cfg and setup.py without running either", () => {
  check(
    readSetupCfg,
    "[metadata]\nname = torch\n[options]\npython_requires = >=3.9\ninstall_requires =\n    torch>=2\n    # keras\n    numpy\n[options.extras_require]\nall = jax\n",
    ["ml_framework torch >=2 @5", "tech_stack numpy @7", "ml_framework jax @9", "python_version >=3.9 @3"],
  );
  check(
    (file) => readSetupPy(file, parser),
    'NEEDS = ["torch>=2"]\nsetup(name="x", install_requires=NEEDS, python_requires=">=3.9")\n',
    ["ml_framework torch >=2 @1", "python_version >=3.9 @1"],
  );
  check((file) => readSetupPy(file, parser), "setup(install_requires=read('requirements.txt'))", []);
});

test("reads conda environments with channels and their pip list", () => {
  check(
    readCondaEnvironment,
    "name: x\ndependencies:\n  - python=3.11\n  - pytorch::pytorch=2.4=py3.11_cuda\n  - numpy >=2\n  - pip:\n      - metaflow>=2.19\n",
    [
      "ml_framework torch =2.4 @3",
      "tech_stack numpy >=2 @4",
      "metaflow_version metaflow >=2.19 @6",
      "python_version =3.11 @2",
    ],
  );
  check(readCondaEnvironment, "dependencies: [", []);
});

test("reads true versions from an environment", () => {
  const facts = installedFacts(
    ["torch-2.13.0+cpu.dist-info", "metaflow-2.19.38.dist-info", "torch", "_x.pth"],
    ".venv/lib",
  );
  assert.deepEqual(
    facts.map(({ value, source }) => [value, source.path]),
    [
      ["torch 2.13.0+cpu installed", ".venv/lib/torch-2.13.0+cpu.dist-info/METADATA"],
      ["metaflow 2.19.38 installed", ".venv/lib/metaflow-2.19.38.dist-info/METADATA"],
    ],
  );
  check(readPyvenvCfg, "home = /usr/bin\nversion = 3.11.7\n", ["python_version 3.11.7 @1"]);
  check(readPythonVersionFile, "3.12\n", ["python_version 3.12 @0"]);
});

test("tells checkpoint, data and configuration folders by their names and files", () => {
  const files = ["checkpoints/a.pt", "checkpoints/b.pt", "data/processed.pt", "best.ckpt"].map((path) => ({
    path,
    extension: path.slice(path.lastIndexOf(".")),
  }));
  assert.deepEqual(brief(layoutFacts(files, ["", "data", "conf", "src/model/deep/data"])), [
    "data_dirs data @",
    "config_dirs conf @",
    "model_dirs checkpoints @",
    "model_dirs . @",
  ]);
});

test("finds flows and hyper-parameters by their lines", () => {
  check(readFlows, "import x\nclass A(FlowSpec):\n    pass\nclass B(Other):\n", ["flow A @1"]);
  check(readHyperparameterFile, "model: cnn\ntraining:\n  epochs: 3\n  lr: 1\n", ["config_dirs file @2"]);
  check(readHyperparameterFile, '{\n  "learning_rate": 1}', ["config_dirs file @1"]);
  check(readHyperparameterFile, "title: lr\n", []);
});
