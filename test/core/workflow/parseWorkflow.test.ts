import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWorkflow, unknownAgents } from "../../../src/core/workflow/parseWorkflow.ts";
import { workflowText } from "../../support/workflows.ts";

const SMALL = `name: small
title: Small
description: A workflow of a workspace
phases:
  - id: look
    title: Look
    stage: Only
    goal: Look.
    steps:
      - tasks:
          - { id: notes, agent: ml-explorer, title: Notes, prompt: "Look: $ARGUMENTS", output: { kind: notes } }
    gate: { question: "Good?" }
  - id: act
    title: Act
    stage: Only
    goal: Act.
    steps:
      - tasks:
          - { id: code, agent: ml-writer, title: Code, prompt: "Do: {phase1.ml-explorer.output}", output: { kind: files } }
`;

/** Each problem as `line: message`, lines counted from one. */
function checkProblems(text: string, expected: readonly RegExp[]): void {
  const { definition, problems } = parseWorkflow(text);
  const found = problems.map(({ range, message }) => `${range.start.line + 1}: ${message}`);
  assert.equal(found.length, expected.length, found.join("\n"));
  expected.forEach((pattern, index) => assert.match(found[index] ?? "", pattern));
  assert.equal(definition === undefined, expected.length > 0);
}

test("a workflow of a workspace is read like the shipped ones", () => {
  checkProblems(SMALL, []);
  checkProblems(workflowText("ml-development"), []);
  checkProblems(workflowText("mlops-pipeline"), []);
});

test("a field that is not known is marked by its name", () => {
  const text = SMALL.replace("description:", "descripton:");
  const marked = parseWorkflow(text).problems.map(({ range: { start, end } }) =>
    text.split("\n")[start.line]?.slice(start.column, end.column),
  );
  assert.ok(marked.includes("descripton"), marked.join(" | "));
});

