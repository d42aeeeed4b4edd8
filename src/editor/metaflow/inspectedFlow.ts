import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import type { Flow } from "../../core/metaflow/graph/linkFlow.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import { activePython, configuredPython } from "../base/pythonSettings.ts";
import { chooseWorkspaceFolder, displayPath, resolveInFolder } from "../base/workspace.ts";
import { findFlows } from "./findFlows.ts";

export type InspectedFlow = { file: string; folder: vscode.WorkspaceFolder; report: FlowReport; flow: Flow };

/** The flow that the words name by file or class, or that an attachment or the handoff does, else the one in front, else the best of the workspace. */
export async function inspectFlow(
  { prompt, references, packet }: SlashRequest,
  signal: AbortSignal,
): Promise<InspectedFlow> {
  const folder = await chooseWorkspaceFolder();
  const named =
    /[^\s"'`]+\.py\b/.exec(prompt)?.[0] ??
    references.find((reference) => reference.path.endsWith(".py"))?.path ??
    packet?.flow;
  const words = new Set(prompt.match(/\b[A-Za-z_]\w*/g));
  if (named !== undefined) {
    return inspectFile(resolveInFolder(folder, named), folder, words);
  }
  const file = (await flowDefining(words, { folder, signal })) ?? (await flowInFront(folder, signal));
  return inspectFile(file, folder, words);
}

/** The file of the flow whose class is among the words. */
async function flowDefining(
  words: ReadonlySet<string>,
  { folder, signal }: { folder: vscode.WorkspaceFolder; signal: AbortSignal },
): Promise<string | undefined> {
  if (words.size === 0) {
    return undefined;
  }
  const { readSource } = await import("../../node/base/readSource.ts");
  for (const file of await findFlows(folder, signal)) {
    const text = (await readSource(file)) ?? "";
    if ([...text.matchAll(/^class\s+(\w+)\s*\(/gm)].some(([, name = ""]) => words.has(name))) {
      return file;
    }
  }
  return undefined;
}

export async function flowInFront(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<string> {
  const flows = await findFlows(folder, signal);
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  return flows.find((flow) => flow === active) ?? flows[0];
}

/** The first flow of a file, or the one that is among the names. */
export async function inspectFile(
  file: string,
  folder: vscode.WorkspaceFolder,
  names: ReadonlySet<string> = new Set(),
): Promise<InspectedFlow> {
  const { inspectFlowFile } = await import("../../node/metaflow/inspectFlow.ts");
  const report = await inspectFlowFile({ path: file, roots: [folder.uri.fsPath] });
  const flow = report?.flows.find(({ name }) => names.has(name)) ?? report?.flows[0];
  if (!report || !flow) {
    throw new UserError(
      `${displayPath(file)} holds no Metaflow flow that can be run. Name a file with a FlowSpec class, or write one with Trainyard: New Metaflow Flow….`,
    );
  }
  return { file, folder, report, flow };
}

/** The Python that runs a flow file. */
export async function flowPython(file: string, folder: vscode.WorkspaceFolder): Promise<string> {
  const { findInterpreter } = await import("../../node/training/interpreters.ts");
  return findInterpreter({
    workspaceFolder: folder.uri.fsPath,
    scriptFolder: path.dirname(file),
    environment: process.env,
    configured: configuredPython(folder),
    active: activePython(folder),
  }).path;
}
