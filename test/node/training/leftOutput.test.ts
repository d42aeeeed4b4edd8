import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readLeftOutput } from "../../../src/node/training/leftOutput.ts";
import { closeEnds, makeOutputPipes } from "../../../src/node/training/outputPipes.ts";
import { makeWorkspace, waitUntil } from "../../support/runFixtures.ts";

const LOOP =
  'sleep 0.2; for i in 1 2 3 4 5 6; do printf "%050000d\\n" "$i"; sleep 0.05; done; : > printed; exec sleep 30';

const isLinux = process.platform === "linux";

test("what a loop prints once nobody reads its pipe goes to a file, up to a limit and without waiting", {
  skip: !isLinux,
}, async (context) => {
  for (const { limitBytes, sizeBytes } of [
    { limitBytes: 1_000_000, sizeBytes: 300_006 },
    { limitBytes: 1_024, sizeBytes: 1_024 },
  ]) {
    const folder = await makeWorkspace(context);
    const pipes = await makeOutputPipes();
    assert.ok(pipes);
    const child = spawn("/bin/sh", ["-c", LOOP], { cwd: folder, stdio: ["ignore", ...pipes.ends] });
    context.after(() => child.kill("SIGKILL"));
    closeEnds(pipes);
    pipes.stdout.destroy();
    pipes.stderr.destroy();
    const note = /\[trainyard\] What follows is left out/;
    const path = join(folder, "left.log");
    // The first one is gone: a loop starts a `sleep` for each turn.
    assert.equal(readLeftOutput([2 ** 22, child.pid ?? 0], { path, limitBytes }), true);
    await waitUntil("all was printed", () => stat(join(folder, "printed")).catch(() => undefined));
    const text = await waitUntil("it is in the file", async () => {
      const written = await readFile(path, "utf8");
      return written.length >= sizeBytes && note.test(written) === limitBytes < 300_000 ? written : undefined;
    });
    assert.equal(text.replace(/\[trainyard\].*\n/, "").length, sizeBytes);
  }
});
