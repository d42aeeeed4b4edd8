import assert from "node:assert/strict";
import { test } from "node:test";
import { renderTaskDocument } from "../../../src/core/workflow/renderDocuments.ts";
import { parseSkill } from "../../../src/core/workflow/skill.ts";
import { renderBrief } from "../../../src/core/workflow/taskBrief.ts";
import { transition } from "../../../src/core/workflow/transition.ts";
import { tasksOf, type WorkflowDefinition } from "../../../src/core/workflow/workflowDefinition.ts";
import type { WorkflowEvent } from "../../../src/core/workflow/workflowEvent.ts";
import type { WorkflowState } from "../../../src/core/workflow/workflowState.ts";
import { beginState, nextEvent, shippedWorkflow } from "../../support/workflows.ts";

const develop = shippedWorkflow("ml-development");

type BriefTexts = Parameters<typeof renderBrief>[2];

const texts = { textOf: (document: string) => `text of ${document}`, earlier: [] };

type Changes = { change?: (event: WorkflowEvent) => WorkflowEvent; textsOf?: (state: WorkflowState) => BriefTexts };

/** Every brief of a workflow, made when its agent begins. */
function briefsOf(
  definition: WorkflowDefinition,
  { change = (event) => event, textsOf = () => texts }: Changes = {},
): Map<string, string> {
  const briefs = new Map<string, string>();
  let state = beginState(definition);
  for (let due = nextEvent(state); due !== undefined; due = nextEvent(state)) {
    const next = { ...due, event: change(due.event) };
    if (next.event.kind === "task-started") {
      const id = next.event.task;
      const task = definition.phases.flatMap(tasksOf).find((each) => each.id === id) ?? assert.fail(id);
      briefs.set(id, renderBrief(task, state, textsOf(state)));
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

const FINDINGS = ["SURE high 95", "MINOR low 95", "DOUBTFUL high 20"].map((text) => {
  const [title = "", severity = "", confidence = ""] = text.split(" ");
  return { title, severity, confidence: Number(confidence), evidence: "train.py:1", detail: "d", fix: `mend ${title}` };
});

/** What the writer of fixes is told where the reviews have found `FINDINGS` and this is chosen; `edit` changes the documents. */
function briefOfFixes(choice: string, edit = (text: string) => text): string {
  const output = { kind: "findings" as const, findings: FINDINGS, checked: "" };
  const title = (id: string) => develop.phases.flatMap(tasksOf).find((task) => task.id === id)?.title ?? "";
  const briefs = briefsOf(develop, {
    change: (event) =>
      event.kind === "task-finished" && event.output.kind === "findings"
        ? Object({ ...event, output })
        : event.kind === "approved" && event.phase === 9
          ? { ...event, choice }
          : event,
    textsOf: ({ phases }) => ({
      earlier: [],
      textOf: (document) => {
        const id = document.replace(/.*\/(.*)\.md$/, "$1");
        const done = phases[9]?.tasks[id];
        return done?.kind === "done" ? edit(renderTaskDocument(title(id), done.by, done)) : "text";
      },
    }),
  });
  return briefs.get("fixes") ?? "";
}

function named(brief: string): string[] {
  return FINDINGS.filter(({ fix }) => brief.includes(fix)).map(({ title }) => title);
}

test("who mends what a review found is given what was chosen, and no guess", () => {
  assert.deepEqual(named(briefOfFixes("fix-critical")), ["SURE"]);
  assert.deepEqual(named(briefOfFixes("fix-all")), ["SURE", "MINOR"]);
  const edited = briefOfFixes("fix-critical", (text) => text.replace("mend SURE", "mend it my way"));
  assert.deepEqual([named(edited), edited.includes("mend it my way")], [["MINOR"], true]);
});

test("the chosen approach stands whole in every later brief, and what is cut says so", () => {
  const long = "x".repeat(50_000);
  const brief = briefsOf(develop, {
    textsOf: () => ({
      textOf: (document) => `all of ${document}`,
      earlier: [
        { document: "short.md", text: "short" },
        { document: "a.md", text: long },
        { document: "b.md", text: long },
      ],
    }),
  }).get("model-code");
  assert.match(brief ?? "", /all of outputs\/04-model-architecture\/baseline\.md/);
  assert.match(brief ?? "", /short\n<\/document>/);
  assert.equal(brief?.match(/x{29997}\n\[Cut after 29997 of 50000 characters\.\]/g)?.length, 2);
});
