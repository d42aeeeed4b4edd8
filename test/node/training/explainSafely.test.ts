import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import {
  buildPlan,
  makeWorkspace,
  readLog,
  spawnNode,
  supervisorPath,
  testReceipt,
} from "../../support/runFixtures.ts";

/** Modules for `--import` that let the look for a checkpoint of the run go wrong as a mistake of ours or a dead disk would. */
const BROKEN_LOOKS = {
  "throws (the look broke)": "() => { throw new Error('the look broke') }",
  "does not answer": "() => new Promise(() => {})",
};

for (const [name, opendir] of Object.entries(BROKEN_LOOKS)) {
  test(`the end of a run is written where the look for its cause ${name}`, async (context) => {
    const root = await makeWorkspace(context);
    const checkpointFolder = { path: join(root, "checkpoints"), reason: "given by the test" };
    const plan = buildPlan(root, ["python3", "-c", "raise SystemExit(3)"], { checkpointFolder });
    const folder = await createRun(root, plan, testReceipt);
    const patch = `import fs from "node:fs/promises"; import { syncBuiltinESMExports } from "node:module"; fs.opendir = ${opendir}; syncBuiltinESMExports();`;
    const broken = `data:text/javascript,${encodeURIComponent(patch)}`;
    assert.equal(await spawnNode(["--import", broken, supervisorPath, "own", folder]).ended, 0);
    const { state, status } = await readRun(folder);
    assert.deepEqual([state, status.exitCode], ["failed", 3]);
    assert.match(
      await readLog(folder),
      /failed with exit code 3 after .* could not be looked up \((?:the look broke|a disk of it does not answer)\)/,
    );
  });
}
