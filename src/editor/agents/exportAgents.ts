import * as path from "node:path";
import * as vscode from "vscode";
import type { AgentCatalog, CatalogedAgent } from "../../core/agents/agentCatalog.ts";
import {
  EXPORT_FOLDERS,
  type ExportedFile,
  type ExportTarget,
  exportAgents as renderAgents,
  renderLeftOut,
} from "../../core/agents/exportAgent.ts";
import { UserError } from "../../core/base/errors.ts";
import { plainText } from "../../core/base/markdown.ts";
import { fileExists } from "../base/fileExists.ts";
import { shownDocument, showReport } from "../base/shownText.ts";
import { chooseWorkspaceFolder, resolveInFolder } from "../base/workspace.ts";

type PlannedFile = ExportedFile & { uri: vscode.Uri; place: string; state: "new" | "same" | "differs" };

/** "Trainyard: Export Agents…": which, where to, then the list of what will be written. */
export async function exportAgents(loadCatalog: () => Promise<AgentCatalog>): Promise<void> {
  const workspace = await chooseWorkspaceFolder();
  const agents = await pickAgents(await loadCatalog());
  const target = agents && (await pickTarget());
  const folder = target && (await folderOf(target));
  if (agents === undefined || target === undefined || folder === undefined || folder === "") {
    return;
  }
  const definitions = agents.map(({ definition }) => definition);
  const { files, refused } = renderAgents(definitions, target, { name: path.basename(folder) });
  if (files.length === 0) {
    throw new UserError(refused.join(" "));
  }
  const planned = await Promise.all(files.map((file) => plan(file, { workspace, folder })));
  const open = planned.filter(({ state }) => state !== "same");
  if (open.length === 0) {
    void vscode.window.showInformationMessage(`${folder} holds these agents already. Nothing was written.`);
    return;
  }
  const chosen = await confirmFiles(open, planned.length - open.length);
  if (chosen !== undefined && (await mayReplace(chosen))) {
    await write(chosen);
    await tell(chosen, { folder, refused });
  }
}

const SHOW_LEFT_OUT = "Show What Was Left Out";

/** A sentence that a notification has room for; what the target cannot say is a list to open. */
async function tell(
  files: readonly PlannedFile[],
  { folder, refused }: { folder: string; refused: readonly string[] },
): Promise<void> {
  const written = `Wrote ${counted(files.length, "file")} to ${folder}.`;
  const losing = files.filter(({ leftOut }) => leftOut.length > 0).length;
  const notes = [
    ...(refused.length > 0 ? [`${counted(refused.length, "agent")} could not be exported.`] : []),
    ...(losing > 0 ? [`What ${counted(losing, "file")} cannot say there was left out.`] : []),
  ];
  const show = refused.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const buttons = notes.length > 0 ? [SHOW_LEFT_OUT] : [];
  if ((await show([written, ...notes].join(" "), ...buttons)) === SHOW_LEFT_OUT) {
    await showReport("Left out of the export", renderLeftOut(files, refused));
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

async function pickAgents({ agents }: AgentCatalog): Promise<readonly CatalogedAgent[] | undefined> {
  const rows = agents.map((agent) => ({
    label: agent.definition.name,
    description: agent.origin === "shipped" ? "" : "this workspace",
    detail: agent.definition.description,
    picked: true,
    agent,
  }));
  const title = "Export Agents (1/3): which?";
  const picked = await vscode.window.showQuickPick(rows, { title, canPickMany: true, ignoreFocusOut: true });
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ agent }) => agent);
}

async function pickTarget(): Promise<ExportTarget | undefined> {
  const rows: (vscode.QuickPickItem & { target: ExportTarget })[] = [
    {
      label: EXPORT_FOLDERS.github,
      detail: "Custom agents of VS Code, which Trainyard reads as well",
      target: "github",
    },
    {
      label: EXPORT_FOLDERS.claude,
      detail: "Agents of Claude Code, with its names for tools and models",
      target: "claude",
    },
    { label: "A plugin folder", detail: "plugin.json and agents/, to be installed elsewhere", target: "plugin" },
  ];
  return (await vscode.window.showQuickPick(rows, { title: "Export Agents (2/3): where to?", ignoreFocusOut: true }))
    ?.target;
}

