import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import type { AgentDefinition } from "../../../src/core/agents/agentDefinition.ts";
import type { SlashCommand } from "../../../src/core/chat/slashCommand.ts";
import { registerParticipants } from "../../../src/editor/chat/participants.ts";
import { chatTurn, type FakeTurn, ScriptedModel, saidIn } from "../../support/fakeChat.ts";
import { chatDependencies, echoCommand } from "../../support/fakeChatDependencies.ts";
import {
  CancellationError,
  ChatRequestTurn,
  ChatResponseMarkdownPart,
  ChatResponseTurn,
  fake,
  LanguageModelDataPart,
  LanguageModelError,
  LanguageModelTextPart,
  LanguageModelToolResult,
  resetFake,
  Uri,
} from "../../support/fakeVscode.ts";

const STATUS = "trainyard_run_status";

function turnOf(turn: FakeTurn) {
  registerParticipants(chatDependencies([echoCommand("train")]));
  const { stream, source, args } = chatTurn(turn);
  const handler = fake.participants.get("trainyard.ml-trainer")?.handler;
  return { stream, source, result: Promise.resolve(handler?.(...args)) };
}

async function ask(model: ScriptedModel, turn: Omit<FakeTurn, "model" | "prompt"> = {}) {
  const { stream, result } = turnOf({ prompt: "How is it?", model, ...turn });
  return { stream, result: await result };
}

function answerTools(answer: (input: object, token: unknown) => unknown): object[] {
  const inputs: object[] = [];
  fake.invokeTool = async (_name, { input }, token) => {
    inputs.push(input);
    const value = await answer(input, token);
    return value instanceof LanguageModelToolResult
      ? value
      : new LanguageModelToolResult([new LanguageModelTextPart(String(value))]);
  };
  return inputs;
}

async function checkFailure(error: Error, expected: RegExp): Promise<void> {
  const { stream, result } = await ask(new ScriptedModel({ text: "So far", error }));
  assert.match(stream.text, /^So far\n\n/);
  assert.match(stream.text, expected);
  assert.deepEqual(stream.buttons, []);
  assert.equal("errorDetails" in Object(result), false);
}

async function answerText(): Promise<string> {
  const { stream, args } = chatTurn({ prompt: "Hi there, model" });
  await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
  return stream.text;
}

beforeEach(() => {
  resetFake();
  // The tests below look at the whole text of the model; what is said about it has its own.
  fake.configuration.set("trainyard.chat.showModel", false);
  fake.tools = [
    { name: STATUS, description: "Tells the state of a run.", tags: [] },
    { name: "run_in_terminal", description: "Not ours.", tags: [] },
  ];
});

describe("a request to a model", () => {
  test("carries the agent, the rules, the facts and the prompt, and offers only the agent's tools", async () => {
    const model = new ScriptedModel({ text: "Fine." });
    const { stream } = await ask(model);
    const said = saidIn(model.sent[0]);
    for (const part of [
      "You are ml-trainer.",
      "VS Code asks the person before",
      "The framework is PyTorch",
      "How is it?",
    ]) {
      assert.ok(said.includes(part), part);
    }
    assert.deepEqual(
      model.sent[0]?.options.tools?.map((tool) => tool.name),
      [STATUS],
    );
    assert.equal(stream.text, "Fine.");
    assert.deepEqual(
      stream.buttons.map((button) => button.title),
      ["Deploy Model", "Evaluate Model"],
    );
  });

  test("gives the model each tool's answer and streams what it says in between", async () => {
    const inputs = answerTools(() => "epoch 3 of 10");
    const model = new ScriptedModel(
      { text: "Let me look.", calls: [[STATUS, { run: "r1" }]] },
      { text: "It is at epoch 3." },
    );
    const { stream, result } = await ask(model);
    assert.deepEqual(inputs, [{ run: "r1" }]);
    assert.match(saidIn(model.sent[1]), /epoch 3 of 10/);
    assert.equal(stream.text, "Let me look.\n\nIt is at epoch 3.");
    assert.deepEqual(result, {
      metadata: { trainyard: 1, tools: [{ name: STATUS, input: '{"run":"r1"}', result: "epoch 3 of 10" }] },
    });
  });

  test("ends after fifteen tool rounds with an answer without tools", async () => {
    const inputs = answerTools(() => "still running");
    const calling = Array.from({ length: 15 }, (_, index) => ({
      calls: [[STATUS, { n: index }]] as [string, object][],
    }));
    const model = new ScriptedModel(...calling, { text: "It still runs.", calls: [[STATUS, { n: 99 }]] });
    const { stream } = await ask(model);
    assert.equal(inputs.length, 15);
    assert.equal(model.sent.length, 16);
    assert.equal(model.sent[15]?.options.tools, undefined);
    assert.match(saidIn(model.sent[15]), /You have used all tool calls/);
    assert.doesNotMatch(saidIn(model.sent[15]), /"callId"/);
    assert.equal(stream.text.trim(), "It still runs.");
  });

  test("takes equal call ids of different rounds for different calls", async () => {
    const inputs = answerTools((input) => JSON.stringify(input));
    const model = new ScriptedModel(
      { calls: [[STATUS, { n: 1 }]] },
      { calls: [[STATUS, { n: 2 }]] },
      { text: "Done." },
    );
    await ask(model);
    assert.deepEqual(inputs, [{ n: 1 }, { n: 2 }]);
  });
});

