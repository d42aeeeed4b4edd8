import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import type { LiveWriter, PrunePlan } from "../../core/checkpoints/prunePolicy.ts";
import { displayPath } from "../base/workspace.ts";

const FIRST_POLICY = "best 1, last 3";

/** Asks what stays, shows what goes, and moves to the trash what the person agrees to. Never deletes. */
export async function pruneCheckpoints(
  folder: string,
  liveWriters: () => Promise<readonly LiveWriter[]>,
): Promise<void> {
  const { listCheckpointFolder } = await import("../../node/checkpoints/listCheckpointFolder.ts");
  const { planPrune } = await import("../../core/checkpoints/prunePolicy.ts");
  const { parsePrunePolicy } = await import("../../core/checkpoints/describePrune.ts");
  const listing = await listCheckpointFolder(folder);
  if (listing.kind !== "listed") {
    throw new UserError(listing.message);
  }
  if (listing.entries.length === 0) {
    throw new UserError(`There are no checkpoints in ${displayPath(folder)}, so there is nothing to prune.`);
  }
  const text = await vscode.window.showInputBox({
    title: `Prune ${displayPath(folder)}: which checkpoints stay?`,
    prompt:
      "Of each run: best by its metric, last saved, and every so many steps. The best and the newest whole one always stay.",
    value: FIRST_POLICY,
    validateInput: (typed) => {
      const policy = parsePrunePolicy(typed);
      return "problem" in policy ? policy.problem : undefined;
    },
  });
  const policy = text === undefined ? undefined : parsePrunePolicy(text);
  if (policy === undefined || "problem" in policy) {
    return;
  }
  const plan = planPrune(listing.entries, policy, await liveWriters());
  const agreed = await agree(plan, folder);
  if (agreed !== undefined && agreed.length > 0) {
    await move(agreed, folder);
  }
}

/** The list of what goes, each of which may be taken out of it; undefined when the person leaves. */
async function agree(plan: PrunePlan, folder: string): Promise<readonly CheckpointEntry[] | undefined> {
  const { countOf, nameOf } = await import("../../core/checkpoints/describePrune.ts");
  const { describeCheckpointFacts, renderBytes } = await import("../../core/checkpoints/describeCheckpoint.ts");
  if (plan.removed.length === 0) {
    void vscode.window.showInformationMessage(
      `Nothing goes from ${displayPath(folder)}: all ${countOf(plan.kept.length)} stay.`,
    );
    return undefined;
  }
  const rows = plan.removed.map((entry) => ({
    label: nameOf(entry),
    description: describeCheckpointFacts(entry.summary, plan.metric),
    picked: true,
    entry,
  }));
  const picked = await vscode.window.showQuickPick(rows, {
    canPickMany: true,
    matchOnDescription: true,
    title: `${countOf(plan.removed.length)} go, ${renderBytes(plan.freedBytes)}`,
    placeHolder: `Take out what should stay. ${countOf(plan.kept.length)} stay anyway.`,
  });
  if (picked === undefined || picked.length === 0) {
    return undefined;
  }
  const entries = picked.map(({ entry }) => entry);
  const bytes = entries.reduce((sum, { summary }) => sum + summary.sizeBytes, 0);
  const kept = plan.kept.map(({ entry, reason }) => `${nameOf(entry)}: ${reason}`);
  const confirm = "Move to Trash";
  const choice = await vscode.window.showWarningMessage(
    `Move ${countOf(entries.length)} (${renderBytes(bytes)}) of ${displayPath(folder)} to the trash?`,
    { modal: true, detail: `These stay:\n${kept.slice(0, MAX_SHOWN).join("\n")}` },
    confirm,
  );
  return choice === confirm ? entries : undefined;
}

const MAX_SHOWN = 15;

/** The system's trash where the window has one, else a trash folder from which they can be put back. */
async function move(agreed: readonly CheckpointEntry[], folder: string): Promise<void> {
  const { pathsOf, restoreTrash, stillTheSame } = await import("../../node/checkpoints/trash.ts");
  const { describeMoved, moveAway } = await import("../../node/checkpoints/moveAway.ts");
  const { countOf } = await import("../../core/checkpoints/describePrune.ts");
  const entries = await stillTheSame(folder, agreed);
  const left = agreed.length - entries.length;
  const root = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder))?.uri.fsPath;
  const moved = await moveAway(await pathsOf(entries), {
    folder,
    ...(root !== undefined && { root }),
    systemTrash: intoSystemTrash,
  });
  const rest = left > 0 ? ` ${countOf(left)} changed meanwhile and stayed.` : "";
  const { trash } = moved;
  const shown = trash === undefined ? moved : { ...moved, trash: displayPath(trash) };
  const text = `${describeMoved(shown, countOf(entries.length))}${rest}`;
  const show = moved.stayed.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const undo = "Undo";
  if (trash === undefined || moved.inFolder.length === 0) {
    void show(text);
  } else if ((await show(text, undo)) === undo) {
    const count = await restoreTrash(trash);
    void vscode.window.showInformationMessage(`${count} files and folders are back where they were.`);
  }
}

async function intoSystemTrash(path: string): Promise<"moved" | "vanished" | "refused"> {
  try {
    await vscode.workspace.fs.delete(vscode.Uri.file(path), { useTrash: true, recursive: true });
    return "moved";
  } catch (error) {
    if (error instanceof vscode.FileSystemError) {
      return error.code === "FileNotFound" ? "vanished" : "refused";
    }
    throw error;
  }
}
