import assert from "node:assert/strict";
import { test } from "node:test";
import { cursorAt } from "../../../src/core/agents/frontMatterCursor.ts";
import { completeAgent, explainAgentWord, type Lexicon } from "../../../src/core/chat/agentCompletion.ts";

const FRAME = ["---", "name: x", "|", "description: d", "---", "Help."].join("\n");

const lexicon: Lexicon = {
  dialect: "native",
  hasNativeCompletion: false,
  agents: [{ name: "eval-agent", meaning: "Evaluates." }],
  tools: [{ name: "read", meaning: "Reads files" }],
  models: [{ name: "Claude Opus 4.5", meaning: "claude-opus" }],
  placeholders: [{ name: "train_command", meaning: "python train.py" }],
};

/** The cursor stands at `|`; `text` takes the place of one line of the front matter, or is the whole file. */
function at(text: string) {
  const whole = text.startsWith("---") ? text : FRAME.replace("|", text);
  const before = whole.slice(0, whole.indexOf("|")).split("\n");
  return cursorAt(whole.replace("|", ""), { line: before.length - 1, column: before.at(-1)?.length ?? 0 });
}

function check(text: string, expected: string | undefined): void {
  const cursor = at(text);
  const what =
    cursor === undefined
      ? undefined
      : [
          cursor.kind,
          ...(cursor.kind === "placeholder" ? [] : [cursor.of]),
          ...(cursor.kind === "value" ? [cursor.key] : []),
          `"${cursor.written}"`,
          `${cursor.range.start.column}-${cursor.range.end.column}`,
        ].join(" ");
  assert.equal(what, expected, text);
}

test("knows what is written at a place of the front matter", () => {
  check("|", 'key agent "" 0-0');
  check("to|", 'key agent "to" 0-2');
  check("to|ols: [a]", 'key agent "tools" 0-5');
  check("tools: |", 'value agent tools "" 7-7');
  check("tools: [read, ed|]", 'value agent tools "ed" 14-16');
  check("tools: [re|ad, edit]", 'value agent tools "read" 8-12');
  check('tools: ["re|ad", edit]', 'value agent tools "read" 9-13');
  check("tools: Read, Gr|", 'value agent tools "Gr" 13-15');
  check("tools:\n  - re|", 'value agent tools "re" 4-6');
  check("tools:\n- re|", 'value agent tools "re" 2-4');
  check("triggers:\n  - torch, or jax in dep|", 'value agent triggers "torch, or jax in dep" 4-24');
  check("handoffs:\n  - la|", 'key handoff "la" 4-6');
  check("handoffs:\n  - label: Go\n    ag|", 'key handoff "ag" 4-6');
  check("handoffs:\n  - label: Go\n    agent: ev|", 'value handoff agent "ev" 11-13');
  check('handoffs:\n  - {label: Go, agent: "ev|"}', 'value handoff agent "ev" 24-26');
  check("handoffs:\n  - {label: Go, ag|}", 'key handoff "ag" 16-18');
  check("---\nname: x\n---\nRun {train_|}.", 'placeholder "train_" 5-11');
  check("---\nname: x\n---\nRun ${train_|}.", undefined);
  check("---\nname: x\n---\nFree te|xt.", undefined);
  check("---\nname: x\ntools: [re|", 'value agent tools "re" 8-10');
  check("---|\nname: x\n---\n", undefined);
});

function labels(text: string, dialect: Lexicon["dialect"] = "native", hasNativeCompletion = false): string[] {
  const cursor = at(text);
  return cursor === undefined
    ? []
    : completeAgent(cursor, { ...lexicon, dialect, hasNativeCompletion }).map(({ label }) => label);
}

test("offers what can stand there, in each dialect", () => {
  assert.ok(labels("|").includes("triggers") && labels("|").includes("argument-hint"));
  assert.ok(!labels("|").includes("name") && !labels("|").includes("description"), "keys that are there already");
  assert.ok(labels("|", "claude").includes("color") && !labels("|", "claude").includes("argument-hint"));
  assert.deepEqual(labels("tools: [|]"), ["read"]);
  assert.ok(labels("tools: |", "claude").includes("Bash"));
  assert.deepEqual(labels("model: |", "claude"), [
    "inherit",
    "opus",
    "sonnet",
    "haiku",
    "fable",
    "opusplan",
    "best",
    "default",
  ]);
  assert.deepEqual(labels("memory: |", "claude"), ["user", "project", "local"]);
  assert.deepEqual(labels("background: |", "claude"), ["true", "false"]);
  assert.deepEqual(labels("handoffs:\n  - label: Go\n    |"), ["agent", "prompt", "send", "showContinueOn", "model"]);
  assert.deepEqual(labels("handoffs:\n  - agent: |"), ["eval-agent", "agent", "ask", "edit", "Plan"]);
  assert.deepEqual(labels("handoffs:\n  - send: |"), ["false", "true"]);
  assert.ok(labels("triggers:\n  - |").includes("torch in dependencies"));
  assert.deepEqual(labels("description: |"), []);
});

test("what VS Code offers itself is not offered twice", () => {
  assert.deepEqual(labels("|", "native", true), ["triggers", "mcp", "extends", "commands", "boundaries"]);
  assert.deepEqual(labels("tools: [|]", "native", true), []);
  assert.deepEqual(labels("handoffs:\n  - agent: |", "native", true)[0], "eval-agent");
});

test("what is offered can be written as it is", () => {
  const cursor = at("---\nname: x\n---\nRun {|");
  assert.deepEqual(cursor && completeAgent(cursor, lexicon).map(({ snippet }) => snippet), ["train_command\\}"]);
  const handoffs = at("|");
  const item = handoffs && completeAgent(handoffs, lexicon).find(({ label }) => label === "handoffs");
  assert.match(item?.snippet ?? "", /^handoffs:\n {2}- label: "\$1"\n {4}agent: \$2\n/);
});

function explain(text: string): string | undefined {
  const cursor = at(text);
  return cursor && explainAgentWord(cursor, lexicon);
}

test("says of a word what it means", () => {
  assert.match(explain("trig|gers: []") ?? "", /^\*\*triggers\*\*: What in a workspace .* Read by Trainyard\.$/);
  assert.equal(explain("tools: [re|ad]"), "`read`: Reads files");
  assert.equal(explain("handoffs:\n  - agent: eval-|agent"), "`eval-agent`: Evaluates.");
  assert.equal(explain("---\nname: x\n---\n{train_|command}"), "`train_command`: python train.py");
  assert.equal(explain("description: s|omething"), undefined);
});

test("offers nothing for a key that only every object of JavaScript has", () => {
  for (const key of ["constructor", "toString", "valueOf"]) {
    const cursor = at(`${key}: x|`);
    assert.ok(cursor);
    assert.deepEqual([completeAgent(cursor, lexicon), explainAgentWord(cursor, lexicon)], [[], undefined]);
  }
});
