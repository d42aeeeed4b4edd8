import { basename } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointListing } from "../../core/checkpoints/checkpointListing.ts";
import { isBelow } from "../../core/checkpoints/checkpointParts.ts";
import type { ReadWriters } from "../../node/checkpoints/pruneFolder.ts";
import type { CommandTable } from "../base/commands.ts";
import { showReport } from "../base/shownText.ts";
import { displayPath } from "../base/workspace.ts";
import type { WatchedFolders } from "./watchedFolders.ts";

export type CheckpointDeps = {
  watched: WatchedFolders;
  /** Checkpoint folders of runs, newest run first. */
  runFolders: () => Promise<readonly string[]>;
  /** Folders of the workspace that hold checkpoints, whoever wrote them. */
  foundFolders: () => Promise<readonly string[]>;
  /** What the trainings of the window have to do with checkpoints. */
  readWriters: ReadWriters;
};

export function checkpointCommands(deps: CheckpointDeps): CommandTable {
  const { watched, readWriters } = deps;
  return {
    async watchCheckpoints(target) {
      const folder = pathOf(target) ?? (await pickCheckpoints("Watch", deps));
      if (folder !== undefined) {
        await watched.add(folder);
        await vscode.commands.executeCommand("trainyard.runs.focus");
      }
    },
    async unwatchCheckpoints(target) {
      const folder = pathOf(target);
      if (folder !== undefined && !(await watched.remove(folder))) {
        throw new UserError(
          `${displayPath(folder)} is watched because the setting trainyard.checkpoints.folders names it. Remove it there.`,
        );
      }
    },
    async inspectCheckpoints(target) {
      const chosen = pathOf(target) ?? (await pickCheckpoints("Inspect", deps));
      if (chosen !== undefined) {
        const report = await reportOn(chosen, new AbortController().signal);
        await showReport(basename(chosen), report);
      }
    },
    async compareCheckpoints(target, selected) {
      const { showComparison } = await import("./compareCommand.ts");
      await showComparison(target, selected);
    },
    async pruneCheckpoints(target) {
      const folder = pathOf(target) ?? (await pickCheckpoints("Prune", deps));
      if (folder !== undefined) {
        const { pruneCheckpoints } = await import("./pruneCommand.ts");
        await pruneCheckpoints(folder, readWriters);
      }
    },
    async revealInFolder(target) {
      const chosen = pathOf(target);
      if (chosen !== undefined) {
        await reveal(vscode.Uri.file(chosen));
      }
    },
  };
}

/** The explorer knows only what lies in the folders of the window; the rest is for the system's own, where a window has one. */
async function reveal(uri: vscode.Uri): Promise<void> {
  if (vscode.workspace.getWorkspaceFolder(uri)) {
    await vscode.commands.executeCommand("revealInExplorer", uri);
    return;
  }
  const commands = await vscode.commands.getCommands();
  if (!commands.includes("revealFileInOS")) {
    throw new UserError(
      `${uri.fsPath} lies outside of the folders of this window. Add its folder (File › Add Folder to Workspace…) to see it.`,
    );
  }
  await vscode.commands.executeCommand("revealFileInOS", uri);
}

/** What a checkpoint or a folder of them holds, as Markdown; without what lies in a folder below it that is told `besides`. */
export async function reportOn(path: string, signal: AbortSignal, besides: readonly string[] = []): Promise<string> {
  const { openCheckpointReader } = await import("../../node/checkpoints/checkpointReader.ts");
  const { locatePath } = await import("../../node/checkpoints/locatePath.ts");
  const { describeCheckpointFolder, describeCheckpointFully } = await import(
    "../../core/checkpoints/describeCheckpoint.ts"
  );
  const reader = openCheckpointReader();
  const located = await locatePath(path, ["/"]);
  const summary = located.kind === "missing" ? undefined : await reader.read(path);
  if (summary !== undefined && (summary.kind === "file" || summary.format !== "unknown")) {
    return describeCheckpointFully(summary);
  }
  const disk = located.kind === "folder" ? await reader.disk(path) : undefined;
  const listing = await reader.list(path, signal);
  const inner = besides.filter((folder) => folder !== path && isBelow(path, folder));
  return describeCheckpointFolder(inner.length === 0 ? listing : withoutThoseIn(inner, listing), { disk });
}

