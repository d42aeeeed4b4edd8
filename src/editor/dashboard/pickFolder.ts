import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import * as vscode from "vscode";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import { workspaceRoots } from "../base/workspace.ts";
import { findFolders } from "./shownRuns.ts";

const TITLE = "Show the curves of which folder of logs?";
const BROWSE = "$(folder-opened) Browse…";

type FolderRow = vscode.QuickPickItem & { path: string | undefined };

/** A folder of logs that the person picks: one that was found in the workspace, or any other. Undefined when they leave. */
export async function pickFolder(client: Pick<MetricsClient, "findLogs">): Promise<string | undefined> {
  const found = await findFolders(client);
  const rows = found.map(({ path, name, places }) => ({
    label: name,
    description: places === 1 ? "one run or store" : `${places} runs or stores`,
    path,
  }));
  const browse = { label: BROWSE, description: "a folder of logs anywhere", path: undefined, alwaysShow: true };
  const picked = rows.length === 0 ? { path: undefined, typed: "" } : await pickRow([...rows, browse]);
  return picked && (picked.path ?? (await typedPlace(picked.typed)) ?? (await browseFolder()));
}

/** The row that is picked, and what was typed above it. */
function pickRow(rows: readonly FolderRow[]): Promise<{ path: string | undefined; typed: string } | undefined> {
  const list = vscode.window.createQuickPick<FolderRow>();
  list.title = TITLE;
  list.placeholder = "Filter, or type the path of a folder or a log";
  list.matchOnDescription = true;
  list.items = rows;
  return new Promise((take) => {
    list.onDidAccept(() => {
      const [row] = list.activeItems;
      take(row && { path: row.path, typed: list.value });
      list.hide();
    });
    list.onDidHide(() => {
      list.dispose();
      take(undefined);
    });
    list.show();
  });
}

/** What is there by a path that was typed, in the workspace or anywhere. */
async function typedPlace(typed: string): Promise<string | undefined> {
  const name = typed.trim();
  for (const root of name === "" ? [] : workspaceRoots()) {
    const path = resolve(root, name);
    if (await stat(path).catch(() => undefined)) {
      return path;
    }
  }
  return undefined;
}

async function browseFolder(): Promise<string | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const picked = await vscode.window.showOpenDialog({
    title: TITLE,
    openLabel: "Show Curves",
    canSelectFolders: true,
    canSelectFiles: false,
    ...(folder === undefined ? {} : { defaultUri: folder.uri }),
  });
  return picked?.[0]?.fsPath;
}
