import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import { renderRunStatus } from "../../../src/core/training/runRecord.ts";
import { judgePlan } from "../../../src/editor/training/judgeLaunch.ts";
import { documentRun } from "../../../src/editor/training/runCardFile.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { specialistSlashCommands } from "../../../src/editor/training/specialistReplies.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, makeWorkspace, testReceipt } from "../../support/runFixtures.ts";

beforeEach(resetFake);

const SCRIPT = [
  "import torch",
  "scaler = StandardScaler()",
  "X = scaler.fit_transform(X)",
  "X_train, X_val = train_test_split(X, random_state=1)",
  "loader = DataLoader(X_train, batch_size=32)",
  "for x in loader:",
  "    loss(model(x)).backward()",
  "",
].join("\n");

/** One finished run: three epochs of ten steps, a step every 0.1 s. */
function logOf(): string {
  const lines = ["Data: 80 train, 20 validation"];
  for (const epoch of [1, 2, 3]) {
    lines.push(`Epoch ${epoch}/3 step 0/10`, `Epoch ${epoch}/3 step 10/10`);
    lines.push(`Epoch ${epoch}/3: train_loss=${1 / epoch} val_loss=${2 / epoch} val_acc=0.${5 + epoch}`);
  }
  const begin = Date.parse("2026-11-21T03:00:00.000Z");
  return lines.map((line, index) => `${new Date(begin + index * 1000).toISOString()} ${line}\n`).join("");
}

async function openWorkspace(context: TestContext, change: Partial<LaunchPlan> = {}) {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  await writeFile(join(root, "train.py"), SCRIPT);
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  const ask = async (name: string, prompt = "") => {
    const command = specialistSlashCommands(monitor).find((each) => each.name === name);
    assert.ok(command);
    return command.answer({ prompt, references: [] }, new AbortController().signal);
  };
  const finishRun = async (more: Partial<LaunchPlan> = {}) => {
    const plan = buildPlan(root, ["python3", "train.py"], { ...change, ...more });
    const folder = await createRun(root, plan, testReceipt);
    const { status } = buildRun("finished", { endedAt: "2026-11-21T03:01:00.000Z", exitCode: 0 });
    await writeFile(join(folder, "status.json"), renderRunStatus(status));
    await writeFile(join(folder, "train.log"), logOf());
  };
  return { root, monitor, ask, finishRun };
}

test("/optimize and /data read the script of the run that is named", async (context) => {
  const { root, ask, finishRun } = await openWorkspace(context);
  const script = join(root, "mnist.py");
  await writeFile(script, SCRIPT);
  await finishRun({ title: "mnist", script });
  await finishRun({ title: "train" });
  assert.match((await ask("optimize", "why is mnist so slow?")).markdown, /\*\*Speed of `mnist\.py`\*\*/);
  assert.match((await ask("data", "how many samples has mnist?")).markdown, /`mnist\.py`/);
  assert.match((await ask("optimize", "why is it so slow?")).markdown, /\*\*Speed of `train\.py`\*\*/);
});

test("/evaluate reads the log of the newest run, with the lines", async (context) => {
  const { ask, finishRun } = await openWorkspace(context);
  const none = await ask("evaluate");
  assert.match(none.markdown, /There is no run to evaluate in this workspace yet\. Start one with/);
  await finishRun();
  const { markdown } = await ask("evaluate");
  assert.match(markdown, /\| \*\*val_acc\*\* \| 0\.6 \| 0\.8 \| 0\.8 \(epoch 3\) \| 10 \|/);
  assert.match(
    markdown,
    /^\*\*Evaluation of demo, started [\d: -]+\*\*/,
    "a person knows a run by its name, not by its id",
  );
  assert.match(markdown, /\*\*Gap\*\* `loss` 0\.3333 in training, 0\.6667 in validation/);
  await assert.rejects(ask("evaluate", "run 20200101-000000-x"), UserError);
});

test("/evaluate prefers the table that the training wrote", async (context) => {
  const logFolder = { path: "", reason: "given by the test" };
  const { root, ask, finishRun } = await openWorkspace(context, { logFolder });
  logFolder.path = join(root, "logs");
  await mkdir(join(root, "logs", "version_0"), { recursive: true });
  await finishRun();
  await writeFile(join(root, "logs", "version_0", "metrics.csv"), "epoch,step,val_acc\n0,10,0.91\n1,20,0.95\n");
  const { markdown, references } = await ask("evaluate");
  assert.match(markdown, /metrics\.csv/);
  assert.match(markdown, /0\.95 \(epoch 1\) \| 3 \|/);
  assert.equal(references?.[0]?.line, 2);
});

