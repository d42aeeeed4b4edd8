import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { describeReplacement } from "../../../src/core/tools/describeReplacement.ts";
import { NotedRefusal } from "../../../src/core/tools/notedRefusal.ts";
import { type AgentWrite, type WorkflowPorts, workflowTool } from "../../../src/core/tools/workflow.ts";

const { signal } = new AbortController();

/** A project with one file, in which only ml-writer may write. */
function fakePorts(): WorkflowPorts & { written: AgentWrite[]; asked: string[] } {
  const written: AgentWrite[] = [];
  const asked: string[] = [];
  return {
    written,
    asked,
    noteRefusal: ({ agent, attempt, reason }) => {
      asked.push(`${agent ?? "nobody"}: ${attempt}: ${reason}`);
      return Promise.resolve();
    },
    askToReplace: ({ path }, earlier) => {
      asked.push(`${path}: ${earlier}`);
      return Promise.resolve(false);
    },
    describeWorkflows: () => Promise.resolve("w-1: classify digits"),
    listFiles: () => Promise.resolve(["train.py"]),
    readFile: (path) => Promise.resolve(`text of ${path}`),
    planWrite: ({ agent }) => {
      const reason = refusal(agent);
      return Promise.resolve(reason === undefined ? { earlier: "a = 1\n", isOfPerson: false } : { refusal: reason });
    },
    write: (write) => {
      const reason = refusal(write.agent);
      if (reason !== undefined) {
        return Promise.reject(new UserError(reason));
      }
      written.push(write);
      return Promise.resolve({ path: write.path });
    },
  };
}

function refusal(agent: string): string | undefined {
  return agent === "ml-writer" ? undefined : `${agent} may not write.`;
}

const write = { action: "write_file" as const, agent: "ml-writer", path: "train.py", content: "a = 2\n" };

test("reading asks nothing, writing shows the change first", async () => {
  const tool = workflowTool(fakePorts());
  for (const action of ["status", "list_files", "read_file"] as const) {
    assert.equal(await tool.confirm?.({ action, path: "train.py" }, signal), undefined);
  }
  const asked = await tool.confirm?.(write, signal);
  assert.equal(asked?.title, "Let ml-writer write this file?");
  assert.match(asked?.message ?? "", /^`train\.py`[\s\S]*-a = 1\n\+a = 2/);
});

test("a write that is going to be refused is not asked about, and not done", async () => {
  const ports = fakePorts();
  const tool = workflowTool(ports);
  const early = { ...write, agent: "ml-architect" };
  assert.equal(await tool.confirm?.(early, signal), undefined);
  await assert.rejects(tool.run(early, signal), /ml-architect may not write/);
  await assert.rejects(tool.run({ action: "write_file", path: "a.py" }, signal), /needs `agent`, `path` and `content`/);
  await assert.rejects(tool.run(write, signal), /train\.py was not shown to anybody, so nothing was written/);
  assert.deepEqual(ports.written, []);
  await tool.confirm?.(write, signal);
  assert.equal((await tool.run(write, signal)).text, "Wrote train.py.");
  assert.deepEqual(ports.written, [{ agent: "ml-writer", path: "train.py", content: "a = 2\n" }]);
});

test("a write says what the person was shown, also when somebody changes the file in between", async () => {
  let text = "a = 1\n";
  const shown: (string | undefined)[] = [];
  const tool = workflowTool({
    ...fakePorts(),
    planWrite: () => Promise.resolve({ earlier: text, isOfPerson: false }),
    write: ({ path }, { earlier }) => {
      shown.push(earlier);
      return Promise.resolve({ path });
    },
  });
  await tool.confirm?.(write, signal);
  text = "a = 3\n";
  await tool.run(write, signal);
  await tool.confirm?.(write, signal);
  await tool.run(write, signal);
  assert.deepEqual(shown, ["a = 1\n", "a = 3\n"]);
});

test("a file of the person is replaced only by a yes to that very change, whatever VS Code was told to allow", async () => {
  let isAllowed = false;
  let text = "mine = 1\n";
  const ports = fakePorts();
  const shown: (string | undefined)[] = [];
  const tool = workflowTool({
    ...ports,
    planWrite: () => Promise.resolve({ earlier: text, isOfPerson: true }),
    askToReplace: async (asked, earlier) => {
      await ports.askToReplace(asked, earlier);
      return isAllowed;
    },
    write: ({ path }, { earlier }) => {
      shown.push(earlier);
      return Promise.resolve({ path });
    },
  });
  assert.equal(await tool.confirm?.(write, signal), undefined);
  await assert.rejects(tool.run(write, signal), /The person did not let train\.py be replaced/);
  isAllowed = true;
  await tool.run(write, signal);
  text = "mine = 2\n";
  await tool.run(write, signal);
  assert.deepEqual(shown, ["mine = 1\n", "mine = 2\n"]);
  assert.deepEqual(ports.asked, ["train.py: mine = 1\n", "train.py: mine = 1\n", "train.py: mine = 2\n"]);
});

