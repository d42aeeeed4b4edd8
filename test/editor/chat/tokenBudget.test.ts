import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { AskModel, SlashCommand } from "../../../src/core/chat/slashCommand.ts";
import { registerParticipants } from "../../../src/editor/chat/participants.ts";
import { chatTurn, type ScriptedAnswer, ScriptedModel, saidIn } from "../../support/fakeChat.ts";
import { chatDependencies } from "../../support/fakeChatDependencies.ts";
import { fake, LanguageModelTextPart, LanguageModelToolResult, resetFake } from "../../support/fakeVscode.ts";

const STATUS = "trainyard_run_status";

beforeEach(() => {
  resetFake();
  fake.tools = [{ name: STATUS, description: "Tells the state of a run.", tags: [] }];
});

/** Each tool answers with this many characters. */
function answerTools(length: number): void {
  const text = new LanguageModelTextPart("x".repeat(length));
  fake.invokeTool = () => Promise.resolve(new LanguageModelToolResult([text]));
}

/** A command that lets the model work within a budget; gives what came of it. */
async function workWithin(
  maxTokens: number,
  model: ScriptedModel,
): Promise<{ kind: string; tokens: number; reason?: string; endsInTools?: boolean }> {
  let outcome: Awaited<ReturnType<AskModel>> | undefined;
  const command: SlashCommand = {
    name: "work",
    participant: "ml-trainer",
    description: "work",
    async answer({ askModel }, signal) {
      const asked = {
        agent: "ml-trainer",
        prompt: "Look at the runs.",
        extraTools: [STATUS],
        maxTokens,
        mayCall: () => Promise.resolve(true),
        fillIn: (_tool: string, input: object) => input,
      };
      outcome = await askModel?.({ ...asked, onRefusedTool: async () => {}, onDeclinedTool: async () => {} }, signal);
      return { markdown: "done" };
    },
  };
  registerParticipants(chatDependencies([command]));
  const { args } = chatTurn({ prompt: "", command: "work", model });
  await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
  return outcome ?? assert.fail();
}

const looking = (n: number): ScriptedAnswer => ({ calls: [[STATUS, { n }]] });

test("an agent with a budget concludes before that is spent, and says what it took", async () => {
  answerTools(4_000);
  const endless = Array.from({ length: 14 }, (_, n) => looking(n));
  const model = new ScriptedModel(...endless, { text: "Enough is known." });
  const free = await workWithin(1_000_000, model);
  const budget = Math.floor(free.tokens / 2);
  const bounded = new ScriptedModel(...endless);
  const { kind, tokens, endsInTools } = await workWithin(budget, bounded);
  assert.equal(kind, "answered");
  assert.deepEqual([free.endsInTools, endsInTools], [false, true], "the second one was still looking when it ended");
  assert.ok(bounded.sent.length > 3 && bounded.sent.length < 14, String(bounded.sent.length));
  assert.equal(bounded.sent.at(-1)?.options.tools, undefined);
  assert.match(saidIn(bounded.sent.at(-1)), /You have used all tool calls/);
  assert.ok(tokens > budget / 3 && tokens <= budget, `${tokens} of ${budget}`);
});

test("a request of an agent is not made where it would go over the budget, and an answer is cut off there", async () => {
  answerTools(40_000);
  const refused = new ScriptedModel(looking(1));
  const none = await workWithin(10, refused);
  assert.deepEqual([refused.sent.length, none.kind, none.tokens], [0, "failed", 0]);
  assert.match(none.reason ?? "", /^The next request would take about [\d,]+ tokens, and 10 are left of/);
  const one = new ScriptedModel(looking(1), { text: "Never asked." });
  const { tokens: once } = await workWithin(1_000_000, new ScriptedModel({ text: "Done." }));
  const large = await workWithin(3 * once, one);
  assert.match(large.reason ?? "", /^The next request would take about/);
  assert.ok(one.sent.length === 1 && large.tokens <= 3 * once, `${large.tokens} of ${3 * once}`);
  const long = await workWithin(4_000, new ScriptedModel({ text: "word ".repeat(20_000) }));
  assert.match(long.reason ?? "", /^The answer was cut off: it took all tokens that were left/);
});
