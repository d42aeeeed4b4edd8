import * as vscode from "vscode";

export const CURVES_VIEW_TYPE = "trainyard.curves";

type CurvesRestorer = { restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> };

/** Brings the panel of curves back after a reload of the window, with the runs that it showed. */
export function registerCurvesRestoring(load: () => Promise<CurvesRestorer>): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(CURVES_VIEW_TYPE, {
    async deserializeWebviewPanel(panel, state: unknown) {
      await (await load()).restore(panel, state);
    },
  });
}
