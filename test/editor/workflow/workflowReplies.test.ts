import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import * as vscode from "vscode";
import * as z from "zod";
import type { Reply } from "../../../src/core/chat/reply.ts";
import { gateChoices } from "../../../src/core/workflow/checkAnswers.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import { hasFinished } from "../../../src/core/workflow/workflowState.ts";
import { isCancellation } from "../../../src/editor/base/cancellation.ts";
import { allowTestsByButton, goBackByButton } from "../../../src/editor/workflow/approval.ts";
import { issueTicket, takeTicket } from "../../../src/editor/workflow/gateTickets.ts";
import { now, person, type WorkflowSources } from "../../../src/editor/workflow/workflowDesk.ts";
import { shareStop, workflowSlashCommands } from "../../../src/editor/workflow/workflowReplies.ts";
import { registerWorkflowView } from "../../../src/editor/workflow/workflowView.ts";
import { finishTask } from "../../../src/node/workflow/advanceWorkflow.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { benchOn, evidencePorts, writeNamedFiles } from "../../support/workflowFolder.ts";
import { beginState, outputFor, shippedWorkflow } from "../../support/workflows.ts";
import { openDesk } from "../../support/workflowWindow.ts";

const { signal } = new AbortController();

beforeEach(resetFake);

/** A workflow of one phase whose check rests on tests. */
async function writeCheckWorkflow(workspace: string): Promise<string> {
  const folder = join(workspace, ".trainyard", "workflows");
  await mkdir(folder, { recursive: true });
  const output = "{ kind: checks, sections: [Unit tests], proofs: { Unit tests: tests } }";
  const task = `{ id: run, agent: data-scientist, title: Run, prompt: Run, output: ${output} }`;
  const phase = `{ id: only, title: Only, stage: Only, goal: Run., steps: [{ tasks: [${task}] }] }`;
  const text = `name: checked\ntitle: Checked\ndescription: Runs tests\nphases:\n  - ${phase}\n`;
  await writeFile(join(folder, "checked.workflow.yaml"), text);
  return "checked";
}

const titles = ({ buttons }: Reply) => (buttons ?? []).map(({ title }) => title);

test("both agents lead a workflow, and share the words for its gates", async (context) => {
  const { desk } = await openDesk(context);
  const names = (participant: string) =>
    workflowSlashCommands(desk)
      .filter((command) => command.participant === participant)
      .map(({ name }) => name);
  assert.deepEqual(names("ml-trainer"), ["develop", "approve", "revise", "skip", "status", "back"]);
  assert.deepEqual(names("mlops-engineer"), ["pipeline", "approve", "revise", "skip", "status", "back"]);
});

test("/develop with a task begins another workflow, and without one goes on with the last", async (context) => {
  const { desk, ask } = await openDesk(context);
  const first = await ask("ml-trainer", "develop", "classify digits");
  assert.match(first.markdown, /^\*\*Phase 1 of 12: Problem Analysis\*\*/);
  assert.deepEqual(titles(first), ["Answer…"]);
  await ask("ml-trainer", "develop", "forecast load");
  await ask("ml-trainer", "develop");
  const { workflows } = await desk.contents();
  assert.deepEqual(workflows.map(({ state }) => state.task).toSorted(), ["classify digits", "forecast load"]);
  assert.match((await ask("ml-trainer", "status")).markdown, /Also here:/);
  await assert.rejects(ask("mlops-engineer", "approve"), /Start one with \/pipeline/);
});

test("a workflow that is begun without a task asks for it first, and its agents are told the answer", async (context) => {
  const { desk, workspace, ask } = await openDesk(context);
  const asked = await ask("ml-trainer", "develop");
  assert.match(asked.markdown, /1\. \*\*What shall be done\?\*\*\n2\. /);
  const [workflow = assert.fail()] = await desk.unfinished();
  const questions = workflow.state.definition.phases[0]?.questions ?? [];
  assert.equal(questions.length, 6);
  const others = Object.fromEntries(questions.map(({ key }) => [key, "known"]));
  const answer = (task: string) =>
    desk.apply(workflow, { kind: "answered", answers: { ...others, task }, configuration: {} });
  await assert.rejects(answer(" "), /"What shall be done\?" is not answered/);
  assert.equal((await answer("count birds")).task, "count birds");
  await ask("ml-trainer", "develop");
  await ask("ml-trainer", "revise");
  assert.equal((await answer("count all birds")).task, "count all birds");

  await ask("ml-trainer", "develop", `--workflow ${await writeCheckWorkflow(workspace)}`);
  const [own] = await desk.unfinished();
  assert.deepEqual(own?.state.definition.phases[0]?.questions, [], "it tells its agents nothing of a task");
});

