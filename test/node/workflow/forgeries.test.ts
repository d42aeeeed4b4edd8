import assert from "node:assert/strict";
import { cp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readJournal, renderLine } from "../../../src/core/workflow/journal.ts";
import { readAnswer } from "../../../src/core/workflow/modelAnswer.ts";
import { checkOutput, findOutput } from "../../../src/core/workflow/taskOutput.ts";
import type { WorkflowEvent } from "../../../src/core/workflow/workflowEvent.ts";
import { coveredDocuments, type WorkflowState } from "../../../src/core/workflow/workflowState.ts";
import { openJournalHeads } from "../../../src/node/workflow/journalHeads.ts";
import { openWorkflowStore } from "../../../src/node/workflow/workflowStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { benchOf, openBench, stateOf, type WorkflowBench } from "../../support/workflowFolder.ts";
import { ADA, AT, ENGINE, shippedWorkflow, testSealer, WRITER } from "../../support/workflows.ts";

/*
 * What a program that writes into the workspace could make of a journal, and what a window could be led to say that no person
 * meant. Nothing of it moves a workflow.
 */

const develop = shippedWorkflow("ml-development");

const isAtGate = (phase: number) => (state: WorkflowState) => state.phases[phase]?.kind === "awaiting-approval";

async function openAtGate(context: TestContext, phase = 0) {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  const state = await bench.finishUntil(isAtGate(phase));
  return { workspace, bench, state, journal: await readFile(bench.journal, "utf8") };
}

const approvalOf = (state: WorkflowState, phase: number): WorkflowEvent => ({
  kind: "approved",
  phase,
  hashes: coveredDocuments(state, phase),
});

const progressOf = ({ current, phases, files, isStopped }: WorkflowState) => ({
  current,
  files,
  isStopped,
  phases: phases.map(({ kind, approval }) => ({ kind, approval })),
});

/** The lines of a journal, changed; the last of them says what the attempt says. */
type Change = (lines: readonly string[], state: WorkflowState) => readonly string[];

const lastOf = (lines: readonly string[]) => lines.at(-1) ?? "";
const replaceLast = (lines: readonly string[], line: string) => [...lines.slice(0, -1), line];
/** A line that Trainyard would have written here, for a person who did not say it. */
const sealedBy = (key: string, lines: readonly string[], state: WorkflowState, by = ADA) => {
  const { end } = readJournal(`${lines.join("\n")}\n`, testSealer());
  return renderLine({ event: approvalOf(state, 0), by, at: AT }, end, testSealer(key)).text.trimEnd();
};
const OWN = "ada's machine";

const CHANGES: Readonly<Record<string, Change>> = {
  "the whole journal stands there twice": (lines) => [...lines, ...lines],
  "two lines have changed places": (lines) => [...lines.slice(0, -2), lastOf(lines), lines.at(-2) ?? ""],
  "a line is left out in the middle": (lines) => lines.filter((_line, index) => index !== 4),
  "the first line is repeated at the end": (lines) => [...lines, lines[0] ?? ""],
  "an agent's line says that a person wrote it": (lines) =>
    replaceLast(lines, lastOf(lines).replace(/"by":\{"kind":"\w+"/, '"by":{"kind":"person"')),
  "a line has another time": (lines) => replaceLast(lines, lastOf(lines).replace(/"at":"\d+/, '"at":"1999')),
  "a line has one field more": (lines) => replaceLast(lines, lastOf(lines).replace(/\}$/, ',"approved":true}')),
  "a line says its event twice": (lines, state) =>
    replaceLast(lines, lastOf(lines).replace('"event":', `"event":${JSON.stringify(approvalOf(state, 0))},"event2":`)),
  "an event has a prototype": (lines) =>
    replaceLast(lines, lastOf(lines).replace('"event":{', '"event":{"__proto__":{"phase":5},')),
  "the number of a line is a text": (lines) => replaceLast(lines, lastOf(lines).replace(/"line":(\d+)/, '"line":"$1"')),
  "an approval is sealed by the agent's own line": (lines, state) => {
    const seal = /"seal":\{[^}]*\}/.exec(lastOf(lines))?.[0] ?? "";
    return [...lines, sealedBy("a guess", lines, state).replace(/"seal":\{[^}]*\}/, seal)];
  },
  "an approval is sealed on another machine": (lines, state) => [...lines, sealedBy("another machine", lines, state)],
  "an agent's approval is sealed here": (lines, state) => [...lines, sealedBy(OWN, lines, state, WRITER)],
  "the journal is cut behind its first line": (lines) => lines.slice(0, 1),
};

test("a journal that was changed in any way moves nothing forward, and says so", async (context) => {
  for (const [attempt, change] of Object.entries(CHANGES)) {
    const { bench, state, journal } = await openAtGate(context);
    await writeFile(bench.journal, `${change(journal.trimEnd().split("\n"), state).join("\n")}\n`);
    const after = await bench.read();
    assert.ok(after.current <= state.current && after.phases[0]?.approval === undefined, attempt);
    assert.ok(after.refusals > 0, `${attempt} leaves its line`);
    assert.match(await readFile(bench.journal, "utf8"), /"kind":"(?:refused|rewound)"[^\n]*\n$/, attempt);
    assert.deepEqual(await bench.read(), after, `${attempt} is settled`);
  }
});

