import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { coveredDocuments } from "../../../src/core/workflow/workflowState.ts";
import { isCancellation } from "../../../src/editor/base/cancellation.ts";
import { workflowCommands } from "../../../src/editor/workflow/workflowCommands.ts";
import { WorkflowDesk } from "../../../src/editor/workflow/workflowDesk.ts";
import { registerWorkflowDiagnostics } from "../../../src/editor/workflow/workflowDiagnostics.ts";
import { CancellationTokenSource, EventEmitter, fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { benchOn, evidencePorts } from "../../support/workflowFolder.ts";
import { openDesk } from "../../support/workflowWindow.ts";

const answers = { problemType: "a", data: "b", successMetrics: "c", deployment: "d", constraints: "e" };

beforeEach(() => {
  resetFake();
  fake.builtInCommands = [...fake.builtInCommands, "markdown.showPreview"];
});

test("a workflow file with mistakes is offered with the first of them, and opened in place of being begun", async (context) => {
  const { desk, workspace } = await openDesk(context);
  const folder = join(workspace, ".trainyard", "workflows");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "mine.workflow.yaml"), "name: mine\ntitle: Mine\nphasse: []\n");
  let labels: string[] = [];
  fake.quickPick = (items) => {
    labels = items.map(({ label }) => label);
    return items.at(-1);
  };
  await assert.rejects(
    async () => workflowCommands(desk)["startWorkflow"]?.(),
    /mine\.workflow\.yaml:\d+: .* Mend it, save it, then start it again\./,
  );
  assert.deepEqual(labels, ["ML Development", "MLOps Pipeline", "$(warning) mine.workflow.yaml"]);
  assert.deepEqual((await desk.contents()).workflows, []);
});

test("without a folder nothing is asked before that is said", async (context) => {
  const { desk } = await openDesk(context);
  fake.workspaceFolder = undefined;
  fake.quickPick = () => assert.fail("asked");
  await assert.rejects(async () => workflowCommands(desk)["startWorkflow"]?.(), /^UserError: No folder is open\./);
});

/** A development whose first agent is due, in a window whose facts come when `read` says so. */
async function openAtWork(context: TestContext, read: (signal: AbortSignal) => Promise<[]>) {
  const { desk, workspace, ask } = await openDesk(context, { collectFacts: (_folder, signal) => read(signal) });
  await ask("ml-trainer", "develop", "digits");
  const [workflow = assert.fail()] = await desk.unfinished();
  await desk.apply(workflow, { kind: "answered", answers, configuration: {} });
  const run = async (name: string, target?: object) => workflowCommands(desk)[name]?.(target);
  return { desk, workspace, workflow, ask, run, target: { id: workflow.state.id } };
}

test("cancelling the notification ends what goes on from the palette, and the next command goes on from there", async (context) => {
  let isFirst = true;
  const { desk, workflow, run, target } = await openAtWork(context, (signal) => {
    if (!isFirst) {
      return Promise.resolve([]);
    }
    isFirst = false;
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      fake.progress.cancel();
    });
  });
  await assert.rejects(run("continueWorkflow", target), isCancellation);
  assert.match(
    fake.messages.at(-1) ?? "",
    /^ML Development "digits": Cancelled in Phase 1 \(Problem Analysis\)\. What is done so far is kept/,
  );
  assert.equal(fake.executed.length, 0, "nothing is shown of what was cancelled");
  const [cancelled = assert.fail()] = await desk.unfinished();
  assert.equal(cancelled.state.phases[0]?.tasks["patterns"]?.kind, "running");
  assert.deepEqual(await readdir(join(workflow.store.folderOf(target.id), "leases")), [], "its task is free again");

  fake.progress = new CancellationTokenSource();
  await run("continueWorkflow", target);
  const [after = assert.fail()] = await desk.unfinished();
  assert.equal(after.state.phases[0]?.kind, "awaiting-approval");
  assert.equal(after.state.refusals, 0);
  assert.match(fake.messages.at(-1) ?? "", /ML Development "digits": Phase 1 of 12, Problem Analysis, waits for you/);
});

