import assert from "node:assert/strict";
import { test } from "node:test";
import { describeMemory, planForgetting } from "../../../src/core/agents/describeMemory.ts";
import { parseMemory } from "../../../src/core/agents/memoryFile.ts";
import { meansAllNotes, parseMemoryRequest, parseNote } from "../../../src/core/agents/memoryRequest.ts";

test("a request may name another agent", () => {
  assert.deepEqual(parseMemoryRequest(" @ml-trainer batch 64 fits", "x"), {
    agent: "ml-trainer",
    rest: "batch 64 fits",
  });
  assert.deepEqual(parseMemoryRequest("@ml-trainer", "x"), { agent: "ml-trainer", rest: "" });
  assert.deepEqual(parseMemoryRequest("batch 64 fits", "x"), { agent: "x", rest: "batch 64 fits" });
});

test("what asks to remember is no part of the note", () => {
  const cases: Record<string, string> = {
    "remember: seed 42": "seed 42",
    "that we use seed 42": "we use seed 42",
    "remember that seed 42 is used": "seed 42 is used",
    "keep in mind that labels lag": "labels lag",
    "note that labels lag": "labels lag",
    "note: this is no topic": "note: this is no topic",
    "thatcher is a data set": "thatcher is a data set",
  };
  for (const [text, rest] of Object.entries(cases)) {
    assert.deepEqual(parseMemoryRequest(text, "x"), { agent: "x", rest }, text);
  }
  assert.deepEqual(parseMemoryRequest("remember: @ml-trainer that 64 fits", "x"), {
    agent: "ml-trainer",
    rest: "64 fits",
  });
});

test("forgetting all is told from forgetting a note", () => {
  for (const text of ["everything", "all", "all notes", "all of it", "all your notes!"]) {
    assert.equal(meansAllNotes(text), true, text);
  }
  assert.equal(meansAllNotes("everything about DVC"), false);
  assert.equal(meansAllNotes("all-reduce"), false);
});

function check(text: string, topic: string, what = text) {
  assert.deepEqual(parseNote(text), { topic, what });
}

test("a note names its topic, or a telling word does", () => {
  check("data: parquet by day", "data", "parquet by day");
  check("Failures : NCCL hangs", "failures", "NCCL hangs");
  check("note: this is no topic", "other");
  check("models are promoted by alias", "registry");
  check("OOM above batch 64", "failures");
  check("alerts fire at PSI 0.2", "monitoring");
  check("canary takes 5 %", "delivery");
  check("the sweep is a foreach", "orchestration");
  check("nodes have 4 GPUs", "infrastructure");
  check("labels lag by a day", "data");
  check("Ada knows", "other");
});

test("shows notes by topic, inert, and how to begin", () => {
  assert.equal(
    describeMemory("a", parseMemory("Ask Ada.\n## T\n- undated\n")),
    "@a remembers no dated note about this workspace.\n\nAlso in its file, without a date:\n\n```\nAsk Ada.\n- undated\n```",
  );
  assert.match(describeMemory("a", parseMemory("")), /remembers nothing.*\/remember/);
  assert.equal(
    describeMemory("a", parseMemory("## T\n- 2026-01-02: *x* [y.py:3]\n")),
    "@a remembers one note about this workspace.\n\n**T**\n\n- \\*x\\* · `y.py:3` · 2026-01-02",
  );
});

test("forgets only what the words single out", () => {
  const note = { heading: "T", date: "2026-01-02", what: "x" };
  assert.equal(planForgetting([]).kind, "nothing-found");
  assert.deepEqual(planForgetting([note]), { kind: "forget", note });
  assert.equal(planForgetting([note, note]).kind, "choose");
});
