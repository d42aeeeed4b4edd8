import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { startShownPlan } from "../../../src/editor/training/startTraining.ts";
import { sweepSlashCommand } from "../../../src/editor/training/sweepReplies.ts";
import { trainingSlashCommands } from "../../../src/editor/training/trainingReplies.ts";
import { createRun, listRuns } from "../../../src/node/training/runLedger.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import {
  buildPlan,
  createPythonRun,
  ENDLESS,
  makeWorkspace,
  supervise,
  testReceipt,
  waitForState,
} from "../../support/runFixtures.ts";

beforeEach(resetFake);

const SCRIPT_WITH_LR = `import argparse, torch
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.parse_args()
optimizer.step()
main()
`;

async function openWindow(context: TestContext) {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  const ask = async (name: string, prompt: string) => {
    const command = trainingSlashCommands(monitor).find((each) => each.name === name);
    assert.ok(command);
    return command.answer({ prompt, references: [] }, new AbortController().signal);
  };
  return { root, monitor, ask };
}

test("the newest run of a name is reported on, and not the newest of all", async (context) => {
  const { root, ask } = await openWindow(context);
  const make = (title: string) =>
    createRun(root, buildPlan(root, ["python3", "train.py"], { title }), testReceipt).then((folder) =>
      basename(folder),
    );
  await make("train");
  const train = await make("train");
  const gan = await make("gan");
  const reportOn = async (prompt: string) => {
    const { buttons } = await ask("runs", prompt);
    return buttons?.find(({ command }) => command === "trainyard.openRunLog")?.arguments?.[0];
  };
  for (const prompt of ["train", "how is train doing?", "show me the log of train", "is the train run done?"]) {
    assert.equal(await reportOn(prompt), train, prompt);
  }
  assert.equal(await reportOn("show me the log"), gan);
  assert.equal(await reportOn("show me the train log"), gan);
  assert.equal(await reportOn("list the runs of train"), undefined);
  assert.match((await ask("receipt", "train")).markdown, new RegExp(train));
});

test("/runs lists what failed, with a way to start each again", async (context) => {
  const { root, ask } = await openWindow(context);
  const ids: string[] = [];
  for (const program of ["raise SystemExit(3)", "print('done')"]) {
    const folder = await createPythonRun(root, program);
    supervise("start", folder);
    await waitForState(folder, program.startsWith("raise") ? "failed" : "finished");
    ids.push(basename(folder));
  }
  const again = await ask("runs", "rerun the failed runs");
  assert.match(again.markdown, /^1 of 2 runs failed:[^]*Nothing was started yet\./);
  assert.deepEqual(again.buttons, [
    { title: "Start demo Again…", command: "trainyard.reproduceRun", arguments: [ids[0]] },
  ]);
  assert.match((await ask("runs", "when will it finish?")).markdown, /^No run is going on in this workspace\.\n\n- /);
  assert.deepEqual(
    (await ask("receipt", "")).buttons?.map(({ command }) => command),
    ["trainyard.reproduceRun", "trainyard.compareReceipts"],
  );
  const listed = await ask("runs", "which runs failed?");
  assert.deepEqual(
    listed.buttons?.map(({ title }) => title),
    ["Start demo Again…", "Diagnose demo"],
  );
});

test("/runs answers where the logs are and which run was best", async (context) => {
  const { root, ask } = await openWindow(context);
  const folders: string[] = [];
  for (const acc of [0.9, 0.5]) {
    const folder = await createPythonRun(root, `print("epoch 1/1 acc=${acc}")`);
    supervise("start", folder);
    await waitForState(folder, "finished");
    folders.push(folder);
  }
  const [best = "", newest = ""] = folders;
  assert.match(
    (await ask("runs", "which run was best?")).markdown,
    new RegExp(`^Of 2 runs.*\`${basename(best)}\` with 0.9`),
  );
  const log = await ask("runs", "where are the logs?");
  assert.equal(log.offersHandoffs, undefined, "what has ended is handed on");
  assert.ok([best, newest].some((folder) => log.markdown.includes(`What it printed is in \`${folder}/train.log\``)));
  assert.deepEqual(
    log.buttons?.map(({ title }) => title),
    ["Show Output", "Open Log"],
  );
});

test("/runs asks no agent to judge a run that failed, and leads to why", async (context) => {
  const { root, ask } = await openWindow(context);
  const folder = await createPythonRun(root, "raise ValueError");
  supervise("start", folder);
  await waitForState(folder, "failed");
  const { offersHandoffs, followups } = await ask("runs", "latest");
  assert.equal(offersHandoffs, false);
  assert.deepEqual(followups, [{ label: "What went wrong?", command: "diagnose", prompt: basename(folder) }]);
});

