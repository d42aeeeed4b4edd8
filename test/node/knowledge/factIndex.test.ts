import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Fact,
  type FactKey,
  formatSource,
  PLACEHOLDERS,
  type WorkspaceFacts,
} from "../../../src/core/knowledge/fact.ts";
import { renderFactsMarkdown } from "../../../src/core/knowledge/renderFacts.ts";
import { placeholderText } from "../../../src/core/knowledge/resolveFacts.ts";
import { FactIndex } from "../../../src/node/knowledge/factIndex.ts";
import { FactsClient } from "../../../src/node/knowledge/factsClient.ts";
import { repositoryRoot } from "../../support/python.ts";
import { addVirtualEnvironment, type ScriptWorkspace, scriptWorkspace } from "../../support/scriptWorkspace.ts";

const FLOW =
  "from metaflow import FlowSpec, kubernetes, step\n\n\nclass Churn(FlowSpec):\n    @kubernetes(gpu=1)\n    @step\n    def start(self):\n        pass\n";
const EVALUATION = "import torch\n\nif __name__ == '__main__':\n    print(torch)\n";

/** A project in which every placeholder has an answer. */
async function fullWorkspace(): Promise<ScriptWorkspace> {
  const workspace = await scriptWorkspace("mnist");
  await workspace.write("requirements.txt", "# needs\ntorch>=2.4\nmetaflow>=2.19\nwandb\n");
  await workspace.write("flows/churn.py", FLOW);
  await workspace.write("configs/base.yaml", "training:\n  lr: 1e-3\n");
  await workspace.write("checkpoints/epoch_1.pt", "");
  await workspace.write("data/train.csv", "");
  await workspace.write("evaluate.py", EVALUATION);
  await workspace.write("training/loop.py", "import torch\n");
  await workspace.write("resume.sh", "python train.py --resume checkpoints/last.pt\n");
  await addVirtualEnvironment(join(workspace.folder, ".venv"));
  await workspace.write(".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.7\n");
  await workspace.write(
    ".venv/lib/python3.11/site-packages/torch-2.13.0+cpu.dist-info/METADATA",
    "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0+cpu\n",
  );
  return workspace;
}

async function factsOf(folder: string): Promise<WorkspaceFacts> {
  const index = new FactIndex(folder);
  await index.scan();
  return index.facts({});
}

function brief(facts: readonly Fact[], key: FactKey): string[] {
  return facts
    .filter((fact) => fact.key === key)
    .map(
      ({ value, why, source, confidence }) =>
        `${value} | ${why} | ${source ? formatSource(source) : ""} | ${confidence}`,
    );
}

