import * as vscode from "vscode";

/** Closes the comparison with a proposed text: once it is decided, the file itself is what counts. */
export async function closeDiff(proposed: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const diff = tabs.find(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === proposed.toString(),
  );
  if (diff) {
    await vscode.window.tabGroups.close(diff);
  }
}