test("with a language model the work of a command goes on in the chat, and with Built-in alone here", async (context) => {
  const { run, target, desk } = await openAtWork(context, () => Promise.resolve([]));
  fake.models = [{ vendor: "trainyard" }, { vendor: "copilot" }];
  fake.builtInCommands = [...fake.builtInCommands, "trainyard.askAgent"];
  await run("continueWorkflow", target);
  const request = { agent: "ml-trainer", command: "develop", prompt: `--continue ${target.id}` };
  assert.deepEqual(fake.executed, [{ command: "trainyard.askAgent", args: [request] }]);
  const [waiting = assert.fail()] = await desk.unfinished();
  assert.equal(waiting.state.phases[0]?.kind, "working");

  fake.models = [{ vendor: "trainyard" }];
  await run("continueWorkflow", target);
  const [done = assert.fail()] = await desk.unfinished();
  assert.equal(done.state.phases[0]?.kind, "awaiting-approval");
});

test("going back from the palette asks for the phase, and goes to it", async (context) => {
  const { desk, workflow, workspace, run, target } = await openAtWork(context, () => Promise.resolve([]));
  await benchOn(workflow.store, target.id, evidencePorts(workspace)).finishUntil(({ current }) => current === 3);
  const offered: string[] = [];
  fake.quickPick = (items) => {
    offered.push(...items.map(({ label }) => label));
    return items.at(-2);
  };
  await run("goBackPhase", target);
  assert.deepEqual(offered, [
    "4. Model Architecture",
    "3. Risk Assessment",
    "2. Data Architecture",
    "1. Problem Analysis",
  ]);
  const [after = assert.fail()] = await desk.unfinished();
  assert.deepEqual(
    after.state.phases.slice(0, 4).map(({ round }) => round),
    [1, 2, 2, 2],
  );
  fake.quickPick = () => undefined;
  await assert.rejects(run("goBackPhase", target), isCancellation);
  assert.deepEqual((await desk.unfinished())[0]?.state, after.state, "escaping the question changes nothing");
});

test("a gate that covers several documents opens each of exactly these", async (context) => {
  const { workflow, workspace, run, target } = await openAtWork(context, () => Promise.resolve([]));
  const bench = benchOn(workflow.store, target.id, evidencePorts(workspace));
  const state = await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  const offered: string[] = [];
  fake.quickPick = (items) => {
    offered.push(...items.map(({ label }) => label));
    return undefined;
  };
  await assert.rejects(run("openWorkflowDocument", { ...target, phase: 0 }), isCancellation);
  const covered = Object.keys(coveredDocuments(state, 0));
  assert.ok(covered.length > 1);
  assert.deepEqual(
    offered.map((label) => /\((.+)\)$/.exec(label)?.[1]),
    covered,
  );
});

test("two workflows of one task are told apart by their phase and when they began", async (context) => {
  const { desk, ask, run } = await openAtWork(context, () => Promise.resolve([]));
  await ask("ml-trainer", "develop", "digits");
  const rows: object[] = [];
  fake.quickPick = (items) => {
    rows.push(...items);
    return undefined;
  };
  await assert.rejects(run("continueWorkflow"), isCancellation);
  const ids = (await desk.unfinished()).map(({ state }) => state.id);
  assert.deepEqual(
    rows.map((row) => Object(row).detail),
    ids,
  );
  for (const row of rows) {
    assert.match(Object(row).description, /^Phase 1 \(Problem Analysis\), started .*\d\d:\d\d/);
  }
});

test("approvals that came from another machine are named before they are accepted, and none where none were given", async (context) => {
  const { workflow, workspace, target } = await openAtWork(context, () => Promise.resolve([]));
  const home = process.env["XDG_STATE_HOME"];
  const acceptElsewhere = async () => {
    process.env["XDG_STATE_HOME"] = temporaryFolder(context);
    const elsewhere = new WorkflowDesk({
      extensionFolder: workspace,
      collectFacts: () => Promise.resolve([]),
      checkCode: () => Promise.resolve([]),
      evidenceOf: () => evidencePorts(workspace),
      prepareFolder: () => Promise.resolve(),
    });
    context.after(() => elsewhere.dispose());
    await assert.rejects(async () => workflowCommands(elsewhere)["confirmWorkflow"]?.(target), isCancellation);
    process.env["XDG_STATE_HOME"] = home;
    return [fake.messages.at(-1) ?? "", fake.messageDetails.at(-1) ?? ""] as const;
  };
  const [began, nothing] = await acceptElsewhere();
  assert.match(`${began} ${nothing}`, /^Go on with this workflow here\? .*It holds no approvals\./);
  await benchOn(workflow.store, target.id, evidencePorts(workspace)).finishUntil(({ current }) => current === 4);
  const [asked, named] = await acceptElsewhere();
  assert.equal(asked, "Accept the approvals that came with this workflow?");
  assert.match(named, /Phase 1 \(Problem Analysis\), ada, .*:\ndocuments\/01-problem-analysis\.md \([\da-f]{8}\)/);
  assert.match(named, /Phase 3 \(Risk Assessment\), "None blocks: go on", ada, .*:\n/, "with what was chosen");
  assert.match(named, /Phase 4 \(Model Architecture\), "Baseline", ada, .*:\n/);
});

