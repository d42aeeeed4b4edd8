import assert from "node:assert/strict";
import { test } from "node:test";
import { announcePhase } from "../../../src/core/workflow/phaseNames.ts";
import { refuseWrite, transition } from "../../../src/core/workflow/transition.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import type { Actor, StampedEvent, WorkflowEvent } from "../../../src/core/workflow/workflowEvent.ts";
import {
  activeSteps,
  coveredDocuments,
  hasFinished,
  type PhaseState,
  phaseAt,
  taskDocument,
  type WorkflowState,
} from "../../../src/core/workflow/workflowState.ts";
import { seededRandom } from "../../support/seededRandom.ts";
import {
  ADA,
  AT,
  beginState,
  ENGINE,
  nextEvent,
  outputFor,
  shippedWorkflow,
  stamp,
  WRITER,
} from "../../support/workflows.ts";

const develop = shippedWorkflow("ml-development");
const pipeline = shippedWorkflow("mlops-pipeline");

/** Lets everybody do what is due until the condition holds or the workflow ends. */
function driveUntil(state: WorkflowState, isThere: (state: WorkflowState) => boolean): WorkflowState {
  let current = state;
  while (!isThere(current)) {
    const next = nextEvent(current);
    if (next === undefined) {
      return current;
    }
    const { state: after, refusal } = transition(current, next);
    assert.equal(refusal, undefined);
    current = after;
  }
  return current;
}

const atPhase = (index: number, kind: string) => (state: WorkflowState) =>
  state.current === index && state.phases[index]?.kind === kind;

function apply(state: WorkflowState, event: WorkflowEvent, by: Actor = ADA): WorkflowState {
  const { state: after, refusal } = transition(state, stamp(event, by));
  assert.equal(refusal, undefined);
  return after;
}

function checkRefused(state: WorkflowState, event: WorkflowEvent, reason: RegExp, by: Actor = ADA): void {
  const result = transition(state, stamp(event, by));
  assert.match(result.refusal ?? "nothing was refused", reason);
  assert.equal(result.state, state);
}

const give = (phase: number, state: WorkflowState): WorkflowEvent => ({
  kind: "approved",
  phase,
  hashes: coveredDocuments(state, phase),
});

for (const definition of [develop, pipeline]) {
  test(`${definition.title} comes to its end when everybody does what is due`, () => {
    const end = driveUntil(beginState(definition), hasFinished);
    assert.ok(hasFinished(end));
    assert.ok(end.phases.every(({ kind }) => kind === "done"));
    const gates = definition.phases.filter(({ gate }) => gate !== undefined && !gate.opensWhenChecksPass).length;
    assert.equal(end.phases.filter(({ approval }) => approval?.by === "ada").length, gates);
  });
}

test("each phase is announced with its number and the next one, the last with Done", () => {
  const state = beginState(develop);
  assert.equal(announcePhase(state, 0), "**Phase 1 of 12: Problem Analysis**\n\nNext: Phase 2 - Data Architecture");
  assert.equal(announcePhase(state, 11), "**Phase 12 of 12: Summary**\n\nNext: Done!");
});

test("an approval is bound to the documents that were shown, and an edit withdraws it", () => {
  const waiting = driveUntil(beginState(develop), atPhase(0, "awaiting-approval"));
  const hashes = coveredDocuments(waiting, 0);
  const edited = apply(
    waiting,
    { kind: "document-edited", document: "documents/01-problem-analysis.md", hash: "other" },
    ENGINE,
  );
  checkRefused(edited, { kind: "approved", phase: 0, hashes }, /changed since they were shown/);
  const approved = apply(edited, { kind: "approved", phase: 0, hashes: coveredDocuments(edited, 0) });
  assert.equal(approved.current, 1);
  const given = { by: ADA.name, at: AT, hashes: coveredDocuments(edited, 0), isWithdrawn: false };
  assert.deepEqual(approved.phases[0]?.approval, given);
  const later = apply(
    approved,
    { kind: "document-edited", document: "documents/01-problem-analysis.md", hash: "third" },
    ENGINE,
  );
  assert.equal(later.phases[0]?.approval?.isWithdrawn, true);
  checkRefused(later, { kind: "task-started", task: "sources" }, /Approve it again first/, ENGINE);
  const again = apply(later, { kind: "approved", phase: 0, hashes: coveredDocuments(later, 0) });
  apply(again, { kind: "task-started", task: "sources" }, ENGINE);
});

