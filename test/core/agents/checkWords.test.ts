import assert from "node:assert/strict";
import { test } from "node:test";
import { checkWords, type KnownWords } from "../../../src/core/agents/checkWords.ts";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";
import { agentWords } from "../../../src/core/chat/agentWords.ts";

const words = agentWords(
  ["trainyard.trainyard/trainyardRunStatus", "trainyard.trainyard/trainyardStopRun", "copilot_readFile"],
  [{ name: "Claude Opus 4.5", family: "claude-opus", id: "claude-opus-4.5" }],
);

/** What is said about one line of front matter, or about the instructions: `code line:column→fix`. */
function problemsOf(
  lines: readonly string[],
  body = "Help.",
  dialect: "native" | "claude" = "native",
  known: KnownWords = words,
) {
  const text = ["---", "name: x", "description: d", ...lines, "---", body].join("\n");
  return checkWords(parseAgent(text, "x", dialect), dialect, known).map(
    ({ code, severity, range: { start, end }, fix }) =>
      [
        severity[0],
        code,
        `${start.line + 1}:${start.column}-${end.column}`,
        ...(fix === undefined ? [] : [fix.text]),
      ].join(" "),
  );
}

test("a tool that was misspelled is told, with the one that was meant", () => {
  const cases: [line: string, expected: string[]][] = [
    ["tools: [read, edti, search]", ["w unknown-tool 4:14-18 edit"]],
    ["tools: read, edti", ["w unknown-tool 4:13-17 edit"]],
    ["tools: [Read]", ["w unknown-tool 4:8-12 read"]],
    ["tools: ['trainyard.trainyard/trainyardStopRum']", ["w unknown-tool 4:8-46 trainyard.trainyard/trainyardStopRun"]],
    ["tools: [serach]", ["w unknown-tool 4:8-14 search"]],
    ["tools: [exectue, Todo]", ["w unknown-tool 4:8-15 execute", "w unknown-tool 4:17-21 todo"]],
    [
      "tools: [edti/createFile, serach/*]",
      ["i unknown-tool 4:8-23 edit/createFile", "i unknown-tool 4:25-33 search/*"],
    ],
    ["tools: [trainyard.trainyrad/trainyardStopRun]", ["i unknown-tool 4:8-44 trainyard.trainyard/trainyardStopRun"]],
    ["tools: [quantumCompiler]", ["i unknown-tool 4:8-23"]],
    ["tools: [trainyard.trainyard/*, trainyard.trainyard/nothingLikeIt]", ["i unknown-tool 4:31-64"]],
    ["tools: [read/readFile, my-server/*, some.extension/itsTool, '*', copilot_readFile]", []],
  ];
  for (const [line, expected] of cases) {
    assert.deepEqual(problemsOf([line]), expected, line);
  }
});

test("a file of Claude Code names its tools and models", () => {
  const cases: [lines: string[], expected: string[]][] = [
    [["tools: Read, Bash(git:*), mcp__git__log", "model: opus"], []],
    [["tools: read, Grpe"], ["w unknown-tool 4:7-11 Read", "w unknown-tool 4:13-17 Grep"]],
    [["model: oppus"], ["w unknown-model 4:7-12 opus"]],
    [["model: claude-opus-4-5-20251101"], []],
    [["model: gpt-5"], ["i unknown-model 4:7-12"]],
    [["model: opusplan"], []],
    [["model: sonnet[1m]"], []],
    [["model: claude-sonnet-4-5[1m]"], []],
    [["model: us.anthropic.claude-sonnet-4-5-20250929-v1:0"], []],
    [["model: inherit", "tools: Agent(reviewer, tester), TaskOutput, TaskStop, *"], []],
    [["tools: QuantumTool"], ["i unknown-tool 4:7-18"]],
    [["disallowedTools: Write, Wirte"], ["w unknown-tool 4:24-29 Write"]],
  ];
  for (const [lines, expected] of cases) {
    assert.deepEqual(problemsOf(lines, "Help.", "claude"), expected, lines.join());
  }
});

test("of models in order of preference one that is available is enough", () => {
  const cases: [line: string, expected: string[]][] = [
    ["model: claude-4-5-opus", []],
    ["model: [gpt-9, claude-4-5-opus]", []],
    ["model: [gpt-9, gpt-8]", ["i unknown-model 4:8-13"]],
    ["model: Claude Opsu 4.5", ["w unknown-model 4:7-22 Claude Opus 4.5"]],
  ];
  for (const [line, expected] of cases) {
    assert.deepEqual(problemsOf([line]), expected, line);
  }
  assert.deepEqual(
    problemsOf(["model: gpt-9"], "Help.", "native", agentWords([], [])),
    [],
    "no model, nothing to compare",
  );
});

test("a server that nobody knows is told, and a text is no list of them", () => {
  assert.deepEqual(problemsOf(["mcp: [git, gti, quantum]"]), [
    "w unknown-mcp-server 4:11-14 git",
    "w unknown-mcp-server 4:16-23",
  ]);
  const { problems } = parseAgent("---\nname: x\ndescription: d\nmcp: git\n---\nHelp.");
  assert.deepEqual(
    problems.map(({ code, message, range }) => [code, message, range.start.line]),
    [
      [
        "invalid-field",
        "`mcp` must be a list of servers such as `[git]`, not `git`. It counts as an empty list until then.",
        3,
      ],
    ],
  );
});

test("a trigger that nothing can be looked for by is told at its place", () => {
  assert.deepEqual(problemsOf(["triggers:", "  - torch in dependencies", "  - when the moon is full"]), [
    "w unknown-trigger 6:4-25",
  ]);
  assert.deepEqual(problemsOf(["triggers: when the moon is full"]), ["w unknown-trigger 4:10-31"]);
});

test("a placeholder near a known one is told; braces of code are left alone", () => {
  assert.deepEqual(problemsOf([], "Run {train_comand}.\nOr {train_command}."), [
    "w unknown-placeholder 5:5-17 train_command",
  ]);
  assert.deepEqual(problemsOf([], "f'{loss:.3f}' ${train_comand} {{train_comand}} {checkpoint_epoch}"), []);
});