describe("a tool", () => {
  test("runs after the one before it has ended", async () => {
    const order: string[] = [];
    answerTools(async (input) => {
      order.push(`begin ${JSON.stringify(input)}`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`end ${JSON.stringify(input)}`);
      return "ok";
    });
    await ask(
      new ScriptedModel(
        {
          calls: [
            [STATUS, { n: 1 }],
            [STATUS, { n: 2 }],
          ],
        },
        { text: "Done." },
      ),
    );
    assert.deepEqual(order, ['begin {"n":1}', 'end {"n":1}', 'begin {"n":2}', 'end {"n":2}']);
  });

  const outcomes: [string, () => unknown, RegExp][] = [
    ["that fails", () => Promise.reject(new Error("disk full")), /The tool failed: disk full/],
    ["that is declined", () => Promise.reject(new CancellationError()), /The person declined this call/],
    ["that answers with nothing", () => "", /answered with nothing/],
    ["that answers with too much", () => "x".repeat(50_000), /cut here: \d{2},\d{3} more characters/],
    [
      "that answers with data",
      () =>
        new LanguageModelToolResult([
          new LanguageModelDataPart(new TextEncoder().encode('{"loss":1}'), "application/json"),
        ]),
      /\{\\+"loss\\+":1\}/,
    ],
    [
      "that answers with an image",
      () => new LanguageModelToolResult([new LanguageModelDataPart(new Uint8Array(7), "image/png")]),
      /\[image\/png, 7 bytes, not shown\]/,
    ],
  ];
  for (const [name, answer, expected] of outcomes) {
    test(`${name} is a text for the model, and the request goes on`, async () => {
      answerTools(answer);
      const model = new ScriptedModel({ calls: [[STATUS, {}]] }, { text: "Understood." });
      const { stream } = await ask(model);
      assert.match(saidIn(model.sent[1]), expected);
      assert.equal(stream.text.trim(), "Understood.");
    });
  }

  test("that the agent does not have is not run, though another extension offers it", async () => {
    const inputs = answerTools(() => "ran");
    const model = new ScriptedModel({ calls: [["run_in_terminal", { command: "rm -rf /" }]] }, { text: "Then not." });
    const { stream } = await ask(model);
    assert.deepEqual(inputs, []);
    assert.match(saidIn(model.sent[1]), /There is no tool `run_in_terminal` here.*The tools are: trainyard_run_status/);
    assert.equal(stream.text.trim(), "Then not.");
  });

  test("that is running sees Stop, and the request ends without a word", async () => {
    let started: (() => void) | undefined;
    const hasStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    let seen: unknown;
    answerTools((_input, token) => {
      seen = token;
      started?.();
      return new Promise(() => undefined);
    });
    const model = new ScriptedModel(
      {
        calls: [
          [STATUS, {}],
          [STATUS, {}],
        ],
      },
      { text: "Never." },
    );
    const { stream, source, result } = turnOf({ prompt: "How is it?", model });
    await hasStarted;
    source.cancel();
    assert.deepEqual(await result, {});
    assert.equal(seen, source.token);
    assert.equal(model.sent.length, 1);
    assert.equal(stream.text, "");
    assert.deepEqual(stream.buttons, []);
  });
});

