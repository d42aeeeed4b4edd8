import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { launchPlanSchema, type PlanRequest } from "../../../src/core/training/launchPlan.ts";
import { planDigest, renderPlanMarkdown } from "../../../src/core/training/renderPlan.ts";
import { planCommand } from "../../../src/node/training/cli/commandPlan.ts";
import { type PlanContext, planLaunch } from "../../../src/node/training/planLaunch.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { testReceipt } from "../../support/runFixtures.ts";
import { addVirtualEnvironment, type ScriptWorkspace, scriptWorkspace } from "../../support/scriptWorkspace.ts";

function plan(workspace: ScriptWorkspace, request: PlanRequest = {}, context: Partial<PlanContext> = {}) {
  return planLaunch(request, { workspaceFolder: workspace.folder, environment: replayedGpus("none"), ...context });
}

/** The command after the interpreter. */
async function words(workspace: ScriptWorkspace, request: PlanRequest = {}, context: Partial<PlanContext> = {}) {
  return (await plan(workspace, request, context)).command.slice(1);
}

test("plans the best script of a workspace with its own environment on the CPU", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const python = await addVirtualEnvironment(join(workspace.folder, ".venv"));
  const planned = await plan(workspace, { arguments: ["--seed", "1", "--lr", "3e-4"] });
  assert.deepEqual(launchPlanSchema.parse(planned), planned);
  assert.deepEqual(planned.command, [python, "train.py", "--seed", "1", "--lr", "3e-4", "--device", "cpu"]);
  assert.equal(planned.cwd, workspace.folder);
  assert.equal(planned.title, "train");
  assert.equal(planned.interpreter.reason, "`.venv` beside the script");
  assert.match(planned.interpreter.version ?? "", /^3\.\d+\.\d+$/);
  assert.deepEqual(planned.device, { kind: "cpu", reason: "no NVIDIA GPU: `nvidia-smi` lists none" });
  assert.deepEqual(planned.environment, { PYTHONUNBUFFERED: "1" });
  assert.deepEqual(planned.checkpointFolder, {
    path: join(workspace.folder, "checkpoints"),
    reason: "default of `--checkpoint-dir` (train.py:37)",
  });
  assert.deepEqual(planned.logFolder, {
    path: join(workspace.folder, "logs/tensorboard"),
    reason: "`SummaryWriter` (train.py:55)",
  });
  assert.deepEqual(
    planned.arguments.filter(({ source }) => source !== "default"),
    [
      { flag: "--seed", value: "1", source: "given" },
      { flag: "--lr", value: "3e-4", source: "given", default: "1e-3" },
      { flag: "--device", value: "cpu", source: "planned", default: "cuda" },
    ],
  );
});

test("warns about modules that the environment does not have, and says how to install them", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const python = await addVirtualEnvironment(join(workspace.folder, ".venv"));
  const { warnings, interpreter } = await plan(workspace, { arguments: ["--seed", "1"] });
  assert.deepEqual(warnings, [
    `\`train.py\` imports \`torch\` (line 6) and \`torchvision\` (line 11), which \`.venv\` (Python ${interpreter.version}) does not have. Install them: \`${python} -m pip install torch torchvision\`.`,
  ]);
});

test("never imports anything of the workspace", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const trap = `open(${JSON.stringify(join(workspace.folder, "executed"))}, "w").close()\n`;
  for (const name of ["torch.py", "json.py", "importlib.py", "sitecustomize.py", "usercustomize.py"]) {
    await workspace.write(name, trap);
  }
  const environment = {
    ...replayedGpus("none"),
    PYTHONPATH: workspace.folder,
    PYTHONSTARTUP: join(workspace.folder, "json.py"),
  };
  await plan(workspace, { arguments: ["--seed", "1"] }, { environment });
  assert.equal(existsSync(join(workspace.folder, "executed")), false);
});

test("gives the training one GPU by its UUID", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const planned = await plan(workspace, { arguments: ["--seed", "1"] }, { environment: replayedGpus("one") });
  assert.deepEqual(planned.command.slice(1), ["train.py", "--seed", "1"]);
  assert.equal(planned.environment["CUDA_VISIBLE_DEVICES"], "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6");
});

