import * as vscode from "vscode";
import * as z from "zod";
import { type AgentCatalog, takenNames } from "../../core/agents/agentCatalog.ts";
import { complainAboutName } from "../../core/agents/agentName.ts";
import { AGENT_TEMPLATES } from "../../core/agents/agentTemplate.ts";
import { UserError } from "../../core/base/errors.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { writeAgent } from "../base/writeAgent.ts";

const requestSchema = z.object({ name: z.string() }).partial().catch({});

/** "Trainyard: New Agent…": name, purpose and template, then the file, which is opened. It never replaces one. */
export async function newAgent(request: unknown, loadCatalog: () => Promise<AgentCatalog>): Promise<void> {
  const folder = await chooseWorkspaceFolder();
  const taken = takenNames(await loadCatalog());
  const name = await vscode.window.showInputBox({
    title: "New Agent (1/3): what is it called?",
    prompt: "Handoffs and the agent picker use it",
    placeHolder: "bias-auditor",
    value: requestSchema.parse(request).name ?? "",
    ignoreFocusOut: true,
    validateInput: (value) => complainAboutName(value, taken),
  });
  const purpose = name && (await askPurpose());
  const template = purpose && (await pickTemplate());
  if (name === undefined || purpose === undefined || template === undefined || template === "") {
    return;
  }
  const { uri, path, outcome } = await writeAgent(folder, { name, task: purpose, template });
  if (outcome === "exists") {
    throw new UserError(`${path} is there already and was not changed. Choose another name, or edit that file.`);
  }
  await vscode.window.showTextDocument(uri);
}

async function askPurpose(): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: "New Agent (2/3): what is it for?",
    prompt: "One sentence. It becomes the description and the task",
    placeHolder: "Finds groups of people for whom the model is worse.",
    ignoreFocusOut: true,
  });
}

async function pickTemplate() {
  const rows = AGENT_TEMPLATES.map((template) => ({ label: template.title, detail: template.detail, template }));
  const title = "New Agent (3/3): how does it work?";
  return (await vscode.window.showQuickPick(rows, { title, ignoreFocusOut: true }))?.template;
}
