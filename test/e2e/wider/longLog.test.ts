import assert from "node:assert/strict";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answer, message, pick, pickLabels } from "../support/quickInput.ts";
import { newestRun } from "../support/runs.ts";
import {
  activeTab,
  clearNotifications,
  clickDialogButton,
  dialogText,
  openActivity,
  waitForNotification,
} from "../support/workbench.ts";

/** Prints more than the log may hold, most of it in few and long lines, and fails. */
const CHATTY = `import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=10)
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()
print("reading the data", flush=True)
for step in range(1, args.steps + 1):
    print(f"step {step}/{args.steps} loss {2.0 / step:.5f}", flush=True)
    if args.verbose:
        print("activations " + "0.5 " * 20_000)
raise ValueError("the last batch is empty")
`;

const STEPS = 280;

journey(
  import.meta.url,
  "a log that outgrows its limit keeps its beginning and its end, and the line that proves a failure is found in its part",
  { files: { "chatty.py": CHATTY }, settings: { "trainyard.logLimit": 16 } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openActivity(page, "Trainyard");
    void editor.door.execute("trainyard.train", { $path: `${workspace}/chatty.py` });
    await dialogText(page);
    await clickDialogButton(page, "Edit Arguments…");
    assert.match(await message(page), /Known: --steps \(10\), --verbose/);
    await shot("arguments");
    const edited = `--steps ${STEPS} --verbose`;
    await answer(page, edited);
    await waitFor("the plan with the new arguments", async () => (await dialogText(page)).includes(edited));
    await clickDialogButton(page, /^Start/);

    const failure = /ValueError: the last batch is empty \(train\.\d+\.log line \d+\)/;
    const shown = await waitForNotification(page, failure, 120_000);
    const [, part = ""] = /\((train\.\d+\.log) line/.exec(await shown.innerText()) ?? [];
    const { status, log } = await newestRun(workspace);
    const { parts = [], missing = [] } = status.log ?? {};
    assert.equal(part, `train.${parts.at(-1)}.log`);
    assert.equal(missing.length, 1);
    assert.match(log, /reading the data\n/);
    await shot("failed");
    await clearNotifications(page);

    await openChat(page, { width: 560 });
    const reply = await ask(page, "@ml-trainer /diagnose");
    assert.ok(reply.includes(`${part}:`), reply);
    assert.match(reply, /the\slast\sbatch\sis\sempty/);
    await shot("diagnosed");

    await clickButton(page, "Open Log");
    const labels = await pickLabels(page);
    assert.equal(labels.length, parts.length);
    assert.match(labels[0] ?? "", new RegExp(`^${part}, the end, from line \\d+ on, `));
    assert.match(labels.at(-1) ?? "", /^train\.log, from line 1 on, /);
    await shot("parts");
    await pick(page, part);
    await waitFor("the part in an editor", async () => (await activeTab(page)).includes(part));
  },
);
