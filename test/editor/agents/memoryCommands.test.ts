import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { memoryCommands } from "../../../src/editor/agents/memoryCommands.ts";
import { smallCatalog } from "../../support/fakeChatDependencies.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

beforeEach(resetFake);

/** With one that comes before the agents of the chat by its name. */
const small = smallCatalog();
const [chatAgent] = small.agents;
assert.ok(chatAgent);
const evaluator = { ...chatAgent, definition: { ...chatAgent.definition, name: "eval-agent" } };
const commands = memoryCommands(() => Promise.resolve({ ...small, agents: [evaluator, ...small.agents] }));

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

test("everybody can be told something, the agents of the chat before all others", async (context) => {
  const folder = temporaryFolder(context);
  fake.workspaceFolder = folder;
  assert.deepEqual(await offeredBy("remember"), ["metaflow-agent", "ml-trainer", "mlops-engineer", "eval-agent"]);
});
