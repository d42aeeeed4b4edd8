import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";

/** Opens the log of a run; of one in several parts, the part that the person picks. */
export async function openRunLog({ folder, record }: Run): Promise<void> {
  const { listLogParts } = await import("../../node/base/logFiles.ts");
  const { runFiles } = await import("../../node/training/runFolder.ts");
  const parts = await listLogParts(runFiles(folder).log);
  const [part] = parts;
  if (part === undefined) {
    throw new UserError(`Run ${record.id} has no log: it printed nothing.`);
  }
  const path = parts.length === 1 ? part.path : await pickPart(runFiles(folder).log, record.plan.title);
  if (path !== undefined) {
    await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: true });
  }
}

/** The newest first: most people look for how it ended. */
async function pickPart(log: string, title: string): Promise<string | undefined> {
  const { listLogParts, readLogParts } = await import("../../node/base/logFiles.ts");
  const { describeMissingLines, logPartName } = await import("../../core/training/logParts.ts");
  const { renderBytes } = await import("../../core/base/renderBytes.ts");
  const parts = (await listLogParts(log)).toReversed();
  const rows = parts.map(({ path, firstLine, sizeBytes }, index) => ({
    label: logPartName(firstLine),
    description: `${index === 0 ? "the end, " : ""}from line ${firstLine} on, ${renderBytes(sizeBytes)}`,
    path,
  }));
  const picked = await vscode.window.showQuickPick(rows, {
    title: `Open which part of the log of ${title}?`,
    placeHolder: describeMissingLines((await readLogParts(log))?.missing) ?? "The parts follow each other.",
  });
  return picked?.path;
}
