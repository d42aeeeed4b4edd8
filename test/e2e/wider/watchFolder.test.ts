import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { journey } from "../support/journey.ts";
import { chooseInFileDialog, runCommand } from "../support/quickInput.ts";
import {
  clearNotifications,
  notificationTexts,
  openActivity,
  treeRow,
  treeRows,
  waitForNotification,
} from "../support/workbench.ts";

const VIEW = "Runs and Checkpoints";
const EXISTING_FILES = 1_000;

/**
 * Saves checkpoints in the ways trainings do: in place and slowly, so that half a file lies there until a line comes in,
 * and under another name with a rename at the end.
 */
const WRITER = `
import io, os, sys, torch

folder = sys.argv[1]

def state(step):
    buffer = io.BytesIO()
    torch.save({"epoch": step // 10, "step": step, "val_acc": 0.5, "weights": torch.ones(20_000)}, buffer)
    return buffer.getvalue()

data = state(10)
with open(os.path.join(folder, "slow.pt"), "wb", buffering=0) as file:
    file.write(data[: len(data) // 2])
    print("half", flush=True)
    sys.stdin.readline()
    for start in range(len(data) // 2, len(data), 8192):
        file.write(data[start : start + 8192])
print("slow", flush=True)
sys.stdin.readline()
temporary = os.path.join(folder, ".renamed.pt.tmp")
with open(temporary, "wb") as file:
    file.write(state(20))
os.rename(temporary, os.path.join(folder, "renamed.pt"))
print("renamed", flush=True)
sys.stdin.readline()
with open(os.path.join(folder, "next.pt"), "wb") as file:
    file.write(state(30))
os.replace(os.path.join(folder, "next.pt"), os.path.join(folder, "slow.pt"))
print("replaced", flush=True)
`;

journey(
  import.meta.url,
  "any folder is watched: written files are announced once when whole, and a vanished folder is a message",
  { settings: { "trainyard.checkpoints.announce": "notification" } },
  async (editor, shot) => {
    const { page, workspace, scratch } = editor;
    const folder = join(scratch, "elsewhere", "checkpoints");
    await mkdir(folder, { recursive: true });
    const python = join(workspace, ".venv", "bin", "python");
    const announced = async (name: string): Promise<number> =>
      (await notificationTexts(page)).filter((text) => text.includes(name)).length;

    await openActivity(page, "Trainyard");
    await runCommand(page, "Trainyard: Watch Checkpoint Folder…");
    await chooseInFileDialog(page, folder);
    await treeRow(page, VIEW, "elsewhere").click();
    await waitForRow("No checkpoints yet");

    const writer = spawn(python, ["-c", WRITER, folder], { stdio: ["pipe", "pipe", "inherit"] });
    const printed: string[] = [];
    writer.stdout.setEncoding("utf8").on("data", (text: string) => printed.push(text));
    const said = (word: string) => waitFor(`"${word}" of the writer`, () => printed.join("").includes(word));
    const goOn = () => writer.stdin.write("\n");

    try {
      await said("half");
      await waitForRow(/slow\.pt.*writing/);
      assert.equal(await announced("slow.pt"), 0);
      await shot("writing");
      goOn();
      await said("slow");
      await waitForNotification(page, /slow\.pt/);
      await waitForRow(/slow\.pt[^]*step 10/);
      await shot("announced");
      goOn();
      await waitForNotification(page, /renamed\.pt/);
      assert.equal(await announced(".tmp"), 0);
      assert.deepEqual([await announced("slow.pt"), await announced("renamed.pt")], [1, 1]);
      await clearNotifications(page);
      goOn();
      await waitForNotification(page, /slow\.pt.*step 30/);
      assert.deepEqual([await announced("slow.pt"), await announced("renamed.pt")], [1, 0]);
      await clearNotifications(page);
    } finally {
      writer.kill();
    }

    await rename(folder, `${folder}-away`);
    await waitForRow(/does not exist|is gone|missing/i);
    await shot("vanished");
    assert.deepEqual(await notificationTexts(page), []);
    await rename(`${folder}-away`, folder);
    await waitForRow(/slow\.pt[^]*step 30/);
    await shot("back");

    const many = join(scratch, "many");
    await mkdir(many);
    for (let index = 0; index < EXISTING_FILES; index++) {
      await copyFile(join(folder, "slow.pt"), join(many, `checkpoint_${index}.pt`));
    }
    await runCommand(page, "Trainyard: Watch Checkpoint Folder…");
    await chooseInFileDialog(page, many);
    await treeRow(page, VIEW, "many").click();
    await waitForRow(/checkpoint_\d+\.pt/);
    await shot("many");
    assert.deepEqual(await notificationTexts(page), [], "what was there is listed, not announced");

    async function waitForRow(pattern: string | RegExp): Promise<void> {
      await waitFor(`${pattern} in the view`, async () =>
        (await treeRows(page, VIEW)).some((row) => row.match(pattern)),
      );
    }
  },
);