test("/skip says which phases may be skipped and how, and the status names them", async (context) => {
  const { workspace, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  await assert.rejects(
    ask("ml-trainer", "skip"),
    /Phase 1 \(Problem Analysis\) cannot be skipped: .* you may skip Phase 2 \(Data Architecture\), once it is begun: cancel/,
  );
  assert.match((await ask("ml-trainer", "status")).markdown, /2\. Data Architecture \(may be skipped\)/);
  assert.match((await ask("ml-trainer", "status", "where are we?")).markdown, /2\. Data Architecture/);
  await ask("ml-trainer", "develop", `--workflow ${await writeCheckWorkflow(workspace)} look`);
  await assert.rejects(ask("ml-trainer", "skip"), /No phase of this workflow may be skipped/);
});

test("/approve where nothing waits for it says what does", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const none = "Nothing in this workflow waits for approval now. Phase 1 \\(Problem Analysis\\)";
  await assert.rejects(ask("ml-trainer", "approve"), new RegExp(`${none}: your answers are needed\\.`));
  const [workflow = assert.fail()] = await desk.unfinished();
  await desk.apply(workflow, { kind: "stopped" });
  await assert.rejects(ask("ml-trainer", "approve"), new RegExp(`${none}: stopped\\.`));
});

test("a phase that was skipped is not called complete at the end", async (context) => {
  const { workspace, ask } = await openDesk(context);
  const name = await writeCheckWorkflow(workspace);
  const file = join(workspace, ".trainyard", "workflows", `${name}.workflow.yaml`);
  await writeFile(file, (await readFile(file, "utf8")).replace("id: only,", "id: only, canSkip: true,"));
  await ask("ml-trainer", "develop", `--workflow ${name} look`);
  await assert.rejects(ask("ml-trainer", "skip"), isCancellation);
  const question = "Skip Only and end the workflow?";
  assert.equal(fake.messages.at(-1), question, "what ends the workflow is asked about first");
  fake.messageAnswers.set(question, "Skip");
  const { markdown } = await ask("ml-trainer", "skip");
  assert.match(markdown, /Checked: done\.\*\* 0 of 1 phases are complete\. Skipped: 1\. Only\./);
});

test("/develop with a capsule says which one was loaded, and which of its key files are not there", async (context) => {
  const { workspace, ask } = await openDesk(context);
  const folder = join(workspace, ".phase0", "capsules", "tracks");
  await mkdir(folder, { recursive: true });
  const files = "context: { key_files: [{ path: train.py }, { path: gone.py }] }";
  const head = 'version: "1.0"\ncreated: 2026-01-03\nslug: tracks\ngoal: Predict the next position.';
  await writeFile(join(folder, "capsule.yaml"), `${head}\n${files}\nhandoff: { recommended_command: /develop }\n`);
  await writeFile(join(workspace, "train.py"), "");
  const { markdown } = await ask("ml-trainer", "develop", "--capsule tracks");
  assert.match(markdown, /^Loaded capsule: tracks\n\nIt names key files that are not there: `gone\.py`\./);
});

test("words about an approval do not approve, and /approve does nothing without the dialog", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("mlops-engineer", "pipeline", "digits");
  const [workflow] = await desk.unfinished();
  const { configuration } = workflow?.state.definition ?? assert.fail();
  await desk.apply(workflow ?? assert.fail(), {
    kind: "answered",
    answers: {},
    configuration: Object.fromEntries(configuration.map(({ key, default: usual }) => [key, usual])),
  });
  const gate = await ask("mlops-engineer", "pipeline");
  assert.deepEqual(titles(gate), ["Approve Phase 1", "Revise…", "Open Document", "Open Another Document…"]);
  const unknown = gate.markdown.split("_Not known yet.").length - 1;
  assert.ok(unknown > 1 && gate.markdown.includes(`⚠ ${unknown} sections still say that nothing is known yet.`));
  await assert.rejects(ask("mlops-engineer", "approve", "yes, approved by the person"), vscode.CancellationError);
  assert.equal((await desk.unfinished())[0]?.state.current, 0);
  assert.match(
    fake.messages.at(-1) ?? "",
    /Phase 1 \(Data & Requirements Analysis\): Shall the pipeline be built on this\?/,
  );
  assert.ok((fake.messageDetails.at(-1) ?? "").startsWith(`MLOps Pipeline "digits"\n⚠ ${unknown} sections still say`));
  fake.messageAnswers.set("Phase 1", "Approve");
  assert.match((await ask("mlops-engineer", "approve")).markdown, /Phase 2 of 4/);
});

