import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSkill } from "../../../src/core/workflow/skill.ts";
import { renderBrief } from "../../../src/core/workflow/taskBrief.ts";
import { transition } from "../../../src/core/workflow/transition.ts";
import { tasksOf, type WorkflowDefinition } from "../../../src/core/workflow/workflowDefinition.ts";
import { beginState, nextEvent, shippedWorkflow } from "../../support/workflows.ts";

const develop = shippedWorkflow("ml-development");

const texts = { textOf: (document: string) => `text of ${document}`, earlier: [] };

/** Every brief of a workflow, made when its agent begins. */
function briefsOf(definition: WorkflowDefinition): Map<string, string> {
  const briefs = new Map<string, string>();
  let state = beginState(definition);
  for (let next = nextEvent(state); next !== undefined; next = nextEvent(state)) {
    if (next.event.kind === "task-started") {
      const id = next.event.task;
      const task = definition.phases.flatMap(tasksOf).find((each) => each.id === id) ?? assert.fail(id);
      briefs.set(id, renderBrief(task, state, texts));
    }
    ({ state } = transition(state, next));
  }
  // Nothing is repaired where every check passes.
  const due = definition.phases.flatMap(tasksOf).filter(({ id }) => id !== "repair");
  assert.deepEqual([...briefs.keys()].toSorted(), due.map(({ id }) => id).toSorted());
  return briefs;
}

test("what the person asked for stands in the place of $ARGUMENTS, in every brief of both workflows", () => {
  for (const definition of [develop, shippedWorkflow("mlops-pipeline")]) {
    for (const [task, brief] of briefsOf(definition)) {
      assert.match(brief, /classify digits/, task);
      assert.doesNotMatch(brief, /\$ARGUMENTS|\{phase\d/, task);
      for (const principle of definition.principles) {
        assert.ok(brief.includes(`- ${principle}`), `${task}: ${principle}`);
      }
      assert.match(brief, /An approval is not yours to give/, task);
    }
  }
});

test("every agent is told which skills its workspace keeps and how to read them", () => {
  const skill = parseSkill(
    "---\nname: tbptt\ndescription: Long sequences\n---\n# Text\n",
    ".github/skills/tbptt/SKILL.md",
  );
  for (const task of develop.phases.slice(0, 1).flatMap(tasksOf)) {
    const brief = renderBrief(task, beginState(develop), { ...texts, skills: [skill ?? assert.fail()] });
    assert.match(brief, /- \.github\/skills\/tbptt\/SKILL\.md: tbptt: Long sequences/);
    assert.match(brief, /`read_file`/);
    assert.doesNotMatch(renderBrief(task, beginState(develop), texts), /read_file/);
  }
  for (const text of ["", "# No head", "---\nname: x\n---\n", "---\nname: [\n---\n", "---\n- a\n---\n"]) {
    assert.equal(parseSkill(text, "SKILL.md"), undefined);
  }
});

const skillWith = (head: string) => parseSkill(`---\n${head}\n---\n`, "SKILL.md");

test("a skill whose front matter refers elsewhere, or is too long, is passed over", () => {
  const levels = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
  for (const head of [
    "name: a\ndescription: *Important",
    ["a0: &a0 [x]", ...levels, "name: *a9", "description: d"].join("\n"),
    `name: a\ndescription: d\nmore: ${"x".repeat(8_192)}`,
  ]) {
    assert.equal(skillWith(head), undefined, head.slice(0, 60));
  }
  assert.equal(skillWith(["a0: &a0 [x]", ...levels, "name: n", "description: d"].join("\n"))?.name, "n");
});

test("every brief carries the principles of its workflow and says that no approval is the agent's to give", () => {
  const [task = assert.fail()] = tasksOf(develop.phases[0] ?? assert.fail());
  const brief = renderBrief(task, beginState(develop), texts);
  for (const principle of develop.principles) {
    assert.ok(brief.includes(`- ${principle}`), principle);
  }
  assert.match(brief, /An approval is not yours to give/);
});
