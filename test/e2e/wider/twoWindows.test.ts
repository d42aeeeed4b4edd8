import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";
import { linkSamplePython } from "../../support/workspaces.ts";
import { inputText } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import { newestRun, startTraining, waitForRunRow } from "../support/runs.ts";
import {
  clickDialogButton,
  dialogText,
  notificationTexts,
  openActivity,
  waitForStatusBar,
} from "../support/workbench.ts";

/** Takes a moment for its last checkpoint, as real trainings do. */
const SCRIPT = `import signal, time
import torch

asked = []
signal.signal(signal.SIGINT, lambda *_: asked.append(True))
weights = torch.zeros(1000)
step = 0
while not asked:
    step += 1
    print(f"Epoch 1/1 step {step} loss={1 / step:.3f}", flush=True)
    time.sleep(0.2)
time.sleep(5)
torch.save({"step": step, "weights": weights}, "last.pt")
raise SystemExit(130)
`;

const isEnd = /Run train was stopped/;

async function endsTold(pages: readonly Page[]): Promise<number> {
  const texts = await Promise.all(pages.map(notificationTexts));
  return texts.flat().filter((text) => isEnd.test(text)).length;
}

journey(
  import.meta.url,
  "two windows on one workspace show the same run, stop it together and tell its end once",
  { files: { "train.py": SCRIPT } },
  async (editor, shot) => {
    const { page: first, workspace } = editor;
    await linkSamplePython(workspace);
    await startTraining(editor);
    await waitForStatusBar(first, /train · .*loss/);
    const second = await editor.openSecondWindow();
    const windows = [first, second];
    for (const page of windows) {
      await openActivity(page, "Trainyard");
      await waitForRunRow(page, /running/);
    }
    await waitForStatusBar(second, /train · .*loss/);
    await shot("first-window");
    await shot("second-window", second);

    await Promise.all(
      windows.map(async (page) => {
        await runCommand(page, "Trainyard: Stop Run…");
        await dialogText(page);
      }),
    );
    await Promise.all(windows.map((page) => clickDialogButton(page, "Stop")));
    await Promise.all(windows.map((page) => waitForRunRow(page, /stopped/)));
    await waitFor("the end to be told", async () => (await endsTold(windows)) > 0);
    await shot("first-stopped");
    await shot("second-stopped", second);
    assert.equal(await endsTold(windows), 1);
    const { status, log } = await newestRun(workspace);
    assert.deepEqual([status.state, status.exitCode], ["stopped", 130]);
    assert.equal(log.match(/A stop was asked/g)?.length, 1);
    assert.doesNotMatch(log, /SIGTERM|SIGKILL/);

    // Both hand the run on at the same time.
    await Promise.all(
      windows.map(async (page) => {
        await runCommand(page, "Trainyard: Hand Over Run…");
        await pick(page, "Deploy Model");
      }),
    );
    const prompts = await Promise.all(
      windows.map((page) =>
        waitFor("the prefilled prompt", async () => {
          const text = await inputText(page);
          return text.includes("#handoff:") && text;
        }),
      ),
    );
    await shot("second-handed-off", second);
    const ids = prompts.map((text) => /#handoff:(\w+)/.exec(text)?.[1]);
    assert.notEqual(ids[0], ids[1]);
    const packets = await readdir(join(workspace, ".trainyard", "handoffs"));
    assert.deepEqual(packets.toSorted(), ids.map((id) => `${id}.json`).toSorted());
    const others = (await Promise.all(windows.map(notificationTexts))).flat().filter((text) => !isEnd.test(text));
    assert.deepEqual(others, [], "nothing went wrong in either window");
  },
);