async function folderOf(target: ExportTarget): Promise<string | undefined> {
  if (target !== "plugin") {
    return EXPORT_FOLDERS[target];
  }
  return vscode.window.showInputBox({
    title: "Export Agents: the folder of the plugin",
    prompt: "Below the workspace folder. Its name becomes the name of the plugin",
    value: "plugins/ml-agents",
    ignoreFocusOut: true,
    validateInput: (value) =>
      path.isAbsolute(value) || value.split(/[\\/]/).includes("..")
        ? "Name a folder below the workspace folder."
        : undefined,
  });
}

async function plan(
  file: ExportedFile,
  { workspace, folder }: { workspace: vscode.WorkspaceFolder; folder: string },
): Promise<PlannedFile> {
  const place = `${folder}/${file.path}`;
  const uri = vscode.Uri.file(resolveInFolder(workspace, place));
  if (!(await fileExists(uri.fsPath))) {
    return { ...file, uri, place, state: "new" };
  }
  const present = (await vscode.workspace.openTextDocument(uri)).getText();
  return { ...file, uri, place, state: present === file.text ? "same" : "differs" };
}

const SHOW: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("open-preview"),
  tooltip: "Show what is written",
};

type FileRow = vscode.QuickPickItem & { file: PlannedFile };

/** Everything that would be written; what would replace a file of the person is not chosen by itself. */
async function confirmFiles(files: readonly PlannedFile[], same: number): Promise<readonly PlannedFile[] | undefined> {
  const list = vscode.window.createQuickPick<FileRow>();
  list.title = "Export Agents (3/3): these files will be written";
  list.placeholder = same === 0 ? "" : `${same} more ${same === 1 ? "is" : "are"} there already and stay`;
  list.canSelectMany = true;
  list.ignoreFocusOut = true;
  list.items = files.map((file) => ({
    label: file.place,
    description: file.state === "new" ? "new" : "replaces your file",
    detail: file.leftOut.length === 0 ? undefined : `Left out: ${plainText(file.leftOut.join("; "))}`,
    buttons: [SHOW],
    file,
  }));
  list.selectedItems = list.items.filter(({ file }) => file.state === "new");
  return new Promise((resolve) => {
    list.onDidTriggerItemButton(({ item }) => void showFile(item.file));
    list.onDidAccept(() => {
      resolve(list.selectedItems.map(({ file }) => file));
      list.hide();
    });
    list.onDidHide(() => {
      list.dispose();
      resolve(undefined);
    });
    list.show();
  });
}

async function showFile({ place, text, uri, state }: PlannedFile): Promise<void> {
  const planned = shownDocument(place, text);
  if (state === "new") {
    await vscode.window.showTextDocument(planned, { preview: true, preserveFocus: true });
    return;
  }
  await vscode.commands.executeCommand("vscode.diff", uri, planned, `${place} (yours ↔ exported)`, {
    preserveFocus: true,
  });
}

async function mayReplace(files: readonly PlannedFile[]): Promise<boolean> {
  const replaced = files.filter(({ state }) => state === "differs");
  if (replaced.length === 0) {
    return files.length > 0;
  }
  const question = `Replace ${replaced.length === 1 ? replaced[0]?.place : `${replaced.length} files of yours`}?`;
  const detail = replaced.map(({ place }) => place).join("\n");
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, "Replace")) === "Replace";
}

/** As one edit of the editor, so that Undo takes it back. */
async function write(files: readonly PlannedFile[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  for (const { uri, text, state } of files) {
    edit.createFile(uri, { overwrite: state === "differs", contents: new TextEncoder().encode(text) });
  }
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new UserError(
      "The files could not be written. Check that the folder is writable and that none appeared meanwhile.",
    );
  }
}
