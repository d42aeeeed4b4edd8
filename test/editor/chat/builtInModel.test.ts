import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { registerBuiltInModel } from "../../../src/editor/chat/builtInModel.ts";
import { echoCommand } from "../../support/fakeChatDependencies.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";

beforeEach(resetFake);

test("the built-in model names itself plainly and lists the agents to anybody else who asks it", async () => {
  registerBuiltInModel(() => Promise.resolve([echoCommand("train"), echoCommand("facts", "mlops-engineer")]));
  const provider = fake.modelProviders.get("trainyard");
  assert.ok(provider !== undefined);
  const [information] = await provider.provideLanguageModelChatInformation();
  assert.equal(information?.name, "Built-in (no AI)");
  assert.equal(information?.capabilities.toolCalling, true);
  const parts: unknown[] = [];
  await provider.provideLanguageModelChatResponse(information, [], {}, { report: (part) => parts.push(part) });
  const said = JSON.stringify(parts);
  assert.match(said, /is not a language model and cannot answer freely/);
  assert.match(said, /- @ml-trainer \/train\\n- @mlops-engineer \/facts/);
  assert.equal(await provider.provideTokenCount(information, "12345678"), 2);
});
