import assert from "node:assert/strict";
import { test } from "node:test";
import { type FactKey, formatSource } from "../../../src/core/knowledge/fact.ts";
import { factsOf } from "../../support/factsOf.ts";

const SCRIPT =
  "from sklearn.svm import SVC\n\n\ndef main():\n    SVC().fit(X, y)\n\n\nif __name__ == '__main__':\n    main()\n";

type Files = Readonly<Record<string, string>>;

const LINUX = { machine: { extra: "", sys_platform: "linux" } };

async function check(files: Files, expected: readonly string[], keys: readonly FactKey[] = ["ml_framework"]) {
  const { facts } = await factsOf(files, LINUX);
  assert.deepEqual(
    facts
      .filter(({ key }) => keys.includes(key))
      .map(({ value, why, source }) => `${value} · ${why} · ${source ? formatSource(source) : "set"}`),
    expected,
  );
}

async function checkConflicts(files: Files, expected: readonly string[]): Promise<void> {
  const { conflicts } = await factsOf(files, LINUX);
  assert.deepEqual(
    conflicts.map(({ severity, message }) => `${severity}: ${message}`),
    expected,
  );
}

function project(python: string, ...dependencies: readonly string[]): string {
  return `[project]\nname = "a"\nrequires-python = "${python}"\ndependencies = ${JSON.stringify(dependencies)}\n`;
}

test("a marker is decided by the Pythons that the project allows, and named where they leave it open", async () => {
  const cases: [requires: string, marker: string, expected: string[]][] = [
    [">=3.10", 'python_version < "3.9"', []],
    [">=3.10", 'python_version >= "3.8"', ["torch ==2.1 · declared · requirements.txt:1"]],
    [
      ">=3.10",
      'python_version < "3.12"',
      ['torch ==2.1 · declared, where python_version < "3.12" · requirements.txt:1'],
    ],
    [">=3.10,<3.12", 'python_version < "3.12"', ["torch ==2.1 · declared · requirements.txt:1"]],
    [">=3.10", 'python_full_version < "3.10.0"', []],
    [">=3.10.4", 'python_full_version <= "3.10.3"', []],
    [">=3.8", 'python_version < "3.10" and python_version >= "3.10"', []],
    [">=3.8", 'python_version < "3.10" or python_version >= "3.10"', ["torch ==2.1 · declared · requirements.txt:1"]],
    [">=3.10", 'python_version < "3.9" and platform_machine == "arm64"', []],
    ["~=3.11.2", 'python_version == "3.11"', ["torch ==2.1 · declared · requirements.txt:1"]],
    // No Python is below 3 and not below it: nothing is known then.
    ["<3,>=3", 'python_version < "3.9"', ['torch ==2.1 · declared, where python_version < "3.9" · requirements.txt:1']],
  ];
  for (const [requires, marker, expected] of cases) {
    const files = { "pyproject.toml": project(requires), "requirements.txt": `torch==2.1; ${marker}\n` };
    await check(files, expected);
  }
});

test("the Pythons of the nearest project around a manifest decide, and those of an environment before them", async () => {
  const files = {
    "pyproject.toml": project(">=3.10"),
    "old/setup.cfg": "[options]\npython_requires = >=3.7,<3.9\n",
    "old/requirements.txt": 'jax==0.3; python_version < "3.9"\n',
    "requirements.txt": 'torch==1.13; python_version < "3.9"\n',
  };
  await check(files, ["jax ==0.3 · declared · old/requirements.txt:1"]);
  await check({ ...files, ".venv/pyvenv.cfg": "version = 3.11.7\n" }, []);
  const poetry = '[tool.poetry.dependencies]\npython = "^3.10"\n';
  await check({ ...files, "pyproject.toml": poetry }, ["jax ==0.3 · declared · old/requirements.txt:1"]);
  const image = { Dockerfile: "FROM python:3.8\n", "pyproject.toml": project(">=3.7") };
  await check({ "requirements.txt": files["requirements.txt"], ...image }, [
    'torch ==1.13 · declared, where python_version < "3.9" · requirements.txt:1',
  ]);
  await check({ ...files, ".python-version": "3.8\n", "pyproject.toml": "" }, [
    "torch ==1.13 · declared · requirements.txt:1",
    "jax ==0.3 · declared · old/requirements.txt:1",
  ]);
});