test("takes the device from the arguments before it chooses one", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const environment = replayedGpus("eight");
  const cpu = await plan(workspace, { arguments: ["--seed", "1", "--device", "cpu"] }, { environment });
  assert.deepEqual(cpu.device, { kind: "cpu", reason: "CPU was asked for" });
  const numbered = await plan(workspace, { arguments: ["--seed", "1", "--device", "cuda:2"] }, { environment });
  assert.equal(numbered.device.kind === "cuda" && numbered.device.gpus[0]?.index, 2);
  assert.deepEqual(numbered.environment, { CUDA_DEVICE_ORDER: "PCI_BUS_ID", PYTHONUNBUFFERED: "1" });
});

test("keeps away from a GPU that another window has leased", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const lease = {
    schemaVersion: 1,
    uuid: "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6",
    runId: "r",
    title: "digits",
    holder: { pid: 1, startTime: "" },
    acquiredAt: "",
  };
  await workspace.write(`leases/${lease.uuid}.json`, JSON.stringify(lease));
  const leases = { folder: join(workspace.folder, "leases"), isAlive: async () => true };
  const { warnings } = await plan(workspace, {}, { environment: replayedGpus("one"), leases });
  assert.ok(
    warnings.some((warning) => warning.includes("already used by the run `digits`")),
    warnings.join("\n"),
  );
});

test("says which other scripts there are where nobody named one", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const text = "import torch\nfor x in data:\n    loss.backward()\n    optimizer.step()\n";
  await writeFile(join(workspace.folder, "train_large.py"), text);
  assert.deepEqual((await plan(workspace)).others, ["train_large.py"]);
  assert.match(renderPlanMarkdown(await plan(workspace), workspace.folder), /\*\*Chosen\*\* before `train_large.py`;/);
  assert.equal((await plan(workspace, { script: "train.py" })).others, undefined);
});

test("warns of a folder that a save needs and nobody makes", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const script = join(workspace.folder, "plain.py");
  const body = "import torch\nfor epoch in range(3):\n    torch.save(model, f'out/deep/e{epoch}.pt')\n";
  const warningsOf = async () =>
    (await plan(workspace, { script: "plain.py" })).warnings.filter((warning) => warning.includes("out/deep"));
  await writeFile(script, body);
  assert.deepEqual(await warningsOf(), [
    "`out/deep` does not exist and nothing makes it, so the first torch.save (plain.py:3) would fail and lose what was trained until then. Make the folder first.",
  ]);
  await writeFile(script, `import os\nos.makedirs("out/deep")\n${body}`);
  assert.deepEqual(await warningsOf(), []);
  await writeFile(script, body);
  await mkdir(join(workspace.folder, "out/deep"), { recursive: true });
  assert.deepEqual(await warningsOf(), []);
});

test("warns about arguments that the script would refuse", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const { warnings } = await plan(workspace, {
    arguments: ["--epoch", "many", "--bach-size", "3", "--optimizer", "lion"],
  });
  assert.deepEqual(warnings.slice(-4), [
    "`--epochs` wants a whole number, not `many`.",
    "`train.py` does not know `--bach-size`. Did you mean `--batch-size`?",
    "`--optimizer` wants `adam` or `sgd`, not `lion`.",
    "`train.py` needs a value for `--seed` (train.py:38).",
  ]);
});

test("reads Hydra configurations from their folder", async () => {
  await using workspace = await scriptWorkspace("hydra");
  const planned = await plan(workspace, { arguments: ["seed=1", "optimizer=sgd", "checkpoint_dir=out"] });
  assert.deepEqual(planned.command.slice(1), ["train.py", "seed=1", "optimizer=sgd", "checkpoint_dir=out"]);
  assert.deepEqual(planned.checkpointFolder, { path: join(workspace.folder, "out"), reason: "`checkpoint_dir`" });
  assert.ok(planned.arguments.some(({ flag, value }) => flag === "epochs" && value === "10"));
});

test("says what the checkpoint folder holds, since only the script knows whether it makes a folder of its own", async () => {
  await using workspace = await scriptWorkspace("hydra");
  const request = { arguments: ["checkpoint_dir=out"] };
  await mkdir(join(workspace.folder, "out"));
  await writeFile(join(workspace.folder, "out", "notes.txt"), "");
  assert.equal((await plan(workspace, request)).checkpointFolder?.reason, "`checkpoint_dir`");
  await writeFile(join(workspace.folder, "out", "epoch_1.pt"), "");
  assert.equal(
    (await plan(workspace, request)).checkpointFolder?.reason,
    "`checkpoint_dir` · holds checkpoints, of which those of the same name are replaced unless the script makes a folder of its own",
  );
});