test("approvals that were withdrawn are given again one after the other, and keep what was chosen", () => {
  const approved = driveUntil(beginState(develop), atPhase(6, "working"));
  const choice = approved.phases[3]?.approval?.choice ?? assert.fail();
  const document = "documents/04-model-architecture.md";
  const edited = apply(approved, { kind: "document-edited", document, hash: "other" }, ENGINE);
  checkRefused(edited, give(5, edited), /Phase 4 \(Model Architecture\) has to be approved again first/);
  const again = apply(edited, give(3, edited));
  assert.equal(again.phases[3]?.approval?.choice, choice);
  assert.equal(apply(again, give(5, again)).phases[5]?.approval?.isWithdrawn, false);
});

test("a document that is gone cannot be approved", () => {
  const waiting = driveUntil(beginState(develop), atPhase(0, "awaiting-approval"));
  const gone = apply(
    waiting,
    { kind: "document-edited", document: "documents/01-problem-analysis.md", hash: "missing" },
    ENGINE,
  );
  checkRefused(gone, { kind: "approved", phase: 0, hashes: coveredDocuments(gone, 0) }, /was deleted/);
});

test("the full design is approved with the documents of architecture, pipeline and evaluation", () => {
  const waiting = driveUntil(beginState(develop), atPhase(5, "awaiting-approval"));
  assert.deepEqual(
    Object.keys(coveredDocuments(waiting, 5)).filter((document) => document.startsWith("documents/")),
    ["documents/04-model-architecture.md", "documents/05-training-pipeline.md", "documents/06-evaluation-strategy.md"],
  );
});

test("files are written only in the phases that allow it, by the agents that may, while they are at work", () => {
  const writable = develop.phases.map((_phase, index) => {
    const working = driveUntil(beginState(develop), (state) => {
      const { definition, state: phase } = phaseAt(state, Math.min(index, state.phases.length - 1));
      return (
        state.current === index &&
        tasksOf(definition).some(({ agent, id }) => agent === "ml-writer" && phase.tasks[id]?.kind === "running")
      );
    });
    return working.current === index && refuseWrite(working, "ml-writer") === undefined ? index + 1 : undefined;
  });
  assert.deepEqual(
    writable.filter((phase) => phase !== undefined),
    [7, 8, 9, 10],
  );
  const repairing = driveUntil(beginState(develop), atPhase(10, "working"));
  const failed = driveUntil(
    apply(apply(repairing, { kind: "task-started", task: "evaluation-run" }), {
      kind: "task-finished",
      task: "evaluation-run",
      hash: "h",
      output: outputFor(develop.phases[10]?.steps[1]?.tasks[0] ?? assert.fail(), "failed"),
    }),
    (state) => state.phases[10]?.tasks["repair"]?.kind === "running",
  );
  assert.equal(refuseWrite(failed, "ml-writer"), undefined, "phase 11 repairs after a failure");
  assert.match(refuseWrite(failed, "data-scientist") ?? "", /may not write/);
});

test("a failing evaluation is repeated three times and then asks the person, who may accept it", () => {
  let state = driveUntil(beginState(develop), atPhase(10, "working"));
  const rounds: number[] = [];
  while (state.phases[10]?.kind === "working" || state.phases[10]?.kind === "documenting") {
    const next = nextEvent(state) ?? assert.fail();
    const { event } = next;
    const task =
      event.kind === "task-finished"
        ? tasksOf(phaseAt(state, 10).definition).find(({ id }) => id === event.task)
        : undefined;
    if (task?.output.kind === "checks") {
      rounds.push(state.phases[10].round);
    }
    state =
      event.kind === "task-finished" && task !== undefined
        ? apply(state, { ...event, output: outputFor(task, "failed") }, next.by)
        : apply(state, event, next.by);
  }
  assert.deepEqual(rounds, [1, 2, 3]);
  assert.equal(state.phases[10]?.kind, "awaiting-approval");
  const hashes = coveredDocuments(state, 10);
  checkRefused(state, { kind: "approved", phase: 10, hashes }, /Choose one of: Go on although 5 checks fail/);
  assert.equal(apply(state, { kind: "approved", phase: 10, hashes, choice: "accept-failures" }).current, 11);
});

