import { Buffer } from "node:buffer";
import * as vscode from "vscode";
import type { CurvesRequest } from "../../core/dashboard/curvesMessage.ts";

/** Asks where, and writes what the page has drawn: rows as they are, a picture from its base64. */
export async function saveExport({ name, text }: Extract<CurvesRequest, { kind: "export" }>): Promise<void> {
  const isPicture = name.endsWith(".png");
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: isPicture ? { Pictures: ["png"] } : { "Comma-separated values": ["csv"] },
  });
  if (target === undefined) {
    return;
  }
  await vscode.workspace.fs.writeFile(target, Buffer.from(text, isPicture ? "base64" : "utf8"));
  const choice = await vscode.window.showInformationMessage(
    `Wrote ${vscode.workspace.asRelativePath(target)}.`,
    "Open",
  );
  if (choice === "Open") {
    await vscode.commands.executeCommand("vscode.open", target);
  }
}
