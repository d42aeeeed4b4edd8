import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { identifyProcess, probeProcess, residentKiB } from "../../../src/node/base/processIdentity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("a process is recognised while it lives and gone afterwards", async () => {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const identity = identifyProcess(child.pid ?? -1);
  assert.ok(identity);
  assert.equal(probeProcess(identity), "alive");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(probeProcess(identity), "gone");
  assert.equal(identifyProcess(identity.pid), undefined);
});

test("another process with the same number is not the one that was meant", () => {
  const own = identifyProcess(process.pid);
  assert.ok(own);
  assert.equal(probeProcess({ ...own, startTime: "00000000:1" }), "gone");
});

test("the memory of a process does not depend on the size of a page", async (context) => {
  const proc = temporaryFolder(context);
  await mkdir(join(proc, "7"));
  // A kernel with pages of 64 KiB: 16 of them.
  await writeFile(
    join(proc, "7", "status"),
    "Name:\tpython\nVmPeak:\t    9000 kB\nVmRSS:\t    1024 kB\nRssAnon:\t 900 kB\n",
  );
  assert.equal(residentKiB(7, proc), 1024);
  assert.equal(residentKiB(8, proc), 0);
});

test("nothing is claimed about another host or where the start time is unknown", () => {
  const own = identifyProcess(process.pid);
  assert.ok(own);
  assert.equal(probeProcess({ ...own, host: "elsewhere" }), "unknown");
  assert.equal(probeProcess({ ...own, startTime: "" }), "unknown");
});

test("where `ps` tells the start time, a process is the same in another time zone", (context) => {
  const { platform } = process;
  const zone = process.env["TZ"];
  context.after(() => {
    Object.defineProperty(process, "platform", { value: platform });
    if (zone === undefined) {
      delete process.env["TZ"];
    } else {
      process.env["TZ"] = zone;
    }
  });
  Object.defineProperty(process, "platform", { value: "darwin" });
  process.env["TZ"] = "America/New_York";
  const own = identifyProcess(process.pid);
  assert.match(own?.startTime ?? "", /\d{4}$/);
  process.env["TZ"] = "Asia/Tokyo";
  assert.equal(own && probeProcess(own), "alive");
});