describe("a model that fails", () => {
  test("is a sentence with a next step, below what it had said", async () => {
    await checkFailure(
      new LanguageModelError("no", "NoPermissions"),
      /does not let Trainyard use Scripted.*Pick another model/,
    );
    await checkFailure(new LanguageModelError("gone", "NotFound"), /Scripted is no longer available/);
    await checkFailure(
      new LanguageModelError("blocked", "Blocked"),
      /VS Code blocks Trainyard from Scripted.*Wait a while/,
    );
    await checkFailure(new LanguageModelError("Response was filtered", "Blocked"), /Scripted refused to answer/);
    await checkFailure(new LanguageModelError("You exceeded your quota", "Blocked"), /quota or rate limit/);
    await checkFailure(new Error("429 Too Many Requests"), /quota or rate limit/);
    await checkFailure(new Error("fetch failed"), /could not be reached/);
    await checkFailure(new Error("prompt is too long: context length"), /too long for Scripted/);
    await checkFailure(new Error("413 request_too_large"), /too long for Scripted/);
    await checkFailure(
      new Error("Invalid tool schema: property 'x' too long"),
      /could not answer: Invalid tool schema/,
    );
    await checkFailure(new Error("Something odd"), /Scripted could not answer: Something odd\. Send the request again/);
  });

  test("by ending without a word is told", async () => {
    const { stream } = await ask(new ScriptedModel({}));
    assert.match(stream.text, /Scripted ended without an answer/);
  });
});

describe("the history", () => {
  test("keeps the final text of an answer that used tools, and what the tools said", async () => {
    const metadata = { trainyard: 1, tools: [{ name: STATUS, input: "{}", result: "epoch 3" }] };
    const history = [
      new ChatRequestTurn("How is it? #handoff:abc123", "trainyard.ml-trainer", {
        references: [{ id: "f", value: Uri.file("/nowhere") }],
      }),
      new ChatResponseTurn([new ChatResponseMarkdownPart("It is at epoch 3.")], { metadata }, "trainyard.ml-trainer"),
    ];
    const model = new ScriptedModel({ text: "As I said." });
    await ask(model, { history });
    const said = saidIn(model.sent[0]);
    assert.match(said, /\[trainyard_run_status \{\} answered: epoch 3\]\\n\\nIt is at epoch 3\./);
    assert.doesNotMatch(said, /#handoff|nowhere/);
  });

  test("is bounded", async () => {
    const long = new ChatResponseTurn([new ChatResponseMarkdownPart("y".repeat(100_000))], {}, "trainyard.ml-trainer");
    const model = new ScriptedModel({ text: "Yes." });
    await ask(model, { history: Array.from({ length: 50 }, () => long) });
    assert.ok(saidIn(model.sent[0]).length < 250_000);
  });
});

test("an attached file is passed on bounded, with a note for the model and the person", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "big.log"), "line\n".repeat(100_000));
  const model = new ScriptedModel({ text: "Read." });
  const { stream } = await ask(model, {
    references: [
      { id: "a", value: Uri.file(join(folder, "big.log")) },
      { id: "b", value: Uri.file(join(folder, "gone.py")) },
      { id: "c", value: "a selection" },
    ],
  });
  const said = saidIn(model.sent[0]);
  assert.match(said, /\[cut here: \d{3},\d{3} more characters\]/);
  assert.match(said, /could not be read: ENOENT/);
  assert.match(said, /a selection/);
  assert.match(
    stream.text,
    /^_Too long for Scripted, so only a part was passed on: .*big\.log \([\d,]+ of 500,000 characters\)\._/,
  );
});

