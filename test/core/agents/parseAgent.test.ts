import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Handoff } from "../../../src/core/agents/agentDefinition.ts";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";

function agentFile(...frontMatter: string[]): string {
  return ["---", ...frontMatter, "---", "", "You help.", ""].join("\n");
}

/** Each problem as `severity code line:column`, all counted from zero. */
function problemsOf(source: string): string[] {
  return parseAgent(source, "helper").problems.map(
    ({ severity, code, range }) => `${severity} ${code} ${range.start.line}:${range.start.column}`,
  );
}

function checkHandoffs(lines: string[], handoffs: Handoff[], problems: string[]): void {
  const source = agentFile("name: a", "description: b", "handoffs:", ...lines);
  assert.deepEqual(parseAgent(source, "helper").definition?.handoffs, handoffs);
  assert.deepEqual(problemsOf(source), problems);
}
function checkUnreadable(source: string, problem: string): void {
  assert.equal(parseAgent(source, "helper").definition, undefined);
  assert.deepEqual(problemsOf(source), [problem]);
}

function tenfold(name: string, item: string): string {
  return `${name}: &${name} [${Array(10).fill(item).join(", ")}]`;
}

describe("a well-formed agent file", () => {
  test("gives every field and the instructions below the front matter", () => {
    const parsed = parseAgent(
      agentFile(
        "name: helper",
        "description: Helps.",
        "model: [first, second]",
        "tools: [read, trainyard.trainyard/trainyardRunStatus]",
        "triggers: [train.py exists]",
        "handoffs:",
        "  - label: Go on",
        "    agent: other",
        "    prompt: Please go on.",
        "    send: true",
        "argument-hint: what",
      ),
    );
    assert.deepEqual(parsed.problems, []);
    assert.deepEqual(parsed.definition, {
      name: "helper",
      description: "Helps.",
      models: ["first", "second"],
      tools: ["read", "trainyard.trainyard/trainyardRunStatus"],
      triggers: ["train.py exists"],
      boundaries: [],
      handoffs: [{ label: "Go on", agent: "other", prompt: "Please go on.", send: true }],
      extra: { "argument-hint": "what" },
      body: "You help.",
    });
    assert.deepEqual(parsed.ranges?.handoffTargets, [{ start: { line: 8, column: 11 }, end: { line: 8, column: 16 } }]);
  });

  test("reads the dialect of Claude Code: tools as one string, one model", () => {
    const { definition, problems } = parseAgent(
      agentFile("name: a", "description: b", "tools: Read, Bash", "model: sonnet"),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual([definition?.tools, definition?.models], [["Read", "Bash"], ["sonnet"]]);
  });

  test("reads the names in parentheses behind a tool as part of it", () => {
    const { definition, ranges } = parseAgent(
      agentFile("name: a", "description: b", "tools: Agent(reviewer, tester), Read, Bash(git add:*, git diff:*)"),
      "a",
      "claude",
    );
    assert.deepEqual(definition?.tools, ["Agent(reviewer, tester)", "Read", "Bash(git add:*, git diff:*)"]);
    assert.deepEqual(
      ranges?.tools.map(({ start, end }) => [start.column, end.column]),
      [
        [7, 30],
        [32, 36],
        [38, 65],
      ],
    );
  });

  test("takes a description with colons as Claude Code writes it, and places stay right", () => {
    const prose = 'Use it to review. Examples: <example>Context: a PR. user: "look" assistant: "ok"</example>';
    const { definition, problems } = parseAgent(agentFile("name: a", `description: ${prose}`, "model: [1]"));
    assert.equal(definition?.description, prose);
    assert.deepEqual(
      problems.map(({ range }) => [range.start.line, range.start.column]),
      [[3, 8]],
    );
    assert.equal(parseAgent(agentFile("name: a", "description: Ask: what:")).definition?.description, "Ask: what:");
    assert.equal(parseAgent(agentFile("name: a", 'description: "a: b"')).definition?.description, "a: b");
  });

  test("does not care about carriage returns or a byte order mark", () => {
    const lines = agentFile(
      "name: a",
      "description: b",
      "handoffs:",
      "  - {label: l, agent: o, prompt: p, send: true}",
    );
    const windows = `\uFEFF${lines.replaceAll("\n", "\r\n")}`;
    assert.deepEqual(parseAgent(windows), parseAgent(lines));
  });

  test("keeps dates and versions as they are written", () => {
    const { definition } = parseAgent(agentFile("name: a", "description: 2026-11-21"));
    assert.equal(definition?.description, "2026-11-21");
  });
});

describe("a handoff", () => {
  const usable = { label: "L", agent: "o", prompt: "P", send: false };

  test("waits in the input box unless it says `send: true`", () => {
    checkHandoffs(["  - {label: L, agent: o, prompt: P}"], [usable], []);
    checkHandoffs(["  - {label: L, agent: o, prompt: P, send: true}"], [{ ...usable, send: true }], []);
    checkHandoffs(["  - {label: L, agent: o, prompt: P, send: yes please}"], [usable], ["error invalid-field 4:42"]);
  });

  test("may say `target` for `agent`, and `agent` wins", () => {
    checkHandoffs(["  - {label: L, target: o, prompt: P}"], [usable], ["information handoff-target-key 4:23"]);
    checkHandoffs(["  - {label: L, target: x, agent: o, prompt: P}"], [usable], ["warning handoff-target-key 4:23"]);
  });

  test("without label, target or prompt is left out and reported, and the others stay", () => {
    const good = "  - {label: L, agent: o, prompt: P}";
    checkHandoffs(["  - {agent: o, prompt: P}", good], [usable], ["error invalid-handoff 4:4"]);
    checkHandoffs(["  - {label: L, prompt: P}", good], [usable], ["error invalid-handoff 4:4"]);
    checkHandoffs(["  - {label: L, agent: o, prompt: ' '}", good], [usable], ["error invalid-handoff 4:33"]);
    checkHandoffs(["  - just a text", good], [usable], ["error invalid-handoff 4:4"]);
    checkHandoffs(["  - {label: [1], agent: o, prompt: P}", good], [usable], ["error invalid-handoff 4:12"]);
  });

  test("list of another type is left out and reported", () => {
    checkHandoffs(["  label: L"], [], ["error invalid-field 4:2"]);
  });
});

function named(written: string): string {
  return agentFile(`name: ${written}`, "description: b");
}

describe("a name", () => {
  test("that is a path, cannot be seen or has no end is replaced by that of the file", () => {
    for (const written of ["../../evil", "a/b", "a\\b", "..", '"a\\ab"', "a\u202eb", "\u200bab", "x".repeat(101)]) {
      assert.deepEqual(problemsOf(named(written)), ["error invalid-name 1:6"], written);
      assert.equal(parseAgent(named(written), "helper").definition?.name, "helper", written);
    }
  });

  test("may hold blanks, dots and letters of any language", () => {
    for (const written of ["ML Trainer", "v1.2", "训练", "Über-Agent"]) {
      assert.deepEqual(problemsOf(named(written)), []);
      assert.equal(parseAgent(named(written), "helper").definition?.name, written);
    }
  });
});

test("an agent without instructions is told at the end of its front matter, unless it adds to another", () => {
  const front = ["---", "name: a", "description: b"];
  const of = (...lines: string[]) => problemsOf([...front, ...lines].join("\n"));
  assert.deepEqual(of("---"), ["warning no-instructions 3:0"]);
  assert.deepEqual(of("---", "", "  "), ["warning no-instructions 3:0"]);
  assert.deepEqual(of("extends: a", "---"), []);
  assert.deepEqual(of("---", "Help."), []);
});

test("a letter that was lost since the file is not UTF-8 is told where it stood", () => {
  const latin1 = Buffer.from("---\nname: a\ndescription: Pr\u00fcft.\n---\nHilf.", "latin1").toString("utf8");
  assert.deepEqual(problemsOf(latin1), ["warning not-utf8 2:15"]);
  assert.equal(parseAgent(latin1).definition?.name, "a");
});

test("instructions alone are an agent of VS Code, called after its file, and none of Claude Code", () => {
  const { definition, problems } = parseAgent("You help.\nWith {train_command}.\n", "my helper");
  assert.deepEqual(
    [definition?.name, definition?.tools, definition?.body],
    ["my helper", undefined, "You help.\nWith {train_command}."],
  );
  assert.deepEqual(problemsOf("You help.\n"), ["information missing-front-matter 0:0"]);
  const [problem] = problems;
  const mended = parseAgent(`${problem?.fix?.text}You help.\n`, "x");
  assert.equal(mended.definition?.name, "my helper");
  assert.deepEqual(
    parseAgent("You help.\n", "a", "claude").problems.map(({ severity, code }) => `${severity} ${code}`),
    ["error missing-front-matter"],
  );
});

test("a key of a handoff that nothing reads is told where it stands", () => {
  const handoff = ["  - label: Go", "    agent: b", "    prompt: P", "    sned: true", "    since: now"];
  const { problems } = parseAgent(agentFile("name: a", "description: b", "handoffs:", ...handoff), "a");
  assert.deepEqual(
    problems.map(({ severity, code, range, fix }) => [severity, code, range.start, fix?.text]),
    [
      ["warning", "unknown-key", { line: 7, column: 4 }, "send"],
      ["information", "unknown-key", { line: 8, column: 4 }, undefined],
    ],
  );
});

function said(...lines: string[]): string {
  return parseAgent(agentFile("name: a", ...lines)).problems[0]?.message ?? "";
}

describe("a file that cannot be read", () => {
  test("says what its first line must be", () => {
    checkUnreadable("", "error missing-front-matter 0:0");
    checkUnreadable("name: a\n---\nYou help.\n", "error missing-front-matter 0:0");
    checkUnreadable("--\nname: a\ntools: []\n---\nYou help.\n", "error missing-front-matter 0:0");
    checkUnreadable(" ---\nname: a\n---\n", "error missing-front-matter 0:0");
  });

  test("says where the front matter is not closed", () => {
    checkUnreadable("---\nname: a\n", "error unclosed-front-matter 0:0");
    checkUnreadable("---\nname: a\n---- \n", "error unclosed-front-matter 2:0");
  });

  test("shows where the YAML breaks", () => {
    checkUnreadable(agentFile("name: a", "tools: [one"), "error invalid-yaml 2:7");
    checkUnreadable(agentFile("name: a", "name: b"), "error invalid-yaml 2:0");
    checkUnreadable(agentFile("- name", "- description"), "error invalid-yaml 0:0");
    checkUnreadable(agentFile("name: 'a"), "error invalid-yaml 1:6");
    checkUnreadable(agentFile('description: "a', "tools: [b]", "model: c"), "error invalid-yaml 1:13");
    checkUnreadable(agentFile("name: a", "tools: [b, c", "model: d"), "error invalid-yaml 2:7");
    checkUnreadable(agentFile("name: a", " description: b"), "error invalid-yaml 2:0");
    checkUnreadable(agentFile("name: a", "description b", "tools: [c]"), "error invalid-yaml 2:0");
    checkUnreadable(agentFile("tools:", "  - read", " - edit"), "error invalid-yaml 3:0");
    checkUnreadable(agentFile("tools: [a]]"), "error invalid-yaml 1:10");
    checkUnreadable(agentFile("name: a", "description: *b*"), "error invalid-yaml 2:13");
  });

  test("says what to write instead, for the common mistakes", () => {
    assert.match(
      said("model: a: b"),
      /Put quotes around the value: `key: "a: b"`\. The file is not used until then\.$/,
    );
    assert.match(said("tools:", "\t- read"), /a tab indents this line\. Indent with blanks\./);
    assert.match(said(" tools: [a]"), /indented as if it went on with the value above\. Let it begin where the key/);
    assert.match(said("tools:", "  - a", " - b"), /does not begin where the others of its group do\. Indent it/);
    assert.match(said("description b", "model: c"), /no colon behind its key\. Write `key: value`/);
    assert.match(said("tools: [a]]"), /`\]` closes nothing here\. Remove it/);
    assert.match(said("model: *b*"), /Put quotes around a text that starts with `\*`/);
    assert.match(said("model: 'a"), /never closed\. Write `'` where it ends\./);
    assert.match(said('model: "a'), /never closed\. Write `"` where it ends\./);
    assert.match(said("tools: [a, b", "model: c"), /never closed\. Write `\]` where it ends\./);
    assert.match(said("mcp: {a: b", "model: c"), /never closed\. Write `\}` where it ends\./);
    assert.match(said("model: @a"), /cannot start with `@` without quotes/);
  });

  test("is bounded in size, depth and aliases", () => {
    const depth = `tools: ${"[".repeat(10_000)}`;
    assert.deepEqual(problemsOf(agentFile(depth))[0]?.replace(/ \d+:\d+$/, ""), "error invalid-yaml");
    checkUnreadable(agentFile(`description: ${"x".repeat(17_000)}`), "error front-matter-too-long 0:0");
    checkUnreadable(agentFile("name: a", "\n".repeat(1_000)), "error front-matter-too-long 0:0");
    checkUnreadable(agentFile("name: a", `triggers: [${"a,".repeat(1_000)}]`), "error front-matter-too-long 2:2007");
    checkUnreadable(
      agentFile(tenfold("a", "x"), tenfold("b", "*a"), tenfold("c", "*b")),
      "error invalid-front-matter 0:0",
    );
  });
});

describe("code in front matter", () => {
  for (const language of ["js", "javascript", "coffee", "cson", "json", "JS", " js"]) {
    test(`is not run and not read as \`---${language}\``, () => {
      const source = `---${language}\n(() => { globalThis.trainyardWasHere = true; return { name: "a" }; })()\n---\n`;
      const { definition, problems } = parseAgent(source, "helper");
      assert.equal(definition, undefined);
      assert.equal(problems[0]?.code, "missing-front-matter");
      assert.equal("trainyardWasHere" in globalThis, false);
    });
  }

  test("is not constructed from a YAML tag", () => {
    const source = agentFile("name: a", "description: !!js/function 'function () { return 1; }'");
    assert.deepEqual(problemsOf(source), ["warning yaml-warning 2:13"]);
    assert.equal(typeof parseAgent(source).definition?.description, "string");
  });

  test("does not reach the prototype of anything", () => {
    parseAgent(agentFile("name: a", "__proto__: {polluted: yes}", "constructor: {prototype: {polluted: yes}}"));
    assert.equal("polluted" in {}, false);
  });
});

function toolsOf(line: string): readonly string[] | undefined {
  return parseAgent(agentFile("name: a", "description: b", line)).definition?.tools;
}

describe("a field that cannot be used", () => {
  test("does not lose the others", () => {
    const source = agentFile("name: a", "description: [b]", "model: 5", "tools: {a: 1}", "triggers: [x]");
    assert.deepEqual(parseAgent(source).definition?.triggers, ["x"]);
    assert.deepEqual(problemsOf(source), [
      "error invalid-field 2:13",
      "error invalid-field 3:7",
      "error invalid-field 4:7",
    ]);
  });

  test("loses none of its good entries to a bad one, which is reported where it stands", () => {
    const { definition, problems, ranges } = parseAgent(
      agentFile("name: a", "description: b", "triggers: [x, 5, y]", "tools:", "  - read", "  - Loss: high", "  - edit"),
    );
    assert.deepEqual(
      [definition?.triggers, definition?.tools],
      [
        ["x", "y"],
        ["read", "edit"],
      ],
    );
    assert.deepEqual(
      problems.map(({ code, message, range }) => [code, range.start.line, range.start.column, message]),
      [
        [
          "invalid-entry",
          6,
          4,
          "Entry 2 of `tools` must be a tool name, not a group of keys. It is left out; the others count. Put quotes around a text that holds a colon and a blank.",
        ],
        [
          "invalid-entry",
          3,
          14,
          "Entry 2 of `triggers` must be a sentence, not `5`. It is left out; the others count.",
        ],
      ],
    );
    assert.deepEqual(ranges?.triggers[1]?.start, { line: 3, column: 17 });
  });

  test("never becomes the right to use every tool", () => {
    for (const none of ["tools: {a: 1}", "tools: 5", "tools: [5]", "tools: []", "tools: ''"]) {
      assert.deepEqual(toolsOf(none), [], none);
    }
    assert.deepEqual(["tools:", "color: red"].map(toolsOf), [undefined, undefined]);
  });

  test("leaves an agent without a name its file's name, and says so", () => {
    const parsed = parseAgent(agentFile("description: b"), "helper");
    assert.equal(parsed.definition?.name, "helper");
    assert.equal(parsed.problems[0]?.message, "`name` is missing, so this agent is called `helper`, after its file.");
    assert.equal(parsed.problems[0]?.severity, "information");
    assert.equal(parseAgent(agentFile("description: b")).definition, undefined);
  });

  test("of Claude Code is told, since that passes over a file without a name or a description", () => {
    const { definition, problems } = parseAgent(agentFile("tools: Read"), "My Helper", "claude");
    assert.equal(definition?.name, "My Helper");
    assert.deepEqual(
      problems.map(({ severity, code, fix }) => [severity, code, fix?.text]),
      [
        ["error", "missing-name", 'name: "My Helper"\n'],
        ["warning", "missing-description", undefined],
      ],
    );
  });

  test("says of a text in place of true or false that it is one", () => {
    const { problems } = parseAgent(
      agentFile("name: a", "description: b", "handoffs:", '  - {label: L, agent: o, prompt: P, send: "true"}'),
    );
    assert.deepEqual(
      problems.map(({ message, fix }) => [message, fix?.text]),
      [
        [
          '`send` must be true or false, not the text `"true"`. Write `send: true`. It counts as false: the prompt waits in the input box.',
          "true",
        ],
      ],
    );
  });

  test("is suggested when its key is misspelled", () => {
    const { problems } = parseAgent(agentFile("name: a", "description: b", "handofs: []"));
    assert.equal(
      problems[0]?.message,
      "`handofs` is not a key that anything reads. Write `handoffs` if that is what you mean.",
    );
    assert.deepEqual(problems[0]?.range.start, { line: 3, column: 0 });
    // Where the key itself is there, the other one is something of its own.
    assert.deepEqual(problemsOf(agentFile("name: a", "description: b", "handoffs: []", "handofs: []")), [
      "information unknown-key 4:0",
    ]);
  });
});

function checkBoundaries(lines: string[], boundaries: unknown, problems: string[]): void {
  const source = agentFile("name: a", "description: b", "boundaries:", ...lines);
  assert.deepEqual(parseAgent(source, "helper").definition?.boundaries, boundaries);
  assert.deepEqual(problemsOf(source), problems);
}

describe("boundaries", () => {
  test("are sentences, some of them with a check", () => {
    checkBoundaries(
      ["  never:", "    - Guess.", "    - {rule: Train on test data., check: test-data}"],
      [
        { kind: "never", rule: "Guess." },
        { kind: "never", rule: "Train on test data.", check: "test-data" },
      ],
      [],
    );
  });

  test("that cannot be used are left out and reported where they stand", () => {
    checkBoundaries(["  never: Guess."], [], ["error invalid-boundary 4:9"]);
    checkBoundaries(["  newer:", "    - Guess."], [], ["error invalid-boundary 5:4"]);
    checkBoundaries(
      ["  always:", "    - 5", "    - {rule: Log., check: loging}"],
      [{ kind: "always", rule: "Log." }],
      ["error invalid-boundary 5:6", "warning invalid-boundary 6:26"],
    );
  });

  test("that name a check which does something else are told", () => {
    checkBoundaries(
      ["  never:", "    - {rule: Start., check: launch-consent}", "    - {rule: Half., check: mixed-precision}"],
      [
        { kind: "never", rule: "Start.", check: "launch-consent" },
        { kind: "never", rule: "Half.", check: "mixed-precision" },
      ],
      ["warning invalid-boundary 5:28"],
    );
    checkBoundaries(
      ["  ask-first:", "    - {rule: Peek., check: test-data}"],
      [{ kind: "ask-first", rule: "Peek.", check: "test-data" }],
      ["information invalid-boundary 5:27"],
    );
  });
});