test("what was approved on another machine opens nothing until the person here has confirmed it", async (context) => {
  const { workspace } = await openAtGate(context, 2);
  const bench = benchOf(workspace, "another machine");
  assert.equal((await bench.read()).isForeign, true);
  for (const [event, by] of [
    [{ kind: "task-started", task: "model-code" }, WRITER],
    [{ kind: "file-written", agent: "ml-writer", path: "a.py", hash: "h" }, WRITER],
    [{ kind: "document-written", phase: 1, hash: "h" }, ENGINE],
    [{ kind: "confirmed" }, WRITER],
    [{ kind: "skipped", reason: "" }, ADA],
    [approvalOf(await bench.read(), 2), ADA],
  ] as const) {
    assert.notEqual((await bench.apply(event, by)).refusal, undefined, event.kind);
  }
  const { effects } = await bench.advance();
  assert.deepEqual(
    effects.map(({ kind }) => kind),
    ["ask-confirmation"],
  );
});

test("what editors and systems do to a text file is no change of a journal", async (context) => {
  const { bench, state, journal } = await openAtGate(context);
  for (const [how, text] of [
    ["line ends of Windows", journal.replaceAll("\n", "\r\n")],
    ["no line feed at the end", journal.trimEnd()],
    ["blanks at the ends of lines", journal.replaceAll("\n", "  \n")],
  ] as const) {
    await writeFile(bench.journal, text);
    assert.deepEqual(await bench.read(), state, how);
  }
  assert.equal((await bench.apply({ kind: "stopped" })).refusal, undefined);
  assert.equal((await bench.read()).isStopped, true);
});

test("a clock that was set back moves nothing, and what follows holds", async (context) => {
  const { bench, state } = await openAtGate(context);
  const earlier = { by: ADA, at: "2001-01-01T00:00:00.000Z" };
  const { refusal } = await bench.store.apply("w-1", { event: approvalOf(state, 0), ...earlier });
  assert.equal(refusal, undefined);
  const after = await bench.read();
  assert.deepEqual([after.current, after.phases[0]?.approval?.at, after.isForeign], [1, earlier.at, false]);
  assert.equal((await bench.finishUntil(isAtGate(2))).current, 2);
});

test("one workflow by two names, or two by one, take nothing from each other", async (context) => {
  const { workspace, bench, state } = await openAtGate(context);
  const own = join(workspace, ".trainyard", "workflows");
  await symlink(bench.folder, join(own, "w-2"));
  await assert.rejects(bench.store.apply("w-2", { event: approvalOf(state, 0), by: ADA, at: AT }), /is that of w-1/);
  await cp(bench.folder, join(own, "w-3"), { recursive: true });
  await assert.rejects(bench.store.apply("w-3", { event: approvalOf(state, 0), by: ADA, at: AT }), /is that of w-1/);
  for (const id of ["W-1", "w-1/", "../w-1", "w-1\0", "w-1/../w-1", "", ".", "__proto__"]) {
    await assert.rejects(async () => bench.store.read(id, AT), { name: "UserError" }, id);
  }
  const started = { kind: "started", id: "w-1", definition: develop, task: "other" } as const;
  await assert.rejects(bench.store.begin({ event: started, by: ADA, at: AT }), /There is a workflow w-1 already/);

  // The journal of a workflow of the same name, which the same person approved elsewhere, without what was approved.
  const elsewhere = temporaryFolder(context);
  const other = await openBench(elsewhere, develop);
  await other.finishUntil(({ current }) => current === 6);
  await cp(other.journal, bench.journal);
  await rm(join(bench.folder, "documents"), { recursive: true });
  const swapped = openWorkflowStore(workspace, testSealer(), openJournalHeads(stateOf(workspace)));
  const { refusal } = await swapped.apply("w-1", {
    event: { kind: "task-started", task: "model-plan" },
    by: WRITER,
    at: AT,
  });
  assert.match(refusal ?? "", /deleted.*Approve it again first/);
});

