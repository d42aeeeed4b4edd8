import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { buildPlan, makeWorkspace, readLog, supervise, testReceipt } from "../../support/runFixtures.ts";

test("what a flow starts as `python` is the Python of its run", async (context) => {
  const root = await makeWorkspace(context);
  const own = join(root, "env", "bin", "python");
  await mkdir(dirname(own), { recursive: true });
  await writeFile(own, '#!/bin/sh\necho "it is $(command -v python)"\n', { mode: 0o755 });
  const isFound = async (command: string[], kind: "flow" | "training") => {
    const folder = await createRun(root, buildPlan(root, command, { kind }), testReceipt);
    await supervise("start", folder).ended;
    return (await readLog(folder)).includes(`it is ${own}`);
  };
  assert.equal(await isFound([own], "flow"), true);
  assert.equal(await isFound(["env/bin/python"], "flow"), true);
  assert.equal(await isFound(["sh", "env/bin/python"], "flow"), false);
  assert.equal(await isFound([own], "training"), false);
});
