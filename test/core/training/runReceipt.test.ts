import assert from "node:assert/strict";
import { test } from "node:test";
import { compareReceipts, renderReceiptDifferences, seedOf } from "../../../src/core/training/runReceipt.ts";
import type { RunRecord } from "../../../src/core/training/runRecord.ts";
import { buildRun } from "../../support/runBuilder.ts";

const { record } = buildRun("finished");

function change(plan: Partial<RunRecord["plan"]>, receipt: Partial<RunRecord["receipt"]> = {}): RunRecord {
  return { ...record, plan: { ...record.plan, ...plan }, receipt: { ...record.receipt, ...receipt } };
}

function argument(flag: string, value: string) {
  return { flag, value, source: "given" as const };
}

function check(left: RunRecord, right: RunRecord, expected: readonly string[]): void {
  const lines = compareReceipts(left, right).map((row) => `${row.what}: ${row.left} → ${row.right}`);
  assert.deepEqual(lines, expected);
}

test("two runs differ in what could explain their results, and in nothing else", () => {
  check(record, { ...record, id: "another", createdAt: "2026-11-22T03:00:00.000Z" }, []);
  check(
    change({ arguments: [argument("--lr", "0.1"), argument("--seed", "1")] }),
    change({ arguments: [argument("--lr", "0.1"), argument("--seed", "2"), argument("--amp", "on")] }),
    ["argument --seed: 1 → 2", "argument --amp: undefined → on"],
  );
  const file = { path: "config.yaml", sizeBytes: 10, modifiedAt: "2026-11-21T03:00:00.000Z", hash: "aa" };
  check(
    change({}, { git: { commit: "a".repeat(40), isDirty: false }, files: [file], packages: { torch: "2.12.0" } }),
    change(
      {},
      {
        git: { commit: "a".repeat(40), isDirty: true, diffHash: "ff" },
        files: [{ ...file, hash: "bb", modifiedAt: "2026-11-22T03:00:00.000Z" }],
        packages: { torch: "2.13.0" },
      },
    ),
    [
      "uncommitted changes: none → ff",
      "file config.yaml: aa, 10 bytes → bb, 10 bytes",
      "package torch: 2.12.0 → 2.13.0",
    ],
  );
});

function withKey(key: string): RunRecord {
  return change({ arguments: [argument("--api-key", key)], environment: { TOKEN: key } });
}

test("two secrets differ, and neither is told", () => {
  check(withKey("hunter22"), withKey("hunter23"), ["argument --api-key: … → …", "variable TOKEN: … → …"]);
});

test("the differences are a table, and none of them a sentence", () => {
  assert.match(renderReceiptDifferences([], ["a", "b"]), /^Nothing that is recorded differs/);
  assert.equal(
    renderReceiptDifferences([{ what: "argument --lr", left: "0.1", right: undefined }], ["run-a", "run-b"]),
    "| | `run-a` | `run-b` |\n|---|---|---|\n| `argument --lr` | `0.1` | – |",
  );
});

test("the seed is the argument that is called so", () => {
  assert.equal(seedOf(change({ arguments: [argument("--random-seed", "7")] }).plan), "7");
  assert.equal(seedOf(change({ arguments: [argument("--seed-data", "7")] }).plan), undefined);
});
