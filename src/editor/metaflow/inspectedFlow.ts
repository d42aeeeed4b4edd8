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

export type InspectedFlow = { file: string; folder: vscode.WorkspaceFolder; report: FlowReport; flow: Flow };

/** The flow of the file that a request means. */
export async function inspectFlow(request: SlashRequest, signal: AbortSignal): Promise<InspectedFlow> {
  const { file, folder, words } = await flowFileOf(request, signal);
  return inspectFile(file, folder, words);
}

type FoundFlow = { file: string; folder: vscode.WorkspaceFolder; words: ReadonlySet<string> };

/**
 * The file whose name or class the words of a request name, else that of an attachment or the handoff, else the one in front,
 * else the best of the workspace. Refuses where the words mean several, or one that is not there.
 */
export async function flowFileOf(request: SlashRequest, signal: AbortSignal): Promise<FoundFlow> {
  const found = await flowFilesOf(request, signal);
  const [first, ...others] = found;
  if (others.length > 0) {
    throw new UserError(`One flow at a time: ${listed(found.map(({ file }) => displayPath(file)))}. Name one of them.`);
  }
  return first;
}

/** The same, with every flow that the words mean. */
export async function flowFilesOf(
  { prompt, references, packet }: SlashRequest,
  signal: AbortSignal,
): Promise<readonly [FoundFlow, ...FoundFlow[]]> {
  const folder = await chooseWorkspaceFolder();
  const words = new Set(prompt.match(/\b[A-Za-z_]\w*/g));
  const written = [...new Set(prompt.match(/[^\s"'`,;]+\.py\b/g))].map((file) => resolveInFolder(folder, file));
  const known = written.length > 1 ? await listFlows(folder, signal) : [];
  const [first, ...others] = written.filter((file) => known.includes(file));
  const only = first ?? written[0];
  if (only !== undefined) {
    return [{ file: only, folder, words }, ...others.map((file) => ({ file, folder, words }))];
  }
  const attached = references.find((reference) => reference.path.endsWith(".py"))?.path ?? packet?.flow;
  const near = attached === undefined ? undefined : resolveInFolder(folder, attached);
  const [named, ...more] = words.size === 0 ? [] : await flowsNamed(prompt, { folder, near, signal });
  const found = ({ flow, path: file }: WorkspaceFlow) => ({ file, folder, words: new Set([...words, flow]) });
  return named === undefined
    ? [{ file: near ?? (await flowInFront(folder, signal)), folder, words }]
    : [found(named), ...more.map(found)];
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

type WorkspaceFlow = { flow: string; file: string; path: string };

/** The classes of the flow files of the workspace; of files with classes of one name the one at hand comes first. */
export async function workspaceFlows(
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
  near?: string,
): Promise<WorkspaceFlow[]> {
  const { readSource } = await import("../../node/base/readSource.ts");
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const isAtHand = (file: string) => Number(file === near) * 2 + Number(file === active);
  const files = new Set([...(near === undefined ? [] : [near]), ...(await listFlows(folder, signal))]);
  const known: WorkspaceFlow[] = [];
  for (const file of [...files].toSorted((a, b) => isAtHand(b) - isAtHand(a))) {
    const text = (await readSource(file)) ?? "";
    const classes = [...text.matchAll(/^class\s+(\w+)\s*\(/gm)].map(([, name = ""]) => name);
    known.push(...classes.map((flow) => ({ flow, file: displayPath(file), path: file })));
  }
  return known;
}

/** The flows that a text means; none where it names none, so that the one at hand is meant. */
async function flowsNamed(
  text: string,
  { folder, near, signal }: { folder: vscode.WorkspaceFolder; near: string | undefined; signal: AbortSignal },
): Promise<readonly WorkspaceFlow[]> {
  const { FLOW_NAME, findSpokenFlows } = await import("./namedFlow.ts");
  const { namedTarget } = await import("../../core/metaflow/deploy/deployTarget.ts");
  const known = await workspaceFlows(folder, signal, near);
  const ofFiles = known.filter(({ path: file }, at) => known.findIndex((each) => each.path === file) === at);
  const spoken = findSpokenFlows(text, known);
  if (spoken.kind === "named") {
    return spoken.flows;
  }
  // A word that no class is written as names a flow only where there are several, and says nothing of one at hand.
  if (
    spoken.kind === "unknown" &&
    (FLOW_NAME.test(spoken.name) ? known.length > 0 : isChoice(ofFiles, near) && namedTarget(spoken.name) === undefined)
  ) {
    throw new UserError(noSuchFlow(spoken.name, known));
  }
  return spoken.kind === "all" && near === undefined ? ofFiles : [];
}

function isChoice(flows: readonly WorkspaceFlow[], near: string | undefined): boolean {
  return near === undefined && flows.length > 1;
}

/** What to answer where a text names a flow that is not there. */
export function noSuchFlow(name: string, known: readonly { flow: string; file?: string }[]): string {
  const meant = closestName(
    name,
    known.map(({ flow }) => flow),
  );
  const choices = listed([...new Set(known.map(({ flow, file }) => file ?? flow))]);
  return `No flow of this workspace is called \`${name}\`. ${meant === undefined ? `Name one of these: ${choices}.` : `Did you mean \`${meant}\`?`}`;
}

const LISTED_FLOWS = 8;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_FLOWS).map((name) => `\`${name}\``);
  return `${shown.join(", ")}${names.length > LISTED_FLOWS ? " …" : ""}`;
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