test("each problem stands on the line that it is about", () => {
  checkProblems("", [/^1: A workflow is a mapping/]);
  checkProblems("- a\n", [/^1: A workflow is a mapping/]);
  checkProblems("name: [\n", [/The file cannot be read/]);
  checkProblems(SMALL.replace("kind: files", "kind: novel"), [
    /^19: The kind of the output of the task "Code" .*is "novel", and has to be /,
  ]);
  checkProblems(SMALL.replace("id: act", "id: look"), [/^13: The id "look" is taken by another one above/]);
  checkProblems(SMALL.replace("goal: Act.", "goal: Act.\n    canSkip: yes"), [
    /^17: The `canSkip` of the phase "Act" is "yes", and has to be true or false\.$/,
  ]);
  checkProblems(SMALL.replace("phase1", "phase2"), [
    /^19: \{phase2\.ml-explorer\.output\} names no output that is there by then\.$/,
  ]);
  checkProblems(SMALL.replace("phase1.ml-explorer", "phase1.explorer"), [
    /^19: \{phase1\.explorer\.output\} names no output that is there by then: there is \{phase1\.ml-explorer\.output\}\.$/,
  ]);
  checkProblems(SMALL.replace("{phase1.", "{look."), [
    /^19: \{look\.ml-explorer\.output\} is no placeholder: .*\{phase1\./,
  ]);
  checkProblems(SMALL.replace("goal: Act.", "goal: Act.\n    writers: [ml-writer, root]"), [
    /^17: "root" has no task in this phase/,
  ]);
  checkProblems(SMALL.replace("goal: Look.", "gaol: Look."), [
    /: The goal of the phase "Look" is missing\.$/,
    /^8: `gaol` is no field that is known here\. Did you mean `goal`\?$/,
  ]);
  checkProblems(SMALL.replace('"Good?" }', '"Good?", covers: [act] }'), [
    /"act" is no phase that is done/,
    /add "look"/,
  ]);
  checkProblems(SMALL.replace("kind: files }", "kind: files, keyFiles: { atLeast: 3, atMost: 2 } }"), [
    /^19: Only notes name key files/,
    /^19: `atLeast` is more than `atMost`/,
  ]);
  checkProblems(SMALL.replace('"Good?" }', '"Good?", opensWhenChecksPass: true }'), [
    /nothing in this phase is checked, so nobody would be asked/i,
  ]);
  for (const output of ["{ kind: checks }", "{ kind: checks, sections: [Unit tests] }"]) {
    const said = SMALL.replace('"Good?" }', '"Good?", opensWhenChecksPass: true }').replace("{ kind: notes }", output);
    checkProblems(said, [/A gate opens by itself only for what is measured/]);
  }
  checkProblems(SMALL.replace("goal: Look.", "goal: Look.\n    writers: [ml-explorer]"), [
    /^9: "ml-explorer" would write before anything is approved: put a phase with a gate before this one, which cannot be skipped\.$/,
  ]);
  const writing = SMALL.replace("goal: Act.", "goal: Act.\n    writers: [ml-writer]");
  checkProblems(writing, []);
  checkProblems(writing.replace("goal: Look.", "goal: Look.\n    canSkip: true"), [
    /^18: "ml-writer" would write before anything is approved: /,
  ]);
  checkProblems(SMALL.replace("{ kind: notes }", "{ kind: notes, sections: [] }"), [/^11: No section is named/]);
  const unreachable = SMALL.replace("goal: Act.", "goal: Act.\n    writers: [ml-writer]");
  checkProblems(
    unreachable.replace(/- tasks:(?=[^]*?ml-writer, title)(?![^]*- tasks:)/, "- afterGate: []\n        tasks:"),
    [/`afterGate` needs a gate in this phase/],
  );
});

test("a question, an option and a task may not be called like what every JavaScript object has", () => {
  const question = "goal: Look.\n    questions: [{ key: constructor, title: Why }]";
  checkProblems(SMALL.replace("goal: Look.", question), [
    /^9: The key of the question "Why" of the phase "Look" cannot be read: it takes another name/,
  ]);
  checkProblems(SMALL.replace("id: notes", "id: constructor"), [/The id of the task "Notes" .*takes another name/]);
});

test("an agent writes in a first phase only what is done after its gate", () => {
  const afterGate = SMALL.replace("goal: Look.", "goal: Look.\n    writers: [ml-writer]").replace(
    '    gate: { question: "Good?" }',
    '      - afterGate: []\n        tasks: [{ id: w, agent: ml-writer, title: W, prompt: W, output: { kind: files } }]\n    gate: { question: "Good?" }',
  );
  checkProblems(afterGate, []);
  checkProblems(afterGate.replace("afterGate: []", "fromRound: 1"), [/"ml-writer" would write before anything/]);
});

test("an agent that nobody is called is named with the one that was meant, and keeps no workflow from beginning", () => {
  const { definition, agents = [] } = parseWorkflow(SMALL.replace("agent: ml-writer", "agent: ml-wirter"));
  assert.ok(definition !== undefined);
  const problems = unknownAgents(agents, ["ml-explorer", "ml-writer"]);
  assert.deepEqual(
    problems.map(({ severity, message, range }) => [severity, range.start.line + 1, message]),
    [
      [
        "warning",
        19,
        'No agent is called "ml-wirter", so this task would have no instructions but its prompt. Did you mean "ml-writer"?',
      ],
    ],
  );
  assert.match(unknownAgents(agents, [])[0]?.message ?? "", /Show Agents lists those that there are\.$/);
});

test("hostile files end in a problem and not in a hang", () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`)
    .join("\n")}\n`;
  assert.ok(parseWorkflow(bomb).problems.length > 0);
  assert.ok(parseWorkflow("[".repeat(20_000)).problems.length > 0);
  assert.ok(parseWorkflow("a".repeat(500_000)).problems.length > 0);
});

const head = (line: string) => SMALL.replace("title: Small", `title: Small\n${line}`);
const phase = (line: string) => SMALL.replace("goal: Act.", `goal: Act.\n    ${line}`);

test("a workflow file gives itself nothing that no workflow has, and names nothing outside of itself", () => {
  for (const text of [
    head("autoApprove: true"),
    head("__proto__: { participant: ml-trainer }"),
    head("participant: root"),
    head("evil: !!js/function 'x'"),
    head("x-open: &open { canSkip: true }").replace("goal: Act.", "goal: Act.\n    <<: *open"),
    phase("approved: true"),
    phase("writers: ['*']"),
    phase("maxRounds: 1000000"),
    phase("maxRounds: .nan"),
    SMALL.replace("id: act", "id: ../../act"),
    SMALL.replace("id: act", "id: constructor"),
    SMALL.replace("id: code", "id: __proto__"),
    SMALL.replace("agent: ml-writer", "agent: ../ml-writer"),
    SMALL.replace('{ question: "Good?" }', '{ question: "Good?", opensWhenChecksPass: true }'),
    SMALL.replace('{ question: "Good?" }', '{ question: "Good?", covers: [look, act] }'),
  ]) {
    assert.notEqual(text, SMALL);
    assert.equal(parseWorkflow(text).definition, undefined, text);
  }
});
