import assert from "node:assert/strict";
import { test } from "node:test";
import { notedCheckpoints } from "../../../src/core/checkpoints/notedCheckpoints.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";

test("a README may name many checkpoints, a log or an index few", () => {
  const entries = Array.from({ length: 30 }, (_, epoch) => entryOf(`epoch_${epoch}.pt`, epoch, { epoch }));
  for (const [name, count, expected] of [
    ["README.md", 4, 4],
    ["README.md", 20, 20],
    ["README.md", 21, 0],
    ["saved.txt", 3, 3],
    ["saved.txt", 4, 0],
  ] as const) {
    const text = entries.slice(0, count).map(({ summary }) => `Keep ${summary.name}.`);
    assert.equal(notedCheckpoints({ name, text: text.join(" ") }, entries).length, expected, `${name} with ${count}`);
  }
});
