import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeEach, test } from "node:test";
import type { AgentCatalog } from "../../../src/core/agents/agentCatalog.ts";
import { registerMcpServers } from "../../../src/editor/agents/mcp.ts";
import { smallCatalog } from "../../support/fakeChatDependencies.ts";
import { EventEmitter, fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

beforeEach(resetFake);

function askingFor(...mcp: string[]): AgentCatalog {
  const catalog = smallCatalog();
  const agents = catalog.agents.map((agent) => ({ ...agent, definition: { ...agent.definition, extra: { mcp } } }));
  return { ...catalog, agents };
}

test("the servers that agents ask for are offered for every folder, and again when an agent file changes", async (context) => {
  const bin = temporaryFolder(context);
  writeFileSync(join(bin, "uvx"), "", { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}${delimiter}${path}`;
  context.after(() => (process.env["PATH"] = path));
  fake.workspaceFolder = "/projects/a";
  fake.moreFolders = ["/projects/b"];
  let catalog = askingFor();
  const settled = new EventEmitter<AgentCatalog>();
  registerMcpServers({ load: () => Promise.resolve(catalog), onDidSettle: settled.event });
  const provider = fake.mcpProviders.get("trainyard.mcp");
  assert.ok(provider);
  let changes = 0;
  provider.onDidChangeMcpServerDefinitions(() => (changes += 1));
  catalog = askingFor("git");
  settled.fire(catalog);
  assert.deepEqual([changes, await provider.provideMcpServerDefinitions()], [0, []], "nobody allowed it yet");
  fake.configuration.set("trainyard.mcp.offerServers", true);
  settled.fire(catalog);
  assert.equal(changes, 1);
  assert.deepEqual(
    (await provider.provideMcpServerDefinitions()).map(({ label, args }) => `${label}: ${args.at(-1)}`),
    ["Git (a): /projects/a", "Git (b): /projects/b"],
  );
  fake.isTrusted = false;
  assert.deepEqual(await provider.provideMcpServerDefinitions(), []);
});
