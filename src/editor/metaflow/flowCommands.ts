import * as path from "node:path";
import * as vscode from "vscode";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import type { FlowScaffolder, PlannedFlow } from "../../core/metaflow/flowScaffold.ts";
import { type FlowTemplateId, flowTemplateIds, flowTemplates } from "../../core/metaflow/flowTemplate.ts";
import type { CommandTable } from "../base/commands.ts";
import { fileOf } from "../base/commandTarget.ts";
import { showError } from "../base/reportError.ts";
import { chooseWorkspaceFolder, displayPath, requireTrust } from "../base/workspace.ts";
import { compareWithTemplate, writeOrAsk } from "../base/writeOrAsk.ts";
import { findFlows } from "./findFlows.ts";
import type { FlowChecks } from "./flowCheck.ts";
import type { FlowReports } from "./flowReports.ts";
import { flowRunCommands } from "./flowRunCommands.ts";

const onPanelError = (error: unknown) => void showError(error, "Drawing the flow");

export function flowCommands(extensionFolder: string, checks: FlowChecks, reports: FlowReports): CommandTable {
  return {
    nextStep: async () => (await import("./flowSteps.ts")).goToStep(reports, "next"),
    previousStep: async () => (await import("./flowSteps.ts")).goToStep(reports, "previous"),
    async showFlowGraph(target) {
      const { showFlowGraph } = await import("./flowGraphPanel.ts");
      // A file may hold several flows: the fragment names the one that is meant.
      const name = fileOf(target)?.fragment || undefined;
      const file = fileOf(target)?.with({ fragment: "" });
      await showFlowGraph(await flowDocument(file), name, { reports, extensionFolder, onError: onPanelError });
    },
    ...flowRunCommands(pickFlow),
    async addToFlow(target) {
      const { addToFlow } = await import("./addToFlow.ts");
      await addToFlow(await flowDocument(fileOf(target)?.with({ fragment: "" })), reports);
    },
    newFlow: () => newFlow(extensionFolder),
    compareFlow: (request) => compareFlow(extensionFolder, request),
    newTrainingScript: () => newTrainingScript(extensionFolder),
    async checkFlow(target) {
      const file = fileOf(target)?.fsPath ?? (await pickFlow("Check which flow?"));
      if (file !== undefined) {
        await checks.checkWithProgress(file, await chooseWorkspaceFolder(vscode.Uri.file(file)));
      }
    },
  };
}

/** The document of a target, else the one in front where it is Python, else the flow that is picked. */
async function flowDocument(target: unknown): Promise<vscode.TextDocument> {
  const active = vscode.window.activeTextEditor?.document;
  if (fileOf(target) === undefined && active?.languageId === "python") {
    return active;
  }
  const file = await pickFlowFile(target);
  return vscode.workspace.openTextDocument(file);
}

async function pickFlowFile(target: unknown): Promise<vscode.Uri> {
  const uri = fileOf(target);
  if (uri) {
    return uri;
  }
  const picked = await pickFlow("Draw which flow?");
  if (picked === undefined) {
    throw new vscode.CancellationError();
  }
  return vscode.Uri.file(picked);
}

/** The flow in the active editor, else the only one of the workspace, else the one the person picks. */
async function pickFlow(title: string): Promise<string | undefined> {
  const folder = await chooseWorkspaceFolder();
  const flows = await findFlows(folder, new AbortController().signal);
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const [only] = flows;
  if (flows.length === 1 || (active !== undefined && flows.includes(active))) {
    return active !== undefined && flows.includes(active) ? active : only;
  }
  const rows = flows.map((flow) => ({ label: displayPath(flow), flow }));
  return (await vscode.window.showQuickPick(rows, { title }))?.flow;
}

/** "Trainyard: New Metaflow Flow…": template, name, folder, then the file, which is opened. */
async function newFlow(extensionFolder: string): Promise<void> {
  requireTrust("writing a flow", "puts code into it");
  const folder = await chooseWorkspaceFolder();
  const template = await pickTemplate();
  const name = template && (await askFlowName());
  const into = name && (await askFolder(folder));
  if (template === undefined || name === undefined || into === undefined) {
    return;
  }
  const scaffolder = await openFlowScaffolder(extensionFolder, folder);
  const planned = await scaffolder.plan({
    origin: { kind: "template", template },
    name,
    ...(into === "" ? {} : { folder: into }),
  });
  const flow = await writeOrAsk(planned, async (each) => {
    const written = await scaffolder.write(each);
    return written.kind === "exists" ? written.alternative : undefined;
  });
  if (flow !== undefined) {
    await openWritten(flow);
  }
}

