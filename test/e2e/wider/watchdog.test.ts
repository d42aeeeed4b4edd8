import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat, replyButtons } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { newestRun, runFolders, startTraining, waitForRunRow } from "../support/runs.ts";
import {
  clearNotifications,
  clickDialogButton,
  clickNotificationButton,
  dialogText,
  openActivity,
  waitForNotification,
  waitForStatusBar,
} from "../support/workbench.ts";

const ARGUMENTS = `import argparse
import time

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--accumulation-steps", type=int, default=1)
parser.add_argument("--learning-rate", type=float, default=0.5)
args = parser.parse_args()
`;

/** Goes on after its loss is no number, as most trainings do. */
const EXPLODES = `${ARGUMENTS}
for step in range(1, 100_000):
    loss = 2.0 / step if step < 30 else float("nan")
    print(f"step {step}/100000 loss {loss:.4f}", flush=True)
    time.sleep(0.1)
`;

const HANGS = `${ARGUMENTS}
for step in range(1, 100_000):
    print(f"step {step}/100000 loss {2.0 / step:.4f}", flush=True)
    time.sleep(3600 if step == 30 else 0.1)
`;

/** A machine with too little memory for the whole batch at once. */
const NEEDS_MEMORY = `${ARGUMENTS}
import resource

resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
for epoch in range(1, 4):
    batch = bytearray(args.batch_size * 2**23)
    print(f"epoch {epoch}/3 loss {1 / epoch:.3f}", flush=True)
    del batch
`;

journey(
  import.meta.url,
  "a training that goes wrong is noticed while it runs, and one that failed is repaired by a button",
  {
    files: { "explodes.py": EXPLODES, "hangs.py": HANGS, "needs_memory.py": NEEDS_MEMORY },
    settings: { "trainyard.watchdog.stallSeconds": 4 },
  },
  async (editor, shot) => {
    const { page } = editor;
    await openActivity(page, "Trainyard");
    await startTraining(editor, "explodes.py");
    const isNan = /loss is not a number \(train\.log line \d+: “step 30\/100000 loss nan”\)\./;
    await waitForNotification(page, isNan, 60_000);
    await waitForStatusBar(page, /explodes · loss is not a number/);
    await waitForRunRow(page, /running · loss is not a number/);
    await shot("not-a-number");
    await clickNotificationButton(page, isNan, "Stop Run");
    await waitFor("the stop", async () => (await newestRun(editor.workspace)).status.state === "stopped", 60_000);
    await clearNotifications(page);

    await startTraining(editor, "hangs.py");
    await waitForNotification(page, /Nothing was printed for \d+ s, where a step took less than a second/, 90_000);
    await waitForStatusBar(page, /hangs · stalled/);
    await shot("stalled");
    await clickNotificationButton(page, /Nothing was printed/, "Stop Run");
    await waitFor("the stop", async () => (await newestRun(editor.workspace)).status.state === "stopped", 60_000);
    const stopped = await waitForNotification(page, /Run hangs was stopped/);
    assert.match(await stopped.innerText(), /Diagnose/);
    await clearNotifications(page);

    await startTraining(editor, "needs_memory.py");
    const failure = /[Mm]achine out of memory\. MemoryError \(train\.log line \d+\)/;
    await waitForNotification(page, failure, 60_000);
    await waitForRunRow(page, /failed after/);
    await shot("failed");
    const repair = "Retry with batch 32 × 2";
    await clickNotificationButton(page, failure, repair);
    assert.match(await dialogText(page), /--batch-size 64 → 32\s+--accumulation-steps 1 → 2/);
    await shot("repair");
    await clickDialogButton(page, repair);
    await waitFor("a fourth run", async () => (await runFolders(editor.workspace)).length === 4, 60_000);
    await waitForRunRow(page, /finished in/, 60_000);
    await clearNotifications(page);

    void editor.door.execute("trainyard.exportTask", basename((await runFolders(editor.workspace)).at(-1) ?? ""));
    await waitForNotification(page, "The task “Train needs_memory batch-size 32 accumulation-steps 2” was written.");
    const tasks: unknown = JSON.parse(await readFile(join(editor.workspace, ".vscode", "tasks.json"), "utf8"));
    assert.match(JSON.stringify(tasks), /"args":\["needs_memory.py","--batch-size","32"/);
    await clearNotifications(page);

    const [exploded = ""] = (await runFolders(editor.workspace)).map((folder) => basename(folder));
    await openChat(page, { width: 560 });
    assert.match(
      await ask(page, "@ml-trainer /diagnose"),
      /MemoryError[\s\S]*--batch-size\s32\s--accumulation-steps\s2/,
    );
    assert.ok((await replyButtons(page)).includes(repair));
    await shot("diagnosed");
    assert.match(await ask(page, `@ml-trainer /diagnose ${exploded}`), /loss is not a number[\s\S]*step\s30/);
    assert.ok((await replyButtons(page)).includes("Retry with learning-rate 0.05"));
    await shot("stopped-for-nan");
  },
);