test("/optimize measures the steps of the run and names the lines of the script", async (context) => {
  const { ask, finishRun } = await openWorkspace(context);
  assert.match((await ask("optimize")).markdown, /No run of this script has been recorded yet/);
  await finishRun();
  const { markdown } = await ask("optimize");
  assert.match(markdown, /\*\*Step\*\* 100 ms over 30 steps, 320 samples\/s at batch size 32 \(train\.py:5\)/);
  assert.match(markdown, /\*\*Epoch\*\* 3 s over 2 epochs/);
  assert.match(markdown, /`train\.py:5` The loader reads in the training's own process/);
});

test("/data names splits, sizes and suspicions with their lines, also in a file that the script imports", async (context) => {
  const { root, ask, finishRun } = await openWorkspace(context);
  await finishRun();
  const { markdown, references } = await ask("data");
  assert.match(markdown, /`train\.py:4` `train_test_split` with its default shares into `X_train`, `X_val`/);
  assert.match(markdown, /`\.trainyard\/runs\/[^`]+\/train\.log:1` `Data: 80 train, 20 validation`/);
  assert.match(markdown, /`train\.py:3` `StandardScaler` is fitted here on all rows, and line 4 splits them/);
  assert.deepEqual(references, [{ path: join(root, "train.py"), line: 2 }]);
  await writeFile(join(root, "rows.py"), "data = pd.concat([df_train, df_test])\n");
  await writeFile(join(root, "train.py"), `from rows import data\n${SCRIPT}`);
  assert.match((await ask("data")).markdown, /`rows\.py:1` `df_train` and `df_test` are put together/);
});

test("/data refuses with a next step where there is no script", async (context) => {
  const { root, ask } = await openWorkspace(context);
  await writeFile(join(root, "train.py"), "print(1)\n");
  await assert.rejects(
    ask("data"),
    (error) => error instanceof UserError && error.message.includes("Create one with Trainyard: New Training Script…"),
  );
});

test("the run of the script or the flow that the words name is meant, and no other", async (context) => {
  const { ask, finishRun } = await openWorkspace(context);
  await finishRun({ title: "churn_flow" });
  await finishRun({ title: "train" });
  for (const prompt of ["ChurnFlow", "flows/churn_flow.py", "the last run of ChurnFlow"]) {
    assert.match((await ask("document", prompt)).markdown, /^\*\*Card of churn_flow, started /, prompt);
  }
  assert.match((await ask("document", "train.py")).markdown, /^\*\*Card of train, started /);
  await assert.rejects(ask("document", "OtherFlow"), {
    message: /^No run of OtherFlow was started from Trainyard here/,
  });
});

test("/document sums the card up; the button shows it, and writes it once and never over a file", async (context) => {
  const { root, ask, finishRun, monitor } = await openWorkspace(context);
  await finishRun();
  const { markdown, buttons } = await ask("document");
  assert.match(markdown, /It would go to `docs\/run-.*\.md`/);
  assert.match(markdown, /\*\*Not cleared\*\* `train\.py:3`/);
  assert.doesNotMatch(markdown, /## /, "the button shows the whole card");
  const id = String(buttons?.[0]?.arguments?.[0]);
  const file = join(root, "docs", `run-${id}.md`);
  await documentRun(monitor, id);
  await assert.rejects(readFile(file), "nothing is written before it is agreed to");
  assert.deepEqual(fake.tabs, [], "what was refused is not left open");
  fake.messageAnswers.set(`Write docs/run-${id}.md?`, "Write It");
  await documentRun(monitor, id);
  const card = await readFile(file, "utf8");
  for (const heading of ["Purpose", "Model", "Data", "Training", "Results", "Limits", "How it was made"]) {
    assert.ok(card.includes(`## ${heading}`), heading);
  }
  assert.match(card, /`Data: 80 train, 20 validation`/);
  await writeFile(file, "mine");
  fake.builtInCommands = ["vscode.diff"];
  await documentRun(monitor, id);
  assert.equal(await readFile(file, "utf8"), "mine");
});

test("a launch is judged in the words of the agent that has the rule", async (context) => {
  const { root } = await openWorkspace(context);
  await writeFile(join(root, "train.py"), 'torch.save(model, "best.pt")\n');
  await writeFile(join(root, "best.pt"), "");
  const { collectAgents } = await import("../../../src/core/agents/agentCatalog.ts");
  const text = await readFile(new URL("../../../agents/ml-trainer.agent.md", import.meta.url), "utf8");
  const catalog = collectAgents([{ path: "ml-trainer.agent.md", origin: "shipped", text }], {
    isWorkspaceTrusted: true,
  });
  const plan = buildPlan(root, ["python3", "train.py", "--amp"]);
  const judge = (agents: typeof catalog) =>
    judgePlan(plan, root, { loadCatalog: () => Promise.resolve(agents), signal: new AbortController().signal });
  assert.deepEqual(await judge(catalog), {
    refusals: [
      "Never: Overwrite a checkpoint without a version (train.py:1: `torch.save` writes best.pt, which exists. Put the epoch or the run into its name, or move the file).",
    ],
    askFirst: ["Ask first: Train in mixed precision (`--amp`)."],
  });
  const bare = await judge({ agents: [], problems: [], withheld: [] });
  assert.equal(bare.refusals.length, 1, "a rule that no file names is held all the same");
  const strict = [
    "---",
    "name: careful",
    "description: d",
    "boundaries:",
    "  never: [{rule: Use half precision., check: mixed-precision}]",
    "---",
    "Careful.",
  ].join("\n");
  const own = { path: "careful.agent.md", origin: "workspace", text: strict } as const;
  const { refusals, askFirst } = await judge(
    collectAgents([{ path: "ml-trainer.agent.md", origin: "shipped", text }, own], { isWorkspaceTrusted: true }),
  );
  assert.deepEqual([refusals.at(-1), askFirst], ["Never: Use half precision (`--amp`).", []]);
});