test("the manifest nearest to the top counts, and examples and foreign code count last", async () => {
  const near = { "requirements.txt": "torch\n", "examples/gan/requirements.txt": "torch==1.13\n" };
  await check(near, ["torch · declared · requirements.txt:1"]);
  await check(
    { "third_party/x/setup.cfg": "[options]\ninstall_requires = torch==1\n", "a/b/c/requirements.txt": "torch==2\n" },
    ["torch ==2 · declared · a/b/c/requirements.txt:1"],
  );
  await check(
    { "vendor/x/uv.lock": '[[package]]\nname = "torch"\nversion = "1.9"\n', "requirements.txt": "torch>=2\n" },
    ["torch >=2 · declared · requirements.txt:1"],
  );
  await check({ "examples/constraints.txt": "torch==1\n", "requirements.txt": "torch\n" }, [
    "torch · declared · requirements.txt:1",
  ]);
  const train = "train:\n\tpython train.py\n";
  await check(
    { "examples/Makefile": train, "train.py": SCRIPT },
    [
      "python train.py · named train.py, fits an estimator · train.py",
      "make -C examples train · runs python train.py · examples/Makefile:1",
    ],
    ["train_command"],
  );
});

test("what an image or a script installs yields to the manifest beside or above it, and is a conflict where it differs", async () => {
  const manifest = { "requirements.txt": "torch>=2.4\n" };
  const image = 'FROM python:3.11\nRUN pip install torch==2.1\nCMD ["python"]\n';
  await check({ ...manifest, Dockerfile: image }, ["torch >=2.4 · declared · requirements.txt:1"]);
  await check({ Dockerfile: image }, ["torch ==2.1 · declared for container · Dockerfile:2"]);
  await checkConflicts({ ...manifest, Dockerfile: image }, [
    "warning: torch 2.1 is declared (Dockerfile:2), but requirements.txt:1 asks for >=2.4. Make them agree.",
  ]);
  await checkConflicts({ ...manifest, "docker/train.Dockerfile": "FROM pytorch/pytorch:2.1.0-cuda12\n" }, [
    "warning: torch 2.1.0 is declared (docker/train.Dockerfile:1), but requirements.txt:1 asks for >=2.4. Make them agree.",
  ]);
  await checkConflicts({ ...manifest, "scripts/setup.sh": "pip install 'torch<2'\n" }, [
    "warning: torch <2 is declared (scripts/setup.sh:1), but requirements.txt:1 asks for >=2.4. Make them agree.",
  ]);
  await checkConflicts({ ...manifest, Dockerfile: "FROM python:3.11\nRUN pip install torch==2.5\n" }, []);
});

test("folders that differ are a remark with both places, about packages that facts speak of", async () => {
  const near = { "requirements.txt": "torch>=2.4\nleft-pad>=2.4\n" };
  await checkConflicts({ ...near, "examples/gan/requirements.txt": "torch==1.13\n" }, [
    "information: torch 1.13 is declared (examples/gan/requirements.txt:1), but requirements.txt:1 asks for >=2.4. The one nearer to the top counts here.",
  ]);
  await checkConflicts({ ...near, "examples/gan/requirements.txt": "left-pad==1.13\n" }, []);
});

function pair(one: string, other: string): string {
  return `torch ${one}, but ${other}. Make them agree.`;
}

test("lines that are installed together and that no version pleases are named, in one file and in those it includes", async () => {
  const cases: [files: Record<string, string>, conflict?: string][] = [
    [
      { "requirements.txt": "torch==2.4\nnumpy\ntorch==2.5\n" },
      pair("2.5 is declared (requirements.txt:3)", "requirements.txt:1 asks for ==2.4"),
    ],
    [
      { "requirements.txt": "torch>=2,<1.9\n" },
      "requirements.txt:1 asks for torch <1.9,>=2, which no version meets. Correct it.",
    ],
    [
      { "reqs/requirements-dev.txt": "-r ../base.in\ntorch<2\n", "base.in": "torch>=2.4\n" },
      pair(">=2.4 is declared (base.in:1)", "reqs/requirements-dev.txt:2 asks for <2"),
    ],
    [
      { "requirements.txt": "-c constraints.txt\ntorch==2.4\n", "constraints.txt": "torch==2.5\n" },
      pair("2.4 is declared (requirements.txt:2)", "constraints.txt:1 asks for ==2.5"),
    ],
    [
      {
        "pyproject.toml":
          '[project]\ndependencies = ["torch>=2"]\n[project.optional-dependencies]\nold = ["torch<2"]\n',
      },
      pair("<2 is declared (pyproject.toml:4)", "pyproject.toml:2 asks for >=2"),
    ],
    [{ "requirements.txt": "torch==2.4; sys_platform == 'win32'\ntorch==2.5; sys_platform != 'win32'\n" }],
    [{ "requirements.txt": "torch>=2\ntorch==2.5\n" }],
    [{ "pyproject.toml": '[project.optional-dependencies]\ncpu = ["torch==2.4"]\ngpu = ["torch==2.5"]\n' }],
    [{ "pyproject.toml": '[project]\ndependencies = ["torch<2"]\n[tool.uv]\noverride-dependencies = ["torch>=2"]\n' }],
    [{ "requirements-cpu.txt": "torch==2.4\n", "requirements-gpu.txt": "torch==2.5\n" }],
  ];
  for (const [files, conflict] of cases) {
    await checkConflicts(files, conflict === undefined ? [] : [`warning: ${conflict}`]);
  }
});

