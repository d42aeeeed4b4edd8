import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunStatus } from "../../../src/core/training/runRecord.ts";
import { waitFor } from "../../support/poll.ts";
import type { Editor } from "./editor.ts";
import { answer } from "./quickInput.ts";
import { clickDialogButton, dialogText, treeRows } from "./workbench.ts";

const VIEW = "Runs and Checkpoints";

/** Starts a script of the workspace as a person does who agrees to its plan, with other arguments where some are given. */
export async function startTraining(editor: Editor, script = "train.py", edited?: string): Promise<void> {
  void editor.door.execute("trainyard.train", { $path: join(editor.workspace, script) });
  await dialogText(editor.page);
  if (edited !== undefined) {
    await clickDialogButton(editor.page, "Edit Arguments…");
    await answer(editor.page, edited);
    await waitFor("the plan with the new arguments", async () => (await dialogText(editor.page)).includes(edited));
  }
  await clickDialogButton(editor.page, /^Start/);
}

/** The folders of all runs of a workspace, oldest first. */
export async function runFolders(workspace: string): Promise<string[]> {
  const runs = join(workspace, ".trainyard", "runs");
  const names = await readdir(runs).catch((): string[] => []);
  return names.toSorted().map((name) => join(runs, name));
}

/** The newest run as it stands on disk. */
export async function newestRun(workspace: string): Promise<{ folder: string; status: RunStatus; log: string }> {
  const folder = (await runFolders(workspace)).at(-1) ?? "";
  const status: RunStatus = JSON.parse(await readFile(join(folder, "status.json"), "utf8"));
  return { folder, status, log: await readFile(join(folder, "train.log"), "utf8").catch(() => "") };
}

/** The rows of the runs view, as a screen reader says them, once there is one that matches. */
export async function waitForRunRow(page: Editor["page"], pattern: RegExp, timeoutMs = 60_000): Promise<string[]> {
  return waitFor(
    `a row ${pattern} in the runs view`,
    async () => {
      const rows = await treeRows(page, VIEW);
      return rows.some((row) => pattern.test(row)) && rows;
    },
    timeoutMs,
  );
}