test("warns of a run that has not ended and saves to the same folder, also one that was typed", async () => {
  await using workspace = await scriptWorkspace("hydra");
  const root = workspace.folder;
  const own = await plan(workspace, { arguments: ["checkpoint_dir=out"] });
  const first = basename(await createRun(root, own, testReceipt));
  const typed = planCommand(["python3", "train.py", "checkpoint_dir=typed"], root);
  const second = basename(await createRun(root, typed, testReceipt));
  const warnings = async (folder: string) =>
    (await plan(workspace, { arguments: [`checkpoint_dir=${folder}`] })).warnings.filter((each) =>
      each.includes("save"),
    );
  assert.deepEqual(await warnings("out"), [
    `The run \`${first}\` of \`train\` has not ended and saves to \`out\` too, so each may replace the other's checkpoints. Give it a folder of its own with \`checkpoint_dir\`.`,
  ]);
  assert.match((await warnings("typed")).join(), new RegExp(`^The run \`${second}\``));
  assert.deepEqual(await warnings("other"), []);
});

test("warns of a folder in which nothing can be saved", async () => {
  await using workspace = await scriptWorkspace("hydra");
  const { warnings } = await plan(workspace, { arguments: ["checkpoint_dir=train.py/out"] });
  assert.deepEqual(warnings.slice(-1), [
    "Nothing can be saved to `train.py/out`: a file is in its place. Give it a folder of its own with `checkpoint_dir`.",
  ]);
});

test("starts a LightningCLI with fit, unless the person says what to start", async () => {
  await using workspace = await scriptWorkspace("lightning");
  assert.deepEqual(await words(workspace, { arguments: ["--data.root", "d"] }), ["main.py", "fit", "--data.root", "d"]);
  assert.deepEqual(await words(workspace, { arguments: ["test", "--data.root", "d"] }), [
    "main.py",
    "test",
    "--data.root",
    "d",
  ]);
  const { checkpointFolder } = await plan(workspace);
  assert.equal(checkpointFolder?.path, join(workspace.folder, "lightning_logs"));
});

test("runs a flow through Metaflow", async () => {
  await using workspace = await scriptWorkspace("flow");
  const planned = await plan(workspace, { arguments: ["--dataset", "digits"] });
  assert.equal(planned.kind, "flow");
  assert.deepEqual(planned.command.slice(1), ["train_flow.py", "--no-pylint", "run", "--dataset", "digits"]);
});

test("resumes a flow and spins a step as they are asked for, without a second command and without complaints", async () => {
  await using workspace = await scriptWorkspace("flow");
  for (const args of [
    ["--no-pylint", "resume", "train", "--origin-run-id", "17"],
    ["--no-pylint", "spin", "TrainFlow/17/train/3"],
  ]) {
    const planned = await plan(workspace, { arguments: args });
    assert.deepEqual(planned.command.slice(1), ["train_flow.py", ...args]);
    assert.deepEqual(
      planned.warnings.filter((warning) => /argument|17/.test(warning)),
      [],
    );
  }
});

const PYPI_FLOW = `
from metaflow import FlowSpec, pypi, step
class PypiFlow(FlowSpec):
    @pypi(packages={"idna": "3.7"})
    @step
    def start(self):
        self.next(self.end)
    @step
    def end(self):
        pass
PypiFlow()
`;

test("starts a flow with the environment that its packages need, unless one is chosen", async () => {
  await using workspace = await scriptWorkspace();
  const script = await workspace.write("flow.py", PYPI_FLOW);
  const check = async (args: readonly string[], expected: readonly string[], environment = replayedGpus("none")) =>
    assert.deepEqual(await words(workspace, { script, arguments: args }, { environment }), ["flow.py", ...expected]);
  await check([], ["--environment=pypi", "--no-pylint", "run"]);
  await check(["resume", "--origin-run-id", "17"], ["--environment=pypi", "resume", "--origin-run-id", "17"]);
  await check(["--environment=conda", "run"], ["--environment=conda", "run"]);
  const chosen = { ...replayedGpus("none"), METAFLOW_DEFAULT_ENVIRONMENT: "fast-bakery" };
  await check([], ["--no-pylint", "run"], chosen);
});