test("members of a workspace of uv share one environment, those left out and other folders have their own", async () => {
  const root = '[tool.uv.workspace]\nmembers = ["packages/*"]\nexclude = ["packages/old"]\n';
  const members = {
    "packages/a/pyproject.toml": project(">=3.10", "left-pad==2.1"),
    "packages/b/pyproject.toml": project(">=3.10", "left-pad>=2.4"),
  };
  await checkConflicts({ "pyproject.toml": root, ...members }, [
    "warning: left-pad 2.1 is declared (packages/a/pyproject.toml:4), but packages/b/pyproject.toml:4 asks for >=2.4. Make them agree.",
  ]);
  await checkConflicts(members, []);
  await checkConflicts(
    {
      "pyproject.toml": root,
      "packages/a/pyproject.toml": members["packages/a/pyproject.toml"],
      "packages/old/pyproject.toml": project(">=3.7,<3.9", "left-pad>=3"),
    },
    [],
  );
  await checkConflicts(
    {
      "pyproject.toml": root,
      "packages/a/pyproject.toml": project(">=3.12"),
      "packages/b/pyproject.toml": project("<3.11"),
    },
    [
      "warning: Python <3.11 is declared (packages/b/pyproject.toml:3), but packages/a/pyproject.toml:3 asks for >=3.12. Make them agree.",
    ],
  );
});

const uvLock = (version: string) => `[[package]]\nname = "torch"\nversion = "${version}"\n`;

test("an override of uv stands in the place of what its project asks for", async () => {
  const tool = '[tool.uv]\noverride-dependencies = ["torch==2.5.0"]\n';
  const manifest = project(">=3.10", "torch==2.3.0");
  const overridden = { "pyproject.toml": `${manifest}\n${tool}` };
  await check(overridden, ["torch ==2.5.0 · declared · pyproject.toml:7"]);
  await checkConflicts({ ...overridden, "uv.lock": uvLock("2.5.0") }, []);
  await checkConflicts({ ...overridden, "uv.lock": uvLock("2.3.0") }, [
    "warning: torch 2.3.0 is locked (uv.lock:2), but pyproject.toml:7 asks for ==2.5.0. Lock again, or change the requirement.",
  ]);
  // An override says nothing of what pip installs, and is no requirement by itself.
  await checkConflicts({ ...overridden, "requirements.txt": "torch==2.3.0\n" }, [
    "warning: torch 2.5.0 is declared (pyproject.toml:7), but requirements.txt:1 asks for ==2.3.0. Make them agree.",
  ]);
  await check({ "pyproject.toml": tool }, []);
  await check({ "pyproject.toml": `${manifest}\n${tool.replace("2.5.0", "2.5.0; sys_platform == 'never'")}` }, []);
  const workspace = '[tool.uv.workspace]\nmembers = ["a"]\n';
  const member = { "uv.lock": uvLock("2.5.0"), "a/pyproject.toml": manifest };
  await check({ "pyproject.toml": `${workspace}${tool}`, "a/pyproject.toml": manifest }, [
    "torch ==2.5.0 · declared · pyproject.toml:4",
  ]);
  await checkConflicts({ ...member, "pyproject.toml": `${workspace}${tool}` }, []);
  // Members have no say.
  await check({ "pyproject.toml": workspace, "a/pyproject.toml": `${manifest}\n${tool}` }, [
    "torch ==2.3.0 · declared · a/pyproject.toml:4",
  ]);
});

