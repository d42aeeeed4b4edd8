import * as vscode from "vscode";

/** The editor of checkpoint files, as package.json names it. */
export const CHECKPOINT_EDITOR = "trainyard.checkpoint";

/** Opens checkpoint files as a page of facts and tensors. It reads and never writes, and runs nothing of the file. */
export function registerCheckpointEditor(extensionFolder: string): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(
    CHECKPOINT_EDITOR,
    {
      openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
      async resolveCustomEditor({ uri }, panel) {
        const { showCheckpoint } = await import("./checkpointPanel.ts");
        showCheckpoint(uri, panel, extensionFolder);
      },
    } satisfies vscode.CustomReadonlyEditorProvider,
    // A page of 100,000 tensors is cheaper to keep than to send again with every change of the tab.
    { webviewOptions: { retainContextWhenHidden: true } },
  );
}
