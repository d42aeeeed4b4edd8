import assert from "node:assert/strict";
import { test } from "node:test";
import { renderReceipt, renderRunList, renderRunReport } from "../../../src/core/training/renderRuns.ts";
import { buildRun } from "../../support/runBuilder.ts";

const finished = buildRun("finished", {
  endedAt: "2026-11-21T03:02:00.000Z",
  exitCode: 0,
  progress: { epoch: 3, epochs: 3, metrics: { val_acc: 0.987 }, updatedAt: "2026-11-21T03:01:59.000Z" },
});

test("the list has two lines a run, and says how many older runs it leaves out", () => {
  const lines = renderRunList(
    Array.from({ length: 17 }, () => finished),
    new Date("2026-11-23T03:00:00.000Z"),
  ).split("\n");
  assert.match(lines[0] ?? "", /^- \*\*digits\*\* · .* {2}$/);
  assert.match(lines[1] ?? "", /^ {2}started 2026-11-2[01] \d\d:[03]0 · `20261121-030000-digits-0001`$/);
  assert.equal(lines.length, 2 * 15 + 2);
  assert.equal(lines.at(-1), "and 2 older ones.");
});

test("a title is text and no Markdown", () => {
  const { record } = finished;
  const run = { ...finished, record: { ...record, plan: { ...record.plan, title: "[a](command:b)\n# c" } } };
  assert.match(renderRunList([run], new Date()), /^- \*\*\\\[a\\\]\(command:b\) # c\*\* · /);
});

test("a report has the metrics and the last output, in a fence that the output cannot end", () => {
  const report = renderRunReport(finished, ["```", "done"], new Date());
  assert.match(report, /^\*\*digits\*\* · started [\d: -]+\n\nRun digits finished/);
  assert.equal(report.match(/finished/g)?.length, 1, "how it ended is said once");
  assert.match(report, /val_acc \*\*0\.987\*\*/);
  assert.ok(report.endsWith("Last output:\n\n````text\n```\ndone\n````"));
  assert.doesNotMatch(renderRunReport(finished, [], new Date()), /Last output/);
});

test("a report says what is wrong while the run goes on", () => {
  const run = buildRun("running", { problem: "train.log cannot be written: no space is left on the disk (ENOSPC)." });
  assert.match(renderRunReport(run, [], new Date()), /^> ⚠️ train\.log cannot be written: no space is left/m);
});

test("a receipt says what ran, from which commit and how it ended", () => {
  const receipt = renderReceipt(finished);
  assert.match(receipt, /^- \*\*Command\*\* `\/w\/\.venv\/bin\/python train\.py`$/m);
  assert.match(receipt, /^- \*\*Device\*\* CPU · /m);
  assert.match(receipt, /^- \*\*Environment\*\* as it was$/m);
  assert.match(
    receipt,
    /^- \*\*Commit\*\* not known: no git repository with a commit, or git did not answer in time$/m,
  );
  assert.match(receipt, /^- \*\*Ended\*\* 2026-11-2[01] \d\d:\d\d:00 \(UTC.*\), exit code 0$/m);
  const { record } = finished;
  const git = { commit: "0123456789abcdef0123", isDirty: true };
  const dirty = { ...finished, record: { ...record, receipt: { ...record.receipt, git } } };
  assert.match(renderReceipt(dirty), /^- \*\*Commit\*\* `0123456789ab` with uncommitted changes$/m);
  const unknown = { ...git, isDirty: false, newCodeFile: "new-code.patch" };
  const fresh = { ...finished, record: { ...record, receipt: { ...record.receipt, git: unknown } } };
  assert.match(renderReceipt(fresh), /`0123456789ab` with code that git did not know, kept in `new-code\.patch` of/);
  assert.match(renderReceipt(buildRun("running")), /^- \*\*Ended\*\* not yet$/m);
  assert.match(renderReceipt(buildRun("lost")), /^- \*\*Ended\*\* not known$/m);
});

test("a receipt shows no secret of the command or its environment", () => {
  const { record } = finished;
  const plan = {
    ...record.plan,
    command: [...record.plan.command, "--api-key", "hunter22"],
    environment: { WANDB_API_KEY: "hunter22", RANK: "3" },
  };
  const receipt = renderReceipt({ ...finished, record: { ...record, plan } });
  assert.doesNotMatch(receipt, /hunter22/);
  assert.match(receipt, /train\.py --api-key '…'[\s\S]*`WANDB_API_KEY=…`, `RANK=3`/);
});
