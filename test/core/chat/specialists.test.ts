import assert from "node:assert/strict";
import { test } from "node:test";
import { findSpokesman } from "../../../src/core/chat/specialists.ts";

test("each specialist is spoken for by a slash command that answers for it without a model", () => {
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
  }
});

test("nobody speaks for an agent of the workspace, whatever it is called", () => {
  assert.deepEqual(["mine", "constructor", "__proto__"].map(findSpokesman), [undefined, undefined, undefined]);
});
