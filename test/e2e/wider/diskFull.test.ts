import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { waitFor } from "../../support/poll.ts";
import { linkSamplePython } from "../../support/workspaces.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { newestRun, startTraining } from "../support/runs.ts";
import { whyNoMount } from "../support/smallDisk.ts";
import { waitForNotification, waitForStatusBar } from "../support/workbench.ts";

const TITLE = "a full disk stops neither the training nor, once there is room, its log";
const LINES = 4_000;
/** A fifth of what the script prints. */
const SMALL = "size=128k";

/** Prints all but the last line at once, and that one when there is room again. */
const SCRIPT = `import os, time
import torch

for step in range(1, ${LINES}):
    print(f"Epoch 1/1 step {step}/${LINES} loss={1 / step:.6f} {'.' * 100}", flush=True)
while not os.path.exists("room"):
    time.sleep(0.05)
print("Epoch 1/1 step ${LINES}/${LINES} loss=0.000250 and that was all", flush=True)
`;

const reason = whyNoMount();
if (reason === undefined) {
  journey(import.meta.url, TITLE, { files: { "train.py": SCRIPT } }, async (editor, shot) => {
    const { page, workspace } = editor;
    const disk = join(workspace, ".trainyard");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", SMALL, "tmpfs", disk]);
    try {
      await linkSamplePython(workspace);
      await startTraining(editor);
      const problem = await waitFor(
        "the problem in the status",
        async () => (await newestRun(workspace).catch(() => undefined))?.status.problem,
        180_000,
      );
      assert.match(problem, /train\.log cannot be written: no space is left on the disk/);
      const { status } = await newestRun(workspace);
      assert.equal(status.state, "running");
      await waitForStatusBar(page, /train · epoch 1 · loss/);
      await openChat(page, { width: 560 });
      assert.match(await ask(page, "@ml-trainer /runs latest"), /no space is left on the disk/);
      await shot("full");

      execFileSync("mount", ["-o", "remount,size=16m", disk]);
      await writeFile(join(workspace, "room"), "");
      await waitForNotification(page, /Run train finished/, 180_000);
      await shot("finished");
      const ended = await newestRun(workspace);
      assert.equal(ended.status.problem, undefined, "nothing is missing in the end");
      assert.deepEqual(
        [...ended.log.matchAll(/step (\d+)\//g)].map(([, step]) => Number(step)),
        Array.from({ length: LINES }, (_, index) => index + 1),
      );
    } finally {
      execFileSync("umount", ["--lazy", disk]);
    }
  });
} else {
  test.skip(`${TITLE} (${reason})`);
}
