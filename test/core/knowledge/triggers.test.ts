import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";
import type { Evidence } from "../../../src/core/knowledge/evidence.ts";
import { readTomlLock } from "../../../src/core/knowledge/manifests/lockFiles.ts";
import { readPyproject } from "../../../src/core/knowledge/manifests/pyproject.ts";
import type { Reading } from "../../../src/core/knowledge/manifests/reading.ts";
import { readTrainingConfig } from "../../../src/core/knowledge/manifests/trainingConfig.ts";
import { readPythonFile } from "../../../src/core/knowledge/pythonFile.ts";
import { compileTrigger, type Detector } from "../../../src/core/knowledge/triggers/compileTrigger.ts";
import { rankAgents } from "../../../src/core/knowledge/triggers/rankAgents.ts";

function compiles(wording: string, ...detectors: readonly Detector[]): void {
  assert.deepEqual(compileTrigger(wording), { kind: "compiled", detectors }, wording);
}

/** The flows of a file are found with a parser, which nothing else here needs. */
function readPython({ text }: { text: string }): Reading {
  const { statements, problems } = readPythonFile({ text });
  const [, name] = /^class (\w+)\(FlowSpec\)/m.exec(text) ?? [];
  return { statements: name === undefined ? statements : [...statements, { kind: "flow", name, line: 0 }], problems };
}

function readerOf(path: string) {
  const readers = { ".py": readPython, ".toml": readPyproject, ".lock": readTomlLock };
  return Object.entries(readers).find(([ending]) => path.endsWith(ending))?.[1] ?? readTrainingConfig;
}

/** Evidence of files with texts; those without are only names. */
function evidenceOf(files: Record<string, string>): Evidence {
  const readings = new Map<string, Reading>();
  const folders = new Set([""]);
  for (const [path, text] of Object.entries(files)) {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, index) => folders.add(parts.slice(0, index + 1).join("/")));
    readings.set(path, readerOf(path)({ path, text }));
  }
  const layout = { folders: [...folders], checkpointFolders: new Map(), eventFolders: [], files: Object.keys(files) };
  return { readings, layout, settings: {}, machine: {} };
}

function fires(trigger: string, files: Record<string, string>): string | undefined {
  const [agent] = rankAgents([{ name: "a", triggers: [trigger] }], evidenceOf(files));
  const [match] = agent?.matches ?? [];
  return match && `${match.found} @${match.source.path}`;
}

test("compiles every wording of the shipped agents", () => {
  compiles("metaflow in dependencies (requirements.txt, pyproject.toml, setup.py)", {
    kind: "dependency",
    packages: ["metaflow"],
    isAnyFramework: false,
  });
  compiles("Flow class definitions with @step decorators", { kind: "decorator", name: "step", isOnFlow: true });
  compiles("metaflow imports in Python files", { kind: "import", modules: ["metaflow"] });
  compiles("flows/ or workflows/ directory with Metaflow patterns", {
    kind: "folder",
    names: ["flows", "workflows"],
    module: "metaflow",
  });
  compiles(
    "train.py or training/ directory exists",
    { kind: "glob", globs: ["train.py"], setsHyperparameters: false },
    { kind: "folder", names: ["training"] },
  );
  compiles("PyTorch, TensorFlow, or other ML framework in dependencies", {
    kind: "dependency",
    packages: ["torch", "tensorflow"],
    isAnyFramework: true,
  });
  compiles("Model configuration files (*.yaml, *.json with hyperparameters)", {
    kind: "glob",
    globs: ["*.yaml", "*.json"],
    setsHyperparameters: true,
  });
  compiles("Checkpoint files (*.pt, *.pth, *.h5, *.ckpt)", {
    kind: "glob",
    globs: ["*.pt", "*.pth", "*.h5", "*.ckpt"],
    setsHyperparameters: false,
  });
});

test("compiles how other people say the same", () => {
  compiles("depends on torch or jax", { kind: "dependency", packages: ["torch", "jax"], isAnyFramework: false });
  compiles("imports torch and lightning.", { kind: "import", modules: ["torch", "lightning"] });
  compiles("@app.route decorators", { kind: "decorator", name: "app.route", isOnFlow: false });
  compiles("notebooks/ directory", { kind: "folder", names: ["notebooks"] });
  compiles("`dvc.yaml` exists", { kind: "glob", globs: ["dvc.yaml"], setsHyperparameters: false });
  compiles("*.ipynb", { kind: "glob", globs: ["*.ipynb"], setsHyperparameters: false });
  compiles("docker folder exists", { kind: "folder", names: ["docker"] });
});

