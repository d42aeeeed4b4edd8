import assert from "node:assert/strict";
import { test } from "node:test";
import { routeIntent } from "../../../src/core/chat/routeIntent.ts";
import { WISHES } from "../../../src/core/chat/wishes.ts";
import { commands } from "../../support/chatRoutes.ts";

/** The commands that a wish leads to, or the kind of another answer. */
function asked(text: string, participant: string): string {
  const intent = routeIntent(text, participant, { commands });
  return intent.kind === "wish" ? intent.wish.near.map(({ name }) => name).join() : intent.kind;
}

test("what no command does is told, and leads to none that does another thing", () => {
  const cases: Record<string, string> = {
    "delete all old checkpoints except the best 3": "checkpoints",
    "rm -rf checkpoints": "checkpoints",
    "please keep only the best 3 checkpoints": "checkpoints",
    "how do I delete old checkpoints?": "checkpoints",
    "delete the runs folder": "runs",
    "upload the checkpoint to S3": "checkpoints",
    "push the model to the hub": "checkpoints",
    "monitor the model for drift": "pipeline,monitor",
    "set up CI for this repo": "pipeline",
    "why did it delete my checkpoints?": "command",
    "delete the checkpoints of the last training": "checkpoints",
    "delete the old training folder": "runs",
    "rm -rf runs/train-3": "runs",
    "upload the training logs": "checkpoints",
    "write a training script for mnist": "",
    "I need a new training script": "",
    "create a train.py": "",
    "pause the training": "stop,resume",
    pause: "stop,resume",
    "pip install torch": "diagnose",
    "try again": "train,resume,diagnose",
    "run it once more": "train,resume,diagnose",
    "rerun the last run": "train,resume,diagnose",
    "repeat the training": "train,resume,diagnose",
    "the training is too slow": "command",
    "fix it": "command",
    error: "command",
    "it does not work": "command",
    "how do I write a training script?": "",
    "a new training script": "",
    "why does my new training script diverge": "command",
    "my new training script crashed": "command",
    "a new training script crashed": "command",
    "write tests for train.py": "command",
    "make a flow of train.py": "command",
    "freeze the backbone": "unknown",
  };
  for (const [text, expected] of Object.entries(cases)) {
    for (const participant of ["ml-trainer", "mlops-engineer", "metaflow-agent"]) {
      const actual = asked(text, participant).replace("other-agent", "command");
      assert.equal(actual, expected, `${participant}: ${text}`);
    }
  }
  const known = new Set(commands.map(({ name, participant }) => `${participant} ${name}`));
  const near = WISHES.flatMap((wish) => wish.near.map(({ name, participant }) => `${participant} ${name}`));
  assert.deepEqual(
    near.filter((each) => !known.has(each)),
    [],
  );
});