test("fixes run after the review only when the person chose them", () => {
  const waiting = driveUntil(beginState(develop), atPhase(9, "awaiting-approval"));
  const hashes = coveredDocuments(waiting, 9);
  assert.equal(apply(waiting, { kind: "approved", phase: 9, hashes, choice: "fix-nothing" }).current, 10);
  const fixing = apply(waiting, { kind: "approved", phase: 9, hashes, choice: "fix-critical" });
  assert.equal(fixing.current, 9);
  apply(fixing, { kind: "task-started", task: "fixes" }, WRITER);
  const [task = assert.fail()] = phaseAt(fixing, 9).definition.steps.find(({ afterGate }) => afterGate)?.tasks ?? [];
  const document = taskDocument(fixing, 9, task.id);
  const fixed = { ...fixing, documents: { ...fixing.documents, [document]: "h" } };
  assert.equal(document in coveredDocuments(fixed, 9), false, "what is done after the gate was not agreed to at it");
  const { definition, state: phase } = phaseAt(fixing, 9);
  const approval = phase.approval ?? assert.fail();
  const active = (isWithdrawn: boolean) =>
    activeSteps(definition, { ...phase, approval: { ...approval, isWithdrawn } }).some(({ afterGate }) => afterGate);
  assert.deepEqual([active(false), active(true)], [true, false]);
});

test("going back resets the phase and all later ones, and forgets what they approved", () => {
  const later = driveUntil(beginState(develop), atPhase(6, "working"));
  const back = apply(later, { kind: "went-back", phase: 3 });
  assert.deepEqual(
    back.phases.slice(0, 8).map(({ kind }) => kind),
    ["done", "done", "done", "working", "pending", "pending", "pending", "pending"],
  );
  assert.ok(back.phases.slice(3).every(({ approval }) => approval === undefined));
  assert.equal(
    Object.keys(back.documents).some((document) => document.includes("/05-")),
    false,
  );
});

test("going back forgets what was measured in the phase, and begins another round of it", () => {
  const later = driveUntil(beginState(develop), atPhase(6, "working"));
  const evidence = "evidence/07-model-implementation/run-1.txt";
  const measured = { ...later, documents: { ...later.documents, [evidence]: "h", "evidence/01-x/run-1.txt": "h" } };
  const back = apply(measured, { kind: "went-back", phase: 6 });
  const kept = Object.keys(back.documents).filter((document) => document.startsWith("evidence/"));
  assert.deepEqual(kept, ["evidence/01-x/run-1.txt"]);
  assert.equal(back.phases[6]?.round, 2);
});

test("one agent that fails leaves the others' work, and can be tried again", () => {
  let state = driveUntil(beginState(develop), atPhase(1, "working"));
  for (const task of ["sources", "preprocessing", "schema"]) {
    state = apply(state, { kind: "task-started", task }, ENGINE);
  }
  state = apply(state, { kind: "task-failed", task: "schema", reason: "The model ended." }, ENGINE);
  for (const task of phaseAt(state, 1).definition.steps[0]?.tasks.slice(0, 2) ?? []) {
    state = apply(state, { kind: "task-finished", task: task.id, hash: "h", output: outputFor(task) }, ENGINE);
  }
  assert.equal(state.phases[1]?.tasks["sources"]?.kind, "done");
  const { effects } = transition(state, stamp({ kind: "refused", attempt: "", reason: "" }));
  assert.deepEqual(
    effects.map(({ kind }) => kind),
    ["ask-about-failures"],
  );
  const retried = apply(state, { kind: "task-retried", task: "schema" });
  assert.equal(driveUntil(retried, atPhase(2, "working")).current, 2);
});

