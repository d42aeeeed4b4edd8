import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { renderCurvesPage } from "../../core/dashboard/curvesHtml.ts";

/** The page for a panel, with its files below the two folders. */
export function curvesPage(webview: vscode.Webview, media: vscode.Uri, dist: vscode.Uri): string {
  const fileIn = (folder: vscode.Uri) => (name: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  const nonce = randomBytes(18).toString("base64");
  return renderCurvesPage({ cspSource: webview.cspSource, nonce, media: fileIn(media), dist: fileIn(dist) });
}
