import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { withNoun } from "../../core/base/withNoun.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import type { PrunePlan } from "../../core/checkpoints/planPrune.ts";
import type { PrunePolicy } from "../../core/checkpoints/prunePolicy.ts";
import type { ReadWriters } from "../../node/checkpoints/pruneFolder.ts";
import { displayPath } from "../base/workspace.ts";

const FIRST_POLICY = "best 1, last 3";
const HOW_TO_SAY_SAVES = `prune again and add “saves” to what stays, as in “${FIRST_POLICY}, saves”`;

/** Asks what stays, shows what goes, and moves to the trash what the person agrees to. Never deletes. */
export async function pruneCheckpoints(folder: string, readWriters: ReadWriters): Promise<void> {
  await refuseUseless(folder);
  const policy = await askForPolicy(folder);
  if (policy === undefined) {
    return;
  }
  const { CheckpointClient, listInThread } = await import("../../node/checkpoints/checkpointClient.ts");
  const { FolderPrune } = await import("../../node/checkpoints/pruneFolder.ts");
  const { thatMany } = await import("../../core/checkpoints/describePrune.ts");
  const prune = new FolderPrune(folder, policy, {
    listFolder: listInThread,
    listAfresh: async (place) => {
      using client = new CheckpointClient();
      return await client.list(place);
    },
    readWriters,
  });
  const plan = await prune.plan();
  const agreed = await agree(plan, folder);
  if (agreed === undefined) {
    return;
  }
  const { removed } = await prune.planAgain(agreed);
  const left = agreed.length - removed.length;
  if (left > 0) {
    void vscode.window.showWarningMessage(
      `In ${displayPath(folder)} ${thatMany(left, "stay")} after all: what is there changed while you were asked.`,
    );
  }
  if (removed.length > 0) {
    await move(removed, folder);
  }
}

/** Before any question: a folder without checkpoints, or one that is a checkpoint itself. */
async function refuseUseless(folder: string): Promise<void> {
  const { requireFolderOfCheckpoints } = await import("../../node/checkpoints/folderOfCheckpoints.ts");
  await requireFolderOfCheckpoints(folder);
  const { listInThread } = await import("../../node/checkpoints/checkpointClient.ts");
  const listing = await listInThread(folder, { kind: "any" });
  if (listing.kind !== "listed") {
    throw new UserError(listing.message);
  }
  if (listing.entries.length === 0) {
    throw new UserError(`There are no checkpoints in ${displayPath(folder)}, so there is nothing to prune.`);
  }
}

async function askForPolicy(folder: string): Promise<PrunePolicy | undefined> {
  const { parsePrunePolicy } = await import("../../core/checkpoints/describePrune.ts");
  const text = await vscode.window.showInputBox({
    title: `Prune ${displayPath(folder)}: which checkpoints stay?`,
    prompt:
      "Of each run and kind of name: best by its metric, last saved, and every so many steps. The best and the newest whole one always stay.",
    value: FIRST_POLICY,
    validateInput: (typed) => {
      const policy = parsePrunePolicy(typed);
      return "problem" in policy ? policy.problem : undefined;
    },
  });
  const policy = text === undefined ? undefined : parsePrunePolicy(text);
  return policy === undefined || "problem" in policy ? undefined : policy;
}

/** The list of what goes, each of which may be taken out of it; undefined when the person leaves. */
async function agree(plan: PrunePlan, folder: string): Promise<readonly CheckpointEntry[] | undefined> {
  const { describeDoubt, describeJudgement, describeStaying, nameOf, nothingGoes, thatMany } = await import(
    "../../core/checkpoints/describePrune.ts"
  );
  const { describeCheckpointFacts } = await import("../../core/checkpoints/describeCheckpoint.ts");
  const { renderBytes } = await import("../../core/base/renderBytes.ts");
  if (plan.removed.length === 0) {
    const from = ` from ${displayPath(folder)}`;
    const doubt = describeDoubt(plan, HOW_TO_SAY_SAVES);
    void vscode.window.showInformationMessage(
      [`${nothingGoes(plan.kept.length, from)}.`, doubt ?? []].flat().join(" "),
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
    title: `${thatMany(plan.removed.length, "go")}, ${renderBytes(plan.freedBytes)}`,
    placeHolder: [
      `Take out what should stay. ${thatMany(plan.kept.length, "stay")} anyway.`,
      ...describeJudgement(plan),
    ].join(" "),
  });
  if (picked === undefined || picked.length === 0) {
    return undefined;
  }
  const entries = picked.map(({ entry }) => entry);
  const bytes = entries.reduce((sum, { summary }) => sum + summary.sizeBytes, 0);
  const confirm = "Move to Trash";
  const choice = await vscode.window.showWarningMessage(
    `Move ${withNoun(entries.length, "checkpoint")} (${renderBytes(bytes)}) of ${displayPath(folder)} to the trash?`,
    { modal: true, detail: describeStaying(plan, HOW_TO_SAY_SAVES) },
    confirm,
  );
  return choice === confirm ? entries : undefined;
}

/** The system's trash where the window has one, else a trash folder from which they can be put back. */
async function move(entries: readonly CheckpointEntry[], folder: string): Promise<void> {
  const { pathsOf, restoreTrash } = await import("../../node/checkpoints/trash.ts");
  const { describeMoved, describeRestored, moveAway } = await import("../../node/checkpoints/moveAway.ts");
  const root = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder))?.uri.fsPath;
  const moved = await moveAway(await pathsOf(entries), {
    folder,
    ...(root !== undefined && { root }),
    systemTrash: intoSystemTrash,
  });
  const { trash } = moved;
  const shown = trash === undefined ? moved : { ...moved, trash: displayPath(trash) };
  const text = describeMoved(shown, withNoun(entries.length, "checkpoint"));
  const show = moved.stayed.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const undo = "Undo";
  if (trash === undefined || moved.inFolder.length === 0) {
    void show(text);
  } else if ((await show(text, undo)) === undo) {
    const count = await restoreTrash(trash);
    void vscode.window.showInformationMessage(describeRestored(count));
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