const SOME_AGENTS = ["ml-writer", "ml-engineer", "ml-architect", "mlops-engineer", "person"];

const FAILED = { status: "failed", evidence: "1 failed" } as const;

/** What is due, with checks that fail. */
function turnedOut(state: WorkflowState, due: StampedEvent): StampedEvent {
  const { event } = due;
  if (event.kind === "proof-measured") {
    return { ...due, event: { ...event, measurement: FAILED } };
  }
  const tasks = event.kind === "task-finished" ? tasksOf(phaseAt(state, state.current).definition) : [];
  const task = tasks.find(({ id }) => event.kind === "task-finished" && id === event.task);
  return event.kind === "task-finished" && task !== undefined
    ? { ...due, event: { ...event, output: outputFor(task, "failed") } }
    : due;
}

/** Anything that anybody could try, sensible or not. */
function randomEvent(state: WorkflowState, random: () => number): StampedEvent {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] ?? assert.fail();
  const due = nextEvent(state);
  if (due !== undefined && random() < 0.6) {
    const turned = random() < 0.3 ? turnedOut(state, due) : due;
    return random() < 0.9 ? turned : { ...turned, by: pick([ADA, WRITER, ENGINE]) };
  }
  if (random() < 0.3) {
    return {
      event: { kind: "file-written", agent: pick(SOME_AGENTS), path: "src/a.py", hash: "h" },
      by: WRITER,
      at: AT,
    };
  }
  const phase = Math.floor(random() * state.phases.length);
  const definition = phaseAt(state, phase).definition;
  const task = pick(tasksOf(definition));
  const documents = Object.keys(state.documents);
  const events: WorkflowEvent[] = [
    { kind: "task-started", task: task.id },
    { kind: "task-finished", task: task.id, hash: "h", output: outputFor(task, random() < 0.5 ? "failed" : "passed") },
    { kind: "task-failed", task: task.id, reason: "r" },
    { kind: "task-retried", task: task.id },
    { kind: "task-reopened", task: task.id },
    { kind: "proofs-reopened", phase },
    { kind: "proof-measured", task: task.id, check: pick([...task.output.sections, "none"]), measurement: FAILED },
    { kind: "tests-allowed", phase, files: { "test_model.py": "h" }, code: {} },
    { kind: "tests-changed", files: ["test_model.py"] },
    { kind: "tests-ended", phase },
    { kind: "rewound", reason: "An earlier journal was put in its place." },
    { kind: "document-written", phase, hash: "h" },
    { kind: "document-edited", document: documents.length > 0 ? pick(documents) : "x", hash: `${random()}` },
    { kind: "approved", phase, hashes: random() < 0.7 ? coveredDocuments(state, phase) : {} },
    { kind: "answered", answers: {}, configuration: {} },
    { kind: "revised", note: random() < 0.5 ? "" : "other" },
    { kind: "skipped", reason: "" },
    { kind: "went-back", phase: random() < 0.1 ? phase : state.phases.length },
    { kind: "stopped" },
    { kind: "resumed" },
    { kind: "confirmed" },
  ];
  return { event: pick(events), by: pick([ADA, WRITER, ENGINE]), at: AT };
}

const PERSONS = [
  "answered",
  "approved",
  "revised",
  "skipped",
  "went-back",
  "task-retried",
  "task-reopened",
  "proofs-reopened",
  "tests-allowed",
  "stopped",
  "resumed",
  "confirmed",
];

/** What only Trainyard says. */
const ENGINES = ["proof-measured", "tests-changed", "tests-ended", "document-written", "document-edited", "rewound"];

/** What still counts in a workflow that came from elsewhere, or that was stopped. */
const COUNTS_ALWAYS = [
  "tests-ended",
  "resumed",
  "refused",
  "document-edited",
  "rewound",
  "confirmed",
  "went-back",
  "stopped",
];

