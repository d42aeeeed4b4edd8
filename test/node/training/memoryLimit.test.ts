import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { diagnoseRun } from "../../../src/node/training/diagnoseRun.ts";
import { readRun } from "../../../src/node/training/runLedger.ts";
import { createPythonRun, makeWorkspace, readLog, supervisorPath, waitUntil } from "../../support/runFixtures.ts";

const LIMIT_BYTES = 400 * 1024 * 1024;

/** The mount of the memory controller and its file names: version 2 has one tree, version 1 one of its own for memory. */
const VERSIONS = [
  { root: "/sys/fs/cgroup", limit: "memory.max", swap: "memory.swap.max" },
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", swap: "memory.memsw.limit_in_bytes" },
];

/** A control group with a limit, or why this machine gives none. */
function makeLimitedGroup(context: TestContext): { procs: string } | { reason: string } {
  const reasons: string[] = [];
  for (const { root, limit, swap } of VERSIONS) {
    const group = join(root, `trainyard-test-${process.pid}`);
    try {
      // The mount point of version 1 is a plain folder, where a control group could be made that limits nothing.
      assert.ok(existsSync(join(root, "cgroup.procs")), `${root} is no control group`);
      mkdirSync(group);
      context.after(() => waitUntil("the group is empty", () => remove(group)));
      writeFileSync(join(group, limit), String(LIMIT_BYTES));
      writeOptional(join(group, swap), limit === "memory.max" ? "0" : String(LIMIT_BYTES));
      return { procs: join(group, "cgroup.procs") };
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { reason: `no control group with a memory limit can be made here: ${reasons.join("; ")}` };
}

/** A machine without swap accounting has no such file, and nothing to limit. */
function writeOptional(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    assert.match(String(error), /ENOENT|EACCES|EPERM/);
  }
}

function remove(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    // It is busy until its last process is gone.
    assert.match(String(error), /EBUSY/);
    return false;
  }
}

test("a training that the kernel kills at the limit of its container is told so by the kernel's own count", async (context) => {
  const group = makeLimitedGroup(context);
  if ("reason" in group) {
    context.skip(group.reason);
    return;
  }
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    'print("epoch 1/3 loss 0.5")\nkept = []\nwhile True:\n    kept.append(b"x" * (8 * 1024 * 1024))',
  );
  // As in a container: the supervisor is inside of it, and the kernel picks the largest process.
  const enter = ["-c", 'echo $$ > "$0" && exec "$@"', group.procs];
  const start = spawn("sh", [...enter, process.execPath, supervisorPath, "start", folder], { stdio: "ignore" });
  assert.deepEqual(await once(start, "exit"), [137, null]);
  const run = await readRun(folder);
  assert.deepEqual([run.state, run.status.signal, run.status.memoryKills], ["failed", "SIGKILL", 1]);
  const diagnosed = await diagnoseRun(run, () => Promise.resolve(undefined));
  assert.equal(diagnosed?.diagnosis.cause, "host-memory");
  assert.match(
    await readLog(folder),
    /Z epoch 1\/3 loss 0\.5\n.*killed by SIGKILL.*The kernel killed 1 process of this machine or container for lack of memory/,
  );
});

test("a training that is killed at a limit that its command made is not said to have been killed by a person", async (context) => {
  const group = makeLimitedGroup(context);
  if ("reason" in group) {
    context.skip(group.reason);
    return;
  }
  const root = await makeWorkspace(context);
  const grow = 'kept = []\nwhile True:\n    kept.append(b"x" * (8 * 1024 * 1024))';
  const enter = `import os\nopen(${JSON.stringify(group.procs)}, "w").write(str(os.getpid()))\nprint("epoch 1/3 loss 0.5")\n`;
  const folder = await createPythonRun(root, enter + grow);
  const start = spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" });
  assert.deepEqual(await once(start, "exit"), [137, null]);
  const run = await readRun(folder);
  assert.deepEqual([run.state, run.status.signal, run.status.memoryKills], ["failed", "SIGKILL", 0]);
  assert.ok((run.status.memoryKillsElsewhere ?? 0) >= 1, "the kernel counted it for the machine");
  assert.match(
    await readLog(folder),
    /killed by SIGKILL.*For lack of memory the kernel killed \d+ process(?:es)? in another container or control group.*under a memory limit of its own/,
  );
});
