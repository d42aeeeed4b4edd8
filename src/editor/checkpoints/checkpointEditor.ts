import * as vscode from "vscode";

const VIEW_TYPE = "trainyard.checkpoint";

/** Opens checkpoint files as a page of facts and tensors. It reads and never writes, and runs nothing of the file. */
export function registerCheckpointEditor(extensionFolder: string): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(
    VIEW_TYPE,
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