function checkStep(before: WorkflowState, stamped: StampedEvent, after: WorkflowState): void {
  const { event, by } = stamped;
  assert.ok(!PERSONS.includes(event.kind) || by.kind === "person", `${event.kind} by ${by.kind}`);
  assert.ok(after.current <= before.current + 1, "phases come one after the other");
  assert.ok(after.current >= before.current || event.kind === "went-back", "only the person goes back");
  assert.ok(!ENGINES.includes(event.kind) || by.kind === "engine", `${event.kind} by ${by.kind}`);
  assert.ok(!(before.isForeign || before.isStopped) || COUNTS_ALWAYS.includes(event.kind), `${event.kind} counts`);
  if (event.kind === "file-written") {
    const definition = before.definition.phases[before.current] ?? assert.fail("no phase is at work");
    assert.ok(definition.writers.includes(event.agent), "a writer of this phase");
    const phase = before.phases[before.current];
    const isAtWork = tasksOf(definition).some(
      ({ id, agent }) => agent === event.agent && phase?.tasks[id]?.kind === "running",
    );
    assert.ok(phase?.kind === "working" && isAtWork, "a task of the writer is at work");
    if (before.definition === develop) {
      assert.ok([7, 8, 9, 10, 11].includes(before.current + 1), "files are written in phases 7 to 11");
    }
    assert.ok(!before.isStopped && before.phases.every(({ approval }) => approval?.isWithdrawn !== true));
  }
}

/** Whether every check was said to have passed, and was seen to where it names a proof. */
function haveAllPassed({ tasks }: PhaseState): boolean {
  return Object.values(tasks).every(
    (task) =>
      task.kind !== "done" ||
      task.output.kind !== "checks" ||
      task.output.checks.every(
        ({ name, status, proof }) =>
          status === "passed" && (proof === undefined || task.measured?.[name]?.status === "passed"),
      ),
  );
}

function checkState(state: WorkflowState): void {
  for (const [index, phase] of state.phases.entries()) {
    const { gate } = phaseAt(state, index).definition;
    const isOver = index < state.current;
    assert.equal(isOver, phase.kind === "done" || phase.kind === "skipped");
    assert.ok(index <= state.current || phase.kind === "pending");
    if (phase.kind === "done" && gate !== undefined && !(gate.opensWhenChecksPass && haveAllPassed(phase))) {
      assert.equal(phase.approval?.by, "ada", "no gate opens without the person, or without its checks");
    }
    assert.ok(phase.kind !== "skipped" || phaseAt(state, index).definition.canSkip);
  }
}

/** A gate that opens by its checks waits because some have failed. */
function failsAtGate(state: WorkflowState): boolean {
  const phase = state.phases[state.current];
  return (
    phase?.kind === "awaiting-approval" &&
    phaseAt(state, state.current).definition.gate?.opensWhenChecksPass === true &&
    !haveAllPassed(phase)
  );
}

test("ten thousand random sequences reach no write and no phase out of order", () => {
  const random = seededRandom(20261121);
  // Sequences begin where earlier ones ended, so that all phases are reached.
  const reached: WorkflowState[] = [beginState(develop), beginState(pipeline)];
  let writes = 0;
  let furthest = 0;
  const seen = { foreign: 0, failing: 0 };
  for (let sequence = 0; sequence < 10_000; sequence++) {
    let state = reached[Math.floor(random() * reached.length)] ?? assert.fail();
    for (let step = 0; step < 12; step++) {
      const stamped = randomEvent(state, random);
      const { state: after, refusal } = transition(state, stamped);
      if (refusal === undefined) {
        checkStep(state, stamped, after);
        checkState(after);
        writes += stamped.event.kind === "file-written" ? 1 : 0;
        seen.foreign += after.isForeign ? 1 : 0;
        seen.failing += failsAtGate(after) ? 1 : 0;
      } else {
        assert.equal(after, state);
      }
      state = after;
    }
    furthest = Math.max(furthest, state.current);
    reached[reached.length < 400 ? reached.length : Math.floor(random() * 400)] = state;
  }
  assert.equal(furthest, 12, "some sequences reach the end");
  assert.ok(writes > 20, `the writes that are allowed happen too: ${writes}`);
  assert.ok(seen.foreign > 20 && seen.failing > 20, `what is refused is reached: ${JSON.stringify(seen)}`);
});
