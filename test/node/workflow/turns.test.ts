import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { turnOf } from "../../../src/core/workflow/turn.ts";
import { coveredDocuments, phaseAt, readyTasks, type WorkflowState } from "../../../src/core/workflow/workflowState.ts";
import { type AskAgent, finishTask } from "../../../src/node/workflow/advanceWorkflow.ts";
import { writeForAgent } from "../../../src/node/workflow/agentWrite.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { benchOf, openBench, type WorkflowBench } from "../../support/workflowFolder.ts";
import { ADA, AT, outputFor, shippedWorkflow, WRITER } from "../../support/workflows.ts";

/* A workflow moves on while somebody writes or an agent works: in another window, or by a word of the person. */

const develop = shippedWorkflow("ml-development");
const answers = { problemType: "a", data: "b", successMetrics: "c", deployment: "d", constraints: "e" };
const answerOf = (task: Parameters<AskAgent>[0]["task"]) => ({
  kind: "answered" as const,
  text: `\`\`\`json\n${JSON.stringify(outputFor(task))}\n\`\`\``,
  tokens: 1,
});

/** An agent that answers when it is told to, or when its signal aborts. */
function heldAgent() {
  const held = new EventEmitter();
  const begun = once(held, "begun");
  const askAgent: AskAgent = async ({ task }, signal) => {
    const told = once(held, "told");
    signal.addEventListener("abort", () => held.emit("told"));
    held.emit("begun", signal);
    await told;
    return signal.aborted ? { kind: "failed", reason: "The request was stopped.", tokens: 1 } : answerOf(task);
  };
  return { askAgent, begun: begun.then(([signal]: AbortSignal[]) => signal), finish: () => held.emit("told") };
}

async function openAtWork(workspace: string) {
  const bench = await openBench(workspace, develop);
  await bench.apply({ kind: "answered", answers, configuration: {} });
  const agent = heldAgent();
  const working = bench.advance(agent.askAgent);
  return { bench, agent, working, signal: await agent.begun };
}

/** The first phase at its gate, and the second one after it was approved. */
async function openPhaseTwo(bench: WorkflowBench): Promise<{ seen: WorkflowState; moved: WorkflowState }> {
  const seen = await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  const { state: moved } = await bench.apply({ kind: "approved", phase: 0, hashes: coveredDocuments(seen, 0) });
  return { seen, moved };
}

async function goBackAndAnswerAnew(bench: WorkflowBench): Promise<void> {
  await bench.apply({ kind: "went-back", phase: 0 });
  await bench.apply({ kind: "answered", answers: { ...answers, data: "other data" }, configuration: {} });
}

test("what an agent found out for one round does not count for the next", async (context) => {
  const { bench, agent, working } = await openAtWork(temporaryFolder(context));
  await goBackAndAnswerAnew(bench);
  agent.finish();
  await working;
  const { phases, refusals } = await bench.read();
  assert.equal(phases[0]?.round, 2);
  assert.equal(phases[0]?.tasks["patterns"]?.kind, "waiting");
  assert.equal(refusals, 1);
  const journal = await readFile(bench.journal, "utf8");
  assert.match(
    journal,
    /"reason":"This was meant for Phase 1 \(Problem Analysis\), round 1, and the workflow has moved/,
  );
  assert.equal((await bench.finishUntil(({ current }) => current === 2)).current, 2);
});

test("an agent at work ends when the workflow is stopped or taken back, and leaves nothing", async (context) => {
  for (const event of [{ kind: "stopped" as const }, { kind: "went-back" as const, phase: 0 }]) {
    const { bench, working, signal } = await openAtWork(temporaryFolder(context));
    await bench.apply(event);
    const { state } = await working;
    assert.equal(signal?.aborted, true);
    assert.equal(state.refusals, 0);
    assert.ok(["running", "waiting"].includes(state.phases[0]?.tasks["patterns"]?.kind ?? ""), event.kind);
  }
});

test("a fault of one agent is told once the others are done, whose work is kept, and no other begins", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  await openPhaseTwo(bench);
  const begun: string[] = [];
  const faulty: AskAgent = async ({ task }) => {
    begun.push(task.id);
    if (task.id === "sources") {
      throw new TypeError("a fault");
    }
    await delay(50);
    return answerOf(task);
  };
  await assert.rejects(bench.advance(faulty, { maxParallel: 2 }), /a fault/);
  assert.deepEqual(begun.toSorted(), ["preprocessing", "sources"]);
  const { tasks } = (await bench.read()).phases[1] ?? assert.fail();
  assert.deepEqual(
    [tasks["sources"]?.kind, tasks["preprocessing"]?.kind, tasks["schema"]?.kind],
    ["running", "done", "waiting"],
  );
});

