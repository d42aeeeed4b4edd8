import assert from "node:assert/strict";
import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openSealer } from "../../../src/node/workflow/workflowSeal.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("the key of the seals is the user's alone, also where it was made by an earlier version", async (context) => {
  if (process.platform === "win32") {
    return;
  }
  const folder = join(temporaryFolder(context), "state");
  await mkdir(folder, { mode: 0o755 });
  const key = join(folder, "workflow.key");
  const modeOf = async () => (await stat(key)).mode & 0o777;
  const first = await openSealer(folder);
  assert.equal(await modeOf(), 0o600);
  for (const mode of [0o644, 0o640, 0o604, 0o620]) {
    await chmod(key, mode);
    const again = await openSealer(folder);
    assert.equal(await modeOf(), 0o600, mode.toString(8));
    assert.equal(again.verify("hash", first.seal("hash")), "own");
  }
});
