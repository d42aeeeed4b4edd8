import * as vscode from "vscode";
import type { Curves } from "./curves.ts";

/** After a reload of the window the panel comes back, with what its page remembers. */
export function registerCurvesRestoring(open: () => Promise<Curves>): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer("trainyard.curves", {
    async deserializeWebviewPanel(panel) {
      await (await open()).adopt(panel);
    },
  });
}
