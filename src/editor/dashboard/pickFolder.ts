import * as vscode from "vscode";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import { findFolders } from "./shownRuns.ts";

const BROWSE = "Browse…";

/** A folder of logs that the person picks: one that was found in the workspace, or any other. Undefined when they leave. */
export async function pickFolder(client: MetricsClient): Promise<string | undefined> {
  const found = await findFolders(client);
  const rows = found.map(({ path, name, places }) => ({
    label: name,
    description: places === 1 ? "one run or store" : `${places} runs or stores`,
    path,
  }));
  const browse = { label: BROWSE, description: "a folder of logs anywhere", path: undefined, alwaysShow: true };
  if (rows.length === 0) {
    return browseFolder();
  }
  const picked = await vscode.window.showQuickPick([...rows, browse], {
    title: "Show the curves of which folder of logs?",
    matchOnDescription: true,
  });
  return picked?.label === BROWSE ? browseFolder() : picked?.path;
}

async function browseFolder(): Promise<string | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const picked = await vscode.window.showOpenDialog({
    title: "Show the curves of which folder of logs?",
    openLabel: "Show Curves",
    canSelectFolders: true,
    canSelectFiles: false,
    ...(folder === undefined ? {} : { defaultUri: folder.uri }),
  });
  return picked?.[0]?.fsPath;
}
