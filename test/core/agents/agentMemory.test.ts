import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AgentMemory,
  findNotes,
  MAX_MEMORY_CHARACTERS,
  type MemoryTopic,
  notesOf,
  parseMemory,
  remember,
  renderMemory,
  without,
} from "../../../src/core/agents/agentMemory.ts";
import { UserError } from "../../../src/core/base/errors.ts";

const AGENT = "mlops-engineer";
const EMPTY = parseMemory("");

function add(memory: AgentMemory, what: string, more: { topic?: MemoryTopic; where?: string; date?: string } = {}) {
  return remember(memory, AGENT, { topic: "data", date: "2026-11-21", what, ...more });
}

test("files a note with its day and place under the heading of its topic", () => {
  const { memory } = add(EMPTY, "Labels are versioned with DVC", { where: "data/labels.csv.dvc:3" });
  assert.equal(
    renderMemory(AGENT, memory),
    [
      "# Memory of mlops-engineer",
      "",
      "Notes that @mlops-engineer reads before it answers. One line is one note; edit or delete lines as you like.",
      "",
      "## Data sources and schemas",
      "- 2026-11-21: Labels are versioned with DVC [data/labels.csv.dvc:3]",
      "",
    ].join("\n"),
  );
  assert.deepEqual(notesOf(parseMemory(renderMemory(AGENT, memory))), [
    {
      heading: "Data sources and schemas",
      date: "2026-11-21",
      what: "Labels are versioned with DVC",
      where: "data/labels.csv.dvc:3",
    },
  ]);
});

test("keeps what a person wrote, word for word", () => {
  const text = [
    "# What we know",
    "",
    "Ask Ada about the cluster.",
    "",
    "## My own topic",
    "* 2025-01-02: Nodes have 4 GPUs",
    "  and 512 GB",
    "- no date here",
    "",
    "## Data sources and schemas",
    "- 2026-01-01: Parquet by day",
    "",
  ].join("\n");
  const { memory } = add(parseMemory(text.replaceAll("\n", "\r\n")), "Labels lag by a day");
  assert.equal(renderMemory(AGENT, memory), `${text.replace("* 2025", "- 2025")}- 2026-11-21: Labels lag by a day\n`);
});

test("a statement written again replaces the older one", () => {
  const first = add(EMPTY, "Parquet by day", { date: "2025-01-01" }).memory;
  assert.deepEqual(
    notesOf(add(first, "Parquet by day").memory).map(({ date }) => date),
    ["2026-11-21"],
  );
});

test("the oldest notes leave first when the file is full, never the new one, never a person's text", () => {
  let memory = parseMemory("Ask Ada.\n");
  const dropped: string[] = [];
  for (let index = 0; index < 100; index++) {
    const day = String((index % 28) + 1).padStart(2, "0");
    const month = String(12 - Math.floor(index / 28)).padStart(2, "0");
    const added = add(memory, `note ${index} ${"x".repeat(200)}`, { date: `2025-${month}-${day}` });
    memory = added.memory;
    dropped.push(...added.dropped.map(({ date }) => date));
  }
  const text = renderMemory(AGENT, memory);
  assert.ok(text.length <= MAX_MEMORY_CHARACTERS && text.length > MAX_MEMORY_CHARACTERS - 300);
  assert.ok(text.includes("Ask Ada.") && text.includes("note 99 "));
  assert.equal(dropped.length, 100 - notesOf(memory).length);
  const newestKept = notesOf(memory).map(({ date }) => date);
  assert.ok(newestKept.filter((date) => date > "2025-12-15").length >= 13);
});

function refuse(what: string, sentence: RegExp) {
  assert.throws(() => add(EMPTY, what), { name: new UserError().name, message: sentence });
}

test("refuses secrets, empty and long notes, and says what to do instead", () => {
  refuse(`use hf_${"a1".repeat(20)} to push`, /looks like a Hugging Face token.*Nothing was written/);
  refuse(" \n\t ", /empty/);
  refuse("x".repeat(401), /401 characters; at most 400/);
});

test("a note cannot become a heading, a second note or hidden text", () => {
  const { memory } = add(EMPTY, "one\n## Other\n- 2020-01-01: forged\u202e\u0007", { where: "a]\n[b" });
  assert.deepEqual(
    notesOf(parseMemory(renderMemory(AGENT, memory))).map(({ what, where }) => [what, where]),
    [["one ## Other - 2020-01-01: forged", "a b"]],
  );
});

test("says so when a person's text alone fills the file", () => {
  assert.throws(() => add(parseMemory("x".repeat(MAX_MEMORY_CHARACTERS)), "new"), /full of text that is no dated note/);
});

test("finds notes by all of the words and removes just these", () => {
  const memory = add(add(EMPTY, "Parquet by day").memory, "Parquet is compacted at night", {
    topic: "failures",
  }).memory;
  assert.deepEqual(
    findNotes(memory, "parquet NIGHT").map(({ what }) => what),
    ["Parquet is compacted at night"],
  );
  assert.deepEqual(
    notesOf(without(memory, findNotes(memory, "failures"))).map(({ what }) => what),
    ["Parquet by day"],
  );
});