test("answers all eighteen placeholders, each with its place and how sure it is", async () => {
  await using workspace = await fullWorkspace();
  const { facts, unknown, conflicts, problems, omissions } = await factsOf(workspace.folder);
  assert.deepEqual(
    { unknown, conflicts, problems, omissions },
    { unknown: [], conflicts: [], problems: [], omissions: [] },
  );
  assert.equal(PLACEHOLDERS.length, 18);
  const metadata = ".venv/lib/python3.11/site-packages/torch-2.13.0+cpu.dist-info/METADATA:3";
  const expected: readonly (readonly [FactKey, readonly string[]])[] = [
    ["ml_framework", [`torch 2.13.0+cpu | installed | ${metadata} | installed`]],
    ["metaflow_version", ["metaflow >=2.19 | declared | requirements.txt:3 | declared"]],
    [
      "tech_stack",
      [
        "wandb | declared | requirements.txt:4 | declared",
        "torchvision | imported, named in no manifest | train.py:11 | imported",
      ],
    ],
    ["python_version", ["3.11.7 | installed | .venv/pyvenv.cfg:2 | installed"]],
    [
      "execution_environment",
      [
        "local, Python 3.11.7 in .venv | is a virtual environment | .venv/pyvenv.cfg:2 | installed",
        "Kubernetes | uses @kubernetes | flows/churn.py:5 | declared",
      ],
    ],
    ["flow", ["Churn | derives from FlowSpec | flows/churn.py:4 | declared"]],
    ["flows_dirs", ["flows | defines Churn | flows/churn.py:4 | likely"]],
    ["data_dirs", ["data | by its name | data | likely"]],
    ["model_dirs", ["checkpoints | holds epoch_1.pt | checkpoints | likely"]],
    ["config_dirs", ["configs | sets hyperparameters | configs/base.yaml:2 | likely"]],
    ["training_dirs", [". | has train.py | train.py:1 | likely", "training | by its name | training | likely"]],
    ["run_flow_command", ["python flows/churn.py run | defines Churn | flows/churn.py:4 | likely"]],
    [
      "resume_flow_command",
      ["python flows/churn.py resume --origin-run-id <run id> | defines Churn | flows/churn.py:4 | likely"],
    ],
    [
      "deploy_flow_command",
      ["python flows/churn.py argo-workflows create | uses @kubernetes | flows/churn.py:5 | likely"],
    ],
    ["resume_command", ["bash resume.sh | runs python train.py --resume checkpoints/last.pt | resume.sh:1 | declared"]],
    ["validate_command", ["python evaluate.py | named evaluate.py | evaluate.py | likely"]],
    ["tensorboard_command", ["tensorboard --logdir logs/tensorboard | is written to | train.py:55 | likely"]],
  ];
  for (const [key, lines] of expected) {
    assert.deepEqual(brief(facts, key), lines, key);
  }
  assert.equal(placeholderText({ facts }, "train_command"), "python train.py");
  assert.equal(
    placeholderText({ facts }, "tech_stack"),
    "Python 3.11.7, torch 2.13.0+cpu, metaflow >=2.19, wandb, torchvision",
  );
  assert.match(placeholderText({ facts }, "show_results_command"), /^python -c ".*Flow\('Churn'\)/);
  assert.match(placeholderText({ facts }, "list_runs_command"), /^python -c ".*Flow\('Churn'\)/);
});

test("says of what it cannot know how to set it, and takes what a person set", async () => {
  await using workspace = await scriptWorkspace();
  const index = new FactIndex(workspace.folder);
  await index.scan();
  const empty = index.facts({});
  assert.deepEqual(empty.facts, []);
  assert.deepEqual(
    empty.unknown.map(({ key }) => key),
    [...PLACEHOLDERS],
  );
  assert.match(
    empty.unknown[0]?.hint ?? "",
    /Set `tech_stack` in `\.trainyard\/facts\.yaml` or in the setting `trainyard\.facts\.tech_stack`/,
  );
  await workspace.write(
    ".trainyard/facts.yaml",
    "train_command: make fit\ndata_dirs: [s3://bucket, /mnt/data]\ntrain_comand: x\nmodel_dirs:\n",
  );
  const { facts, problems } = index.facts({ train_command: "hidden by the file", validate_command: "make eval" });
  assert.deepEqual(
    facts.map(({ key, value, source }) => `${key} ${value} ${source ? formatSource(source) : "settings"}`),
    [
      "data_dirs s3://bucket .trainyard/facts.yaml:2",
      "data_dirs /mnt/data .trainyard/facts.yaml:2",
      "train_command make fit .trainyard/facts.yaml:1",
      "validate_command make eval settings",
    ],
  );
  assert.deepEqual(
    problems.map(({ message, range }) => `${range.start.line} ${message}`),
    [
      "2 `train_comand` is no fact that can be set. Did you mean `train_command`?",
      "3 `model_dirs` needs a text or a list of texts.",
    ],
  );
});

/** The line about what is not known, with these requirements. */
async function notKnown(requirements: string): Promise<string> {
  await using workspace = await scriptWorkspace("mnist");
  await workspace.write("requirements.txt", requirements);
  return /^\*\*Not known\*\*.*$/m.exec(renderFactsMarkdown(await factsOf(workspace.folder)).markdown)?.[0] ?? "";
}

test("names what is not known on one line, and speaks of Metaflow only to those who use it", async () => {
  assert.match(
    await notKnown("torch==2.13.0\n"),
    /: `data_dirs`.*`resume_command`.*\. Set what matters in `\.trainyard/,
  );
  assert.doesNotMatch(await notKnown("torch==2.13.0\n"), /flow/);
  assert.match(await notKnown("torch\nmetaflow\n"), /`run_flow_command`/);
});

test("reads only the file that changed, and forgets what is gone", async () => {
  await using workspace = await fullWorkspace();
  using client = new FactsClient(workspace.folder);
  const first = await client.ask();
  await workspace.write("requirements.txt", "torch>=3\nmetaflow==2.19.38\n");
  const second = await client.ask({ changed: ["requirements.txt"] });
  assert.equal(second.filesRead - first.filesRead, 1);
  assert.deepEqual(brief(second.facts.facts, "metaflow_version"), [
    "metaflow ==2.19.38 | declared | requirements.txt:2 | declared",
  ]);
  assert.match(
    second.facts.conflicts[0]?.message ?? "",
    /^torch 2\.13\.0\+cpu is installed \(.*METADATA:3\), but requirements\.txt:1 asks for >=3\./,
  );
  await rm(join(workspace.folder, "flows"), { recursive: true });
  await workspace.write("more/setup.cfg", "[options]\ninstall_requires = optuna\n");
  const third = await client.ask({ changed: ["flows", "more"] });
  assert.equal(third.filesRead - second.filesRead, 1);
  assert.deepEqual(brief(third.facts.facts, "flow"), []);
  assert.deepEqual(brief(third.facts.facts, "tech_stack"), [
    "optuna | declared | more/setup.cfg:2 | declared",
    "torchvision | imported, named in no manifest | train.py:11 | imported",
  ]);
  // What was kept says the same as a look at everything.
  assert.deepEqual((await client.ask({ rescan: true })).facts, third.facts);
});

test("locked wins over installed, installed over declared, declared over imported", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("a.py", "import torch, jax, numpy\n");
  const index = new FactIndex(workspace.folder);
  const torch = async () => {
    await index.scan();
    return brief(index.facts({}).facts, "ml_framework").find((line) => line.startsWith("torch"));
  };
  assert.equal(await torch(), "torch | imported, named in no manifest | a.py:1 | imported");
  await workspace.write("pyproject.toml", '[project]\ndependencies = ["torch>=2"]\n');
  assert.equal(await torch(), "torch >=2 | declared | pyproject.toml:2 | declared");
  await workspace.write(".venv/pyvenv.cfg", "version = 3.11.7\n");
  await workspace.write(".venv/Lib/site-packages/torch-2.4.0.dist-info/METADATA", "");
  assert.equal(
    await torch(),
    "torch 2.4.0 | installed | .venv/Lib/site-packages/torch-2.4.0.dist-info/METADATA:1 | installed",
  );
  await workspace.write("uv.lock", '[[package]]\nname = "torch"\nversion = "2.5.0"\n');
  assert.equal(await torch(), "torch 2.5.0 | locked | uv.lock:2 | locked");
  assert.match(
    index.facts({}).conflicts[0]?.message ?? "",
    /^torch 2\.4\.0 is installed .* but uv\.lock:2 locks ==2\.5\.0\. Install again/,
  );
});

test("a requirement counts where its marker does, and names the marker where that is not known", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write(
    "requirements.txt",
    'torch==1.13.1; sys_platform == "win32"\ntorch==2.4.0; sys_platform == "linux"\n' +
      'tensorflow==2.1; python_version < "3.0"\nkeras==3; python_version >= "3.11"\n' +
      "jax==0.5; platform_python_implementation != 'PyPy'\nwandb; extra == 'x'\n",
  );
  await workspace.write("a.py", "import tensorflow\n");
  const frameworks = async (machine: Record<string, string>) => {
    const index = new FactIndex(workspace.folder, { machine: { extra: "", ...machine } });
    await index.scan();
    const { facts, conflicts } = index.facts({});
    return [
      ...facts.filter(({ key }) => key !== "python_version").map(({ value, why }) => `${value} | ${why}`),
      ...conflicts.map(({ message }) => message),
    ];
  };
  const unsure = [
    'tensorflow ==2.1 | declared, where python_version < "3.0"',
    'keras ==3 | declared, where python_version >= "3.11"',
    'jax ==0.5 | declared, where platform_python_implementation != "PyPy"',
  ];
  assert.deepEqual(await frameworks({ sys_platform: "linux" }), ["torch ==2.4.0 | declared", ...unsure]);
  assert.deepEqual(await frameworks({ sys_platform: "win32" }), ["torch ==1.13.1 | declared", ...unsure]);
  await workspace.write(".venv/pyvenv.cfg", "version = 3.11.7\n");
  await workspace.write(".venv/Lib/site-packages/torch-2.5.0.dist-info/METADATA", "");
  const known = await frameworks({ sys_platform: "linux", platform_python_implementation: "CPython" });
  assert.deepEqual(known.slice(0, 4), [
    "torch 2.5.0 | installed",
    "keras ==3 | declared",
    "jax ==0.5 | declared",
    "tensorflow | imported, named in manifests for other machines only",
  ]);
  assert.match(known.at(-1) ?? "", /^torch 2\.5\.0 is installed .*requirements\.txt:2 asks for ==2\.4\.0/);
});

test("does not enter what tools install or git leaves out, but sees checkpoints there", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write(".gitignore", "checkpoints/\n*.local.txt\n!keep.local.txt\n/secret\n");
  await workspace.write("checkpoints/last.ckpt", "");
  await workspace.write("sharded/step-1/__0_0.distcp", "");
  await workspace.write("checkpoints/requirements.txt", "jax\n");
  await workspace.write("requirements.local.txt", "keras\n");
  await workspace.write("node_modules/x/requirements.txt", "keras\n");
  await workspace.write("secret/requirements.txt", "keras\n");
  await workspace.write("sub/secret/requirements.txt", "xgboost\n");
  await workspace.write("env/pyvenv.cfg", "version = 3.12.1\n");
  await workspace.write("env/requirements.txt", "keras\n");
  await symlink(workspace.folder, join(workspace.folder, "sub/loop"));
  const { facts } = await factsOf(workspace.folder);
  assert.deepEqual(brief(facts, "ml_framework"), ["xgboost | declared | sub/secret/requirements.txt:1 | declared"]);
  assert.deepEqual(brief(facts, "model_dirs"), [
    "checkpoints | holds last.ckpt | checkpoints | likely",
    "sharded/step-1 | holds __0_0.distcp | sharded/step-1 | likely",
  ]);
  assert.deepEqual(brief(facts, "python_version"), ["3.12.1 | installed | env/pyvenv.cfg:1 | installed"]);
});

test("follows includes inside of the workspace, and names cycles, what is gone and what lies outside", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write(
    "requirements.txt",
    "-r deps/base.list\n-r ../../etc/passwd\n-r /etc/passwd\n-c gone.txt\n-r https://example.org/r.txt\n",
  );
  await workspace.write("deps/base.list", "torch\n-r ../requirements.txt\n");
  const { facts, problems } = await factsOf(workspace.folder);
  assert.deepEqual(brief(facts, "ml_framework"), ["torch | declared | deps/base.list:1 | declared"]);
  assert.deepEqual(
    problems.map(({ path, code, range }) => `${path}:${range.start.line + 1} ${code}`),
    [
      "requirements.txt:2 unreadable-include",
      "requirements.txt:3 unreadable-include",
      "requirements.txt:4 unreadable-include",
      "requirements.txt:5 unreadable-include",
      "deps/base.list:2 include-cycle",
    ],
  );
  assert.match(
    problems.at(-1)?.message ?? "",
    /^`\.\.\/requirements\.txt` includes this file again, and pip stops at such a circle\. Remove/,
  );
});

test("says when a folder holds more than it looks at", async () => {
  await using workspace = await scriptWorkspace();
  await mkdir(join(workspace.folder, "many"));
  await Promise.all(
    Array.from({ length: 2_010 }, (_, index) => writeFile(join(workspace.folder, "many", `${index}.json`), "{}")),
  );
  const index = new FactIndex(workspace.folder);
  await index.scan();
  assert.equal(index.evidence({}).layout.files.length, 2_000);
  const { omissions } = index.facts({});
  assert.deepEqual(omissions, ["`many` holds 2010 files ending in `.json`; 2000 of them were looked at."]);
});

/** JSON counts lines as the text does. */
function formatPrinted({ path, line }: { path: string; line?: number }): string {
  return line === undefined ? path : `${path}:${line}`;
}

test("the command line prints facts as JSON, and exits with 1 on problems and on contradictions", async () => {
  await using workspace = await fullWorkspace();
  const run = () =>
    execFileSync(process.execPath, [join(repositoryRoot, "src/cli.ts"), "facts", workspace.folder, "--json"], {
      encoding: "utf8",
    });
  const printed: WorkspaceFacts & { folder: string } = JSON.parse(run());
  assert.equal(printed.folder, workspace.folder);
  const { facts } = await factsOf(workspace.folder);
  assert.deepEqual(
    printed.facts.map(({ key, value, source }) => [key, value, source && formatPrinted(source)]),
    facts.map(({ key, value, source }) => [key, value, source && formatSource(source)]),
  );
  await workspace.write("requirements.txt", "torch==\n");
  assert.throws(
    run,
    (error: { status?: number; stdout?: string }) =>
      error.status === 1 && (error.stdout ?? "").includes('"invalid-requirement"'),
  );
  await workspace.write("requirements.txt", "torch==1.0\n");
  assert.throws(run, (error: { status?: number; stdout?: string }) => {
    const contradicted: WorkspaceFacts = JSON.parse(error.stdout ?? "");
    return error.status === 1 && contradicted.problems.length === 0 && contradicted.conflicts.length === 1;
  });
});

test("refuses to answer when its thread ends, and answers the next question", async () => {
  await using workspace = await fullWorkspace();
  using client = new FactsClient(workspace.folder);
  const aborted = new AbortController();
  aborted.abort();
  await assert.rejects(client.ask({}, aborted.signal), { name: "AbortError" });
  const stopped = client.ask();
  client[Symbol.dispose]();
  await assert.rejects(stopped, /was stopped before it was done\. Ask again\./);
  assert.ok((await client.ask()).facts.facts.length > 10);
});

test("gives up on a folder that takes too long, and answers the next question", async (context) => {
  await using workspace = await fullWorkspace();
  using client = new FactsClient(workspace.folder);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const late = client.ask();
  context.mock.timers.tick(60_000);
  await assert.rejects(late, /^UserError: Reading .* took longer than 60 seconds and was stopped\./);
  assert.ok((await client.ask()).facts.facts.length > 10);
});

/** Root reads what nobody may. */
async function withoutRights<Result>(call: () => Promise<Result>): Promise<Result> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) {
    process.seteuid?.(65_534);
  }
  try {
    return await call();
  } finally {
    if (isRoot) {
      process.seteuid?.(0);
    }
  }
}

test("what cannot be read is a problem with its path", { skip: process.platform === "win32" }, async () => {
  await using workspace = await scriptWorkspace();
  const at = (path: string) => join(workspace.folder, path);
  await chmod(workspace.folder, 0o755);
  await writeFile(at("locked.py"), "import torch\n", { mode: 0 });
  await mkdir(at("closed"), { mode: 0 });
  await writeFile(at("wide.py"), Buffer.from("\ufeffimport torch\n", "utf16le"));
  await writeFile(at("binary.py"), Buffer.from("import torch\n", "utf16le"));
  await writeFile(at("fine.py"), "import torch\n");
  const index = new FactIndex(workspace.folder);
  const facts = await withoutRights(async () => {
    await index.scan();
    return index.facts({});
  });
  await chmod(at("closed"), 0o755);
  assert.deepEqual(facts.problems.map(({ path, message }) => `${path}: ${message}`).toSorted(), [
    "binary.py: It cannot be read: Python refuses it, as it has null bytes, so it is no text.",
    "closed: The folder cannot be read: permission is denied (EACCES).",
    "locked.py: It cannot be read: permission is denied (EACCES).",
    "wide.py: It cannot be read: Python refuses it, as it is UTF-16. Save it as UTF-8.",
  ]);
});

test("takes names that every JavaScript object has for what they are in a project", async () => {
  await using workspace = await scriptWorkspace("mnist");
  await workspace.write("flow.py", `${FLOW}\n@constructor\n@toString\ndef other():\n    pass\n`);
  await workspace.write("environment.yml", "dependencies:\n  - constructor=3.9\n");
  await workspace.write("requirements.txt", "constructor==3.9\nvalueOf\n");
  await workspace.write("Dockerfile", "FROM somebody/constructor:1\n");
  await workspace.write(".gitignore", "[[:constructor:]]\n");
  await workspace.write("valueOf.py", "import constructor\nimport valueOf\n");
  const { facts, problems, conflicts } = await factsOf(workspace.folder);
  assert.deepEqual(brief(facts, "execution_environment"), [
    "Kubernetes | uses @kubernetes | flow.py:5 | declared",
    "container image somebody/constructor:1 | the image of a Dockerfile | Dockerfile:1 | declared",
  ]);
  assert.deepEqual(brief(facts, "deploy_flow_command"), [
    "python flow.py argo-workflows create | uses @kubernetes | flow.py:5 | likely",
  ]);
  assert.deepEqual([problems, conflicts], [[], []]);
});