export async function openFlowScaffolder(
  extensionFolder: string,
  folder: vscode.WorkspaceFolder,
): Promise<FlowScaffolder> {
  const { createFlowScaffolder } = await import("../../node/metaflow/writeFlow.ts");
  return createFlowScaffolder({
    workspaceFolder: folder.uri.fsPath,
    templatesFolder: path.join(extensionFolder, "templates"),
  });
}

async function pickTemplate(): Promise<FlowTemplateId | undefined> {
  const rows = flowTemplateIds.map((id) => ({
    label: flowTemplates[id].label,
    detail: flowTemplates[id].description,
    id,
  }));
  return (await vscode.window.showQuickPick(rows, { title: "New Metaflow Flow (1/3): which template?" }))?.id;
}

async function askFlowName(): Promise<string | undefined> {
  const { parseFlowName } = await import("../../core/metaflow/flowName.ts");
  return vscode.window.showInputBox({
    title: "New Metaflow Flow (2/3): what is it for?",
    placeHolder: "churn training",
    prompt: "Becomes the class name and the file name.",
    validateInput: (value) => {
      const parsed = parseFlowName(value);
      return parsed.kind === "refused" ? parsed.reason : undefined;
    },
  });
}

async function askFolder(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: "New Metaflow Flow (3/3): in which folder?",
    prompt: `Below ${folder.name}. Empty: flows/ or workflows/ where one exists, else ${folder.name} itself.`,
    placeHolder: "flows",
    validateInput: (value) => folderProblem(value, folder.name),
  });
}

function folderProblem(value: string, workspace: string): string | undefined {
  const inside = path.relative("/w", path.resolve("/w", value.trim()));
  if (path.isAbsolute(value.trim()) || inside.startsWith("..")) {
    return `Name a folder below ${workspace}, for example flows.`;
  }
  return /[\p{Cc}<>:"|?*]/u.test(value) ? "A folder cannot have this name on every system." : undefined;
}

const flowRequestSchema = z.object({
  origin: z.object({ kind: z.literal("template"), template: z.enum(flowTemplateIds) }),
  name: z.string(),
  folder: z.string().optional(),
});

/** The button under an answer that found the file taken: what is there beside what would be written. */
async function compareFlow(extensionFolder: string, argument: unknown): Promise<void> {
  const parsed = flowRequestSchema.safeParse(argument);
  if (!parsed.success) {
    throw new UserError("This button lost its flow. Use `/scaffold` again.");
  }
  const { origin, name, folder } = parsed.data;
  const scaffolder = await openFlowScaffolder(extensionFolder, await chooseWorkspaceFolder());
  await compareWithTemplate(await scaffolder.plan({ origin, name, ...(folder === undefined ? {} : { folder }) }));
}

async function openWritten(flow: PlannedFlow): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(flow.path), { preview: false });
  const choice = await vscode.window.showInformationMessage(
    `${flow.name.className} was written to ${flow.relativePath}.`,
    "Check",
    "Run…",
  );
  if (choice !== undefined) {
    await vscode.commands.executeCommand(
      choice === "Check" ? "trainyard.checkFlow" : "trainyard.runFlow",
      vscode.Uri.file(flow.path),
    );
  }
}

/** "Trainyard: New Training Script…". */
async function newTrainingScript(extensionFolder: string): Promise<void> {
  requireTrust("writing a training script", "puts code into it");
  const folder = await chooseWorkspaceFolder();
  const { parseScriptName } = await import("../../core/training/scriptName.ts");
  const name = await vscode.window.showInputBox({
    title: "New Training Script: what is it called?",
    prompt: `A file of this name is written into ${folder.name}`,
    value: "train",
    validateInput: (value) => {
      const parsed = parseScriptName(value);
      return parsed.kind === "refused" ? parsed.reason : undefined;
    },
  });
  if (name === undefined) {
    return;
  }
  const { createScriptScaffolder } = await import("../../node/training/scaffoldScript.ts");
  const scaffolder = createScriptScaffolder({
    workspaceFolder: folder.uri.fsPath,
    sampleFolder: path.join(extensionFolder, "examples", "digits"),
  });
  const script = await writeOrAsk(await scaffolder.plan({ name }), async (each) => {
    const written = await scaffolder.write(each);
    return written.kind === "exists" ? written.alternative : undefined;
  });
  if (script === undefined) {
    return;
  }
  await vscode.window.showTextDocument(vscode.Uri.file(script.path), { preview: false });
  const choice = await vscode.window.showInformationMessage(`${script.relativePath} was written.`, "Train…");
  if (choice !== undefined) {
    requireTrust("starting a training");
    await vscode.commands.executeCommand("trainyard.train", vscode.Uri.file(script.path));
  }
}
