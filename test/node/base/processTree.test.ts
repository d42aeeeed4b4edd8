import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { listGroupProcesses } from "../../../src/node/base/processTree.ts";

const NO_GROUP = -1;

/** A process in a session of its own, as the workers of torchrun are, that has begun to run. */
async function startMarked(context: TestContext, marker: string): Promise<number> {
  const [name = "", value] = marker.split("=");
  const child = spawn("sh", ["-c", "echo; read -r _"], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, [name]: value },
  });
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  assert.ok(child.pid);
  return child.pid;
}

test("processes are known by their mark, and those without it are not looked at again", async (context) => {
  const marker = `TRAINYARD_TEST_TREE=${process.pid}`;
  const first = await startMarked(context, marker);
  const stranger = await startMarked(context, `${marker}0`);
  const others = new Set<number>();
  assert.deepEqual(listGroupProcesses(NO_GROUP, marker, others), [first]);
  assert.ok(others.has(stranger) && !others.has(first));

  const second = await startMarked(context, marker);
  assert.deepEqual(
    listGroupProcesses(NO_GROUP, marker, others).toSorted((a, b) => a - b),
    [first, second].toSorted((a, b) => a - b),
  );
  // What was found to be none of them stays so until it is forgotten.
  assert.deepEqual(listGroupProcesses(NO_GROUP, marker, new Set([...others, first])), [second]);
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  assert.ok(others.size >= processes.length / 2, `${others.size} of ${processes.length} are remembered`);
});
