import assert from "node:assert/strict";
import { test } from "node:test";
import { findPreferredModel, selectTools } from "../../../src/core/chat/agentTools.ts";

const ours = [
  { name: "trainyard_run_status", referenceName: "trainyardRunStatus" },
  { name: "trainyard_stop_run", referenceName: "trainyardStopRun" },
];
const registered = ["trainyard_run_status", "trainyard_stop_run", "other_tool"];

test("an agent file's tools are found by reference, by name, or not at all", () => {
  const check = (references: string[] | undefined, expected: string[]) =>
    assert.deepEqual(selectTools(references, ours, registered), expected);
  check(["trainyard.trainyard/trainyardRunStatus"], ["trainyard_run_status"]);
  check(["trainyardRunStatus", "trainyard_run_status"], ["trainyard_run_status"]);
  check(["read", "edit", "other_tool", "gone_tool"], ["other_tool"]);
  check(["read", "trainyard.trainyard/*"], ["trainyard_run_status", "trainyard_stop_run"]);
  check(undefined, ["trainyard_run_status", "trainyard_stop_run"]);
  check([], []);
  assert.deepEqual(selectTools(undefined, ours, []), []);
});

test("a preferred model is found however it is written", () => {
  const models = [
    { name: "GPT-5", family: "gpt-5", id: "a" },
    { name: "Claude Opus 4.5", family: "claude-opus-4.5", id: "b" },
    { name: "Claude Sonnet 4.5", family: "claude-sonnet-4.5", id: "c" },
  ];
  const check = (preferences: string[], expected: string | undefined) =>
    assert.equal(findPreferredModel(preferences, models)?.model.id, expected, preferences.join());
  check(["claude-4-5-opus"], "b");
  check(["Claude Opus 4.5 (copilot)"], "b");
  check(["sonnet"], "c");
  check(["opus 9", "gpt-5"], "a");
  check(["inherit"], undefined);
  check([], undefined);
});