function withoutThoseIn(folders: readonly string[], listing: CheckpointListing): CheckpointListing {
  return listing.kind === "listed"
    ? { ...listing, entries: listing.entries.filter(({ path }) => !folders.some((folder) => isBelow(folder, path))) }
    : listing;
}

const QUESTIONS = {
  Inspect: "Inspect the checkpoints of which folder?",
  Prune: "Prune the checkpoints of which folder?",
  Watch: "Watch which folder for checkpoints?",
} as const;

type Verb = keyof typeof QUESTIONS;

/** One of the folders that are known to hold checkpoints, or any other. */
async function pickCheckpoints(verb: Verb, { runFolders, foundFolders, watched }: CheckpointDeps) {
  const named = watched.named();
  const found = verb === "Inspect" ? await foundFolders() : await foundHolders(foundFolders);
  const folders = [...(await runFolders()), ...named, ...found];
  // Watching what is watched already would change nothing.
  const known = [...new Set(folders)].filter((folder) => verb !== "Watch" || !named.includes(folder));
  if (known.length === 0) {
    return pickFolder(verb);
  }
  const rows = [
    ...known.map((folder) => ({ label: displayPath(folder), path: folder })),
    { label: "$(folder-opened) Browse…", path: undefined },
  ];
  const picked = await vscode.window.showQuickPick(rows, { title: QUESTIONS[verb] });
  return picked && (picked.path ?? pickFolder(verb));
}

/** What is found are folders with checkpoint files in them, which may be the parts of one: those that hold checkpoints, each once. */
export async function foundHolders(foundFolders: CheckpointDeps["foundFolders"]): Promise<string[]> {
  return [...new Set(await Promise.all((await foundFolders()).map(holderOf)))];
}

/** Never a folder above what is open. */
async function holderOf(folder: string): Promise<string> {
  const { folderOfCheckpoints } = await import("../../node/checkpoints/folderOfCheckpoints.ts");
  const holder = await folderOfCheckpoints(folder);
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(holder)) === undefined ? folder : holder;
}

async function pickFolder(verb: Verb): Promise<string | undefined> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      title: QUESTIONS[verb],
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: verb,
      defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri,
    })) ?? [];
  return picked?.fsPath;
}

/** The checkpoint folder of a run's row; the run's own folder where its plan names none. */
function checkpointFolderOf(run: unknown): string | undefined {
  const isRun = typeof run === "object" && run !== null && "record" in run && "folder" in run;
  if (!isRun) {
    return undefined;
  }
  const plan = runRecordPlan(run.record);
  return plan ?? (typeof run.folder === "string" ? run.folder : undefined);
}

function runRecordPlan(record: unknown): string | undefined {
  const plan = typeof record === "object" && record !== null && "plan" in record ? record.plan : undefined;
  const folder =
    typeof plan === "object" && plan !== null && "checkpointFolder" in plan ? plan.checkpointFolder : undefined;
  return typeof folder === "object" && folder !== null && "path" in folder && typeof folder.path === "string"
    ? folder.path
    : undefined;
}

/** What a command was called on: a file of the explorer, a path, or a row of the view. */
function pathOf(target: unknown): string | undefined {
  if (target instanceof vscode.Uri) {
    return target.fsPath;
  }
  if (typeof target === "string") {
    return target;
  }
  if (typeof target !== "object" || target === null) {
    return undefined;
  }
  if ("folder" in target && typeof target.folder === "string") {
    return target.folder;
  }
  if ("entry" in target) {
    return pathOf(target.entry);
  }
  if ("run" in target) {
    return checkpointFolderOf(target.run);
  }
  return "path" in target && typeof target.path === "string" ? target.path : undefined;
}
