import * as vscode from "vscode";

/** Closes a proposed text, or the comparison with it: once it is decided, the file itself is what counts. */
export async function closeProposal(proposed: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const tab = tabs.find(({ input }) => shownIn(input)?.toString() === proposed.toString());
  if (tab) {
    await vscode.window.tabGroups.close(tab);
  }
}

function shownIn(input: unknown): vscode.Uri | undefined {
  if (input instanceof vscode.TabInputTextDiff) {
    return input.modified;
  }
  return input instanceof vscode.TabInputText ? input.uri : undefined;
}
