import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { runCheckpointsVerb, runNewestVerb, type VerbIo } from "../../../src/node/checkpoints/cliCheckpoints.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

async function run(
  verb: (argv: string[], io: VerbIo) => Promise<number>,
  cwd: string,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const code = await verb(argv, {
    stdout: (text) => void (printed.out += text),
    stderr: (text) => void (printed.err += text),
    cwd,
  });
  return { code, ...printed };
}

test("prints a folder as a table and as JSON", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(4));
  const text = await run(runCheckpointsVerb, folder, ".");
  assert.equal(text.code, 0);
  assert.match(text.out, /\| a\.pt \| 4 \|.*whole, newest whole \|/);
  const json = await run(runCheckpointsVerb, folder, "--json", folder);
  const data: unknown = JSON.parse(json.out);
  assert.ok(typeof data === "object" && data !== null && "newestWhole" in data);
  assert.equal(data.newestWhole, join(folder, "a.pt"));
});

test("prints one checkpoint, also where it is a folder", async () => {
  const file = await run(runCheckpointsVerb, "test/fixtures/checkpoints", "epoch=4-step=500.ckpt", "--json");
  const data: unknown = JSON.parse(file.out);
  assert.ok(typeof data === "object" && data !== null && "step" in data);
  assert.equal(data.step, 500);
  const trainer = await run(runCheckpointsVerb, "test/fixtures/checkpoints", "checkpoint-40");
  assert.match(trainer.out, /^\*\*checkpoint-40\*\*\n\n- Completeness: whole/);
});

test("prints the path of the newest whole checkpoint alone", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(4));
  writeFileSync(join(folder, "b.pt"), buildCheckpoint(5).subarray(0, -3));
  assert.deepEqual(await run(runNewestVerb, folder, "."), { code: 0, out: `${join(folder, "a.pt")}\n`, err: "" });
});

test("exits with 1 and a sentence where nothing is whole, and with 2 and the usage where it is misused", async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "empty"));
  const empty = await run(runNewestVerb, folder, "empty");
  assert.deepEqual([empty.code, empty.err], [1, `None of the 0 checkpoints in ${join(folder, "empty")} is whole.\n`]);
  assert.equal((await run(runNewestVerb, folder, "none")).code, 1);
  assert.equal((await run(runNewestVerb, folder)).code, 2);
  assert.equal((await run(runCheckpointsVerb, folder, "--what")).code, 2);
  await assert.rejects(run(runCheckpointsVerb, folder, "none.pt"), UserError);
});