test("a workflow whose journal is gone is begun anew with its task, after a yes, and all of it is kept", async (context) => {
  const { desk, ask, workflow, run, target } = await openAtWork(context, () => Promise.resolve([]));
  const journal = join(workflow.store.folderOf(target.id), "journal.jsonl");
  await assert.rejects(run("beginWorkflowAnew", target), /no workflow here whose journal is broken/);
  await writeFile(journal, (await readFile(journal, "utf8")).replace('"kind":"person"', '"kind":"agent"'));
  await assert.rejects(run("continueWorkflow", target), /The first line of the journal of .* does not hold, so/);
  const { buttons } = await ask("ml-trainer", "status");
  assert.deepEqual(buttons, [
    {
      title: "Begin Anew…",
      command: "trainyard.beginWorkflowAnew",
      arguments: [{ id: target.id, isFromChat: true }],
    },
  ]);
  await assert.rejects(run("beginWorkflowAnew", target), isCancellation);
  assert.equal((await desk.contents()).unreadable.length, 1, "without a yes nothing is moved");
  fake.messageAnswers.set(`Begin ${target.id} anew?`, "Begin Anew");
  await run("beginWorkflowAnew", target);
  const { workflows, unreadable } = await desk.contents();
  assert.deepEqual(
    [workflows.map(({ state }) => [state.task, state.definition.name]), unreadable],
    [[["digits", "ml-development"]], []],
  );
  assert.ok((await readdir(`${workflow.store.folderOf(target.id)}.broken-1`)).includes("journal.jsonl"));
});

test("with several folders the files of a task done by hand are named as the folder of its workflow has them", async (context) => {
  const { desk, workspace, ask } = await openDesk(context);
  const task = "{ id: code, agent: ml-writer, title: Code, prompt: Write, output: { kind: files } }";
  const phase = `{ id: only, title: Only, stage: Only, goal: Write., steps: [{ tasks: [${task}] }] }`;
  await mkdir(join(workspace, ".trainyard", "workflows"), { recursive: true });
  await writeFile(
    join(workspace, ".trainyard", "workflows", "by-hand.workflow.yaml"),
    `name: by-hand\ntitle: By Hand\ndescription: Writes\nphases:\n  - ${phase}\n`,
  );
  await ask("ml-trainer", "develop", "--workflow by-hand tidy");
  const [{ state } = assert.fail()] = await desk.unfinished();
  await mkdir(join(workspace, "src"));
  await writeFile(join(workspace, "src", "model.py"), "x = 1\n");
  fake.workspaceFolder = temporaryFolder(context);
  fake.moreFolders = [workspace];
  fake.inputBox = () => "Wrote src/model.py and tests/test_model.py.";
  const offered: string[] = [];
  fake.quickPick = (items) => {
    offered.push(...items.map(({ label }) => label));
    return items;
  };
  const { recordTask = assert.fail() } = workflowCommands(desk);
  const chooseAll = fake.quickPick;
  fake.quickPick = () => [];
  await assert.rejects(Promise.resolve(recordTask({ id: state.id })), isCancellation);
  assert.match(fake.messages.at(-1) ?? "", /Record "Code" without a file\?/);
  assert.deepEqual((await desk.find(state.id)).state, state, "without a yes nothing is recorded");
  fake.quickPick = chooseAll;
  await recordTask({ id: state.id });
  assert.ok(offered.includes("src/model.py"), offered.join(", "));
  const told = fake.messages.filter((message) => message.includes("could not be found"));
  assert.deepEqual(told, [
    "Recorded, but this could not be found: tests/test_model.py, which your sentence names, is not in this folder.",
  ]);
  const { phases } = (await desk.find(state.id)).state;
  assert.doesNotMatch(
    JSON.stringify(phases),
    /not in this folder/,
    "nothing is open that the person did not leave open",
  );
});

