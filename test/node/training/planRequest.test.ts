import assert from "node:assert/strict";
import { test } from "node:test";
import { planRequestFromText, type SpokenRequest } from "../../../src/node/training/planRequest.ts";
import { planSweep } from "../../../src/node/training/planSweep.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

async function check(fixture: string, text: string, expected: Partial<SpokenRequest>): Promise<void> {
  await using workspace = await scriptWorkspace(fixture);
  const context = { workspaceFolder: workspace.folder, environment: replayedGpus("none") };
  assert.deepEqual(
    await planRequestFromText(text, context),
    { unknown: [], problems: [], presetProblems: [], ...expected },
    text,
  );
}

test("turns words into a request in the light of the script", async () => {
  await check("mnist", "with lr 3e-4 and 5 epochs on cpu", {
    request: { script: "train.py", arguments: ["--lr", "3e-4", "--epochs", "5"], device: "cpu" },
  });
  await check("mnist", "", { request: { script: "train.py", arguments: [] } });
  await check("mnist", "momentum 0.9, seed x1", {
    request: { script: "train.py", arguments: [] },
    unknown: ["momentum 0.9"],
    problems: ["`--seed` wants a whole number, not `x1`."],
  });
  await check("hydra", "sgd optimizer with optimizer sgd, 3 epochs", {
    request: { script: "train.py", arguments: ["optimizer=sgd", "epochs=3"] },
    unknown: ["sgd optimizer"],
  });
  await check("lightning", "2 epochs batch size 8", {
    request: { script: "main.py", arguments: ["--trainer.max_epochs", "2", "--data.batch_size", "8"] },
  });
});

test("knows the name of the script for one", async () => {
  await check("mnist", "the mnist training with resnet50", {
    request: { script: "train.py", arguments: [] },
    unknown: ["mnist", "resnet50"],
  });
  await check("mnist", "run TrainFlow", { request: { script: "train.py", arguments: [] } });
});

test("takes a path with blanks as it was written, quoted or not", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("my code/fit model.py", "import torch\nloss.backward()\n");
  await workspace.write("fit.py", "");
  const context = { workspaceFolder: workspace.folder, environment: replayedGpus("none") };
  for (const text of ["my code/fit model.py", 'the "my code/fit model.py"', "please my code/fit model.py, thanks"]) {
    const { request, unknown } = await planRequestFromText(text, context);
    assert.deepEqual([request.script, unknown], ["my code/fit model.py", []], text);
  }
  assert.equal((await planRequestFromText("my code fit.py", context)).request.script, "fit.py");
  await assert.rejects(planRequestFromText("my code/fitt model.py", context), {
    message: `\`model.py\` does not exist in \`${workspace.folder}\`. Name a \`.py\` file, or leave it out to use the best one found.`,
  });
});

test("plans no other script where a notebook or a shell script is named", async () => {
  await using workspace = await scriptWorkspace("mnist");
  const context = { workspaceFolder: workspace.folder, environment: replayedGpus("none") };
  await workspace.write("train.sh", "python train.py\n");
  for (const text of ["churn.ipynb", "the notebook books/churn.ipynb with lr 3e-4", "run train.sh", "bash train.sh"]) {
    await assert.rejects(planRequestFromText(text, context), { message: /is a (?:notebook|shell script), and/ }, text);
  }
  for (const text of ["train.py, not the churn.ipynb", "--name x.sh", "name=x.sh"]) {
    assert.equal((await planRequestFromText(text, context)).request.script, "train.py", text);
  }
});

test("says that a plain start goes on from no checkpoint", async () => {
  const note =
    "This starts anew and may replace the checkpoints that are there. Ask with `/resume` to go on from the newest whole one.";
  const resumed = { script: "train.py", arguments: [] };
  await check("mnist", "resume from the last checkpoint", { request: resumed, problems: [note] });
  await check("mnist", "train.py, continue where it left off", { request: resumed, problems: [note] });
  await check("mnist", "train.py and continue", { request: resumed });
  for (const text of [
    "train from scratch, do not resume",
    "train and never resume",
    "don't continue from the checkpoint, 5 epochs",
    "train 'resume'",
  ]) {
    await using workspace = await scriptWorkspace("mnist");
    const context = { workspaceFolder: workspace.folder, environment: replayedGpus("none") };
    assert.deepEqual((await planRequestFromText(text, context)).problems, [], text);
  }
});

test("does not pass over the name of a script for another one", async () => {
  await using workspace = await scriptWorkspace("mnist");
  await workspace.write("probe.py", "print(1)\n");
  const context = { workspaceFolder: workspace.folder, environment: replayedGpus("none") };
  const { request, unknown, problems } = await planRequestFromText("probe", context);
  assert.deepEqual(
    [request.script, unknown, problems],
    ["train.py", ["probe"], ["If `probe` is the script to run, write `probe.py`."]],
  );
});

test("names the file that a mistyped one could be", async () => {
  await assert.rejects(
    check("options", "Trian.py", {}),
    /`Trian\.py` does not exist in .*\. Did you mean `src\/train\.py`\? /,
  );
});

test("finds a script by its name alone", async () => {
  await check("options", "train.py 20 steps", { request: { script: "src/train.py", arguments: ["--steps", "20"] } });
});

test("asks which script is meant where several have the name", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("a/train.py", "");
  await workspace.write("b/train.py", "");
  const context = { workspaceFolder: workspace.folder, environment: {} };
  await assert.rejects(planRequestFromText("train.py", context), {
    message: "`train.py` could be `a/train.py` or `b/train.py`. Name one with its folder.",
  });
});

test("a sweep says which presets cannot be read, since one of them may be meant", async () => {
  await using workspace = await scriptWorkspace("mnist");
  await workspace.write(".trainyard/presets.yaml", "quick: { args: 1 }\n");
  const context = { workspaceFolder: workspace.folder, environment: replayedGpus("none"), cpuSlots: 1 };
  const { presetProblems, sweep } = await planSweep({ text: "lr=0.1,0.2" }, context);
  assert.equal(sweep.runs.length, 2);
  assert.deepEqual(presetProblems, ["`.trainyard/presets.yaml` line 1: the preset `quick` needs a `script`."]);
});
