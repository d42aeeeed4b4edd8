import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import type { SlashCommand } from "../../../src/core/chat/slashCommand.ts";
import { registerParticipants } from "../../../src/editor/chat/participants.ts";
import { chatTurn } from "../../support/fakeChat.ts";
import { agentText, chatDependencies, echoCommand } from "../../support/fakeChatDependencies.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** What `@ml-trainer /train` draws. */
async function drawn(deps: ReturnType<typeof chatDependencies>) {
  registerParticipants(deps);
  const { stream, args } = chatTurn({ prompt: "", command: "train" });
  await fake.participants.get("trainyard.ml-trainer")?.handler(...args);
  return stream;
}

beforeEach(resetFake);

test("an answer shows the handoffs that it calls for, one beside buttons of its own, and the rest in a list", async () => {
  const handoffs = ["docs-agent", "data-prep", "eval-agent", "mlops-engineer"].map(
    (agent) => `  - {label: ${agent}, agent: ${agent}, prompt: Please.}`,
  );
  const catalog = collectAgents(
    ["ml-trainer", "docs-agent", "data-prep", "eval-agent", "mlops-engineer"].map((name) => ({
      path: `agents/${name}.agent.md`,
      origin: "shipped",
      text: agentText(name, name === "ml-trainer" ? handoffs : []),
    })),
    { isWorkspaceTrusted: true },
  );
  const judging: SlashCommand = { ...echoCommand("train"), followedBy: ["eval-agent", "mlops-engineer"] };
  const titles = async (command: SlashCommand) => {
    const deps = { ...chatDependencies([command]), loadCatalog: () => Promise.resolve(catalog) };
    return (await drawn(deps)).buttons.map(({ title }) => title);
  };
  assert.deepEqual(await titles(judging), ["eval-agent", "mlops-engineer", "Hand Over…"]);
  const buttons = ["Show", "Compare"].map((title) => ({ title, command: "trainyard.showCurves" }));
  const answer = () => Promise.resolve({ markdown: "Done.", buttons });
  assert.deepEqual(await titles({ ...judging, answer }), ["Show", "Compare", "eval-agent", "Hand Over…"]);
});

test("an answer links the places in files of the workspace, and hands on the text without links", async (context) => {
  const folder = temporaryFolder(context);
  fake.workspaceFolder = folder;
  await writeFile(join(folder, "train.py"), "");
  const markdown = `\`train.py:181\`, \`gone.py:3\`, \`/etc/passwd:1\`, ${folder}/train.py:2`;
  const placed = { ...echoCommand("train"), answer: () => Promise.resolve({ markdown }) };
  const stream = await drawn(chatDependencies([placed]));
  const file = `file://${folder}/train.py`;
  assert.equal(
    stream.text,
    `[train.py:181](${file}#L181), \`gone.py:3\`, \`/etc/passwd:1\`, [${folder}/train.py:2](${file}#L2)`,
  );
  const [argument] = stream.buttons[0]?.arguments ?? [];
  assert.ok(typeof argument === "object" && argument !== null && "summary" in argument);
  assert.equal(argument.summary, markdown);
});
