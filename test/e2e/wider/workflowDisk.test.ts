import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ask, clickButton, openChat, pressAndWait } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { whyNoMount } from "../support/smallDisk.ts";
import { clearNotifications, waitForNotification } from "../support/workbench.ts";

const TITLE = "a full disk and one that is read-only are named at the gate, and approving works once there is room";

const WORKFLOW = `name: small
title: Small
description: Two phases
phases:
  - id: look
    title: Look
    stage: Look
    goal: Know.
    steps:
      - tasks:
          - { id: data, agent: ml-explorer, title: Data, prompt: "Look", output: { kind: notes, sections: [Source] } }
    gate: { question: "Good?" }
  - id: end
    title: End
    stage: End
    goal: End.
    steps:
      - tasks:
          - { id: bye, agent: ml-explorer, title: Bye, prompt: "Bye", output: { kind: notes, sections: [Bye] } }
    gate: { question: "Done?" }
`;

async function fill(disk: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  await writeFile(join(disk, "filler"), Buffer.alloc(bavail * bsize));
}

const reason = whyNoMount();
if (reason === undefined) {
  journey(import.meta.url, TITLE, { files: { "train.py": "import torch\n" } }, async (editor, shot) => {
    const { page, workspace } = editor;
    const disk = join(workspace, ".trainyard");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]);
    try {
      await mkdir(join(disk, "workflows"));
      await writeFile(join(disk, "workflows", "small.workflow.yaml"), WORKFLOW);
      await openChat(page, { width: 560 });
      assert.match(await ask(page, "@ml-trainer /develop --workflow small on a small disk"), /Approve Phase 1/);

      await fill(disk);
      await clickButton(page, "Approve Phase 1");
      await waitForNotification(page, /journal\.jsonl was not written: no space is left on the disk of .*small-/);
      await shot("full");
      await clearNotifications(page);
      await rm(join(disk, "filler"));

      execFileSync("mount", ["-o", "remount,ro", disk]);
      const answer = await ask(page, "@ml-trainer /develop --workflow small once more");
      assert.match(answer, /was not written: .*\.trainyard.* is on a disk that is read-only\. Make it writable/);
      await shot("read-only");
      execFileSync("mount", ["-o", "remount,rw", disk]);

      await ask(page, "@ml-trainer /develop");
      assert.match(await pressAndWait(page, "Approve Phase 1"), /Phase 2 of 2: End/);
      await shot("approved");
    } finally {
      execFileSync("umount", ["--lazy", disk]);
    }
  });
} else {
  test.skip(`${TITLE} (${reason})`);
}