test("a revision and a skip count for the round that the person looked at", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  const { seen, moved } = await openPhaseTwo(bench);
  const skip = await bench.apply({ kind: "skipped", reason: "", turn: turnOf(seen) });
  assert.match(skip.refusal ?? "", /This was meant for Phase 1 \(Problem Analysis\), round 1/);
  assert.equal((await bench.apply({ kind: "skipped", reason: "", turn: turnOf(moved) })).refusal, undefined);
  const later = await bench.finishUntil(({ phases }) => phases[2]?.kind === "awaiting-approval");
  const revise = await bench.apply({ kind: "revised", note: "ask about cost", turn: turnOf(seen) });
  assert.match(revise.refusal ?? "", /the workflow has moved on since/);
  assert.deepEqual((await bench.read()).phases, later.phases);
  assert.equal((await bench.apply({ kind: "revised", note: "again", turn: turnOf(later) })).refusal, undefined);
});

test("a window that is late with the document of a phase leaves what stands there", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  await bench.apply({ kind: "revised", note: "more" });
  const document = join(bench.folder, "documents", "01-problem-analysis.md");
  const late = benchOf(workspace);
  const { read } = late.store;
  late.store.read = async (id, at) => {
    const state = await read(id, at);
    // Between its look and its write the other window writes, and a person goes on writing there.
    if (state.phases[0]?.kind === "documenting") {
      late.store.read = read;
      await bench.advance();
      await writeFile(document, "What I think.\n");
    }
    return state;
  };
  await late.advance();
  assert.equal(await readFile(document, "utf8"), "What I think.\n");
});

test("a window that is late writes no document of a round before, also where the next one waits for its own", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  await bench.apply({ kind: "revised", note: "more" });
  /** Does what is due up to the document, which another window has not come to. */
  const comeToDocument = async () => {
    await bench.apply({ kind: "went-back", phase: 0 });
    await bench.apply({
      kind: "answered",
      answers: { ...answers, problemType: "another question" },
      configuration: {},
    });
    for (let state = await bench.read(); state.phases[0]?.kind === "working"; state = await bench.read()) {
      const { definition, state: phase } = phaseAt(state, 0);
      const [task = assert.fail()] = readyTasks(definition, phase);
      await finishTask({ store: bench.store, id: "w-1", state, at: AT, by: ADA }, task, outputFor(task));
    }
  };
  const late = benchOf(workspace);
  const { read } = late.store;
  late.store.read = async (id, at) => {
    const state = await read(id, at);
    if (state.phases[0]?.kind === "documenting") {
      late.store.read = read;
      await comeToDocument();
    }
    return state;
  };
  await late.advance();
  assert.equal((await bench.read()).phases[0]?.kind, "documenting");
  await bench.advance();
  assert.match(await readFile(join(bench.folder, "documents", "01-problem-analysis.md"), "utf8"), /another question/);
});

test("a folder that becomes a link after the person was asked takes no file out of the project", async (context) => {
  const workspaceFolder = temporaryFolder(context);
  const outside = temporaryFolder(context);
  const bench = await openBench(workspaceFolder, develop);
  await bench.finishUntil(({ phases }) => phases[6]?.tasks["model-plan"]?.kind === "done");
  await bench.apply({ kind: "task-started", task: "model-code" }, WRITER);
  await mkdir(join(workspaceFolder, "src"));
  const { apply } = bench.store;
  bench.store.apply = async (...applied) => {
    await rm(join(workspaceFolder, "src"), { recursive: true });
    await symlink(outside, join(workspaceFolder, "src"));
    return apply(...applied);
  };
  const place = { store: bench.store, id: "w-1", workspaceFolder, at: AT };
  const write = { agent: WRITER.name, path: "src/model.py", content: "a = 1\n" };
  await assert.rejects(writeForAgent(place, write, { earlier: undefined }), /outside the workspace folder/);
  assert.deepEqual((await bench.read()).files, {});
  await assert.rejects(readFile(join(outside, "model.py")));
});
