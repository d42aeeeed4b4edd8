import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { CHECKPOINT_FILES, isCheckpointName } from "../../core/checkpoints/checkpointName.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { showReport } from "../base/shownText.ts";
import { displayPath } from "../base/workspace.ts";

const MAX_OFFERED = 200;
/** What packages bring for their own tests is nobody's model, and what was pruned is gone. */
const NOT_OFFERED = "**/{site-packages,dist-packages,node_modules,.git,.trainyard,.trainyard-trash}/**";

/** Compares two files: the two that are selected, or the one it was called on with one that the person picks. */
export async function showComparison(target: unknown, selected: unknown): Promise<void> {
  const uris = Array.isArray(selected) ? selected.filter((each) => each instanceof vscode.Uri) : [];
  const [first, second] = uris.length === 2 ? uris.map(({ fsPath }) => fsPath) : [pathOf(target) ?? activeFile()];
  const before = first ?? (await pickCheckpoint("Compare which checkpoint?", undefined));
  const after = before && (second ?? (await pickCheckpoint(`Compare ${basename(before)} with …`, before)));
  if (before === undefined || after === undefined) {
    return;
  }
  const { checkpointClient } = await import("../../node/checkpoints/checkpointClient.ts");
  const text = await checkpointClient().compare(before, after);
  await showReport(titleOf(before, after), text);
  await offerNumbers(before, after);
}

const titleOf = (before: string, after: string): string => `${basename(before)} ↔ ${basename(after)}`;

/** They take as long as reading both files, so they are looked at only when somebody asks. */
async function offerNumbers(before: string, after: string): Promise<void> {
  const message = `${titleOf(before, after)}: the numbers in the tensors were not compared.`;
  if ((await vscode.window.showInformationMessage(message, "Compare Numbers")) !== undefined) {
    await showNumbers(before, after);
  }
}

async function showNumbers(before: string, after: string): Promise<void> {
  const { checkpointClient } = await import("../../node/checkpoints/checkpointClient.ts");
  const title = `Comparing the numbers of ${titleOf(before, after)}`;
  const text = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_progress, token) =>
      withAbortSignal(token, (signal) => checkpointClient().compare(before, after, { hasNumbers: true, signal })),
  );
  await showReport(titleOf(before, after), text);
}

function pathOf(target: unknown): string | undefined {
  return target instanceof vscode.Uri ? target.fsPath : undefined;
}

/** The checkpoint whose page has the focus. */
function activeFile(): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isCheckpoint = input instanceof vscode.TabInputCustom && isCheckpointName(basename(input.uri.fsPath));
  return isCheckpoint ? input.uri.fsPath : undefined;
}

/** Those beside the other one come first, since it is most often its neighbour that is meant. */
async function pickCheckpoint(title: string, other: string | undefined): Promise<string | undefined> {
  const found = await vscode.workspace.findFiles(CHECKPOINT_FILES, NOT_OFFERED, 2000);
  const paths = found.map(({ fsPath }) => fsPath).filter((path) => path !== other && isCheckpointName(basename(path)));
  const isNear = (path: string) => other !== undefined && dirname(path) === dirname(other);
  const offered = [
    ...paths.filter(isNear).toSorted(byNumber),
    ...paths.filter((path) => !isNear(path)).toSorted(byNumber),
  ];
  const rows = [
    ...offered.slice(0, MAX_OFFERED).map((path) => ({ label: displayPath(path), path })),
    { label: "$(folder-opened) Another file…", path: undefined },
  ];
  const picked = await vscode.window.showQuickPick(rows, { title });
  if (picked === undefined || picked.path !== undefined) {
    return picked?.path;
  }
  const [file] = (await vscode.window.showOpenDialog({ canSelectFiles: true, openLabel: "Compare" })) ?? [];
  return file?.fsPath;
}

/** epoch_2 comes before epoch_10. */
const { compare: byNumber } = new Intl.Collator("en", { numeric: true });
