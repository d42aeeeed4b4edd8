import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnoseFailure } from "../../../src/core/training/diagnosis/diagnoseFailure.ts";
import { proposeFix } from "../../../src/core/training/diagnosis/proposeFix.ts";
import { missingModuleWarning } from "../../../src/core/training/moduleCheck.ts";
import { NO_ARGUMENTS } from "../../../src/core/training/scriptArguments.ts";
import { buildRun } from "../../support/runBuilder.ts";

const { plan } = buildRun("failed").record;
const WHERE = { scriptLabel: "train.py", environment: "`.venv`", python: "/w/python" };

/** What is said of a module that Python does not find, and what its button installs. */
function diagnose(module: string): { advice: string; installs: string | undefined } {
  const text = `ModuleNotFoundError: No module named '${module}'`;
  const diagnosis = diagnoseFailure([{ line: 1, text }], { exitCode: 1, interpreterPath: plan.interpreter.path });
  assert.ok(diagnosis);
  const fix = proposeFix({ diagnosis, plan, script: NO_ARGUMENTS });
  return { advice: diagnosis.advice, installs: fix?.kind === "install" ? fix.command.at(-1) : undefined };
}

function checkNotInstalled(module: string, advice: RegExp): void {
  const said = diagnose(module);
  assert.equal(said.installs, undefined, module);
  assert.doesNotMatch(said.advice, /pip install/, module);
  assert.match(said.advice, advice, module);
}

function checkInstalled(module: string, name: string): void {
  const said = diagnose(module);
  assert.equal(said.installs, name, module);
  assert.ok(said.advice.endsWith(`-m pip install ${name}`), said.advice);
}

test("a module by the name that projects give their own files is looked for, not installed", () => {
  for (const module of ["utils", "config", "model", "dataset", "train", "common", "lib", "networks", "engine"]) {
    checkNotInstalled(module, new RegExp(`a file ${module}\\.py or a folder ${module} is expected beside the script`));
  }
  checkNotInstalled("src.models", /a file src\/models\.py or a folder src\/models is expected/);
  checkNotInstalled("datasets.mnist", /a file datasets\/mnist\.py or a folder datasets\/mnist is expected/);
  checkInstalled("datasets", "datasets");
  checkInstalled("evaluate", "evaluate");
  checkInstalled("sklearn", "scikit-learn");
});

test("a part that an installed package lacks is misspelled or of another version", () => {
  for (const module of ["torch.utils.tensorbord", "torchvision.transforms.functional_tensor", "json.nosuch"]) {
    const [, found, part] = /^(.*)\.(\w+)$/.exec(module) ?? [];
    checkNotInstalled(
      module,
      new RegExp(`^${found} is there and has no ${part}: the name is misspelled, or of another`),
    );
  }
  checkNotInstalled("sklearn.cross_validation", /another version of sklearn/);
});

test("a package that brings modules of other names is installed by its own", () => {
  for (const module of ["win32api", "win32com", "pywintypes", "pythoncom"]) {
    checkInstalled(module, "pywin32");
  }
  checkInstalled("mpl_toolkits", "matplotlib");
  checkInstalled("ruamel", "ruamel.yaml");
  checkInstalled("ruamel.yaml", "ruamel.yaml");
  checkNotInstalled("ruamel.yaml.nosuch", /has no nosuch/);
});

test("what Google's packages share is none of them", () => {
  checkInstalled("google.protobuf", "protobuf");
  checkInstalled("google.generativeai", "google-generativeai");
  checkInstalled("google.cloud.storage", "google-cloud-storage");
  checkNotInstalled("google.cloud", /google-cloud-…/);
  checkNotInstalled("google", /google-genai/);
  checkNotInstalled("google.colab", /Google Colab alone/);
  checkNotInstalled("google.protobuf.internal.builder", /has no builder/);
  const text = "ImportError: cannot import name 'genai' from 'google' (unknown location)";
  const said = diagnoseFailure([{ line: 1, text }], { exitCode: 1, interpreterPath: "/w/bin/python" });
  assert.match(said?.advice ?? "", /\/w\/bin\/python -m pip install google-genai$/);
});

test("what Python was built without, or no longer has, is not installed", () => {
  for (const module of ["_lzma", "_sqlite3", "_bz2", "_ctypes", "_tkinter"]) {
    checkNotInstalled(module, /was built without it\. Install \S+-dev/);
  }
  for (const module of ["distutils", "imp", "asynchat", "asyncore"]) {
    checkNotInstalled(module, /was removed from Python in 3\.12/);
  }
});

test("a part of Python that this one lacks is not installed, whatever the index has by its name", () => {
  for (const module of ["tkinter", "sqlite3", "lzma", "curses", "winreg"]) {
    checkNotInstalled(module, new RegExp(`^${module} is a part of Python .* Use another Python\\.$`));
  }
  checkNotInstalled("_curses", /libncurses-dev/);
});

test("where the index has another project by the name that is imported, the right one is named", () => {
  checkInstalled("git", "GitPython");
  checkInstalled("Crypto", "pycryptodome");
  checkInstalled("umap", "umap-learn");
  checkNotInstalled("clip", /github\.com\/openai\/CLIP/);
  const { advice, installs } = diagnose("pkg_resources");
  assert.equal(installs, "setuptools<81");
  assert.match(advice, /-m pip install 'setuptools<81'$/);
});

test("a package that a message says to install is installed with its extras", () => {
  const text =
    "ImportError: Using the `Trainer` with `PyTorch` requires `accelerate>=0.26.0`: Please run `pip install transformers[torch]` or `pip install 'accelerate>=0.26.0'`";
  const diagnosis = diagnoseFailure([{ line: 1, text }], { exitCode: 1, interpreterPath: plan.interpreter.path });
  assert.match(diagnosis?.advice ?? "", /-m pip install 'transformers\[torch\]'$/);
  const fix = diagnosis && proposeFix({ diagnosis, plan, script: NO_ARGUMENTS });
  assert.equal(fix?.kind === "install" && fix.command.at(-1), "transformers[torch]");
});

test("the plan tells the packages that are missing from the files that are", () => {
  const missing = ["torch", "utils", "yaml"].map((module, line) => ({ module, line }));
  const [packages, file, ...more] = missingModuleWarning(missing, WHERE);
  assert.equal(
    packages,
    "`train.py` imports `torch` (line 1) and `yaml` (line 3), which `.venv` does not have. Install them: `/w/python -m pip install torch pyyaml`.",
  );
  assert.match(
    file ?? "",
    /^`train.py` imports `utils` \(line 2\), which `.venv` does not have. utils is nearly always/,
  );
  assert.doesNotMatch(file ?? "", /pip install/);
  assert.deepEqual(more, []);
});
