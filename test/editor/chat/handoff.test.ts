import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { UserError } from "../../../src/core/base/errors.ts";
import { askAgent } from "../../../src/editor/chat/agentCommands.ts";
import { handOver } from "../../../src/editor/chat/handoff.ts";
import { chatDependencies, manualTimer } from "../../support/fakeChatDependencies.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";

const OPEN = "workbench.action.chat.open";
const NEW_LOCAL = "workbench.action.chat.newLocalChat";
const deploy = {
  from: "ml-trainer",
  to: "mlops-engineer",
  label: "Deploy Model",
  prompt: "Please deploy.",
  origin: "answer",
};
const check = {
  from: "mlops-engineer",
  to: "ml-trainer",
  label: "Check Training",
  prompt: "Please check.",
  send: true,
  origin: "answer",
};
const evaluate = { ...deploy, to: "eval-agent", label: "Evaluate Model", prompt: "Please evaluate." };

/** What was asked of VS Code, without the commands' prefix. */
function asked(): unknown[] {
  return fake.executed.map(({ command, args }) => [command.replace("workbench.action.chat.", ""), ...args]);
}

/** Lets the promises of effects that nobody waits for run. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Answers the next quick pick with the item that contains a text, and keeps the labels that were offered. */
function pick(text: string): string[] {
  const labels: string[] = [];
  fake.quickPick = (items) => {
    labels.push(...items.map((item) => item.label));
    return items.find((item) => item.label.includes(text));
  };
  return labels;
}

async function send() {
  const { timer, pass } = manualTimer();
  const deps = chatDependencies([], timer);
  await handOver(check, deps);
  fake.executed = [];
  return { pass, deliveries: deps.deliveries };
}
beforeEach(resetFake);

describe("a handoff to a participant", () => {
  test("fills the input box and waits", async () => {
    const deps = chatDependencies([]);
    await handOver(deploy, deps);
    assert.deepEqual(asked(), [
      ["open", { query: "@mlops-engineer Please deploy. #handoff:p001", isPartialQuery: true }],
    ]);
    const reading = await deps.packets()?.read("p001");
    assert.equal(reading?.kind === "read" && reading.packet.run?.id, "r1");
  });

  test("that says so is sent, unless the person wants none to be", async () => {
    await handOver(check, chatDependencies([]));
    assert.deepEqual(asked(), [["open", { query: "@ml-trainer Please check. #handoff:p001", isPartialQuery: false }]]);
    fake.executed = [];
    fake.configuration.set("trainyard.chat.sendHandoffs", false);
    await handOver(check, chatDependencies([]));
    assert.deepEqual(asked(), [["open", { query: "@ml-trainer Please check. #handoff:p001", isPartialQuery: true }]]);
  });

  test("from outside a chat answer goes into a fresh Local session", async () => {
    await handOver({ ...deploy, origin: undefined, runId: "r9" }, chatDependencies([]));
    assert.deepEqual(
      asked().map((call) => (Array.isArray(call) ? call[0] : undefined)),
      ["newLocalChat", "open"],
    );
  });

  test("goes without context where no folder is open, or where the packet cannot be written", async () => {
    const deps = chatDependencies([]);
    await handOver(deploy, { ...deps, packets: () => undefined });
    const broken = {
      write: () => Promise.reject(new UserError("The disk is full.")),
      read: () => Promise.reject(new Error("not read")),
    };
    await handOver(deploy, { ...deps, packets: () => broken });
    const query = { query: "@mlops-engineer Please deploy.", isPartialQuery: true };
    assert.deepEqual(asked(), [
      ["open", query],
      ["open", query],
    ]);
    assert.deepEqual(fake.messages, ["The disk is full. The prompt goes on without it."]);
  });

  test("takes the facts of the earlier handoff along", async () => {
    const deps = { ...chatDependencies([]), currentFacts: () => Promise.resolve({}) };
    await deps
      .packets()
      ?.write({ from: "a", to: "ml-trainer", prompt: "p" }, { flow: "flows/train.py", decisions: ["Use AdamW"] });
    await handOver({ ...deploy, earlierPacketId: "p001" }, deps);
    const reading = await deps.packets()?.read("p002");
    assert.deepEqual(reading?.kind === "read" && [reading.packet.flow, reading.packet.decisions], [
      "flows/train.py",
      ["Use AdamW"],
    ]);
  });

  test("puts the prompt on the clipboard where the chat cannot be opened", async () => {
    fake.builtInCommands = [];
    await assert.rejects(handOver(deploy, chatDependencies([])), /could not be opened.*clipboard/);
    assert.equal(fake.clipboard, "@mlops-engineer Please deploy. #handoff:p001");
  });
});

