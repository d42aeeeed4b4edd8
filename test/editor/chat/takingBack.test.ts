import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { registerParticipants } from "../../../src/editor/chat/participants.ts";
import { chatTurn } from "../../support/fakeChat.ts";
import { chatDependencies, echoCommand } from "../../support/fakeChatDependencies.ts";
import { ChatResponseTurn, fake, resetFake } from "../../support/fakeVscode.ts";

beforeEach(resetFake);

/** Says something to the trainer, after a turn that left `metadata`. */
async function say(prompt: string, metadata?: unknown) {
  const history = metadata === undefined ? [] : [new ChatResponseTurn([], { metadata }, "trainyard.ml-trainer")];
  const model = { vendor: "trainyard", name: "Built-in (no AI)" };
  const { stream, args } = chatTurn({ prompt, model, history });
  const result: unknown = await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
  assert.ok(typeof result === "object" && result !== null && "metadata" in result);
  return { text: stream.text, metadata: result.metadata };
}

test("a plan that no button starts is taken back too, and no run is stopped for it", async () => {
  const held = {
    ...echoCommand("train"),
    answer: () => Promise.resolve({ markdown: "A plan.", isProposal: true } as const),
  };
  registerParticipants(chatDependencies([held, echoCommand("stop")]));
  const planned = await say("train with lr 0.5, but not yet");
  assert.match((await say("cancel", planned.metadata)).text, /^Nothing was started.* and nothing was stopped\./);
  assert.match((await say("stop mnist-2", planned.metadata)).text, /\[stop:/);
});