test("a file that appears after a new one was agreed to is asked about", async () => {
  const ports = fakePorts();
  let plan: { earlier: string | undefined; isOfPerson: boolean } = { earlier: undefined, isOfPerson: false };
  const tool = workflowTool({ ...ports, planWrite: () => Promise.resolve(plan) });
  await tool.confirm?.(write, signal);
  plan = { earlier: "mine\n", isOfPerson: true };
  await assert.rejects(tool.run(write, signal), /did not let/);
  assert.deepEqual([ports.asked, ports.written], [["train.py: mine\n"], []]);
});

test("no action of the tool approves, skips or goes on, and each try is noted", async () => {
  const ports = fakePorts();
  const tool = workflowTool(ports);
  const invalid = new UserError("The input is not valid.");
  for (const action of ["approve", "skip", "continue", "went-back", ""]) {
    assert.equal(tool.input.safeParse({ action }).success, false, action);
    assert.match((await tool.onRefused?.({ action, phase: 1 }, invalid)) ?? "", /only the person moves a workflow/);
  }
  await tool.onRefused?.({ action: "approve", agent: "ml-writer" }, invalid);
  assert.equal(ports.asked.length, 6);
  assert.match(
    ports.asked.at(-1) ?? "",
    /^ml-writer: call trainyard_workflow approve by ml-writer: .* only the person/,
  );
});

test("whatever is refused is noted once: also what has no form, and whatever it holds", async () => {
  const ports = fakePorts();
  const tool = workflowTool(ports);
  const refused = new UserError("Not\nso.");
  for (const input of [{ ...write, mode: "append" }, { action: "write_file", path: 3 }, { path: "a.py" }, undefined]) {
    assert.equal(await tool.onRefused?.(input, refused), undefined);
  }
  await tool.onRefused?.({ ...write, agent: "a\nb", content: "x".repeat(300_000), path: "y".repeat(9_000) }, refused);
  assert.deepEqual(ports.asked.slice(0, 4), [
    "ml-writer: call trainyard_workflow write_file train.py by ml-writer: Not so.",
    "nobody: call trainyard_workflow write_file by a model: Not so.",
    "nobody: call trainyard_workflow a.py by a model: Not so.",
    "nobody: call trainyard_workflow by a model: Not so.",
  ]);
  assert.ok((ports.asked[4] ?? "").length < 400);
  assert.equal(await tool.onRefused?.(write, new NotedRefusal("The journal has it.")), undefined);
  assert.equal(ports.asked.length, 5);
});

function checkReplacement(before: string, after: string, expected: string): void {
  assert.equal(describeReplacement(before, after), expected);
}

test("a replacement shows what goes, what comes, and a few lines around", () => {
  checkReplacement("", "a\nb\n", "+a\n+b");
  checkReplacement("a\nb\nc\n", "a\nB\nc\n", " a\n-b\n+B\n c");
  checkReplacement("1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n", " 3\n 4\n 5\n+6");
  checkReplacement("a\na\n", "a\n", " a\n-a");
  checkReplacement("a\n", "a\n", " a");
});

test("of a replacement in two places, what stays between them is shown as staying", () => {
  checkReplacement("a\nb\nc\nd\n", "A\nb\nc\nD\n", "-a\n+A\n b\n c\n-d\n+D");
  const between = ["1", "2", "3", "4", "5", "6", "7", "8"];
  const text = (first: string, last: string) => [first, ...between, last, ""].join("\n");
  checkReplacement(text("a", "z"), text("A", "Z"), "-a\n+A\n 1\n 2\n 3\n…\n 6\n 7\n 8\n-z\n+Z");
});

test("each line of a replacement is there, also of texts that are too long to compare line by line", () => {
  const [before, after] = ["a", "b"].map((mark) => Array.from({ length: 2_100 }, (_, at) => `${mark}${at}`));
  assert.ok(before && after);
  const shown = describeReplacement(before.join("\n"), after.join("\n")).split("\n");
  assert.deepEqual(shown, [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)]);
});