async function sendAfter(sentInARow: number, isAfterHandoff: boolean) {
  const deps = chatDependencies([]);
  await deps.packets()?.write({ from: "a", to: "mlops-engineer", prompt: "p", sentInARow }, {});
  await handOver({ ...check, earlierPacketId: "p001", isAfterHandoff }, deps);
  const reading = await deps.packets()?.read("p002");
  return {
    query: fake.executed.at(-1)?.args[0],
    sentInARow: reading?.kind === "read" ? reading.packet.sentInARow : undefined,
  };
}

describe("handoffs that send by themselves", () => {
  test("stop after three in a row and wait for a person", async () => {
    const third = await sendAfter(2, true);
    assert.partialDeepStrictEqual(third, { query: { isPartialQuery: false }, sentInARow: 3 });
    const fourth = await sendAfter(3, true);
    assert.partialDeepStrictEqual(fourth, { query: { isPartialQuery: true }, sentInARow: 0 });
    assert.match(fake.messages.at(-1) ?? "", /3 handoffs were sent in a row\. This one waits/);
  });

  test("begin anew once a person has written something", async () => {
    assert.partialDeepStrictEqual(await sendAfter(3, false), { query: { isPartialQuery: false }, sentInARow: 1 });
  });
});

describe("a handoff that was sent", () => {
  const sent = [OPEN.slice(22), { query: "@ml-trainer Please check. #handoff:p001", isPartialQuery: false }];

  test("and arrived is left alone, also when the person repeats it", async () => {
    const { pass, deliveries } = await send();
    assert.equal(deliveries.arrive("p001"), "answer");
    pass(60_000);
    await settle();
    assert.deepEqual([asked(), fake.messages], [[], []]);
    assert.equal(deliveries.arrive("p001"), "answer");
  });

  test("into silence is sent once more in a Local session", async () => {
    const { pass, deliveries } = await send();
    pass(6_000);
    await settle();
    assert.deepEqual(asked(), [[NEW_LOCAL.slice(22)], sent]);
    assert.equal(deliveries.arrive("p001"), "answer");
    assert.equal(deliveries.arrive("p001"), "skip", "the first prompt was only slow");
    assert.equal(deliveries.arrive("p001"), "answer", "the person repeats it");
  });

  test("twice into silence is told, with a way to a Local chat", async () => {
    const { pass } = await send();
    fake.messageAnswers.set("@ml-trainer did not answer", "Open Local Chat");
    pass(6_000);
    await settle();
    pass(6_000);
    await settle();
    assert.equal(fake.messages.length, 1);
    assert.deepEqual(asked().at(-1), [
      "open",
      { query: "@ml-trainer Please check. #handoff:p001", isPartialQuery: true },
    ]);
    pass(60_000);
    await settle();
    assert.equal(fake.messages.length, 1);
  });

  test("into silence is told at once where VS Code has no Local sessions", async () => {
    fake.builtInCommands = [OPEN];
    const { pass } = await send();
    pass(6_000);
    await settle();
    assert.deepEqual(asked(), []);
    assert.match(fake.messages[0] ?? "", /@ml-trainer did not answer/);
  });
});

/** What a window with one more agent needs. */
function withCustomAgent(name: string) {
  const text = `---\nname: ${name}\ndescription: Evaluates.\n---\nEvaluate.`;
  const catalog = collectAgents([{ path: `/w/${name}.agent.md`, origin: "workspace", text }], {
    isWorkspaceTrusted: true,
  });
  return { ...chatDependencies([]), loadCatalog: () => Promise.resolve(catalog) };
}

const languageModel = { name: "Large", family: "large", id: "large-1", vendor: "acme" };
const builtInModel = { name: "Built-in (no AI)", family: "rules", id: "built-in", vendor: "trainyard" };