test("a Python that the manifests refuse is a conflict", async () => {
  await checkConflicts({ "pyproject.toml": project(">=3.10"), ".venv/pyvenv.cfg": "version = 3.9.2\n" }, [
    "warning: Python 3.9.2 is installed (.venv/pyvenv.cfg:1), but pyproject.toml:3 asks for >=3.10. Make the environment anew, or change the manifest.",
  ]);
  await checkConflicts({ "pyproject.toml": project(">=3.10"), ".venv/pyvenv.cfg": "version = 3.10.2\n" }, []);
  await checkConflicts({ "pyproject.toml": project(">=3.10"), ".python-version": "3.9\n" }, [
    "warning: Python 3.9 is declared (.python-version:1), but pyproject.toml:3 asks for >=3.10. Make them agree.",
  ]);
});

test("what pip-compile made counts before what it was made from", async () => {
  const files = { "requirements/base.in": "torch>=2.2\n", "requirements/base.txt": "torch==2.3.1\n" };
  await check(files, ["torch ==2.3.1 · declared · requirements/base.txt:1"]);
  await check({ "requirements.in": "torch>=2.2\n", "requirements.txt": "numpy\n" }, [
    "torch >=2.2 · declared · requirements.in:1",
  ]);
});

test("what stands behind the colon of an extra of setup.py is a marker", async () => {
  const extras = `{":python_version<'3.9'": ["torch<2"], "gpu:sys_platform=='linux'": ["jax; python_version>'3'"]}`;
  const files = { "setup.py": `setup(python_requires=">=3.10", extras_require=${extras})\n` };
  await check(files, ["jax · declared for gpu · setup.py:1"]);
});

test("of what a lock file holds for several machines and Pythons, that for this one is named", async () => {
  const mac = ["sys_platform == 'darwin'", "sys_platform == 'win32'"].map((text) => `    "${text}",`).join("\n");
  const head = 'requires-python = ">=3.10"\n\n';
  const cases: [path: string, text: string, expected: string[]][] = [
    [
      "uv.lock",
      `${entry("2.2.2", `resolution-markers = [\n${mac}\n]`)}${entry("2.5.0", `resolution-markers = ["sys_platform != 'darwin'"]`)}`,
      ["torch 2.5.0 · locked · uv.lock:10"],
    ],
    [
      "poetry.lock",
      `${entry("2.2.2", 'markers = "sys_platform == \\"darwin\\""')}${entry("2.5.0", 'groups = ["main"]', 'markers = {main = "sys_platform != \\"darwin\\""}')}`,
      ["torch 2.5.0 · locked · poetry.lock:7"],
    ],
    [
      "poetry.lock",
      entry("2.2.2", 'groups = ["main", "dev"]', 'markers = {main = "sys_platform == \\"darwin\\""}'),
      ["torch 2.2.2 · locked · poetry.lock:2"],
    ],
    [
      "pylock.toml",
      `${head}${entry("2.2.2", `marker = "python_version < '3.9'"`)}${entry("2.5.0")}`.replaceAll(
        "package",
        "packages",
      ),
      ["torch 2.5.0 · locked · pylock.toml:9"],
    ],
    [
      "pdm.lock",
      `${entry("2.2.2", `marker = "python_version < '3.9'"`)}${entry("2.5.0", `marker = "python_version >= '3.9'"`)}`,
      ['torch 2.2.2 · locked, where python_version < "3.9" · pdm.lock:2'],
    ],
    // The only version that is locked is that version, though an extra or another Python may not need it.
    ["poetry.lock", entry("2.2.2", 'markers = "extra == \\"gpu\\""'), ["torch 2.2.2 · locked · poetry.lock:2"]],
    ["Pipfile.lock", pipfileLock("2.2.2", "sys_platform == 'darwin'"), []],
    ["Pipfile.lock", pipfileLock("2.5.0", "python_version >= '3.9'"), ["torch 2.5.0 · locked · Pipfile.lock:3"]],
  ];
  for (const [path, text, expected] of cases) {
    await check({ [path]: text }, expected);
  }
});

function pipfileLock(version: string, markers: string): string {
  return `${JSON.stringify({ default: { torch: { markers, version: `==${version}` } }, develop: {} }, undefined, 4)}\n`;
}

function entry(version: string, ...rest: readonly string[]): string {
  return `[[package]]\nname = "torch"\nversion = "${version}"\n${rest.map((line) => `${line}\n`).join("")}\n`;
}
