import * as vscode from "vscode";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { FlowRequest } from "../../core/metaflow/flowScaffold.ts";
import { chooseWorkspaceFolder, resolveInFolder } from "../base/workspace.ts";
import { findFlows } from "./findFlows.ts";
import type { FlowChecks } from "./flowCheck.ts";
import { openFlowScaffolder } from "./flowCommands.ts";

/** What `@metaflow-agent` answers about flows, without any model. */
export function flowSlashCommands(extensionFolder: string, checks: FlowChecks): SlashCommand[] {
  return [
    {
      participant: "metaflow-agent",
      name: "scaffold",
      description: "write a new flow that passes Metaflow's check and runs",
      answer: (request) => answerScaffold(extensionFolder, request),
    },
    {
      participant: "metaflow-agent",
      name: "check",
      description: "run Metaflow's own check on a flow",
      answer: (request, signal) => answerCheck(checks, request, signal),
    },
  ];
}

async function answerScaffold(extensionFolder: string, { prompt }: SlashRequest): Promise<Reply> {
  const { parseScaffoldText } = await import("../../core/metaflow/scaffoldText.ts");
  const { template, name, folder } = parseScaffoldText(prompt);
  if (name === undefined) {
    return {
      markdown:
        "What is the flow for? Name it, for example `/scaffold training flow called churn` or `/scaffold sweep called churn in flows/`.",
      buttons: [{ title: "Choose Step by Step…", command: "trainyard.newFlow" }],
    };
  }
  const scaffolder = await openFlowScaffolder(extensionFolder, await chooseWorkspaceFolder());
  const request: FlowRequest = {
    origin: { kind: "template", template },
    name,
    ...(folder === undefined ? {} : { folder }),
  };
  const written = await scaffolder.write(await scaffolder.plan(request));
  const { describeScaffold } = await import("../../core/metaflow/describeScaffold.ts");
  const uri = vscode.Uri.file(written.flow.path);
  return {
    markdown: describeScaffold(written),
    references: [{ path: written.flow.path }],
    buttons:
      written.kind === "written"
        ? [
            { title: "Check", command: "trainyard.checkFlow", arguments: [uri.toString()] },
            { title: "Run…", command: "trainyard.runFlow", arguments: [uri.toString()] },
          ]
        : [{ title: "Compare", command: "trainyard.compareFlow", arguments: [request] }],
    followups:
      written.kind === "written"
        ? []
        : [
            {
              label: `Write ${written.alternative.relativePath}`,
              command: "scaffold",
              prompt: `${template} called "${written.alternative.name.title}"${folder === undefined ? "" : ` in ${folder}`}`,
            },
          ],
  };
}

async function answerCheck(checks: FlowChecks, { prompt }: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const folder = await chooseWorkspaceFolder();
  const file = await flowFile(prompt, folder, signal);
  const result = await checks.check(file, folder, signal);
  return {
    markdown: await checks.describe(result, file, folder),
    references: [{ path: file }],
    buttons:
      result.kind === "ok"
        ? [{ title: "Run…", command: "trainyard.runFlow", arguments: [vscode.Uri.file(file).toString()] }]
        : [],
  };
}

/** The flow a text names, else the one in the active editor, else the only or best one of the workspace. */
async function flowFile(text: string, folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<string> {
  const named = /[^\s"'`]+\.py\b/.exec(text)?.[0];
  if (named !== undefined) {
    return resolveInFolder(folder, named);
  }
  const flows = await findFlows(folder, signal);
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  return flows.find((flow) => flow === active) ?? flows[0];
}