test("makes modules of the project importable that lie beside the folder of the script", async () => {
  await using workspace = await scriptWorkspace("options");
  const planned = await plan(workspace);
  assert.deepEqual(planned.command.slice(1), ["src/train.py"]);
  assert.equal(planned.environment["PYTHONPATH"], workspace.folder);
  assert.deepEqual(planned.checkpointFolder, {
    path: join(workspace.folder, "results"),
    reason: "default of `--out_dir` (options.py:8)",
  });
});

test("finds the package of a project in `src`, reads its classes and never says to install it", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("pyproject.toml", '[project]\nname = "digits"\n');
  await workspace.write("src/digits/__init__.py", "");
  await workspace.write(
    "src/digits/net.py",
    "class Net(LightningModule):\n    def __init__(self, lr: float = 1e-3): ...\n",
  );
  const main = "from lightning.pytorch.cli import LightningCLI\nfrom digits.net import Net\nLightningCLI(Net)\n";
  for (const script of ["src/digits/train.py", "scripts/train.py"]) {
    await workspace.write(script, main);
    const planned = await plan(workspace, { script });
    assert.equal(planned.environment["PYTHONPATH"], join(workspace.folder, "src"), script);
    assert.ok(
      planned.arguments.some(({ flag }) => flag === "--model.lr"),
      script,
    );
    assert.equal(planned.warnings.filter((warning) => /`digits`|install \S*digits/.test(warning)).length, 0, script);
  }
});

test("an installed module comes before a file of its name in `src`, and a `src` that is imported itself holds no packages", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("src/pip/tool.py", "");
  await workspace.write("train.py", "from pip.tool import tool\noptimizer.step()\nmain()\n");
  const installed = await plan(workspace, { script: "train.py" });
  assert.equal(installed.environment["PYTHONPATH"], undefined);
  await workspace.write("src/net.py", "");
  await workspace.write("src/own_metric.py", "");
  await workspace.write("train.py", "from src.net import Net\nimport own_metric\noptimizer.step()\nmain()\n");
  const missing = await plan(workspace, { script: "train.py" });
  assert.equal(missing.environment["PYTHONPATH"], undefined);
  assert.match(missing.warnings.join("\n"), /imports `own_metric` \(line 2\)/);
});

test("starts a script as a module where it imports its own package", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("digits/__init__.py", "");
  await workspace.write("digits/net.py", "");
  await workspace.write("digits/train.py", "import torch\nfrom .net import Net\noptimizer.step()\nmain()\n");
  assert.deepEqual(await words(workspace), ["-m", "digits.train"]);
});

test("runs in the project folder of a workspace with several", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("vision/requirements.txt", "torch\n");
  await workspace.write("vision/scripts/train.py", "import torch\noptimizer.step()\nmain()\n");
  const planned = await plan(workspace);
  assert.equal(planned.cwd, join(workspace.folder, "vision"));
  assert.deepEqual(planned.command.slice(1), ["scripts/train.py"]);
});

test("plans a script that names no framework, found by its name", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("mytrainer.py", "def run():\n    pass\n");
  await workspace.write("train.py", "from mytrainer import run\n\nif __name__ == '__main__':\n    run()\n");
  const planned = await plan(workspace);
  assert.deepEqual(planned.command.slice(1), ["train.py"]);
});

test("refuses what cannot be planned with a sentence about what to do", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("notes.ipynb", "{}");
  await workspace.write("train.py", "import torch\n");
  await using empty = await scriptWorkspace();
  await assert.rejects(plan(empty), { message: /^No training script was found in/ });
  await assert.rejects(plan(workspace, { script: "notes.ipynb" }), { message: /is a notebook/ });
  await workspace.write("books/fit.ipynb", "{}");
  await assert.rejects(plan(workspace, { script: "fit.ipynb" }), { message: /to script "books\/fit\.ipynb"/ });
  await workspace.write("my runs/go.sh", "python train.py\n");
  await assert.rejects(plan(workspace, { script: "my runs/go.sh" }), {
    message: /shell script.*`trainyard run -- bash 'my runs\/go\.sh'`/,
  });
  await assert.rejects(plan(workspace, { script: "gone.sh" }), { message: /^`gone\.sh` does not exist/ });
  await assert.rejects(plan(workspace, { script: "gone.py" }), { message: /`gone.py` does not exist/ });
  await assert.rejects(plan(workspace, { script: "train.py" }, { environment: { PATH: "" } }), {
    name: "UserError",
    message: /^No Python was found in/,
  });
  await assert.rejects(plan(workspace, { script: "train.py" }, { pythonPath: "nowhere/python" }), {
    message: /There is no Python at `.*nowhere\/python` \(setting `trainyard.pythonPath`\)/,
  });
});

