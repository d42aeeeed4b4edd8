import assert from "node:assert/strict";
import { test } from "node:test";
import { renderPhaseDocument } from "../../../src/core/workflow/renderDocuments.ts";
import type { TaskOutput } from "../../../src/core/workflow/taskOutput.ts";
import { fillTemplate } from "../../../src/core/workflow/templateOutput.ts";
import { transition } from "../../../src/core/workflow/transition.ts";
import type { WorkflowState } from "../../../src/core/workflow/workflowState.ts";
import { recordedFiles } from "../../../src/core/workflow/workSoFar.ts";
import { taskOf } from "../../support/shippedTasks.ts";
import { beginState, nextEvent, shippedWorkflow } from "../../support/workflows.ts";

const develop = shippedWorkflow("ml-development");

const written = (path: string, open: string[] = []): TaskOutput => ({
  kind: "files",
  summary: `Wrote ${path}.`,
  files: [{ path, purpose: "the code" }],
  open,
});

/** What the person records for tasks in place of what `nextEvent` would. */
const RECORDED: Readonly<Record<string, TaskOutput>> = {
  "model-code": written("model.py"),
  "training-code": written("train_model.py", ["Early stopping"]),
  serving: written("model.py"),
};

/** A development at the beginning of its last phase. */
function beforeSummary(): WorkflowState {
  let state = beginState(develop);
  while (state.current < develop.phases.length - 1) {
    const next = nextEvent(state) ?? assert.fail("It ended before its last phase.");
    const { event } = next;
    const output = event.kind === "task-finished" ? RECORDED[event.task] : undefined;
    const recorded =
      event.kind === "task-finished" && output !== undefined ? { ...next, event: { ...event, output } } : next;
    const { state: after, refusal } = transition(state, recorded);
    assert.equal(refusal, undefined);
    state = after;
  }
  return state;
}

const sectionsOf = (state: WorkflowState, task: string): Record<string, string> => {
  const output = fillTemplate(taskOf(develop, task), { state, facts: [], checks: [] });
  assert.ok(output?.kind === "notes");
  return Object.fromEntries(output.sections.map(({ heading, text }) => [heading, text]));
};

test("without an AI model the summary says what the phases before have left", () => {
  const sections = sectionsOf(beforeSummary(), "summary");
  assert.match(sections["What was built"] ?? "", /^- Model code and unit tests: Wrote model\.py\.\n- Training code: /);
  assert.doesNotMatch(sections["What was built"] ?? "", /Fixes/, "nothing was written for them");
  assert.equal(
    sections["Files created and modified"],
    "- `model.py`: the code (Model Implementation)\n- `train_model.py`: the code (Training Infrastructure)",
  );
  assert.match(sections["Decisions and trade-offs"] ?? "", /- Model Architecture: Baseline \(chosen by ada\)\. o$/m);
  assert.match(sections["Metrics"] ?? "", /- Gradient flow: passed, seen \(measured by Trainyard\)/);
  assert.match(
    sections["Next steps"] ?? "",
    /^- Open: Early stopping\n- Tuning: [\s\S]*- Monitoring: [\s\S]*- A\/B test: /,
  );
});

test("without an AI model the model card says which approach was built, how it was checked and what could go wrong", () => {
  const sections = sectionsOf(beforeSummary(), "model-card");
  assert.match(
    sections["Model"] ?? "",
    /^- Baseline: a\n- Model code and unit tests: Wrote model\.py\.\n- Training code: /,
  );
  assert.match(sections["Evaluation"] ?? "", /- Offline metrics against baseline: passed, seen/);
  assert.match(sections["Limits and risks"] ?? "", /^- leakage: d m$/m);
  assert.equal(sections["How to reproduce"]?.split("\n")[0], "- tests: `test_model.py`");
});

test("of an approach that a person has changed the summary says where it stands, and not what it was", () => {
  const state = beforeSummary();
  const document = "outputs/04-model-architecture/baseline.md";
  assert.ok(document in state.documents);
  const changed = { ...state, documents: { ...state.documents, [document]: "another" } };
  assert.equal(
    sectionsOf(changed, "model-card")["Model"]?.split("\n")[0],
    `- Baseline: as you have changed it in \`${document}\``,
  );
  assert.match(
    sectionsOf(changed, "summary")["Decisions and trade-offs"] ?? "",
    /- Model Architecture: Baseline \(chosen by ada\)$/m,
  );
});

test("a phase that has not come yet is not told of", () => {
  const sections = sectionsOf(beginState(develop), "evaluation");
  assert.match(sections["Metrics"] ?? "", /Not known yet/);
});

test("what was chosen at a gate is named in the words of the choice", () => {
  const state = beforeSummary();
  assert.match(
    renderPhaseDocument(state, state.current),
    /- Risk Assessment: done, approved by ada \(None blocks: go on\)/,
  );
});

test("files are offered for the next task that no task before has named", () => {
  assert.deepEqual([...recordedFiles(beforeSummary())], ["model.py", "train_model.py"]);
});
