import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { readMemoryForPrompt } from "../../../src/editor/agents/memoryAccess.ts";
import { memoryCommands } from "../../../src/editor/agents/memoryCommands.ts";
import { memorySlashCommands } from "../../../src/editor/agents/memoryReplies.ts";
import { smallCatalog } from "../../support/fakeChatDependencies.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

beforeEach(resetFake);

/** With one that comes before the agents of the chat by its name. */
const small = smallCatalog();
const [chatAgent] = small.agents;
assert.ok(chatAgent);
const evaluator = { ...chatAgent, definition: { ...chatAgent.definition, name: "eval-agent" } };
const agents = [evaluator, ...small.agents];
const commands = memoryCommands(() => Promise.resolve({ ...small, agents }));

/** What a quick pick offers while the command runs; nothing is chosen. */
async function offeredBy(command: string): Promise<string[]> {
  let offered: string[] = [];
  fake.quickPick = (items) => {
    offered = items.map(({ label }) => label);
    return undefined;
  };
  await Promise.resolve(commands[command]?.()).catch((error: unknown) => {
    assert.match(String(error), /Cancel/);
  });
  return offered;
}

async function remember(folder: string, agent: string): Promise<void> {
  const memory = join(folder, ".trainyard", "memory");
  await mkdir(memory, { recursive: true });
  await writeFile(join(memory, `${agent}.md`), "## Data sources and schemas\n- 2026-01-02: Parquet by day\n");
}

test("only agents that remember something are offered, and without any a message says so at once", async (context) => {
  const folder = temporaryFolder(context);
  fake.workspaceFolder = folder;
  assert.deepEqual(await offeredBy("forget"), []);
  assert.deepEqual(fake.messages, ["No agent remembers anything about this workspace yet."]);
  await remember(folder, "ml-trainer");
  await remember(folder, "metaflow-agent");
  assert.deepEqual(await offeredBy("showMemory"), ["metaflow-agent", "ml-trainer"]);
});

test("an agent whose name is no file name, and one whose memory is too large, do not keep the others from being shown", async (context) => {
  const folder = temporaryFolder(context);
  fake.workspaceFolder = folder;
  await remember(folder, "ml-trainer");
  await writeFile(join(folder, ".trainyard/memory/eval-agent.md"), "x".repeat(1_000_001));
  agents.push({ ...evaluator, definition: { ...evaluator.definition, name: "Bias Reviewer" } });
  context.after(() => agents.pop());
  assert.deepEqual(await offeredBy("showMemory"), ["eval-agent", "ml-trainer"]);
  assert.match(await readMemoryForPrompt("eval-agent"), /could not be read, so tell the person: .* larger than 1 MB/);
  assert.match(await readMemoryForPrompt("ml-trainer"), /Parquet by day/);
});

test("a file with undated text alone is a memory that is shown, and has no note to forget", async (context) => {
  const folder = temporaryFolder(context);
  fake.workspaceFolder = folder;
  await remember(folder, "metaflow-agent");
  const file = join(folder, ".trainyard/memory/ml-trainer.md");
  await writeFile(file, "# Memory of ml-trainer\n\nAlways train in bf16.\n");
  assert.deepEqual(await offeredBy("showMemory"), ["metaflow-agent", "ml-trainer"]);
  await commands["forget"]?.("ml-trainer");
  assert.match(fake.messages.join(), /no dated note\. What stands in its file without a date, you take out there/);
});

test("forgetting everything removes nothing before the person has chosen", async (context) => {
  const folder = temporaryFolder(context);
  fake.workspaceFolder = folder;
  await remember(folder, "mlops-engineer");
  const forget = memorySlashCommands.find(({ name }) => name === "forget");
  const reply = await forget?.answer({ prompt: "everything", references: [] }, AbortSignal.any([]));
  assert.match(reply?.markdown ?? "", /^Nothing was removed\. Choose which of these notes go\.[\s\S]*Parquet by day/);
  assert.deepEqual(reply?.buttons?.[0], {
    title: "Choose…",
    command: "trainyard.forget",
    arguments: ["mlops-engineer"],
  });
});

test("Restricted Mode keeps memory as it is, and says why in its own words", async (context) => {
  fake.workspaceFolder = temporaryFolder(context);
  fake.isTrusted = false;
  const remembering = memorySlashCommands.find(({ name }) => name === "remember");
  await assert.rejects(
    Promise.resolve(remembering?.answer({ prompt: "seed 42", references: [] }, AbortSignal.any([]))),
    {
      message: /writing into the memory of an agent changes what the agents are told here\. Trust/,
    },
  );
});

test("everybody can be told something, the agents of the chat before all others", async (context) => {
  const folder = temporaryFolder(context);
  fake.workspaceFolder = folder;
  assert.deepEqual(await offeredBy("remember"), ["metaflow-agent", "ml-trainer", "mlops-engineer", "eval-agent"]);
});