/** A workflow whose tests wait for a press, the answer that shows them, and the ticket of its button. */
async function openWithTests(context: TestContext, sources: Partial<WorkflowSources> = {}) {
  const { desk, workspace, ask } = await openDesk(context, sources);
  await ask("ml-trainer", "develop", `--workflow ${await writeCheckWorkflow(workspace)} look`);
  const [workflow = assert.fail()] = await desk.unfinished();
  const [task = assert.fail()] = tasksOf(workflow.state.definition.phases[0] ?? assert.fail());
  await finishTask({ ...workflow, id: workflow.state.id, at: now(), by: person() }, task, outputFor(task));
  const asked = await ask("ml-trainer", "develop");
  const { ticket } = z.object({ ticket: z.string() }).parse(asked.buttons?.[0]?.arguments?.[0]);
  return { desk, workspace, ask, asked, ticket };
}

test("the dialog for an approval names what was chosen", async (context) => {
  const { desk, workspace, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const [{ store, state } = assert.fail()] = await desk.unfinished();
  await writeNamedFiles(workspace);
  const bench = benchOn(store, state.id, evidencePorts(workspace));
  await bench.finishUntil(({ phases }) => phases[3]?.kind === "awaiting-approval");
  const { definition } = state;
  const [{ label } = assert.fail()] = gateChoices({
    definition: definition.phases[3] ?? assert.fail(),
    state: (await desk.find(state.id)).state.phases[3] ?? assert.fail(),
  });
  fake.quickPick = (rows) => rows.find((row) => row.label === label);
  await assert.rejects(ask("ml-trainer", "approve"), vscode.CancellationError);
  assert.match(fake.messageDetails.at(-1) ?? "", new RegExp(`^Your choice: ${label}$`, "m"));
});

test("tests that are not named above a button of this window run only after a dialog that names them", async (context) => {
  const { desk, asked, ticket } = await openWithTests(context);
  assert.deepEqual(titles(asked), ["Run These Tests", "Record by Hand…", "Go Back…"]);
  assert.match(asked.markdown, /\*\*Unit tests\*\*: `test_model\.py`/);
  const [waiting = assert.fail()] = await desk.unfinished();
  const id = waiting.state.id;
  await assert.rejects(allowTestsByButton(desk, waiting, { id, ticket: "a guess" }), vscode.CancellationError);
  assert.match(fake.messages.at(-1) ?? "", /Run these tests\?/);
  const before = fake.messages.length;
  const allowed = await allowTestsByButton(desk, waiting, { id, ticket });
  assert.deepEqual(Object.keys(allowed.phases[0]?.allowedTests?.files ?? {}), ["test_model.py"]);
  assert.equal(fake.messages.length, before, "a button of this window for what it shows asks no more");
});

test("tests that the person cancels do not run again until they are let run", async (context) => {
  const controller = new AbortController();
  const evidenceOf = () => {
    const ports = evidencePorts(fake.workspaceFolder ?? assert.fail());
    // Whoever asks for Python is about to start them.
    const python = () => {
      controller.abort();
      return ports.python();
    };
    return { ...ports, python };
  };
  const { desk, workspace, ask, ticket } = await openWithTests(context, { evidenceOf });
  await writeFile(join(workspace, "test_model.py"), "open('ran', 'w')\n");
  const [waiting = assert.fail()] = await desk.unfinished();
  fake.messageAnswers.set("Run these tests?", "Run");
  await allowTestsByButton(desk, waiting, { id: waiting.state.id, ticket });
  const develop = workflowSlashCommands(desk).find(({ name }) => name === "develop") ?? assert.fail();
  const said: string[] = [];
  const going = develop.answer(
    { prompt: "", references: [], progress: (text) => void said.push(text) },
    controller.signal,
  );
  await assert.rejects(async () => going, isCancellation);
  assert.deepEqual(said.slice(1), ["Running test_model.py, at most 10 minutes. Cancel ends it."]);
  assert.match(fake.messages.at(-1) ?? "", /"look": The tests were ended before they had, and count for nothing/);
  const after = await ask("ml-trainer", "develop");
  assert.match(after.markdown, /⚠ You ended them before they had/);
  assert.deepEqual(titles(after), ["Run These Tests", "Record by Hand…", "Go Back…"]);
  assert.equal(existsSync(join(workspace, "ran")), false);
});

test("a button whose tests, or what they import, have changed since they were shown asks in a dialog", async (context) => {
  for (const changed of ["test_model.py", "helper.py", "conftest.py"]) {
    const { desk, workspace, ticket } = await openWithTests(context);
    await writeFile(join(workspace, changed), "print('another')\n");
    const [waiting = assert.fail()] = await desk.unfinished();
    const pressed = allowTestsByButton(desk, waiting, { id: waiting.state.id, ticket });
    await assert.rejects(pressed, vscode.CancellationError);
    assert.match(fake.messages.at(-1) ?? "", /Run these tests\?/);
    const what = changed === "test_model.py" ? "code in this folder, test_model\\.py" : "code in this folder";
    assert.match(
      fake.messageDetails.at(-1) ?? "",
      new RegExp(`Since they were shown to you, this has changed: ${what}\\.\n`),
    );
  }
});

test("the dialog for tests that were let run before names the folders whose code has changed", async (context) => {
  const { desk, workspace, ticket, ask } = await openWithTests(context);
  const waiting = async () => (await desk.unfinished())[0] ?? assert.fail();
  const { state } = await waiting();
  await mkdir(join(workspace, "lib"));
  await writeFile(join(workspace, "lib", "model.py"), "x = 1\n");
  fake.messageAnswers.set("Run these tests?", "Run");
  await allowTestsByButton(desk, await waiting(), { id: state.id, ticket });
  await writeFile(join(workspace, "lib", "model.py"), "x = 2\n");
  await ask("ml-trainer", "develop", `--continue ${state.id}`);
  fake.messageAnswers.clear();
  await assert.rejects(allowTestsByButton(desk, await waiting(), { id: state.id }), vscode.CancellationError);
  assert.match(fake.messageDetails.at(-1) ?? "", /Since you let them run, code has changed in lib\./);
});

test("a ticket counts once, for its workflow, and for the documents that were shown", () => {
  const state = beginState(shippedWorkflow("ml-development"));
  const ticket = issueTicket(state, 0);
  assert.equal(takeTicket(ticket, "another"), undefined);
  assert.deepEqual(takeTicket(ticket, state.id), { id: state.id, phase: 0, hashes: {} });
  assert.equal(takeTicket(ticket, state.id), undefined);
  assert.equal(takeTicket(undefined, state.id), undefined);
});

test("/stop stops a training while one runs, and the workflow otherwise or by its name", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const own = {
    participant: "ml-trainer",
    name: "stop",
    description: "",
    answer: () => Promise.resolve({ markdown: "the training" }),
  };
  const stop = (prompt: string, isLive: boolean) =>
    shareStop(own, desk, () => Promise.resolve(isLive)).answer({ prompt, references: [] }, signal);
  assert.equal((await stop("", true)).markdown, "the training");
  assert.equal((await stop("digits-1", false)).markdown, "the training");
  assert.match((await stop("", false)).markdown, /The workflow is stopped/);
  await assert.rejects(stop("workflow", true), /stopped already/);
});

