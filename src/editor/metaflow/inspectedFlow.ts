import * as path from "node:path";
import * as vscode from "vscode";
import { closestName } from "../../core/base/closestName.ts";
import { UserError } from "../../core/base/errors.ts";
import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import type { Flow } from "../../core/metaflow/graph/linkFlow.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import { activePython, configuredPython } from "../base/pythonSettings.ts";
import { chooseWorkspaceFolder, displayPath, resolveInFolder } from "../base/workspace.ts";
import { findFlows, listFlows, NEW_FLOW } from "./findFlows.ts";
import { FLOW_NAME } from "./namedFlow.ts";

export type InspectedFlow = { file: string; folder: vscode.WorkspaceFolder; report: FlowReport; flow: Flow };

/** The flow of the file that a request means. */
export async function inspectFlow(request: SlashRequest, signal: AbortSignal): Promise<InspectedFlow> {
  const { file, folder, words } = await flowFileOf(request, signal);
  return inspectFile(file, folder, words);
}

/**
 * The file whose name or class the words of a request name, else that of an attachment or the handoff, else the one in front,
 * else the best of the workspace.
 */
export async function flowFileOf(
  { prompt, references, packet }: SlashRequest,
  signal: AbortSignal,
): Promise<{ file: string; folder: vscode.WorkspaceFolder; words: ReadonlySet<string> }> {
  const folder = await chooseWorkspaceFolder();
  const words = new Set(prompt.match(/\b[A-Za-z_]\w*/g));
  const written = /[^\s"'`]+\.py\b/.exec(prompt)?.[0];
  if (written !== undefined) {
    return { file: resolveInFolder(folder, written), folder, words };
  }
  const attached = references.find((reference) => reference.path.endsWith(".py"))?.path ?? packet?.flow;
  const near = attached === undefined ? undefined : resolveInFolder(folder, attached);
  const file = (await flowDefining(words, { folder, near, signal })) ?? near ?? (await flowInFront(folder, signal));
  return { file, folder, words };
}

/** The flow files below a folder that a request names, as `flows` or `flows/`; nothing where it names none. */
export async function flowFilesBelow(
  { prompt }: SlashRequest,
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const written = prompt.match(/[^\s"'`,;]+/g)?.filter((word) => !word.endsWith(".py")) ?? [];
  const words = [...written.filter((word) => word.includes("/")), ...written.filter((word) => !word.includes("/"))];
  const flows = words.length === 0 ? [] : await listFlows(folder, signal);
  for (const word of words) {
    const named = resolveInFolder(folder, word);
    const below = flows.filter((file) => !path.relative(named, file).startsWith(".."));
    if (below.length > 0 || word.endsWith("/")) {
      return below;
    }
  }
  return undefined;
}

/** What a command is given to act on just this flow: in a file of several the file alone would mean the first one. */
export function placeOf({ file, flow, report }: InspectedFlow): string {
  const uri = vscode.Uri.file(file);
  return (report.flows.length > 1 ? uri.with({ fragment: flow.name }) : uri).toString();
}

/** The file of the flow whose class is among the words. Of files with classes of one name the one at hand comes first. */
async function flowDefining(
  words: ReadonlySet<string>,
  { folder, near, signal }: { folder: vscode.WorkspaceFolder; near: string | undefined; signal: AbortSignal },
): Promise<string | undefined> {
  if (words.size === 0) {
    return undefined;
  }
  const { readSource } = await import("../../node/base/readSource.ts");
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const flows = await listFlows(folder, signal);
  const isAtHand = (file: string) => Number(file === near) * 2 + Number(file === active);
  const files = new Set([...(near === undefined ? [] : [near]), ...flows]);
  const known: string[] = [];
  for (const file of [...files].toSorted((a, b) => isAtHand(b) - isAtHand(a))) {
    const text = (await readSource(file)) ?? "";
    const names = [...text.matchAll(/^class\s+(\w+)\s*\(/gm)].map(([, name = ""]) => name);
    if (names.some((name) => words.has(name))) {
      return file;
    }
    known.push(...names);
  }
  const missing = [...words].find((word) => FLOW_NAME.test(word));
  if (missing !== undefined && known.length > 0) {
    throw new UserError(noSuchFlow(missing, known));
  }
  return undefined;
}

function noSuchFlow(name: string, known: readonly string[]): string {
  const meant = closestName(name, known);
  return `No flow of this workspace is called \`${name}\`.${meant === undefined ? " Name its file, or a class that is there." : ` Did you mean \`${meant}\`?`}`;
}

export async function flowInFront(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<string> {
  const flows = await findFlows(folder, signal);
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  return flows.find((flow) => flow === active) ?? flows[0];
}

/** The first flow of a file, or the one that is among the names; never another one in its place. */
export async function inspectFile(
  file: string,
  folder: vscode.WorkspaceFolder,
  names: ReadonlySet<string> = new Set(),
): Promise<InspectedFlow> {
  const { inspectFlowFile } = await import("../../node/metaflow/inspectFlow.ts");
  const report = await inspectFlowFile({ path: file, roots: [folder.uri.fsPath] });
  const flow = report?.flows.find(({ name }) => names.has(name)) ?? report?.flows[0];
  const other = report?.notRun.find((name) => names.has(name));
  if (flow && other !== undefined && !names.has(flow.name)) {
    throw new UserError(
      `\`${other}\` in ${displayPath(file)} is not what runs there: the file runs \`${flow.name}\`. Give \`${other}\` a file of its own that ends with \`${other}()\`, then ask again.`,
    );
  }
  if (!report || !flow) {
    throw new UserError(
      `${displayPath(file)} holds no Metaflow flow that can be run. Name a file with a FlowSpec class, or write one with Trainyard: New Metaflow Flow.`,
      { remedy: NEW_FLOW },
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
