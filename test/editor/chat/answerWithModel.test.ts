import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { registerParticipants } from "../../../src/editor/chat/participants.ts";
import { chatTurn, ScriptedModel } from "../../support/fakeChat.ts";
import { chatDependencies } from "../../support/fakeChatDependencies.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";

async function ask(model: ScriptedModel, changes: Partial<ReturnType<typeof chatDependencies>> = {}): Promise<string> {
  registerParticipants({ ...chatDependencies([]), ...changes });
  const { stream, args } = chatTurn({ prompt: "hello", model });
  await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
  return stream.text;
}

const preferring = (model: string) => {
  const text = `---\nname: ml-trainer\ndescription: d\nmodel: ${model}\n---\nHelp.`;
  return () =>
    Promise.resolve(collectAgents([{ path: "a.md", origin: "shipped", text }], { isWorkspaceTrusted: true }));
};

const unreadable = () => Promise.reject(new TypeError("the worker is gone"));

async function slowlyNothing(): Promise<[]> {
  await setImmediate();
  await setImmediate();
  return [];
}

beforeEach(resetFake);

test("facts that cannot be read while the rest is still on its way end the answer, and nothing else", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const said = await ask(new ScriptedModel({ text: "Hi." }), { readFacts: unreadable, loadToolNames: slowlyNothing });
    await setImmediate();
    assert.match(said, /unexpected reason/);
    assert.deepEqual(unhandled, []);
  } finally {
    process.off("unhandledRejection", note);
  }
});

test("where VS Code cannot list its models, the picked one answers", async () => {
  fake.modelsFailure = new Error("no list");
  const auto = Object.assign(new ScriptedModel({ text: "Hi." }), { id: "auto", name: "Auto" });
  assert.match(await ask(auto, { loadCatalog: preferring("claude-opus") }), /^Hi\./);
  assert.match(fake.log.join("\n"), /no list/);
});
