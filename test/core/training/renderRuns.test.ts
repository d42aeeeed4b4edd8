import assert from "node:assert/strict";
import { test } from "node:test";
import { renderReceipt, renderRunList, renderRunReport } from "../../../src/core/training/renderRuns.ts";
import { buildRun } from "../../support/runBuilder.ts";

const finished = buildRun("finished", {
  endedAt: "2026-11-21T03:02:00.000Z",
  exitCode: 0,
  progress: { epoch: 3, epochs: 3, metrics: { val_acc: 0.987 }, updatedAt: "2026-11-21T03:01:59.000Z" },
});

test("the list is a table, and says how many older runs it leaves out", () => {
  const lines = renderRunList(
    Array.from({ length: 17 }, () => finished),
    new Date("2026-11-23T03:00:00.000Z"),
  ).split("\n");
  assert.equal(lines[0], "| run | state | started | id |");
  assert.match(lines[2] ?? "", /^\| digits \| .* \| 2026-11-2[01] \d\d:[03]0 \| `20261121-030000-digits-0001` \|$/);
  assert.equal(lines.length, 2 + 15 + 2);
  assert.equal(lines.at(-1), "and 2 older ones.");
});

test("a title with a bar does not break the table", () => {
  const { record } = finished;
  const run = { ...finished, record: { ...record, plan: { ...record.plan, title: "a|b" } } };
  assert.match(renderRunList([run], new Date()), /^\| a\\\|b \|/m);
});

test("a report has the metrics and the last output, in a fence that the output cannot end", () => {
  const report = renderRunReport(finished, ["```", "done"]);
  assert.match(report, /^\*\*digits\*\* · /);
  assert.match(report, /val_acc \*\*0\.987\*\*/);
  assert.ok(report.endsWith("Last output:\n\n````text\n```\ndone\n````"));
  assert.doesNotMatch(renderRunReport(finished, []), /Last output/);
});

test("a receipt says what ran, from which commit and how it ended", () => {
  const receipt = renderReceipt(finished);
  assert.match(receipt, /\| command \| `\/w\/\.venv\/bin\/python train\.py` \|/);
  assert.match(receipt, /\| environment \| as it was \|/);
  assert.match(receipt, /\| commit \| not in a git repository \|/);
  assert.match(receipt, /\| ended \| 2026-11-2[01] \d\d:\d\d:00 \(UTC.*\), exit code 0 \|/);
  const { record } = finished;
  const git = { commit: "0123456789abcdef0123", isDirty: true };
  const dirty = { ...finished, record: { ...record, receipt: { ...record.receipt, git } } };
  assert.match(renderReceipt(dirty), /\| commit \| `0123456789ab` with uncommitted changes \|/);
  assert.match(renderReceipt(buildRun("running")), /\| ended \| not yet \|/);
});
