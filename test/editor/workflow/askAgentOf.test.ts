import assert from "node:assert/strict";
import { beforeEach, type TestContext, test } from "node:test";
import * as vscode from "vscode";
import type { SlashCommand } from "../../../src/core/chat/slashCommand.ts";
import { renderJournal } from "../../../src/core/workflow/renderJournal.ts";
import { registerParticipants } from "../../../src/editor/chat/participants.ts";
import { holderOf } from "../../../src/editor/workflow/agentPasses.ts";
import { askAgentOf } from "../../../src/editor/workflow/askAgentOf.ts";
import { chatTurn, type ScriptedAnswer, ScriptedModel } from "../../support/fakeChat.ts";
import { chatDependencies } from "../../support/fakeChatDependencies.ts";
import { fake, LanguageModelTextPart, LanguageModelToolResult, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openBench } from "../../support/workflowFolder.ts";
import { shippedWorkflow, WRITER } from "../../support/workflows.ts";

const TOOL = "trainyard_workflow";
const SCAFFOLD = "trainyard_scaffold_flow";
const LAUNCH = "trainyard_launch_training";
const [task = assert.fail()] = shippedWorkflow("ml-development").phases[6]?.steps[1]?.tasks ?? [];

beforeEach(() => {
  resetFake();
  fake.tools = [TOOL, SCAFFOLD, LAUNCH].map((name) => ({ name, description: name, tags: [] }));
});

/** An agent of a development as a scripted model plays it, in the phase that writes; gives what it called and was offered. */
async function play(
  context: TestContext,
  agent: string,
  answers: ScriptedAnswer[],
  { signal = new AbortController().signal, declines = false } = {},
) {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("ml-development"));
  await bench.finishUntil(({ phases }) => phases[6]?.tasks["model-plan"]?.kind === "done");
  await bench.apply({ kind: "task-started", task: "model-code" }, WRITER);
  const called: string[] = [];
  const holders: unknown[] = [];
  const passes: (string | undefined)[] = [];
  fake.invokeTool = async (name, { input }) => {
    const { pass, ...given }: { pass?: string } = input;
    called.push(`${name} ${JSON.stringify(given)}`);
    holders.push(holderOf(pass));
    passes.push(pass);
    if (declines) {
      throw new vscode.CancellationError();
    }
    await bench.apply({ kind: "stopped" });
    return new LanguageModelToolResult([new LanguageModelTextPart("done")]);
  };
  const model = new ScriptedModel(...answers);
  const folder = { uri: vscode.Uri.file(bench.folder), name: "digits", index: 0 };
  let outcome: unknown;
  const command: SlashCommand = {
    name: "work",
    participant: "ml-trainer",
    description: "work",
    async answer(request) {
      const askAgent = askAgentOf(request, { folder, store: bench.store, state: await bench.read() });
      outcome = await askAgent?.({ workflow: "w-1", agent, task, brief: "Write.", maxTokens: 9_000 }, signal);
      return { markdown: "done" };
    },
  };
  const named = [SCAFFOLD, LAUNCH].map((name) => ({ name }));
  const loadToolNames = () => Promise.resolve(named.map(({ name }) => ({ name, referenceName: name })));
  registerParticipants({ ...chatDependencies([command]), loadToolNames });
  const { args } = chatTurn({ prompt: "", command: "work", model, toolReferences: named });
  await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
  const offered = model.sent.map(({ options }) => (options.tools ?? []).map(({ name }) => name));
  const journal = renderJournal(await bench.store.events("w-1"));
  return { called, holders, passes, offered, outcome, model, journal, refusals: (await bench.read()).refusals };
}

const write = (agent: string): ScriptedAnswer => ({
  calls: [[TOOL, { action: "write_file", agent, path: "a.py", content: "" }]],
});
const DONE = { text: "Done." };

test("a tool that the person names is not offered to agents of a workflow that may not call it", async (context) => {
  const { offered, called, refusals } = await play(context, "ml-architect", [{ calls: [[SCAFFOLD, {}]] }, DONE]);
  assert.deepEqual(offered, [[TOOL], [TOOL]]);
  assert.deepEqual(called, []);
  assert.equal(refusals, 1);
});

test("an agent that may not write reads files, skills among them", async (context) => {
  const read = { action: "read_file", path: ".github/skills/polars/SKILL.md" };
  const { called, refusals } = await play(context, "ml-architect", [{ calls: [[TOOL, read]] }, DONE]);
  assert.deepEqual([called, refusals], [[`${TOOL} ${JSON.stringify({ ...read, agent: "ml-architect" })}`], 0]);
});

test("an agent writes in its own name alone", async (context) => {
  const forged = await play(context, "ml-architect", [write("ml-writer"), DONE]);
  assert.deepEqual([forged.called, forged.refusals], [[], 1]);
  const honest = await play(context, "ml-writer", [write("ml-writer"), DONE]);
  assert.deepEqual([honest.called.length, honest.refusals], [1, 0]);
});

test("a call of an agent carries whose it is for as long as the agent is at work", async (context) => {
  const { holders, passes } = await play(context, "ml-writer", [write("ml-writer"), DONE]);
  assert.deepEqual(holders, [{ workflow: "w-1", agent: "ml-writer" }]);
  assert.deepEqual(passes.map(holderOf), [undefined]);
});

test("what an agent has read is told with its answer", async (context) => {
  const read: ScriptedAnswer = { calls: [[TOOL, { action: "read_file", path: "train.py" }]] };
  const { outcome } = await play(context, "ml-explorer", [read, DONE]);
  assert.deepEqual(Object(outcome).read, ["train.py"]);
});

test("what an agent may call is decided at each call, also after the workflow was stopped", async (context) => {
  const calls: ScriptedAnswer = { calls: [[LAUNCH, {}]] };
  const { called, refusals } = await play(context, "ml-writer", [calls, calls, DONE]);
  assert.deepEqual([called.length, refusals], [1, 1]);
});

test("a writer scaffolds nothing, since its files pass the closed places and the journal only through its own tool", async (context) => {
  const hook: ScriptedAnswer = { calls: [[SCAFFOLD, { name: "evil", template: "training", folder: ".git/hooks" }]] };
  const { called, offered, journal } = await play(context, "ml-writer", [hook, DONE]);
  assert.deepEqual([called, offered[0]], [[], [TOOL, LAUNCH]]);
  assert.match(journal.at(-1) ?? "", /agent ml-writer: refused: call trainyard_scaffold_flow/);
});

test("an agent ends with the signal of its task, and not only with the chat", async (context) => {
  const { outcome, model } = await play(context, "ml-writer", [DONE], { signal: AbortSignal.abort() });
  assert.equal(Object(outcome).kind, "failed");
  assert.equal(model.sent.length, 0);
});

test("a write that the person declines is noted in the journal", async (context) => {
  const { refusals, journal } = await play(context, "ml-writer", [write("ml-writer"), DONE], { declines: true });
  assert.equal(refusals, 1);
  assert.match(
    journal.at(-1) ?? "",
    /person .*call trainyard_workflow write_file a\.py by agent ml-writer\. The person declined it/,
  );
});

test("an agent that asks the tool for an approval is refused, and the journal says who asked for what", async (context) => {
  const asks = ["approve", "skip", "continue", "back"].map((action): [string, object] => [TOOL, { action, phase: 6 }]);
  const { called, refusals, journal } = await play(context, "ml-writer", [{ calls: asks }, DONE]);
  assert.deepEqual([called, refusals], [[], 4]);
  assert.match(journal.at(-4) ?? "", /agent ml-writer: refused: call trainyard_workflow approve by agent ml-writer/);
});