test("/train after a run takes the GPU that is free then, and the device that a person names", async (context) => {
  const { root, ask } = await openWindow(context);
  const before = { ...process.env };
  const { PATH = "", REPLAY_FOLDER = "" } = replayedGpus("two");
  Object.assign(process.env, { PATH: `${PATH}:${before["PATH"]}`, REPLAY_FOLDER });
  context.after(() => Object.assign(process.env, before, { REPLAY_FOLDER: before["REPLAY_FOLDER"] ?? "" }));
  await writeFile(join(root, "train.py"), SCRIPT_WITH_LR);
  const id = basename(await createPythonRun(root, ENDLESS));
  const queued = await ask("train", "train.py after latest");
  assert.match(queued.markdown, new RegExp(`It starts when run .*${id}.* has ended and a GPU is free`));
  const named = await ask("train", "train.py on gpu 1 after latest");
  assert.doesNotMatch(named.markdown, /and a GPU is free/);
  assert.match(named.markdown, /GPU 1\b/);
});

test("/train says which preset cannot be read, and still starts the others", async (context) => {
  const { root, ask } = await openWindow(context);
  await mkdir(join(root, ".trainyard"), { recursive: true });
  await writeFile(join(root, "train.py"), "import torch\noptimizer.step()\nmain()\n");
  await writeFile(
    join(root, ".trainyard", "presets.yaml"),
    "bad: { args: 1 }\nquick:\n  script: train.py\n  device: cpu\n",
  );
  const { markdown, buttons } = await ask("train", "quick");
  assert.match(markdown, /^> ⚠️ `\.trainyard\/presets\.yaml` line 1: the preset `bad` needs a `script`\./);
  assert.match(markdown, /CPU was asked for/);
  assert.match(buttons?.[0]?.title ?? "", /^Start(?: Anyway)?$/);
});

const ARGPARSE = `import argparse
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--out", default="checkpoints", help="where checkpoints go")
options = parser.parse_args()
torch.optim.SGD([], lr=1).step()
`;

test("/train shows a plan without any way to start it where the person says not to start", async (context) => {
  const { root, ask } = await openWindow(context);
  await writeFile(join(root, "train.py"), ARGPARSE);
  for (const prompt of [
    "don't start anything yet, just show me which hyperparameters train.py has",
    "I want to train but not yet",
  ]) {
    const { markdown, buttons, isProposal } = await ask("train", prompt);
    assert.equal(isProposal, true);
    assert.match(markdown, /^Nothing was started, as you asked\./, prompt);
    assert.match(markdown, /- `--epochs 5`\n- `--out checkpoints` where checkpoints go/, prompt);
    assert.doesNotMatch(markdown, /left out/, prompt);
    assert.equal(buttons, undefined, prompt);
  }
});

test("/train takes a short value, and says what it left out of a sentence", async (context) => {
  const { root, ask } = await openWindow(context);
  await writeFile(join(root, "train.py"), ARGPARSE);
  const short = await ask("train", "train.py out ro");
  assert.match(short.markdown, /train\.py --out ro\n/);
  const { markdown, buttons } = await ask("train", "train on data/imagenet with resnet50");
  assert.match(markdown, /^> ⚠️ Not understood and left out: `data\/imagenet`, `resnet50`\./);
  assert.equal(buttons?.[0]?.title, "Start Without It");
});