describe("a handoff to a specialist", () => {
  const answered = { query: "@ml-trainer /evaluate #handoff:p001", isPartialQuery: true };

  test("opens the command that speaks for it where only the built-in model, or none, can answer", async () => {
    for (const models of [[builtInModel], []]) {
      fake.executed = [];
      fake.models = models;
      const deps = withCustomAgent("eval-agent");
      await handOver(evaluate, deps);
      assert.deepEqual(asked(), [["open", answered]]);
      const reading = await deps.packets()?.read("p001");
      assert.equal(reading?.kind === "read" && reading.packet.to, "eval-agent");
    }
  });

  test("opens the command below an answer that was given with the built-in model, whatever else is installed", async () => {
    fake.models = [builtInModel, languageModel];
    await handOver({ ...evaluate, isModelPicked: false }, withCustomAgent("eval-agent"));
    assert.deepEqual(asked(), [["open", answered]]);
  });

  test("that has no command passes its prompt to the participant nearest to it", async () => {
    await handOver({ ...evaluate, to: "ml-engineer" }, withCustomAgent("ml-engineer"));
    assert.deepEqual(asked(), [["open", { ...answered, query: "@ml-trainer Please evaluate. #handoff:p001" }]]);
  });

  test("of the workspace's own opens it as it is, since nobody else knows what it does", async () => {
    await handOver({ ...evaluate, to: "house-agent" }, withCustomAgent("house-agent"));
    assert.partialDeepStrictEqual(fake.executed[0]?.args, [{ query: "Please evaluate.", mode: "house-agent" }]);
  });
});

describe("a handoff to an agent that is no participant", () => {
  test("switches to the custom agent of that name where a model can answer, with the packet attached", async () => {
    fake.models = [builtInModel, languageModel];
    await handOver(evaluate, withCustomAgent("eval-agent"));
    const [call] = fake.executed;
    assert.equal(call?.command, OPEN);
    assert.partialDeepStrictEqual(call?.args, [
      { query: "Please evaluate.", isPartialQuery: true, mode: "eval-agent" },
    ]);
    assert.match(JSON.stringify(call?.args), /handoffs\/p001\.json/);
  });

  test("that does not exist offers who can take over, the nearest first", async () => {
    const labels = pick("@ml-trainer");
    await handOver(evaluate, chatDependencies([]));
    assert.deepEqual(
      labels.map((label) => label.replace(/^\$\([a-z-]+\) /, "")),
      [
        "Let @ml-trainer do it itself",
        "Hand over to @metaflow-agent",
        "Hand over to @mlops-engineer",
        "Create eval-agent from a template",
      ],
    );
    assert.deepEqual(asked(), [
      ["open", { query: "@ml-trainer Please evaluate. #handoff:p001", isPartialQuery: true }],
    ]);
  });

  test("does nothing when the choice is dismissed", async () => {
    await handOver(evaluate, chatDependencies([]));
    assert.deepEqual(asked(), []);
  });

  test("can be created from the template, which never replaces a file", async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
    context.after(() => rm(folder, { recursive: true }));
    fake.workspaceFolder = folder;
    pick("Create eval-agent");
    await handOver(evaluate, chatDependencies([]));
    const path = join(folder, ".github/agents/eval-agent.agent.md");
    assert.match(await readFile(path, "utf8"), /^---\nname: "eval-agent"\n/);
    assert.match(fake.messages.at(-1) ?? "", /^eval-agent is ready\./);
    await writeFile(path, "mine");
    await handOver(evaluate, chatDependencies([]));
    assert.match(
      fake.messages.at(-1) ?? "",
      /eval-agent\.agent\.md is there already and was not changed\. Write `name: eval-agent`/,
    );
    assert.equal(await readFile(path, "utf8"), "mine");
    assert.deepEqual(fake.shownDocuments, [path, path]);
  });

  test("cannot be created without a folder, and says so", async () => {
    pick("Create eval-agent");
    await assert.rejects(handOver(evaluate, chatDependencies([])), /No folder is open/);
  });
});

test("without an argument the handoff is chosen from a list", async () => {
  const labels = pick("Deploy Model");
  await handOver(undefined, chatDependencies([]));
  assert.deepEqual(labels, ["Train Model", "Deploy Model", "Evaluate Model", "Check Training"]);
  assert.deepEqual(asked().at(-1), [
    "open",
    { query: "@mlops-engineer Please deploy. #handoff:p001", isPartialQuery: true },
  ]);
});

test("a damaged argument is refused with a sentence", async () => {
  await assert.rejects(handOver({ to: 5 }, chatDependencies([])), UserError);
});

test("a link of a reply asks one of our agents, and nobody else", async () => {
  await askAgent({ agent: "ml-trainer", command: "runs", prompt: "r1" });
  await askAgent({ agent: "ml-trainer", command: "train", send: false });
  assert.deepEqual(asked(), [
    ["open", { query: "@ml-trainer /runs r1", isPartialQuery: false }],
    ["open", { query: "@ml-trainer /train", isPartialQuery: true }],
  ]);
  await assert.rejects(askAgent({ agent: "workspace" }), UserError);
  await assert.rejects(askAgent({ agent: "ml-trainer", command: "x y" }), UserError);
});
