import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findSpokesman } from "../../../src/core/chat/specialists.ts";

type Manifest = {
  contributes: { chatParticipants: readonly { name: string; commands: readonly { name: string }[] }[] };
};

const manifest: Manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

test("each specialist has a slash command that answers for it without a model", () => {
  const spoken = {
    "eval-agent": "ml-trainer evaluate",
    "performance-agent": "ml-trainer optimize",
    "data-prep": "ml-trainer data",
    "test-agent": "metaflow-agent test",
    "docs-agent": "metaflow-agent document",
    "devops-agent": "mlops-engineer deploy",
  };
  for (const [agent, expected] of Object.entries(spoken)) {
    const { participant, command } = findSpokesman(agent) ?? {};
    assert.equal(`${participant} ${command}`, expected);
    const own = manifest.contributes.chatParticipants.find(({ name }) => name === participant);
    assert.ok(
      own?.commands.some(({ name }) => name === command),
      expected,
    );
  }
});

test("nobody speaks for an agent of the workspace, whatever it is called", () => {
  assert.deepEqual(["mine", "constructor", "__proto__"].map(findSpokesman), [undefined, undefined, undefined]);
});
