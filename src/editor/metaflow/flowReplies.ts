import * as vscode from "vscode";
import { fencedBlock } from "../../core/base/markdown.ts";
import { ASK_AGENT_COMMAND } from "../../core/chat/builtInNames.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { FlowRequest, PlannedFlow, WrittenFlow } from "../../core/metaflow/flowScaffold.ts";
import type { ScaffoldWish } from "../../core/metaflow/scaffoldText.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";
import type { FlowChecks } from "./flowCheck.ts";
import { openFlowScaffolder } from "./flowCommands.ts";
import { flowFilesBelow, flowFilesOf, inspectFlow, placeOf } from "./inspectedFlow.ts";

/** What `@metaflow-agent` answers about flows, without any model. */
export function flowSlashCommands(extensionFolder: string, checks: FlowChecks): SlashCommand[] {
  return [
    {
      participant: "metaflow-agent",
      name: "scaffold",
      description: "write a new flow that passes Metaflow's check and runs",
      followedBy: ["test-agent", "ml-trainer"],
      answer: (request) => answerScaffold(extensionFolder, request),
    },
    {
      participant: "metaflow-agent",
      name: "check",
      description: "run Metaflow's own check on a flow",
      followedBy: ["test-agent", "devops-agent"],
      answer: (request, signal) => answerCheck(checks, request, signal),
    },
    {
      participant: "metaflow-agent",
      name: "graph",
      description: "show the steps of a flow and what follows each",
      offersHandoffs: false,
      answer: answerGraph,
    },
  ];
}

async function answerGraph(request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const inspected = await inspectFlow(request, signal);
  const { file, flow } = inspected;
  const { buildGraph } = await import("../../core/metaflow/graph/flowGraph.ts");
  const { renderGraphText } = await import("../../core/metaflow/graph/renderGraphText.ts");
  const place = placeOf(inspected);
  return {
    markdown: fencedBlock(renderGraphText(buildGraph(flow)), "text"),
    references: [{ path: file, line: flow.source.range.start.line }],
    buttons: [
      { title: "Show Flow Graph", command: "trainyard.showFlowGraph", arguments: [place] },
      { title: "Check", command: "trainyard.checkFlow", arguments: [place] },
    ],
  };
}

async function answerScaffold(extensionFolder: string, asked: SlashRequest): Promise<Reply> {
  const { parseScaffoldText } = await import("../../core/metaflow/scaffoldText.ts");
  const workspaceFolder = await chooseWorkspaceFolder();
  const wish = parseScaffoldText(asked.prompt, await foldersIn(workspaceFolder));
  const { template, name, folder, script, noFolder, namesParts } = wish;
  if (name === undefined) {
    return {
      markdown:
        "What is the flow for? Name it, for example `/scaffold training flow called churn` or `/scaffold sweep called churn in flows/`.",
      buttons: [{ title: "Choose Step by Step…", command: "trainyard.newFlow" }],
    };
  }
  const scaffolder = await openFlowScaffolder(extensionFolder, workspaceFolder);
  const request: TemplateRequest = {
    origin: { kind: "template", template },
    name,
    ...(folder === undefined ? {} : { folder }),
  };
  const planned = await scaffolder.plan(request);
  // Fixed rules read all of this out of a sentence: where they may have misread it, the person looks first.
  if (asked.isRouted === true || script !== undefined || noFolder !== undefined || namesParts) {
    return offerToWrite(planned, request, wish);
  }
  requireTrust("writing a flow", "puts code into it");
  const written = await scaffolder.write(planned);
  if (written.kind === "written") {
    // Beside the chat, where the person goes on typing.
    await vscode.window.showTextDocument(vscode.Uri.file(written.flow.path), { preview: false, preserveFocus: true });
  }
  return replyToScaffold(written, request);
}

type TemplateRequest = FlowRequest & { origin: { kind: "template" } };

async function foldersIn(workspaceFolder: vscode.WorkspaceFolder): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(workspaceFolder.uri);
  return entries.filter(([, type]) => (type & vscode.FileType.Directory) !== 0).map(([name]) => name);
}

async function offerToWrite(planned: PlannedFlow, request: TemplateRequest, wish: ScaffoldWish): Promise<Reply> {
  const { describePlannedFlow } = await import("../../core/metaflow/describeScaffold.ts");
  const prompt = await promptFor(request, planned);
  return {
    markdown: describePlannedFlow(planned, wish),
    offersHandoffs: false,
    buttons: [
      {
        title: `Write ${planned.relativePath}`,
        command: ASK_AGENT_COMMAND,
        arguments: [{ agent: "metaflow-agent", command: "scaffold", prompt }],
      },
      { title: "Choose Step by Step…", command: "trainyard.newFlow" },
    ],
  };
}

/** What to type after `/scaffold` for just this flow. */
async function promptFor({ origin, folder }: TemplateRequest, { name }: PlannedFlow): Promise<string> {
  const { renderScaffoldText } = await import("../../core/metaflow/scaffoldText.ts");
  return renderScaffoldText({
    template: origin.template,
    name: name.title,
    ...(folder === undefined ? {} : { folder }),
  });
}

async function replyToScaffold(written: WrittenFlow, request: TemplateRequest): Promise<Reply> {
  const { describeScaffold } = await import("../../core/metaflow/describeScaffold.ts");
  const uri = vscode.Uri.file(written.flow.path).toString();
  const reply = { markdown: describeScaffold(written), references: [{ path: written.flow.path }] };
  return written.kind === "written"
    ? {
        ...reply,
        buttons: [
          { title: "Check", command: "trainyard.checkFlow", arguments: [uri] },
          { title: "Run…", command: "trainyard.runFlow", arguments: [uri] },
        ],
      }
    : {
        ...reply,
        buttons: [{ title: "Compare", command: "trainyard.compareFlow", arguments: [request] }],
        followups: [
          {
            label: `Write ${written.alternative.relativePath}`,
            command: "scaffold",
            prompt: await promptFor(request, written.alternative),
          },
        ],
      };
}

async function answerCheck(checks: FlowChecks, request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const workspace = await chooseWorkspaceFolder();
  const below = await flowFilesBelow(request, workspace, signal);
  if (below !== undefined) {
    return answerChecks(checks, below, { folder: workspace, signal });
  }
  const [{ file, folder }, ...others] = await flowFilesOf(request, signal);
  if (others.length > 0) {
    return answerChecks(checks, [file, ...others.map((other) => other.file)], { folder, signal });
  }
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

/** Metaflow takes about a second for each. */
const CHECKED_FLOWS = 20;

async function answerChecks(
  checks: FlowChecks,
  files: readonly string[],
  { folder, signal }: { folder: vscode.WorkspaceFolder; signal: AbortSignal },
): Promise<Reply> {
  const found: string[] = [];
  for (const file of files.slice(0, CHECKED_FLOWS)) {
    found.push(await checks.describe(await checks.check(file, folder, signal), file, folder));
  }
  const left = files.length - found.length;
  return {
    markdown: [
      ...(found.length === 0 ? ["There is no flow in that folder. Name a file, or another folder."] : found),
      ...(left > 0
        ? [`${left} more were not checked. \`trainyard check\` on the command line checks all of them.`]
        : []),
    ].join("\n\n"),
    references: files.slice(0, CHECKED_FLOWS).map((path) => ({ path })),
  };
}
