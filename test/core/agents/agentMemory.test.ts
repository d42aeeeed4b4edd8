import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findNotes,
  MAX_MEMORY_CHARACTERS,
  type MemoryTopic,
  remember,
  without,
} from "../../../src/core/agents/agentMemory.ts";
import {
  type AgentMemory,
  memoryForPrompt,
  notesOf,
  parseMemory,
  renderMemory,
} from "../../../src/core/agents/memoryFile.ts";
import { UserError } from "../../../src/core/base/errors.ts";
import { assertScales } from "../../support/assertScales.ts";

const AGENT = "mlops-engineer";
const EMPTY = parseMemory("");

function add(memory: AgentMemory, what: string, more: { topic?: MemoryTopic; where?: string; date?: string } = {}) {
  return remember(memory, AGENT, { topic: "data", date: "2026-11-21", what, ...more });
}

test("files a note with its day and place under the heading of its topic", () => {
  const { memory } = add(EMPTY, "Labels are versioned with DVC", { where: "data/labels.csv.dvc:3" });
  assert.equal(
    renderMemory(memory),
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
  assert.deepEqual(notesOf(parseMemory(renderMemory(memory))), [
    {
      heading: "Data sources and schemas",
      date: "2026-11-21",
      what: "Labels are versioned with DVC",
      where: "data/labels.csv.dvc:3",
    },
  ]);
});

test("keeps what a person wrote, byte for byte", () => {
  const text = [
    "# What we know",
    "",
    "Ask Ada about the cluster.",
    "",
    "## Todo of the team",
    "",
    "## My own topic  ",
    "* 2025-01-02: Nodes have 4 GPUs",
    "  and 512 GB",
    "- no date here",
    "",
    "",
    "```",
    "## Data sources and schemas",
    "- 2020-01-01: an example",
    "```",
    "",
    "## Data sources and schemas",
    "- 2026-01-01: Parquet by day",
    "",
    "## Last",
    "end",
    "",
  ];
  for (const newline of ["\n", "\r\n"]) {
    const { memory } = add(parseMemory(text.join(newline)), "Labels lag by a day");
    const at = text.indexOf("- 2026-01-01: Parquet by day") + 1;
    assert.equal(renderMemory(memory), text.toSpliced(at, 0, "- 2026-11-21: Labels lag by a day").join(newline));
    assert.equal(notesOf(memory).length, 3);
    assert.equal(renderMemory(without(memory, notesOf(memory).slice(-1))), text.join(newline));
  }
});

test("keeps every line end, also mixed ones and one that is missing", () => {
  const { memory } = add(parseMemory("mine\r\n## Other\n- 2020-01-01: old"), "new", { topic: "other" });
  assert.equal(renderMemory(memory), "mine\r\n## Other\n- 2020-01-01: old\r\n- 2026-11-21: new\r\n");
  assert.equal(renderMemory(parseMemory("a\n\nb")), "a\n\nb");
  assert.equal(renderMemory(add(parseMemory("mine\n\n\n"), "new").memory).startsWith("mine\n\n\n## Data"), true);
});

test("the part for the prompt keeps its limit, whatever the lines are", () => {
  const text = memoryForPrompt(AGENT, parseMemory(`${"x".repeat(900_000)}\n`), 16_000);
  assert.ok(text.length < 16_200, String(text.length));
  assert.match(text, /of which the first 16000 are read\.\)$/);
});

test("a code block that never ends hides no note below it", () => {
  const { memory } = add(parseMemory("```\n## Other\n- 2020-01-01: old\n"), "new");
  assert.deepEqual(
    notesOf(parseMemory(renderMemory(memory))).map(({ what }) => what),
    ["old", "new"],
  );
});

test("a heading of ours goes with its last note, a person's stays", () => {
  const text = "## Mine\n- 2020-01-01: first\n\n## Other\n- 2020-01-01: second\n";
  const memory = parseMemory(text);
  assert.equal(renderMemory(without(memory, notesOf(memory))), "## Mine\n\n");
});

test("brackets at the end of a sentence are its place, so that it is found again", () => {
  const first = add(EMPTY, "use key [a]");
  assert.deepEqual([first.note.what, first.note.where], ["use key", "a"]);
  const again = add(parseMemory(renderMemory(first.memory)), "use key [a]", { date: "2026-11-22" });
  assert.equal(notesOf(again.memory).length, 1);
});

test("twice the notes take about twice as long to thin out", () => {
  assertScales(
    "thinning out",
    (count) => {
      const memory = parseMemory(`## Other\n${"- 2026-01-01: note of a day\n".repeat(count)}`);
      assert.ok(add(memory, "new").dropped.length > count / 2);
    },
    5_000,
  );
});

test("a line of a megabyte of brackets is read at once", () => {
  assertScales("one line", (size) => parseMemory(`- 2026-01-01: ${" [".repeat(size)}`), 25_000);
  assertScales("many lines", (size) => parseMemory(`- 2026-01-01: ${" [x".repeat(660)}\n`.repeat(size)), 50);
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
  const text = renderMemory(memory);
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
  refuse(`found AK\u200bIAABCDEFGH23456789`, /looks like an AWS access key/);
  refuse("database password is Tr0ub4dor&3xyz", /looks like a password or key/);
  refuse(" \n\t ", /empty/);
  refuse("x".repeat(401), /401 characters; at most 400/);
});

test("a note cannot become a heading, a second note or hidden text", () => {
  const { memory } = add(EMPTY, "one\n## Other\n- 2020-01-01: forged\u202e\u0007", { where: "a]\n[b" });
  assert.deepEqual(
    notesOf(parseMemory(renderMemory(memory))).map(({ what, where }) => [what, where]),
    [["one ## Other - 2020-01-01: forged", "a b"]],
  );
});

test("says so when a person's text alone fills the file", () => {
  assert.throws(() => add(parseMemory("x".repeat(MAX_MEMORY_CHARACTERS)), "new"), /full of text that is no dated note/);
});

test("finds whole words only, since a note that is found may be removed", () => {
  const { memory } = add(EMPTY, "Never deploy with a stage; ask Judith. Bucket: s3://ml-data/digits");
  const found = (words: string) => findNotes(memory, words).length;
  assert.deepEqual(
    ["it", "stag", "…", "judith", "STAGE!", "s3://ml-data", "deploy bucket"].map(found),
    [0, 0, 0, 1, 1, 1, 1],
  );
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