test("/back returns to the phase before, to the one that is named, and from the end", async (context) => {
  const { desk, workspace, ask } = await openDesk(context);
  await ask("mlops-engineer", "pipeline", "digits");
  await assert.rejects(ask("ml-trainer", "back"), /No workflow of @ml-trainer is under way/);
  await assert.rejects(ask("mlops-engineer", "back", "3"), /Going back needs a phase that has begun/);
  assert.match((await ask("mlops-engineer", "back")).markdown, /Phase 1 of 4/, "the first one is begun anew");
  await writeNamedFiles(workspace);
  const [{ state, store } = assert.fail()] = await desk.unfinished();
  const bench = benchOn(store, state.id, evidencePorts(workspace));
  await bench.finishUntil(({ current }) => current === 2);
  const before = await ask("mlops-engineer", "back");
  assert.match(
    before.markdown,
    /^You are back in Phase 2 \(Model Development & Training\)\. Approvals withdrawn: Phase 2/,
  );
  assert.match(before.markdown, /Phase 2 of 4: Model Development/);
  const { phases } = await bench.read();
  for (const prompt of ["zero", "don't", "fix that first", "add 3 features to phase 1"]) {
    const asked = await ask("mlops-engineer", "back", prompt);
    assert.match(
      asked.markdown,
      /nothing was changed.*\n\n- `\/back 1` to Data & Requirements Analysis\n- `\/back 2` to/,
    );
    assert.deepEqual(titles(asked), ["Go Back…"]);
  }
  assert.deepEqual((await bench.read()).phases, phases);
  const done = await bench.finishUntil(hasFinished);
  assert.deepEqual(
    done.phases.map(({ round }) => round),
    [2, 2, 2, 1],
  );
  await ask("mlops-engineer", "back", "to phase 4");
  const again = await bench.read();
  assert.deepEqual([again.current, again.phases[3]?.round, again.phases[2]?.kind], [3, 2, "done"]);
  assert.match((await ask("mlops-engineer", "back", "to the start")).markdown, /Phase 1 of 4/);
});

