import assert from "node:assert/strict";
import { relative } from "node:path";
import { beforeEach, test } from "node:test";
import { buildPacket } from "../../../src/core/chat/handoffPacket.ts";
import { chooseWorkspaceFolder } from "../../../src/editor/base/workspace.ts";
import { answerDeploy } from "../../../src/editor/metaflow/deployReply.ts";
import { askedFlow } from "../../../src/editor/metaflow/flowRunAccess.ts";
import { flowFileOf, flowFilesBelow, flowFilesOf, inspectFlow } from "../../../src/editor/metaflow/inspectedFlow.ts";
import { findSpokenFlows } from "../../../src/editor/metaflow/namedFlow.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

beforeEach(resetFake);

function flow(name: string): string {
  const steps = ["start", "end"].map((step) => `    @step\n    def ${step}(self):\n        pass\n`);
  return `from metaflow import FlowSpec, step\n\n\nclass ${name}(FlowSpec):\n${steps.join("\n")}`;
}

test("a flow is found by the path or the class that a request names, else the best one is taken", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  await workspace.write("a.py", flow("First"));
  await workspace.write("flows/churn.py", `${flow("Other")}\n\n${flow("ChurnFlow")}`);
  const asked: readonly (readonly [prompt: string, found: string])[] = [
    ["", "a.py First"],
    ["flows/churn.py", "flows/churn.py Other"],
    ["ChurnFlow", "flows/churn.py ChurnFlow"],
    ["the flow ChurnFlow to argo", "flows/churn.py ChurnFlow"],
    ["ChurnFlow in flows/churn.py", "flows/churn.py ChurnFlow"],
    ["FlowSpec", "a.py First"],
  ];
  for (const [prompt, expected] of asked) {
    const found = await inspectFlow({ prompt, references: [] }, new AbortController().signal);
    assert.equal(`${relative(workspace.folder, found.file)} ${found.flow.name}`, expected, prompt);
    const { file } = await flowFileOf({ prompt, references: [] }, new AbortController().signal);
    assert.equal(file, found.file, prompt);
  }
});

const called = (name: string) => `\n\nif __name__ == "__main__":\n    ${name}()\n`;
const none = new AbortController().signal;

async function askDeploy(prompt: string, more: object): Promise<string> {
  return (await answerDeploy(() => Promise.resolve(undefined), { prompt, references: [], ...more }, none)).markdown;
}

test("the deployment of a plain run that was handed over is not that of another flow here", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  await workspace.write("digits_flow.py", flow("DigitsFlow"));
  const run = { id: "r7", title: "train", state: "finished", command: "python train.py" };
  const packet = buildPacket(
    { from: "ml-trainer", to: "mlops-engineer", prompt: "Deploy." },
    { run },
    { id: "p", createdAt: "" },
  );
  assert.match(await askDeploy("r7", { packet, isRouted: true }), /^\*\*train\*\* is a plain training/);
  assert.match(await askDeploy("deploy DigitsFlow", { packet, isRouted: true }), /DigitsFlow/);
  assert.match(await askDeploy("", { packet }), /DigitsFlow/);
});

test("the class that a request names wins over the file that is attached", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  const attached = await workspace.write("a.py", flow("First"));
  await workspace.write("b.py", flow("Second"));
  const references = [{ path: attached }];
  const second = await inspectFlow({ prompt: "Second", references }, none);
  assert.deepEqual([relative(workspace.folder, second.file), second.flow.name], ["b.py", "Second"]);
  const first = await inspectFlow({ prompt: "please", references }, none);
  assert.equal(first.flow.name, "First");
});

test("of two files with a class of that name the attached one is meant", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  await workspace.write("a.py", flow("Same"));
  const attached = await workspace.write("b.py", flow("Same"));
  const found = await inspectFlow({ prompt: "Same", references: [{ path: attached }] }, none);
  assert.equal(relative(workspace.folder, found.file), "b.py");
});

test("a flow that its file does not run, or that is nowhere, is never answered with another one", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  await workspace.write("a.py", `${flow("First")}\n\n${flow("Second")}${called("First")}`);
  await assert.rejects(
    inspectFlow({ prompt: "Second", references: [] }, none),
    /`Second` in a\.py is not what runs there: the file runs `First`\. Give `Second` a file of its own/,
  );
  await workspace.write("churn.py", flow("ChurnFlow"));
  await assert.rejects(
    inspectFlow({ prompt: "ChrunFlow to argo", references: [] }, none),
    /No flow of this workspace is called `ChrunFlow`\. Did you mean `ChurnFlow`\?/,
  );
  assert.equal((await inspectFlow({ prompt: "First", references: [] }, none)).flow.name, "First");
});