/** Registers the participants with agents that say more than those of the small catalog. */
async function registerAgents(change: Partial<AgentDefinition>, commands: readonly SlashCommand[] = []): Promise<void> {
  const catalog = await chatDependencies([]).loadCatalog();
  const agents = catalog.agents.map((agent) => ({ ...agent, definition: { ...agent.definition, ...change } }));
  registerParticipants({ ...chatDependencies(commands), loadCatalog: () => Promise.resolve({ ...catalog, agents }) });
}

test("the person is told which model answered, and which one the agent prefers, unless they do not want to", async () => {
  fake.configuration.set("trainyard.chat.showModel", true);
  registerParticipants(chatDependencies([]));
  assert.equal(await answerText(), "Done.\n\n_Answered by Scripted._");
  await registerAgents({ models: ["claude-4-5-opus"] });
  assert.match(await answerText(), /Answered by Scripted\. This agent prefers claude-4-5-opus, which is not available/);
  fake.models = [{ name: "Claude Opus 4.5", family: "claude-opus-4.5", id: "x" }];
  assert.match(await answerText(), /Answered by Scripted\. This agent prefers Claude Opus 4\.5/);
  fake.configuration.set("trainyard.chat.showModel", false);
  assert.equal(await answerText(), "Done.");
});

function namedModel(name: string, id: string): ScriptedModel {
  return Object.assign(new ScriptedModel({ text: `${name} speaks.` }), { name, id, family: id });
}

async function answerOf(model: ScriptedModel, models: readonly ScriptedModel[]): Promise<string> {
  fake.models = [...models];
  const { stream, args } = chatTurn({ prompt: "Hi there, model", model });
  await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
  return stream.text;
}

test("where the picker says Auto the model answers that the agent prefers, and a model that is picked otherwise", async () => {
  fake.configuration.set("trainyard.chat.showModel", true);
  await registerAgents({ models: ["gpt-9", "claude-4-5-opus"] });
  const auto = namedModel("Auto", "auto");
  const picked = namedModel("Scripted", "scripted");
  const opus = namedModel("Claude Opus 4.5", "claude-opus-4.5");
  assert.equal(await answerOf(auto, [auto, opus]), "Claude Opus 4.5 speaks.\n\n_Answered by Claude Opus 4.5._");
  assert.match(
    await answerOf(picked, [auto, opus, picked]),
    /^Scripted speaks\..*prefers Claude Opus 4\.5, which you can/s,
  );
  assert.match(await answerOf(auto, [auto, picked]), /^Auto speaks\..*prefers gpt-9, which is not available here/s);
});

test("placeholders in the instructions are facts when the model reads them, also when a command asks it", async () => {
  const asking: SlashCommand = {
    ...echoCommand("ask"),
    async answer({ askModel }, signal) {
      const asked = {
        prompt: "Hi",
        extraTools: [],
        maxTokens: 10_000,
        mayCall: () => Promise.resolve(true),
        fillIn: (_tool: string, input: object) => input,
        onRefusedTool: async () => {},
        onDeclinedTool: async () => {},
      };
      const answer = await askModel?.({ agent: "metaflow-agent", ...asked }, signal);
      return { markdown: answer?.kind === "answered" ? answer.text : "" };
    },
  };
  await registerAgents({ body: "Train with `{train_command}`.", models: ["claude-4-5-opus"] }, [asking]);
  const opus = namedModel("Claude Opus 4.5", "claude-opus-4.5");
  fake.models = [opus];
  for (const command of [undefined, "ask"]) {
    const { stream, args } = chatTurn({ prompt: "Hi", model: namedModel("Auto", "auto"), ...(command && { command }) });
    await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
    assert.match(stream.text, /Claude Opus 4\.5 speaks/);
  }
  assert.equal(opus.sent.length, 2);
  for (const request of opus.sent) {
    assert.match(saidIn(request), /Train with `python train\.py`\./);
  }
});
