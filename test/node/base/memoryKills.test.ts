import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { countMemoryKills, MemoryKillCount } from "../../../src/node/base/memoryKills.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

function count(context: TestContext, membership: string, files: Readonly<Record<string, string>>): number | undefined {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "cgroup"), membership);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "fs", name)), { recursive: true });
    writeFileSync(join(folder, "fs", name), text);
  }
  return countMemoryKills(join(folder, "cgroup"), join(folder, "fs"));
}

const events = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n";

test("reads the counter of a group of version 2", (context) => {
  assert.equal(count(context, "0::/user.slice/job\n", { "user.slice/job/memory.events": events }), 2);
});

test("reads the counter of a group of version 1 beside an empty version 2", (context) => {
  const control = { "memory/jobs/1/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n" };
  assert.equal(count(context, "4:memory:/jobs/1\n3:cpu:/jobs/1\n0::/\n", control), 5);
});

test("takes the group that a container shows where its path is that of the host", (context) => {
  assert.equal(count(context, "0::/kubepods/pod7/c1\n", { "memory.events": events }), 2);
});

test("knows nothing where nothing can be read", (context) => {
  assert.equal(count(context, "0::/\n", {}), undefined);
  assert.equal(countMemoryKills(join(temporaryFolder(context), "none")), undefined);
});

test("tells the kills of other groups from those of its own", () => {
  const readings = [
    { here: 4, elsewhere: 20 },
    { here: 4, elsewhere: 21 },
  ];
  const kills = new MemoryKillCount(() => readings.shift() ?? {});
  assert.deepEqual(kills.sinceThen, { here: 0, elsewhere: 1 });
  assert.deepEqual(kills.sinceThen, { here: undefined, elsewhere: undefined });
});
