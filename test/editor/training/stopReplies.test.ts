import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { runTabName } from "../../../src/core/training/runId.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { trainingSlashCommands } from "../../../src/editor/training/trainingReplies.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { readStopRequest } from "../../../src/node/training/stopRequest.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import {
  buildPlan,
  createPythonRun,
  ENDLESS,
  makeWorkspace,
  supervise,
  testReceipt,
  waitForOutput,
  waitForState,
} from "../../support/runFixtures.ts";

beforeEach(resetFake);

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

test("/stop stops the only run when nothing else is said, and asks about every other text", async (context) => {
  const { root, ask } = await openWindow(context);
  const folder = await createPythonRun(root, ENDLESS);
  await waitForOutput(supervise("start", folder), "ready");
  for (const prompt of ["what happens if I stop the run?", "stop demo.py?", "stop demo?", "resnet50"]) {
    const { markdown, buttons } = await ask("stop", prompt);
    assert.match(markdown, /^Nothing was stopped\. This run is going on:/, prompt);
    assert.deepEqual(
      buttons?.map(({ title, command }) => [title, command]),
      [["Stop demo", "trainyard.stopRun"]],
    );
    assert.equal(await readStopRequest(folder), undefined, prompt);
  }
  assert.match((await ask("stop", "the demo training")).markdown, /\*\*demo\*\* was asked to stop/);
  await waitForState(folder, "stopped");
});

test("/stop knows a run by its name, and takes no word for any run as one", async (context) => {
  const { root, ask } = await openWindow(context);
  const start = async (title: string) => {
    const script = join(root, `${title}.py`);
    await writeFile(script, ENDLESS);
    const folder = await createRun(root, buildPlan(root, ["python3", script], { title, script }), testReceipt, {
      stopGraceMs: 300,
    });
    await waitForOutput(supervise("start", folder), "ready");
    return folder;
  };
  const [gan, training] = [await start("gan"), await start("training")];
  for (const prompt of ["the training", "it", "gan and training", "everything but gan"]) {
    assert.match((await ask("stop", prompt)).markdown, /^2 runs are going on\. Which one\?/, prompt);
  }
  assert.match((await ask("runs", "is `gan` done?")).markdown, /^\*\*gan\*\* · running/);
  assert.match((await ask("stop", "stop GAN, please!")).markdown, /\*\*gan\*\* was asked to stop/);
  await waitForState(gan, "stopped");
  assert.match((await ask("stop", "training.py")).markdown, /\*\*training\*\* was asked to stop/);
  await waitForState(training, "stopped");
});

test("/stop takes a flow for the run of a flow, and stops no training for it", async (context) => {
  const { root, ask } = await openWindow(context);
  const start = async (title: string, kind: "training" | "flow") => {
    const script = join(root, `${title}.py`);
    await writeFile(script, ENDLESS);
    const folder = await createRun(root, buildPlan(root, ["python3", script], { title, script, kind }), testReceipt, {
      stopGraceMs: 300,
    });
    await waitForOutput(supervise("start", folder), "ready");
    return folder;
  };
  const training = await start("finetune", "training");
  for (const prompt of ["the flow", "stop my flow now", "all flows"]) {
    const { markdown, buttons } = await ask("stop", prompt);
    assert.match(markdown, /^No run of a flow is going on\. Nothing was stopped\. This run is going on:/, prompt);
    assert.deepEqual(
      buttons?.map(({ title }) => title),
      ["Stop finetune"],
      prompt,
    );
  }
  const flow = await start("churn_flow", "flow");
  assert.match((await ask("stop", "stop the flow")).markdown, /\*\*churn_flow\*\* was asked to stop/);
  await waitForState(flow, "stopped");
  assert.equal(await readStopRequest(training), undefined);
  assert.match((await ask("stop", "the training")).markdown, /\*\*finetune\*\* was asked to stop/);
  await waitForState(training, "stopped");
});

test("/stop tells runs of one script and one minute apart on its buttons", async (context) => {
  const { root, ask } = await openWindow(context);
  const folders = await Promise.all([createPythonRun(root, ENDLESS), createPythonRun(root, ENDLESS)]);
  await Promise.all(folders.map((folder) => waitForOutput(supervise("start", folder), "ready")));
  assert.match((await ask("stop", "stop demo")).markdown, /^2 runs are going on\. Which one\?/);
  const { buttons = [] } = await ask("stop", "");
  const expected = folders.map((folder) => `Stop ${runTabName(basename(folder))}, started`);
  assert.equal(new Set(expected).size, 2);
  const live = await ask("runs", basename(folders[0] ?? ""));
  assert.equal(live.offersHandoffs, false, "what goes on has no result yet to hand over");
  assert.deepEqual(buttons.map(({ title }) => title.replace(/(?<=started) .*/, "")).toSorted(), expected.toSorted());
  for (const folder of folders) {
    await ask("stop", basename(folder));
    await waitForState(folder, "stopped");
  }
});

test("/stop says what of a sentence it did not do, and offers the run that is named", async (context) => {
  const { root, ask } = await openWindow(context);
  const start = async (title: string) => {
    const script = join(root, `${title}.py`);
    await writeFile(script, ENDLESS);
    const folder = await createRun(root, buildPlan(root, ["python3", script], { title, script }), testReceipt);
    await waitForOutput(supervise("start", folder), "ready");
    return folder;
  };
  const folders = [await start("finetune"), await start("mnist")];
  const named = "Nothing was stopped yet\\. The run that is named:\n\n- \\*\\*";
  const later = "No stop waits for a time or a condition\\. [^]*";
  for (const [prompt, expected, offered] of [
    ["maybe stop finetune", `^${named}finetune`, 1],
    ["shall I cancel mnist?", `^${named}mnist`, 1],
    ["finetune but not mnist", `^${named}finetune`, 1],
    ["finetune tomorrow", `^${later}${named}finetune`, 1],
    ["mnist at 5pm", `^${later}${named}mnist`, 1],
    ["finetune if loss is nan", `^${later}${named}finetune`, 1],
    ["when the loss rises", `^${later}2 runs are going on`, 2],
    ["mnist and train gan", `^\`train gan\` is left out; ask for it by itself\\. ${named}mnist`, 1],
    ["mnist and resume finetune", `^\`resume finetune\` is left out[^]*${named}mnist`, 1],
    ["mnist and finetune", "^2 runs are going on", 2],
    ["everything except mnist", "^2 runs are going on", 2],
  ] as const) {
    const { markdown, buttons = [] } = await ask("stop", prompt);
    assert.match(markdown, new RegExp(expected), prompt);
    assert.equal(buttons.length, offered, prompt);
  }
  assert.deepEqual(await Promise.all(folders.map(readStopRequest)), [undefined, undefined]);
  await ask("stop", "mnist");
  await waitForState(folders[1] ?? "", "stopped");
  const { markdown } = await ask("stop", "mnist");
  assert.match(
    markdown,
    /^\*\*mnist\*\* is not going on: stopped after [^]*Nothing was stopped\. This run is going on:/,
  );
});
