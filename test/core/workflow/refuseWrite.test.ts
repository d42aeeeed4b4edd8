import assert from "node:assert/strict";
import { test } from "node:test";
import { refuseWrite, transition } from "../../../src/core/workflow/transition.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import type { Actor, WorkflowEvent } from "../../../src/core/workflow/workflowEvent.ts";
import { coveredDocuments, type WorkflowState, withdrawnGates } from "../../../src/core/workflow/workflowState.ts";
import { ADA, beginState, ENGINE, nextEvent, shippedWorkflow, stamp, WRITER } from "../../support/workflows.ts";

const WAITS = /^The workflow waits for the person, so nothing is written\.$/;

function apply(state: WorkflowState, event: WorkflowEvent, by: Actor = ADA): WorkflowState {
  const { state: after, refusal } = transition(state, stamp(event, by));
  assert.equal(refusal, undefined);
  return after;
}

const runningTask = ({ current, phases, definition }: WorkflowState) =>
  tasksOf(definition.phases[current] ?? assert.fail()).find(
    ({ agent, id }) => agent === WRITER.name && phases[current]?.tasks[id]?.kind === "running",
  )?.id;

/** A workflow whose writer is at work, a development unless told. */
function writing(definition = shippedWorkflow("ml-development")): WorkflowState {
  let state = beginState(definition);
  while (runningTask(state) === undefined) {
    const { event, by } = nextEvent(state) ?? assert.fail();
    state = apply(state, event, by);
  }
  return state;
}

/** A workflow in which nobody approves anything before its writer is at work: no file of one is accepted any more. */
function unapproved(): WorkflowState {
  const shipped = shippedWorkflow("ml-development");
  const [look, write] = [1, 6].map((index) => shipped.phases[index] ?? assert.fail());
  assert.ok(look && write && look.gate === undefined);
  return writing({ ...shipped, phases: [look, write] });
}

function finished(state: WorkflowState): WorkflowState {
  const next = nextEvent(state);
  return next === undefined ? state : finished(apply(state, next.event, next.by));
}

/** What both say of a write: the question before anybody is shown anything, and the event. */
function checkWrite(state: WorkflowState, refusal: RegExp | undefined): void {
  const said = refuseWrite(state, WRITER.name);
  const event = { kind: "file-written" as const, agent: WRITER.name, path: "a.py", hash: "h" };
  const result = transition(state, stamp(event, WRITER));
  if (refusal === undefined) {
    assert.deepEqual([said, result.refusal], [undefined, undefined]);
  } else {
    assert.match(said ?? "", refusal);
    assert.notEqual(result.refusal, undefined);
    assert.equal(result.state, state);
  }
}

test("a writer at work writes, until the workflow is stopped, and again once it is resumed", () => {
  checkWrite(writing(), undefined);
  const stopped = apply(writing(), { kind: "stopped" });
  checkWrite(stopped, WAITS);
  checkWrite(apply(stopped, { kind: "resumed" }), undefined);
});

test("a writer at work writes nothing before the person has approved something, whatever the definition says", () => {
  checkWrite(unapproved(), /^Nobody has approved anything in this workflow yet, so no agent writes in Phase 2/);
});

test("a writer at work writes nothing while an approval is withdrawn", () => {
  const document = "documents/04-model-architecture.md";
  const edited = apply(writing(), { kind: "document-edited", document, hash: "changed" }, ENGINE);
  const gates = withdrawnGates(edited);
  assert.deepEqual(gates, [3, 5]);
  let state = edited;
  for (const phase of gates) {
    checkWrite(state, WAITS);
    state = apply(state, { kind: "approved", phase, hashes: coveredDocuments(state, phase) });
  }
  checkWrite(state, undefined);
});

test("a writer at work writes nothing until the person has confirmed a journal that lost lines", () => {
  const rewound = apply(writing(), { kind: "rewound", reason: "Lines were taken away." }, ENGINE);
  checkWrite(rewound, WAITS);
  checkWrite(apply(rewound, { kind: "confirmed" }), undefined);
});

test("a writer whose task has failed, whose phase was left, or whose workflow has ended writes nothing", () => {
  const state = writing();
  const task = runningTask(state) ?? assert.fail();
  checkWrite(apply(state, { kind: "task-failed", task, reason: "no answer" }, WRITER), /has no task at work/);
  checkWrite(apply(state, { kind: "went-back", phase: 3 }), /is for reading and thinking/);
  checkWrite(finished(state), /is finished; its agents write nothing any more/);
});
