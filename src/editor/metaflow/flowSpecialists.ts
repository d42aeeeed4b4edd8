import { createHash } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { z } from "zod";
import { UserError } from "../../core/base/errors.ts";
import { fencedBlock, inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { Flow } from "../../core/metaflow/graph/linkFlow.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import { fileOf } from "../base/commandTarget.ts";
import { offerNewFile, type PlannedFile, writePlannedFile } from "../base/newFile.ts";
import { chooseWorkspaceFolder, displayPath, resolveInFolder } from "../base/workspace.ts";
import { findFlows } from "./findFlows.ts";

/** The newest recorded run of a flow file that finished. */
export type FinishedRun = (flowPath: string) => Promise<{ id: string } | undefined>;

/** What the specialists of flows answer where no language model speaks for them. */
export function flowSpecialistCommands(finishedRun: FinishedRun): SlashCommand[] {
  return [
    {
      participant: "metaflow-agent",
      name: "test",
      description: "write a pytest file for a flow, shown before it is written",
      answer: answerTest,
    },
    {
      participant: "mlops-engineer",
      name: "deploy",
      description: "check whether a flow can be deployed, and show the commands",
      answer: (request, signal) => answerDeploy(finishedRun, request, signal),
    },
  ];
}

type InspectedFlow = { file: string; folder: vscode.WorkspaceFolder; report: FlowReport; flow: Flow };

/** The flow that the words, an attachment or the handoff name, else the one in front, else the best of the workspace. */
async function inspectFlow({ prompt, references, packet }: SlashRequest, signal: AbortSignal): Promise<InspectedFlow> {
  const folder = await chooseWorkspaceFolder();
  const named =
    /[^\s"'`]+\.py\b/.exec(prompt)?.[0] ??
    references.find((reference) => reference.path.endsWith(".py"))?.path ??
    packet?.flow;
  const file = named === undefined ? await flowInFront(folder, signal) : resolveInFolder(folder, named);
  return inspectFile(file, folder);
}

async function flowInFront(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<string> {
  const flows = await findFlows(folder, signal);
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  return flows.find((flow) => flow === active) ?? flows[0];
}

async function inspectFile(file: string, folder: vscode.WorkspaceFolder): Promise<InspectedFlow> {
  const { inspectFlowFile } = await import("../../node/metaflow/inspectFlow.ts");
  const report = await inspectFlowFile({ path: file, roots: [folder.uri.fsPath] });
  const [flow] = report?.flows ?? [];
  if (!report || !flow) {
    throw new UserError(
      `${displayPath(file)} holds no Metaflow flow that can be run. Name a file with a FlowSpec class, or write one with Trainyard: New Metaflow Flow….`,
    );
  }
  return { file, folder, report, flow };
}

async function answerTest(request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const inspected = await inspectFlow(request, signal);
  const { planned, covers } = await planTest(inspected);
  const relative = displayPath(planned.path);
  return {
    markdown: [
      `**Tests for ${inlineCode(inspected.flow.name)}** would go to ${inlineCode(relative)}. They cover:`,
      covers.map((each) => `- ${each}`).join("\n"),
      fencedBlock(planned.text, "python"),
      `Run them with ${inlineCode(`pytest ${relative}`)}. Which values are right only you know: add a test that compares them.`,
    ].join("\n\n"),
    references: [{ path: inspected.file }],
    buttons: [
      {
        title: `Write ${relative}`,
        command: "trainyard.writeFlowTest",
        arguments: [{ flow: inspected.file, digest: digestOf(planned.text) }],
      },
    ],
  };
}

async function planTest({
  file,
  folder,
  flow,
}: InspectedFlow): Promise<{ planned: PlannedFile; covers: readonly string[] }> {
  const { renderFlowTest } = await import("../../core/metaflow/specialist/flowTest.ts");
  const { workspaceRelative } = await import("../../node/base/workspacePath.ts");
  const { fileName, text, covers } = renderFlowTest(flow, workspaceRelative(folder.uri.fsPath, file));
  return { planned: { path: path.join(folder.uri.fsPath, "tests", fileName), text }, covers };
}

const shownTestSchema = z.object({ flow: z.string(), digest: z.string() });

/** "Trainyard: Write Flow Test…". A button wrote out the file already; anything else shows it first. */
export async function writeFlowTest(target: unknown): Promise<void> {
  const shown = shownTestSchema.safeParse(target).data;
  const near = shown ? vscode.Uri.file(shown.flow) : fileOf(target);
  const folder = await chooseWorkspaceFolder(near);
  const file = near?.fsPath ?? (await flowInFront(folder, new AbortController().signal));
  const { planned } = await planTest(await inspectFile(file, folder));
  if (shown?.digest === digestOf(planned.text)) {
    await writePlannedFile(planned);
  } else {
    await offerNewFile(planned);
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function answerDeploy(finishedRun: FinishedRun, request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const { file, report, flow } = await inspectFlow(request, signal);
  const { checkReadiness, renderReadiness } = await import("../../core/metaflow/specialist/deployReadiness.ts");
  const description = await describeLocalRun(file, flow, finishedRun);
  const facts = { report, flow, path: displayPath(file), ...(description ? { localRun: { description } } : {}) };
  const readiness = checkReadiness(facts);
  const lines = readiness.checks.flatMap(({ state, line }) => (state === "ok" || line === undefined ? [] : [line]));
  const uri = vscode.Uri.file(file).toString();
  return {
    markdown: renderReadiness(facts, readiness),
    references: lines.length === 0 ? [{ path: file }] : lines.map((line) => ({ path: file, line })),
    buttons: readiness.isReady
      ? []
      : [
          { title: "Check", command: "trainyard.checkFlow", arguments: [uri] },
          { title: "Run…", command: "trainyard.runFlow", arguments: [uri] },
        ],
  };
}

async function describeLocalRun(file: string, flow: Flow, finishedRun: FinishedRun): Promise<string | undefined> {
  const recorded = await finishedRun(file);
  if (recorded) {
    return `run \`${recorded.id}\` finished on this machine`;
  }
  const { findFinishedRun } = await import("../../node/metaflow/localRuns.ts");
  const endStep = flow.steps.find(({ isEnd }) => isEnd)?.name ?? "end";
  const run = await findFinishedRun(file, { name: flow.name, endStep }, process.env);
  return run === undefined ? undefined : `run \`${flow.name}/${run}\` came to its end in Metaflow's local store`;
}
