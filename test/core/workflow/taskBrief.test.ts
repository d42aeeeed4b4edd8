import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSkill } from "../../../src/core/workflow/skill.ts";
import { renderBrief } from "../../../src/core/workflow/taskBrief.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import { beginState, shippedWorkflow } from "../../support/workflows.ts";

const develop = shippedWorkflow("ml-development");

const texts = { textOf: (document: string) => `text of ${document}`, earlier: [] };

test("what the person asked for stands in the place of $ARGUMENTS, in every brief of both workflows", () => {
  for (const definition of [develop, shippedWorkflow("mlops-pipeline")]) {
    const [phase] = definition.phases;
    for (const task of tasksOf(phase ?? assert.fail()).slice(0, 1)) {
      const brief = renderBrief(task, beginState(definition), texts);
      assert.match(brief, /classify digits/);
      assert.doesNotMatch(brief, /\$ARGUMENTS/);
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