test("says of any other wording that it is not understood, and what can be written", () => {
  for (const wording of [
    "when the model is bad",
    "",
    "torch",
    "always",
    "files (a, b)",
    "Model files (*.yaml with cats)",
    "x".repeat(10_000),
  ]) {
    const compiled = compileTrigger(wording);
    assert.equal(compiled.kind, "unknown", wording.slice(0, 40));
    assert.match(compiled.kind === "unknown" ? compiled.message : "", /Write `torch in dependencies`/);
  }
});

test("fires on what is there, with its place, and on nothing else", () => {
  const flow = "from metaflow import FlowSpec, step\nclass A(FlowSpec):\n    @step\n    def start(self): pass\n";
  assert.equal(
    fires("metaflow in dependencies", { "pyproject.toml": '[project]\ndependencies = ["metaflow>=2"]' }),
    "metaflow in dependencies @pyproject.toml",
  );
  assert.equal(fires("metaflow in dependencies", { "a.py": flow }), undefined);
  // It came along with something else.
  const locked = '[[package]]\nname = "metaflow"\nversion = "2.19.1"\n';
  assert.equal(fires("metaflow in dependencies", { "poetry.lock": locked }), undefined);
  assert.equal(
    fires("any ML framework in dependencies", { "pyproject.toml": '[project]\ndependencies = ["jax"]' }),
    "jax in dependencies @pyproject.toml",
  );
  assert.equal(fires("Flow class definitions with @step decorators", { "a.py": flow }), "uses @step @a.py");
  assert.equal(fires("Flow class definitions with @step decorators", { "a.py": "@step\ndef f(): pass" }), undefined);
  assert.equal(fires("metaflow imports in Python files", { "sub/a.py": flow }), "imports metaflow @sub/a.py");
  assert.equal(
    fires("flows/ directory with Metaflow patterns", { "flows/a.py": flow }),
    "flows/a.py imports metaflow @flows/a.py",
  );
  assert.equal(fires("flows/ directory with Metaflow patterns", { "flows/a.py": "import os" }), undefined);
  assert.equal(fires("training/ directory exists", { "src/training/a.txt": "" }), "src/training/ exists @src/training");
  assert.equal(
    fires("train.py exists", { "src/train.py": "", "src/no_train.py": "" }),
    "src/train.py exists @src/train.py",
  );
  assert.equal(fires("train.py exists", { "src/no_train.py": "" }), undefined);
  assert.equal(fires("Dockerfile or Makefile exists", { "x/Makefile": "" }), "x/Makefile exists @x/Makefile");
  const drawing = { "src/plots/a.py": "from PIL import Image" };
  assert.equal(fires("PIL imports", drawing), "imports PIL @src/plots/a.py");
  assert.equal(fires("plots/ directory with PIL imports", drawing), "src/plots/a.py imports pil @src/plots/a.py");
  assert.equal(fires("Checkpoint files (*.pt)", { "a/b.pt": "", "c.ptx": "" }), "a/b.pt exists @a/b.pt");
  assert.equal(
    fires("configs/*.yaml", { "configs/a.yaml": "", "x/configs/b.yaml": "" }),
    "configs/a.yaml exists @configs/a.yaml",
  );
  assert.equal(
    fires("Configuration files (*.yaml with hyperparameters)", { "a.yaml": "title: x", "b.yaml": "a:\n  lr: 1" }),
    "b.yaml sets hyperparameters @b.yaml",
  );
  assert.equal(fires("Configuration files (*.yaml with hyperparameters)", { "a.yaml": "title: x" }), undefined);
});

test("ranks the agents whose triggers fire first, and gives each its reasons", () => {
  const names = ["metaflow-agent", "ml-trainer", "mlops-engineer"];
  const agents = names.map((name) => {
    const { definition } = parseAgent(
      readFileSync(new URL(`../../../agents/${name}.agent.md`, import.meta.url), "utf8"),
    );
    return { name, triggers: definition?.triggers ?? [] };
  });
  assert.ok(agents.every(({ triggers }) => triggers.every((trigger) => compileTrigger(trigger).kind === "compiled")));
  const training = { "train.py": "import torch", "pyproject.toml": '[project]\ndependencies = ["torch"]' };
  const ranked = rankAgents(agents, evidenceOf(training));
  assert.deepEqual(
    ranked.map(({ name, score }) => `${name} ${score}`),
    ["ml-trainer 4", "metaflow-agent 0", "mlops-engineer 0"],
  );
  assert.deepEqual(
    ranked[0]?.matches.map(({ found }) => found),
    ["torch in dependencies", "train.py exists"],
  );
});
