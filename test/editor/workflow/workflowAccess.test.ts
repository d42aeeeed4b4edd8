import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import * as vscode from "vscode";
import { messageOf } from "../../../src/core/base/errors.ts";
import { workflowTool } from "../../../src/core/tools/workflow.ts";
import { renderJournal } from "../../../src/core/workflow/renderJournal.ts";
import { adaptTool } from "../../../src/editor/tools/registerTools.ts";
import { issuePass } from "../../../src/editor/workflow/agentPasses.ts";
import { noteFreeCall, workflowAccess } from "../../../src/editor/workflow/workflowAccess.ts";
import type { OpenWorkflow } from "../../../src/editor/workflow/workflowDesk.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { benchOn, evidencePorts, writeNamedFiles } from "../../support/workflowFolder.ts";
import { WRITER } from "../../support/workflows.ts";
import { openDesk } from "../../support/workflowWindow.ts";

beforeEach(resetFake);

const MODEL_CALL = new vscode.CancellationTokenSource().token;

/** The tools of a window as VS Code calls them, and the lines that its journal has of refusals. */
async function openTool(context: TestContext) {
  const opened = await openDesk(context);
  const reported: unknown[] = [];
  const tools = [workflowTool(workflowAccess(opened.desk))];
  const tool = adaptTool("trainyard_workflow", {
    names: ["trainyard_workflow"],
    load: () => Promise.resolve(tools),
    reportBug: (error) => reported.push(error),
  });
  const call = async (input: object): Promise<string> => {
    const options = { input, toolInvocationToken: undefined };
    try {
      await tool.prepareInvocation?.(options, MODEL_CALL);
    } catch (error) {
      return messageOf(error);
    }
    const result = await tool.invoke(options, MODEL_CALL);
    return String(Object(result?.content[0]).value);
  };
  const refusals = async (): Promise<string[]> => {
    const [{ store, state } = assert.fail()] = await opened.desk.unfinished();
    return renderJournal(await store.events(state.id)).filter((line) => line.includes(" refused: "));
  };
  return { ...opened, call, refusals, reported };
}

test("whatever the tool refuses leaves one line with who, what and why: form, place, right, and moves", async (context) => {
  const { ask, call, refusals, reported } = await openTool(context);
  const write = { action: "write_file", agent: "ml-writer", path: "a.py", content: "x" };
  assert.match(await call({ action: "approve" }), /only the person moves a workflow/);
  await ask("ml-trainer", "develop", "classify digits");
  const attempts: [input: object, line: RegExp][] = [
    [
      { action: "approve" },
      /agent a model in the chat: refused: call trainyard_workflow approve by a model\. .*only the person/,
    ],
    [
      { action: "skip\nforged line", agent: "ml-writer" },
      /agent ml-writer: refused: call trainyard_workflow skip forged line by/,
    ],
    [{ ...write, force: true }, /write_file a\.py by ml-writer\. .*not valid.*force/],
    [{ ...write, agent: undefined }, /write_file a\.py by a model\. `write_file` needs `agent`/],
    [{ ...write, content: "x".repeat(200_001) }, /write_file a\.py by ml-writer\. .*not valid.*content/],
    [
      { action: "read_file", path: "../secret" },
      /read_file \.\.\/secret by a model\. .*lies outside the workspace folder/,
    ],
    [write, /write_file a\.py by ml-writer\. .*for reading and thinking/],
    [{}, /call trainyard_workflow by a model\. .*not valid/],
  ];
  for (const [index, [input, line]] of attempts.entries()) {
    await call(input);
    const lines = await refusals();
    assert.equal(lines.length, index + 1, JSON.stringify(input).slice(0, 200));
    assert.match(lines.at(-1) ?? "", line);
  }
  assert.deepEqual(reported, []);
  assert.equal(await call({ action: "read_file", path: "none.py" }), "There is no file none.py in this workspace.");
  assert.equal((await refusals()).length, attempts.length, "what is not there is no attempt");
});

test("an input of the wrong kind, or with what every object has, writes nothing and leaves its line", async (context) => {
  const { ask, call, refusals, reported } = await openTool(context);
  await ask("ml-trainer", "develop", "classify digits");
  const write = { action: "write_file", agent: "ml-writer", path: "a.py", content: "x" };
  const inputs: readonly object[] = [
    { ...write, path: 7 },
    { ...write, path: null },
    { ...write, path: ["a.py"] },
    { ...write, path: { toString: "a.py" } },
    { ...write, path: "" },
    { ...write, path: "p/".repeat(501) },
    { ...write, agent: ["ml-writer"] },
    { ...write, agent: "__proto__" },
    { ...write, agent: "ml-writer\n" },
    { ...write, agent: "ML-WRITER" },
    { ...write, content: { text: "x" } },
    { ...write, content: null },
    { ...write, pass: true },
    { ...write, pass: "00000000-0000-4000-8000-000000000000" },
    { ...write, action: ["write_file"] },
    { ...write, action: "WRITE_FILE" },
    { ...write, action: "write_file " },
    { ...write, action: "constructor" },
    Object(JSON.parse(`{"__proto__": {"action": "approve"}, ${JSON.stringify(write).slice(1)}`)),
    { action: "read_file", path: ["../secret"] },
    { action: "read_file", path: "/proc/self/environ" },
    { action: "list_files", pattern: 7 },
    Object.assign([], write),
  ];
  for (const [index, input] of inputs.entries()) {
    const answer = await call(input);
    const shown = JSON.stringify(input).slice(0, 200);
    assert.doesNotMatch(answer, /^Wrote /, shown);
    assert.equal((await refusals()).length, index + 1, shown);
  }
  assert.deepEqual(reported, []);
});

