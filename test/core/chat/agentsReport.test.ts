import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentFile, collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { reportAgents } from "../../../src/core/chat/agentsReport.ts";
import { PARTICIPANT_NAMES } from "../../../src/core/chat/participantNames.ts";

function file(path: string, origin: AgentFile["origin"], ...lines: string[]): AgentFile {
  return { path, origin, text: ["---", ...lines, "---", "Body."].join("\n") };
}

const asWritten = (path: string) => path;

test("the report says what is wrong where, then each agent on a line with whom it hands over to", () => {
  const files = [
    file(
      "agents/ml-trainer.agent.md",
      "shipped",
      "name: ml-trainer",
      "description: Trains.",
      "handoffs:",
      "  - {label: Evaluate, agent: eval-agent, prompt: P}",
      "  - {label: Own, agent: my-agent, prompt: P, send: true}",
      "  - {label: Once more, agent: my-agent, prompt: Q}",
    ),
    file("/w/my-agent.md", "workspace", "name: my-agent", "description: Mine."),
    file("/w/broken.md", "workspace", "name: [x"),
  ];
  const { markdown, references } = reportAgents(
    collectAgents(files, { isWorkspaceTrusted: true }),
    PARTICIPANT_NAMES,
    asWritten,
  );
  assert.equal(
    markdown,
    [
      "**One problem in agent files**",
      "",
      "- `/w/broken.md:2:7` The front matter is not valid YAML: a value is opened here and never closed. Write `]` where it ends. The file is not used until then.",
      "",
      "- **@ml-trainer**: Trains. → eval-agent (not there yet), my-agent (sends by itself)",
      "- **my-agent** (this workspace): Mine.",
      "",
      "**Trainyard: Show Agents** draws who hands over to whom.",
    ].join("\n"),
  );
  assert.deepEqual(references, [
    { path: "agents/ml-trainer.agent.md" },
    { path: "/w/my-agent.md" },
    { path: "/w/broken.md", line: 1 },
  ]);
});

test("the report claims nothing about files that wait for trust, and names them", () => {
  const { markdown } = reportAgents(
    collectAgents([file("/w/x.md", "workspace", "name: x")], { isWorkspaceTrusted: false }),
    [],
    asWritten,
  );
  assert.doesNotMatch(markdown, /can be read/);
  assert.match(markdown, /^1 agent file of this workspace will be read once you trust it: `\/w\/x\.md`\./);
});