test("an approval that an edit takes back from a finished workflow can be given again in the chat", async (context) => {
  const { desk, workspace, ask } = await openDesk(context);
  await ask("mlops-engineer", "pipeline", "digits");
  await writeNamedFiles(workspace);
  const [{ state, store } = assert.fail()] = await desk.unfinished();
  await benchOn(store, state.id, evidencePorts(workspace)).finishUntil(hasFinished);
  assert.deepEqual(await desk.unfinished(), []);
  const document = join(store.folderOf(state.id), "documents", "01-data-and-requirements.md");
  await appendFile(document, "More is known.\n");
  assert.deepEqual(titles(await ask("mlops-engineer", "pipeline")).slice(0, 1), ["Approve Phase 1 Again"]);
  fake.messageAnswers.set("Phase 1", "Approve");
  const { markdown, references } = await ask("mlops-engineer", "approve");
  assert.match(markdown, /MLOps Pipeline: done\.\*\* All 4 phases are complete\./);
  const linked = references?.map(({ path }) => path) ?? [];
  assert.ok(linked.includes(join(store.folderOf(state.id), "deliverables", "pipeline.md")));
});

test("the view shows each workflow with its phases, and where it waits", async (context) => {
  const { desk, workspace, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const view = registerWorkflowView(desk, (error) => assert.fail(String(error)));
  context.after(() => view.dispose());
  const provider = fake.treeProviders.get("trainyard.workflows") ?? assert.fail();
  const [root] = await Promise.all(await Promise.resolve(provider.getChildren()));
  assert.equal((await provider.getTreeItem(root)).contextValue, "workflow.live");
  const phases = await Promise.resolve(provider.getChildren(root));
  assert.equal(phases.length, 12);
  const first = await provider.getTreeItem(phases[0]);
  assert.deepEqual([first.description, first.contextValue], ["your answers are needed", "phase.asking"]);
  const [id = ""] = (await desk.contents()).workflows.map(({ state }) => state.id);
  const journal = join(workspace, ".trainyard", "workflows", id, "journal.jsonl");
  await appendFile(journal, "approved\n");
  await desk.contents();
  assert.match(await readFile(journal, "utf8"), /a change of the journal outside of Trainyard/);
});

test("a document that is gone is not offered for approval, but written again or put back", async (context) => {
  const { desk, ask } = await openDesk(context);
  await ask("mlops-engineer", "pipeline", "digits");
  const [workflow = assert.fail()] = await desk.unfinished();
  const { configuration } = workflow.state.definition;
  await desk.apply(workflow, {
    kind: "answered",
    answers: {},
    configuration: Object.fromEntries(configuration.map(({ key, default: usual }) => [key, usual])),
  });
  await ask("mlops-engineer", "pipeline");
  const document = join(workflow.store.folderOf(workflow.state.id), "documents", "01-data-and-requirements.md");
  const text = await readFile(document, "utf8");
  await rm(document);
  const gone = await ask("mlops-engineer", "pipeline");
  assert.match(gone.markdown, /data-and-requirements\.md is missing, so there is nothing to approve/);
  assert.deepEqual(titles(gone), ["Do Phase 1 Again", "Look Again"]);
  await assert.rejects(ask("mlops-engineer", "approve"), /written again with \/back 1\.$/);
  assert.deepEqual(fake.messages, [], "no dialog offers it either");

  await writeFile(document, text);
  assert.deepEqual(titles(await ask("mlops-engineer", "pipeline")).slice(0, 1), ["Approve Phase 1"]);
  await rm(document);
  const { buttons } = await ask("mlops-engineer", "pipeline");
  const argument = z.object({ id: z.string(), ticket: z.string() }).parse(buttons?.[0]?.arguments?.[0]);
  const [{ state } = assert.fail()] = await desk.unfinished();
  const again = await goBackByButton(desk, { ...workflow, state }, argument);
  assert.deepEqual([again.current, again.phases[0]?.round, again.phases[0]?.kind], [0, 2, "asking"]);
  await assert.rejects(goBackByButton(desk, { ...workflow, state: again }, argument), vscode.CancellationError);
});
