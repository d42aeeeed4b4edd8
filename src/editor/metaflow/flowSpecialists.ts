import { createHash } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import * as z from "zod";
import { fencedBlock, inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import { fileOf } from "../base/commandTarget.ts";
import { offerNewFile, type PlannedFile, writePlannedFile } from "../base/newFile.ts";
import { chooseWorkspaceFolder, displayPath } from "../base/workspace.ts";
import type { FinishedRun } from "./deployReply.ts";
import { flowInFront, type InspectedFlow, inspectFile, inspectFlow } from "./inspectedFlow.ts";

/** What the specialists of flows answer where no language model speaks for them. */
export function flowSpecialistCommands(finishedRun: FinishedRun): SlashCommand[] {
  return [
    {
      participant: "metaflow-agent",
      name: "test",
      description: "write a pytest file for a flow, shown before it is written",
      followedBy: ["test-agent", "devops-agent"],
      answer: answerTest,
    },
    // Both are asked for it: the one who wrote the flow, and the one who operates it.
    ...["metaflow-agent", "mlops-engineer"].map(
      (participant): SlashCommand => ({
        participant,
        name: "deploy",
        description: "check whether a flow can be deployed, and show the commands",
        followedBy: ["devops-agent", "mlops-engineer", "observability-engineer"],
        answer: async (request: SlashRequest, signal: AbortSignal) =>
          (await import("./deployReply.ts")).answerDeploy(finishedRun, request, signal),
      }),
    ),
  ];
}

async function answerTest(request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const inspected = await inspectFlow(request, signal);
  const { planned, covers, toSet } = await planTest(inspected);
  const relative = displayPath(planned.path);
  return {
    markdown: [
      `**Tests for ${inlineCode(inspected.flow.name)}** would go to ${inlineCode(relative)}. They cover:`,
      covers.map((each) => `- ${each}`).join("\n"),
      fencedBlock(planned.text, "python"),
      ...(toSet.length === 0
        ? []
        : [
            `The flow does not start without ${toSet.map(inlineCode).join(", ")}. What stands under ${standIns(planned.text)} only stands in: write the values of a short run there.`,
          ]),
      `Run them with ${inlineCode(`pytest ${relative}`)}. Which values are right only you know: add a test that compares them.`,
    ].join("\n\n"),
    references: [{ path: inspected.file }],
    buttons: [
      {
        title: `Write ${relative}`,
        command: "trainyard.writeFlowTest",
        arguments: [{ flow: inspected.file, name: inspected.flow.name, digest: digestOf(planned.text) }],
      },
    ],
  };
}

/** The lists of a test that hold values for which a person has to write others. */
function standIns(text: string): string {
  const names = ["CONFIGS", "REQUIRED"].filter((name) => text.includes(`\n${name} = [`));
  return names.map(inlineCode).join(" and ");
}

async function planTest({
  file,
  folder,
  flow,
  report,
}: InspectedFlow): Promise<{ planned: PlannedFile; covers: readonly string[]; toSet: readonly string[] }> {
  const { outlineFlowText } = await import("../../node/metaflow/inspectFlow.ts");
  const { renderFlowTest } = await import("../../core/metaflow/specialist/flowTest.ts");
  const { workspaceRelative } = await import("../../node/base/workspacePath.ts");
  const outlines = await outlineFlowText(report.file.text, { path: file, roots: [folder.uri.fsPath] });
  const needs = outlines.find(({ name }) => name === flow.name) ?? { parameters: [], requiredConfigs: [] };
  const { fileName, text, ...about } = renderFlowTest(flow, workspaceRelative(folder.uri.fsPath, file), needs);
  return { planned: { path: path.join(folder.uri.fsPath, "tests", fileName), text }, ...about };
}

const shownTestSchema = z.object({ flow: z.string(), name: z.string(), digest: z.string() });

/** "Trainyard: Write Flow Test…". A button wrote out the file already; anything else shows it first. */
export async function writeFlowTest(target: unknown): Promise<void> {
  const shown = shownTestSchema.safeParse(target).data;
  const near = shown ? vscode.Uri.file(shown.flow) : fileOf(target);
  const folder = await chooseWorkspaceFolder(near);
  const file = near?.fsPath ?? (await flowInFront(folder, new AbortController().signal));
  const { planned } = await planTest(await inspectFile(file, folder, new Set(shown ? [shown.name] : [])));
  if (shown?.digest === digestOf(planned.text)) {
    await writePlannedFile(planned);
  } else {
    await offerNewFile(planned);
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