test("a tool that the free chat does not have leaves a line, and so does a write that was declined", async (context) => {
  const { desk, ask, refusals } = await openTool(context);
  const call = { agent: "ml-trainer", tool: "trainyard_scaffold_flow", input: { path: "x.py" } };
  await noteFreeCall(desk, { ...call, outcome: "refused" });
  await ask("ml-trainer", "develop", "classify digits");
  await noteFreeCall(desk, { ...call, outcome: "refused" });
  await noteFreeCall(desk, { ...call, outcome: "declined" });
  const input = { action: "write_file", path: "a.py" };
  await noteFreeCall(desk, { ...call, tool: "trainyard_workflow", input, outcome: "declined" });
  const [refused, declined, ...more] = await refusals();
  assert.match(
    refused ?? "",
    /agent ml-trainer: refused: call trainyard_scaffold_flow x\.py by @ml-trainer in the free chat/,
  );
  assert.match(declined ?? "", /person .*: refused: call trainyard_workflow write_file a\.py .*The person declined it/);
  assert.deepEqual(more, []);
});

/** A development in the phase that writes, with its writer at work. */
async function putWriterToWork(workspace: string, { store, state: { id } }: OpenWorkflow): Promise<string> {
  const bench = benchOn(store, id, evidencePorts(workspace));
  await writeNamedFiles(workspace);
  await bench.finishUntil(({ phases }) => phases[6]?.tasks["model-plan"]?.kind === "done");
  await bench.apply({ kind: "task-started", task: "model-code" }, WRITER);
  return id;
}

test("a write belongs to the workflow that has put this very agent to work, and to nobody who takes its name", async (context) => {
  const { desk, workspace, ask, call } = await openTool(context);
  const begin = async (task: string) => {
    await ask("ml-trainer", "develop", task);
    const { workflows } = await desk.contents();
    return putWriterToWork(workspace, workflows.find(({ state }) => state.task === task) ?? assert.fail());
  };
  const [first, second] = [await begin("classify digits"), await begin("forecast load")];
  const written = async (id: string) => Object.keys((await desk.find(id)).state.files);
  const write = { action: "write_file", agent: "ml-writer", path: "a.py", content: "x = 1\n" };
  assert.match(await call(write), /ml-writer writes only while the workflow has it at work/);
  assert.match(await call({ ...write, pass: "guessed" }), /writes only while the workflow has it at work/);
  const { pass, end } = issuePass({ workflow: first, agent: "ml-writer" });
  assert.match(await call({ ...write, agent: "ml-architect", pass }), /ml-architect may not write files/);
  const other = issuePass({ workflow: first, agent: "ml-architect" });
  assert.match(await call({ ...write, pass: other.pass }), /ml-writer writes only while the workflow has it at work/);
  assert.equal(await call({ ...write, pass }), "Wrote a.py.");
  assert.deepEqual([await written(first), await written(second)], [["a.py"], []]);
  end();
  assert.match(await call({ ...write, content: "x = 2\n", pass }), /writes only while the workflow has it at work/);
  assert.equal(await readFile(join(workspace, "a.py"), "utf8"), "x = 1\n");
});

test("with several folders an agent reads and lists that of its workflow, and nobody is asked which", async (context) => {
  const { desk, workspace, ask, call } = await openTool(context);
  await ask("ml-trainer", "develop", "classify digits");
  await writeFile(join(workspace, "train.py"), "epochs = 3\n");
  const other = temporaryFolder(context);
  await writeFile(join(other, "train.py"), "another\n");
  fake.workspaceFolder = other;
  fake.moreFolders = [workspace];
  const [{ state } = assert.fail()] = await desk.unfinished();
  const { pass, end } = issuePass({ workflow: state.id, agent: "ml-explorer" });
  assert.equal(await call({ action: "read_file", path: "train.py", pass }), "epochs = 3\n");
  end();
  assert.equal(await call({ action: "read_file", path: "train.py" }), "epochs = 3\n");
});

test("the skills that a brief names are read by the workflow's tool, and nothing outside the workspace is", async (context) => {
  const { desk, workspace } = await openDesk(context);
  const outside = temporaryFolder(context);
  await writeFile(join(outside, "SKILL.md"), "secret");
  const access = workflowAccess(desk);
  for (const folder of [".github/skills/polars", ".claude/skills/shap"]) {
    await mkdir(join(workspace, folder), { recursive: true });
    await writeFile(join(workspace, folder, "SKILL.md"), `# ${folder}`);
    assert.equal(await access.readFile(`${folder}/SKILL.md`), `# ${folder}`);
  }
  await symlink(outside, join(workspace, ".github", "skills", "linked"));
  for (const path of [".github/skills/linked/SKILL.md", "../SKILL.md"]) {
    await assert.rejects(
      access.readFile(path),
      /lies outside the workspace folder .*reads no files.*Name a file inside it/,
    );
  }
  assert.match(await access.readFile(".github/skills/none/SKILL.md"), /^There is no file/);
});