test("/train takes a whole command as it is, and its buttons carry it", async (context) => {
  const { root, ask } = await openWindow(context);
  await mkdir(join(root, "pkg"));
  await writeFile(join(root, "pkg", "fit.py"), "print(1)\n");
  await writeFile(join(root, "train.py"), "import torch\noptimizer.step()\nmain()\n");
  const { markdown, buttons = [] } = await ask("train", "WANDB_API_KEY=hunter22 python -m pkg.fit --lr 3");
  assert.match(markdown, /python\S* -m pkg\.fit --lr 3\n/);
  assert.doesNotMatch(markdown, /hunter22/);
  assert.deepEqual(
    buttons.map(({ title }) => title),
    ["Start", "Edit Arguments…"],
  );
  const program = { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" };
  await startShownPlan(buttons[0]?.arguments?.[0], program, () => Promise.resolve([]));
  const { runs } = await listRuns(root);
  assert.deepEqual(runs[0]?.record.plan.command.slice(1), ["-m", "pkg.fit", "--lr", "3"]);
  assert.doesNotMatch(JSON.stringify(runs[0]?.record), /hunter22/);
  assert.equal(fake.startedTasks[0]?.execution.options?.env?.["WANDB_API_KEY"], "hunter22");
});

test("/train says which scripts it was preferred to, and takes the one that is named without its ending", async (context) => {
  const { root, ask } = await openWindow(context);
  for (const name of ["train.py", "finetune.py"]) {
    await writeFile(join(root, name), "import torch\noptimizer.step()\nmain()\n");
  }
  const plain = await ask("train", "");
  assert.match(plain.markdown, /\*\*Train `train\.py`\*\*/);
  assert.match(plain.markdown, /\*\*Chosen\*\* before `finetune\.py`; name another to train it/);
  const named = await ask("train", "the finetune script");
  assert.match(named.markdown, /^\*\*Train `finetune\.py`\*\*/);
  assert.doesNotMatch(named.markdown, /\*\*Chosen\*\*/);
});

test("/train takes over what the last run of the script was given where it shall run again", async (context) => {
  const { root, ask } = await openWindow(context);
  await writeFile(
    join(root, "train.py"),
    SCRIPT_WITH_LR.replace("parser.parse_args()", 'parser.add_argument("--n")\nparser.parse_args()'),
  );
  const command = ["python3", "train.py", "--lr", "3", "--n", "4"];
  await createRun(root, buildPlan(root, command), testReceipt, { stopGraceMs: 300 });
  const again = (await ask("train", "it again with lr 5")).markdown;
  assert.match(again, /^`--lr 3 --n 4` was given to run \S+ and is taken over/);
  assert.match(again, /train\.py --n 4 --lr 5\n/);
  for (const prompt of ["with lr 5", "again with the defaults and lr 5"]) {
    const anew = (await ask("train", prompt)).markdown;
    assert.match(anew, /^\*\*Train[^]*train\.py --lr 5\n/, prompt);
  }
});

test("/train takes the script that ran last where it shall run again, and none is named", async (context) => {
  const { root, ask } = await openWindow(context);
  for (const name of ["train", "exp3"]) {
    await writeFile(join(root, `${name}.py`), SCRIPT_WITH_LR);
    const script = join(root, `${name}.py`);
    await createRun(
      root,
      buildPlan(root, ["python3", `${name}.py`, "--lr", "3"], { title: name, script }),
      testReceipt,
    );
  }
  await createRun(root, buildPlan(root, ["nope"], { script: join(root, "nope") }), testReceipt);
  for (const [prompt, script] of [
    ["same again", "exp3"],
    ["it again with lr 5", "exp3"],
    ["train.py again", "train"],
    ["rerun train", "train"],
    ["rerun train with lr 5", "train"],
    ["with lr 5", "train"],
  ]) {
    assert.match((await ask("train", prompt ?? "")).markdown, new RegExp(`\\*\\*Train \`${script}\\.py\``), prompt);
  }
});

test("/train takes what a run of a name ran where it shall run again, also where it does not look like a training", async (context) => {
  const { root, ask } = await openWindow(context);
  for (const [name, text] of [
    ["gan", "print(1)\n"],
    ["exp3", SCRIPT_WITH_LR],
  ] as const) {
    const script = join(root, `${name}.py`);
    await writeFile(script, text);
    await createRun(root, buildPlan(root, ["python3", `${name}.py`], { title: name, script }), testReceipt);
  }
  for (const [prompt, script] of [
    ["rerun gan", "gan"],
    ["rerun the gan run", "gan"],
    ["run it again", "exp3"],
    ["rerun exp3", "exp3"],
  ]) {
    const plan = (await ask("train", prompt ?? "")).markdown;
    assert.match(plan, new RegExp(`^\\*\\*Train \`${script}\\.py\``), prompt);
  }
});

test("/sweep takes the script that is named without its ending, else says which it chose before others", async (context) => {
  const { root, monitor } = await openWindow(context);
  await writeFile(join(root, "train.py"), SCRIPT_WITH_LR);
  await writeFile(join(root, "exp3.py"), SCRIPT_WITH_LR);
  const sweep = async (prompt: string) => {
    const command = sweepSlashCommand(monitor);
    return (await command.answer({ prompt, references: [] }, new AbortController().signal)).markdown;
  };
  const named = await sweep("exp3 with lr 0.1 or 0.2");
  assert.match(named, /^\*\*Sweep `exp3`: 2 runs\*\*/);
  assert.doesNotMatch(named, /\*\*Chosen\*\*/);
  assert.match(await sweep("lr 0.1 or 0.2"), /\*\*Chosen\*\* before `exp3\.py`; name another to train it/);
});