test("a stopped workflow is resumed by its button alone; any other call is asked about", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const [stopped = assert.fail()] = await desk.unfinished();
  await desk.apply(stopped, { kind: "stopped" });
  const { resumeWorkflow = assert.fail() } = workflowCommands(desk);
  await assert.rejects(Promise.resolve(resumeWorkflow({ id: stopped.state.id })), isCancellation);
  assert.match(fake.messages.at(-1) ?? "", /Resume "digits"\?/);
  assert.equal((await desk.find(stopped.state.id)).state.isStopped, true);
  const { buttons } = await ask("ml-trainer", "develop", `--continue ${stopped.state.id}`);
  const pressed = buttons?.find(({ title }) => title === "Resume")?.arguments?.[0];
  await resumeWorkflow({ ...Object(pressed), isFromChat: false });
  assert.equal((await desk.find(stopped.state.id)).state.isStopped, false);
});

test("what was answered before a question was escaped is proposed the next time", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "sales");
  const [{ state } = assert.fail()] = await desk.unfinished();
  const { answerWorkflow = assert.fail() } = workflowCommands(desk);
  const escapeSecondText = async (text: string, choose: typeof fake.quickPick) => {
    const proposed: (string | undefined)[] = [];
    fake.quickPick = choose;
    fake.inputBox = (value) => {
      proposed.push(value);
      return proposed.length === 1 ? text : undefined;
    };
    await assert.rejects(Promise.resolve(answerWorkflow({ id: state.id })), isCancellation);
    return proposed;
  };
  assert.deepEqual(await escapeSecondText("Five years of sales", (items) => items[1]), ["", ""]);
  let first: unknown;
  const again = await escapeSecondText("Six years of sales", ([item]) => (first = item));
  assert.deepEqual([first, again], [{ label: "regression" }, ["Five years of sales", ""]]);
});

test("Back at a question leads to the one before, with what was answered there", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "sales");
  const [{ state } = assert.fail()] = await desk.unfinished();
  const { answerWorkflow = assert.fail() } = workflowCommands(desk);
  const asked: string[] = [];
  fake.quickPick = (items) => items.find(({ label }) => label === "forecasting") ?? items[0];
  fake.inputBox = (value) => `${value ?? ""}five years`;
  fake.goesBack = (title) => {
    asked.push(title);
    return asked.length === 3;
  };
  await answerWorkflow({ id: state.id });
  const numbers = asked.map((title) => /\((\d) of 5\)$/.exec(title)?.[1]).join("");
  assert.equal(numbers, "1232345");
  assert.equal((await desk.find(state.id)).state.answers["data"], "five yearsfive years");
});

test("answers that could not be taken are proposed the next time", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "sales");
  const [{ state } = assert.fail()] = await desk.unfinished();
  const { answerWorkflow = assert.fail() } = workflowCommands(desk);
  fake.quickPick = ([item]) => item;
  fake.inputBox = () => "A long answer";
  context.mock.method(desk, "apply", () => Promise.reject(new Error("The disk is full.")), { times: 1 });
  await assert.rejects(Promise.resolve(answerWorkflow({ id: state.id })), /The disk is full/);
  let proposed: string | undefined;
  fake.inputBox = (value) => {
    proposed = value;
    return undefined;
  };
  await assert.rejects(Promise.resolve(answerWorkflow({ id: state.id })), isCancellation);
  assert.equal(proposed, "A long answer");
});

test("a workflow file is checked anew when the agents change, and an older check shows nothing after a newer one", async (context) => {
  const { workspace } = await openDesk(context);
  const folder = join(workspace, ".trainyard", "workflows");
  await mkdir(folder, { recursive: true });
  const path = join(folder, "mine.workflow.yaml");
  await writeFile(path, "");
  const range = { start: { line: 0, column: 0 }, end: { line: 0, column: 4 } };
  const file = { path, problems: [], agents: [{ name: "me", range }] };
  const changed = new EventEmitter<void>();
  const checks: ((names: readonly string[]) => void)[] = [];
  const agentNames = () => new Promise<readonly string[]>((resolve) => checks.push(resolve));
  const spelling = { readFiles: () => Promise.resolve([file]), agentNames, onDidChangeAgents: changed.event };
  const registered = registerWorkflowDiagnostics(spelling, (error) => assert.ifError(error));
  context.after(() => registered.dispose());
  const shown = () => fake.diagnostics.get(path)?.map(({ message }) => message);
  await context.waitFor(() => assert.equal(checks.length, 1));
  changed.fire();
  await context.waitFor(() => assert.equal(checks.length, 2));
  checks[1]?.(["me"]);
  await context.waitFor(() => assert.deepEqual(shown(), []));
  checks[0]?.([]);
  await setImmediate();
  assert.deepEqual(shown(), []);
});