/** What a program that calls commands of the window could have them say for the person. */
const SAID: Readonly<Record<string, (state: WorkflowState) => WorkflowEvent>> = {
  "approves nothing": () => ({ kind: "approved", phase: 3, hashes: {} }),
  "approves with a document more": (state) => ({
    kind: "approved",
    phase: 3,
    hashes: { ...coveredDocuments(state, 3), "documents/05-training-pipeline.md": "h" },
    choice: "pragmatic",
  }),
  "approves the documents of another phase": (state) => ({
    kind: "approved",
    phase: 3,
    hashes: coveredDocuments(state, 0),
    choice: "pragmatic",
  }),
  "approves by inherited hashes": (state) => ({
    kind: "approved",
    phase: 3,
    hashes: Object.setPrototypeOf({}, coveredDocuments(state, 3)),
    choice: "pragmatic",
  }),
  "chooses what every object has": (state) => ({ ...approve3(state), choice: "constructor" }),
  "chooses a prototype": (state) => ({ ...approve3(state), choice: "__proto__" }),
  "chooses an empty name": (state) => ({ ...approve3(state), choice: "" }),
  "approves a phase before the first": (state) => ({ ...approve3(state), phase: -1 }),
  "approves a phase between two": (state) => ({ ...approve3(state), phase: 3.5 }),
  "goes back before the first phase": () => ({ kind: "went-back", phase: -1 }),
  "goes back to half a phase": () => ({ kind: "went-back", phase: 0.5 }),
  "goes ahead by going back": () => ({ kind: "went-back", phase: 11 }),
  "skips the design": () => ({ kind: "skipped", reason: "no time" }),
  "answers what every object has": () => ({ kind: "answered", answers: { constructor: "x" }, configuration: {} }),
  "marks what every object has": () => ({
    kind: "criterion-marked",
    criterion: "constructor",
    mark: { status: "met", evidence: "x" },
  }),
  "retries a task of a later phase": () => ({ kind: "task-retried", task: "model-code" }),
  "does a task over that has no checks": () => ({ kind: "task-reopened", task: "baseline" }),
  "lets tests run that nobody named": () => ({ kind: "tests-allowed", phase: 3, files: { "a.py": "h" }, code: {} }),
  "confirms what needs none": () => ({ kind: "confirmed" }),
  "begins once more": () => ({ kind: "started", id: "w-1", definition: develop, task: "no gates" }),
};

function approve3(state: WorkflowState): Extract<WorkflowEvent, { kind: "approved" }> {
  return { kind: "approved", phase: 3, hashes: coveredDocuments(state, 3), choice: "pragmatic" };
}

async function checkRefused(bench: WorkflowBench, attempt: string, event: WorkflowEvent): Promise<void> {
  const before = await bench.read();
  const { refusal } = await bench.apply(event);
  assert.notEqual(refusal, undefined, attempt);
  const after = await bench.read();
  assert.deepEqual(progressOf(after), progressOf(before), attempt);
  assert.equal(after.refusals, before.refusals + 1, `${attempt} leaves its line`);
}

test("what a person is made to say at a gate counts only for what the gate is about", async (context) => {
  const { bench, state } = await openAtGate(context, 3);
  for (const [attempt, eventOf] of Object.entries(SAID)) {
    await checkRefused(bench, attempt, eventOf(state));
  }
  assert.equal((await bench.apply(approve3(await bench.read()))).refusal, undefined, "what was shown can be approved");
});

test("an approval counts in no other window for documents that have changed there meanwhile", async (context) => {
  const { workspace, bench, state } = await openAtGate(context);
  const document = join(bench.folder, "documents", "01-problem-analysis.md");
  const text = await readFile(document, "utf8");
  await writeFile(document, `${text}\nAnd one more.\n`);
  await checkRefusedLate(benchOf(workspace), approvalOf(state, 0));
  await writeFile(document, text);
  assert.equal((await bench.apply(approvalOf(state, 0))).refusal, undefined, "put back, it is what was shown");
});

async function checkRefusedLate(bench: WorkflowBench, event: WorkflowEvent): Promise<void> {
  const { refusal } = await bench.apply(event);
  assert.match(refusal ?? "", /have changed since they were shown|has changed since it was shown/);
  assert.match(await readFile(bench.journal, "utf8"), /"kind":"refused"[^\n]*\n$/);
}

test("the answer of a model changes no object but its own, and has the form that is asked for", () => {
  const wanted = { kind: "checks", sections: ["Unit tests"], proofs: { "Unit tests": "tests" } } as const;
  const answers = [
    '{"__proto__": {"isProven": true}, "checks": [{"name": "Unit tests", "status": "passed"}]}',
    '{"constructor": {"prototype": {"isProven": true}}, "checks": []}',
    '{"checks": [{"name": "Unit tests", "status": "passed", "__proto__": {"proof": {"kind": "tests", "files": ["a.py"]}}}]}',
    '{"checks": [{"name": "UNIT TESTS", "status": "passed"}]}',
    '{"checks": [{"name": "Unit tests", "status": "passed", "proof": {"kind": "metric", "file": "a", "metric": "b", "baseline": 0}}]}',
    '{"checks": [{"name": "Unit tests", "status": "passed", "proof": {"kind": "tests", "files": []}}]}',
    '{"checks": [{"name": "Unit tests", "status": "PASSED"}]}',
    '{"checks": "all passed"}',
    '{"kind": "notes", "summary": "all passed", "sections": []}',
  ];
  for (const text of answers) {
    assert.equal(findOutput(wanted, readAnswer(text)).output, undefined, text);
  }
  for (const value of [null, 7, "passed", [], [{ kind: "checks", checks: [] }], () => ({ kind: "checks" })]) {
    assert.equal(checkOutput(wanted, value).output, undefined, JSON.stringify(value));
  }
  assert.equal(Reflect.get({}, "isProven"), undefined);
});