test("a folder that a request names means the flows below it", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  await workspace.write("a.py", `${flow("First")}${called("First")}`);
  await workspace.write("flows/b.py", `${flow("Second")}${called("Second")}`);
  await workspace.write("flows/deep/c.py", `${flow("Third")}${called("Third")}`);
  const below = async (prompt: string) => {
    const folder = await chooseWorkspaceFolder();
    const files = await flowFilesBelow({ prompt, references: [] }, folder, none);
    return files?.map((file) => relative(workspace.folder, file)).toSorted();
  };
  assert.deepEqual(await below("flows"), ["flows/b.py", "flows/deep/c.py"]);
  assert.deepEqual(await below("the flows in flows/deep/"), ["flows/deep/c.py"]);
  assert.deepEqual(await below("everything in flows/deep"), ["flows/deep/c.py"]);
  assert.deepEqual(await below("."), ["a.py", "flows/b.py", "flows/deep/c.py"]);
  assert.deepEqual(await below("nothing/"), []);
  assert.equal(await below("flows/b.py"), undefined);
  assert.equal(await below("First"), undefined);
});

test("the runs that are asked for are those of the flow that the words name", () => {
  const runs = ["TrainFlow", "FineTrainFlow", "Digits", "CreditRiskFlow"].map((name) => ({ flow: name }));
  const asked: readonly (readonly [prompt: string, flow: string | undefined])[] = [
    ["", undefined],
    ["the newest", undefined],
    ["the last flow", undefined],
    ["resume it", undefined],
    ["training", undefined],
    ["FineTrainFlow", "FineTrainFlow"],
    ["what did TrainFlow give", "TrainFlow"],
    ["flows/fine_train_flow.py", "FineTrainFlow"],
    ["Digits", "Digits"],
    ["digits", "Digits"],
    ["the train flow", "TrainFlow"],
    ["the credit risk flow", "CreditRiskFlow"],
    ["not digits", undefined],
    ["ChurnFlow", "ChurnFlow"],
    ["churn", "churn"],
    ["resume the churn flow", "churn"],
    ["TrainFlow/1764000000000000", "TrainFlow"],
  ];
  for (const [prompt, expected] of asked) {
    const spoken = findSpokenFlows(prompt, runs);
    const found = spoken.kind === "named" ? spoken.flows.map((each) => each.flow).join() : undefined;
    assert.equal(spoken.kind === "unknown" ? spoken.name : found, expected, prompt);
  }
  assert.equal(findSpokenFlows("my flows", runs).kind, "all");
});

test("of several flows the one that is spoken of is meant, and never another", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  await workspace.write("churn_flow.py", flow("ChurnFlow"));
  await workspace.write("fraud_flow.py", flow("FraudFlow"));
  const named = async (prompt: string) =>
    (await flowFilesOf({ prompt, references: [] }, none))
      .map(({ file }) => relative(workspace.folder, file))
      .toSorted();
  for (const word of [
    "fraud",
    "the fraud flow",
    "is the fraud flow valid?",
    "FraudFlow",
    "fraud_flow",
    "fraud_flow.py",
  ]) {
    assert.deepEqual(await named(word), ["fraud_flow.py"], word);
    assert.equal((await inspectFlow({ prompt: word, references: [] }, none)).flow.name, "FraudFlow", word);
    assert.equal(await askedFlow(word, []), "FraudFlow", word);
    assert.match(await askDeploy(`${word} to argo`, {}), /FraudFlow/, word);
  }
  for (const several of [
    "both flows",
    "my flows",
    "churn and fraud",
    "churn_flow.py and fraud_flow.py",
    "check everything",
  ]) {
    assert.deepEqual(await named(several), ["churn_flow.py", "fraud_flow.py"], several);
    await assert.rejects(
      inspectFlow({ prompt: several, references: [] }, none),
      /^UserError: One flow at a time: `\w+_flow\.py`, `\w+_flow\.py`\. Name one of them\./,
      several,
    );
  }
  await assert.rejects(askedFlow("churn and fraud", []), /^UserError: One flow at a time: /);
  for (const missing of ["deploy mnist", "check the mnist flow", "deploy the mnist flow to argo"]) {
    const refusal = /No flow of this workspace is called `mnist`\. Name one of these: `\w+_flow\.py`, `\w+_flow\.py`\./;
    await assert.rejects(named(missing), refusal, missing);
    await assert.rejects(askedFlow(missing, []), refusal, missing);
  }
  for (const ordinary of ["", "argo", "to argo, please", "the last flow", "is it ready?"]) {
    assert.equal((await named(ordinary)).length, 1, ordinary);
  }
  assert.deepEqual(await named("write tests for churn_flow.py in tests/test_churn.py"), ["churn_flow.py"]);
});