test("plans with a warning where the Python that was asked for does not start", async () => {
  await using workspace = await scriptWorkspace("typer");
  await workspace.write("broken", "not a program");
  const { warnings } = await plan(workspace, {}, { pythonPath: "broken" });
  assert.match(warnings[0] ?? "", /does not start/);
});

test("keeps its digest until something else would run", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const first = planDigest(await plan(workspace, { arguments: ["--seed", "1"] }));
  assert.equal(planDigest(await plan(workspace, { arguments: ["--seed", "1"] })), first);
  assert.notEqual(planDigest(await plan(workspace, { arguments: ["--seed", "2"] })), first);
  assert.notEqual(
    planDigest(await plan(workspace, { arguments: ["--seed", "1"] }, { environment: replayedGpus("one") })),
    first,
  );
});

test("stops reading when the request is cancelled", async () => {
  await using workspace = await scriptWorkspace("mnist");
  await assert.rejects(plan(workspace, {}, { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("plans a command that runs as it is written", async () => {
  await using workspace = await scriptWorkspace();
  const report =
    "import os\nprint(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get('CUDA_VISIBLE_DEVICES'), settings.NAME]))\n";
  await workspace.write("tools/train.py", `import json, sys\nfrom lib import settings\n# optimizer.step()\n${report}`);
  await workspace.write("lib/settings.py", 'NAME = "digits"\n');
  const { command, cwd, environment } = await plan(workspace, {
    script: "tools/train.py",
    arguments: ["--name", "my run; $HOME *"],
    device: "cpu",
  });
  const [python = "", ...rest] = command;
  const output = execFileSync(python, rest, {
    cwd,
    env: { PATH: process.env["PATH"], ...environment },
    encoding: "utf8",
  });
  assert.deepEqual(JSON.parse(output), [["--name", "my run; $HOME *"], workspace.folder, "", "digits"]);
});

test("runs a script outside of the workspace in its own folder", async () => {
  await using workspace = await scriptWorkspace("click");
  await using other = await scriptWorkspace("typer");
  const planned = await plan(workspace, { script: join(other.folder, "train.py"), arguments: ["data"] });
  assert.deepEqual([planned.cwd, planned.command.slice(1)], [other.folder, ["train.py", "data"]]);
});

test("warns that a PyTorch without CUDA leaves the GPU idle", async () => {
  await using workspace = await scriptWorkspace("typer");
  await addVirtualEnvironment(join(workspace.folder, ".venv"));
  const { interpreter } = await plan(workspace, { arguments: ["data"] });
  const python = `python${interpreter.version?.split(".").slice(0, 2).join(".")}`;
  const metadata = "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0+cpu\n";
  await workspace.write(`.venv/lib/${python}/site-packages/torch-2.13.0+cpu.dist-info/METADATA`, metadata);
  const { warnings } = await plan(workspace, { arguments: ["data"] }, { environment: replayedGpus("one") });
  assert.ok(
    warnings.includes(
      "PyTorch 2.13.0+cpu is built without CUDA, so the GPU stays idle. Install a CUDA build of PyTorch to use it.",
    ),
    warnings.join("\n"),
  );
});

test("warns about a checkpoint that the script would replace, and only once it is there", async () => {
  await using workspace = await scriptWorkspace("typer");
  const warnings = async () => (await plan(workspace)).warnings.filter((warning) => warning.includes("model.pt"));
  assert.deepEqual(await warnings(), []);
  await workspace.write("model.pt", "");
  assert.deepEqual(await warnings(), [
    "train.py:16: `torch.save` writes model.pt, which exists. Put the epoch or the run into its name, or move the file.",
  ]);
});
