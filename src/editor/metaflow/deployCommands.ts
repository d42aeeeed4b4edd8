import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { fencedBlock } from "../../core/base/markdown.ts";
import type { DeployPlace } from "../../core/metaflow/deploy/deployPlace.ts";
import {
  type DeployTargetId,
  deployCommand,
  deployOptions,
  deployTargetIds,
  deployTargets,
} from "../../core/metaflow/deploy/deployTarget.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import type { CommandTable } from "../base/commands.ts";
import { fileOf } from "../base/commandTarget.ts";
import { shownDocument, showReport } from "../base/shownText.ts";
import { chooseWorkspaceFolder, displayPath, requireTrust } from "../base/workspace.ts";
import { type FinishedRun, judgeDeployment } from "./deployReply.ts";
import { flowInFront, flowPython, type InspectedFlow, inspectFile } from "./inspectedFlow.ts";

// A first deployment builds the environments of @pypi and uploads the code.
const DEPLOY_TIMEOUT_MS = 900_000;

/** The commands that take a flow to a scheduler. */
export function deployCommands(finishedRun: FinishedRun): CommandTable {
  return {
    deployFlow: (target) => deployFlow(target, finishedRun),
    showArgoManifest: async (target) => showManifest(await flowOf(target)),
  };
}

async function flowOf(target: unknown): Promise<InspectedFlow> {
  const near = fileOf(target);
  const folder = await chooseWorkspaceFolder(near?.with({ fragment: "" }));
  const file = near?.with({ fragment: "" }).fsPath ?? (await flowInFront(folder, new AbortController().signal));
  return inspectFile(file, folder, new Set(near?.fragment ? [near.fragment] : []));
}

/** "Trainyard: Deploy Flow…": to what, the checks, and then the question that names the place. */
async function deployFlow(target: unknown, finishedRun: FinishedRun): Promise<void> {
  const inspected = await flowOf(target);
  const rows = deployTargetIds.map((id) => ({
    label: deployTargets[id].label,
    detail: deployTargets[id].description,
    id,
  }));
  const picked = await vscode.window.showQuickPick(rows, { title: `Deploy ${inspected.flow.name} to what?` });
  if (!picked) {
    return;
  }
  const { renderReadiness } = await import("../../core/metaflow/specialist/deployReadiness.ts");
  const { facts, readiness } = await judgeDeployment(inspected, { finishedRun, target: picked.id });
  await showReport(`Deployment of ${inspected.flow.name}`, renderReadiness(facts, readiness));
  const manifest = picked.id === "argo-workflows" ? ["Show Manifest"] : [];
  const choice = readiness.isReady
    ? await vscode.window.showInformationMessage(
        `${inspected.flow.name} is ready for ${picked.label}.`,
        "Deploy…",
        ...manifest,
      )
    : await vscode.window.showWarningMessage(
        `${inspected.flow.name} is not ready for ${picked.label}: the report names what is missing.`,
        ...manifest,
      );
  if (choice === "Show Manifest") {
    await showManifest(inspected);
  } else if (choice !== undefined && facts.place) {
    await agreeAndDeploy(inspected, picked.id, facts.place);
  }
}

/** The question names cluster and namespace, or that they are not known; nothing happens before its answer. */
async function agreeAndDeploy(inspected: InspectedFlow, id: DeployTargetId, place: DeployPlace): Promise<void> {
  requireTrust("deploying a flow");
  const { describePlace } = await import("../../core/metaflow/deploy/describePlace.ts");
  const { renderCommandLine } = await import("../../core/training/commandLine.ts");
  const { file, folder, flow } = inspected;
  const args = deployCommand(flow, id, place);
  const python = await flowPython(file, folder);
  const choice = await vscode.window.showWarningMessage(
    `Deploy ${flow.name} to ${deployTargets[id].label}?`,
    {
      modal: true,
      detail: [...describePlace(id, place), "", renderCommandLine([python, path.basename(file), ...args])].join("\n"),
    },
    "Deploy",
  );
  if (choice === undefined) {
    return;
  }
  if (deployTargets[id].start === undefined) {
    // It runs as long as the flow does, so it is a run like any other, with its log and its Stop.
    await vscode.commands.executeCommand("trainyard.planRun", { script: file, arguments: args });
    return;
  }
  await callDeployment(inspected, python, args);
}

async function callDeployment({ file, flow }: InspectedFlow, python: string, args: readonly string[]): Promise<void> {
  const { runMetaflow } = await import("../../node/metaflow/runMetaflow.ts");
  const { metaflowUser } = await import("../../core/metaflow/metaflowUser.ts");
  const environment = { ...process.env, ...metaflowUser(process.env) };
  const output = await withProgress(`Deploying ${flow.name}`, (signal) =>
    runMetaflow(python, file, { args, environment, timeoutMs: DEPLOY_TIMEOUT_MS, signal }),
  );
  const said = `${output.stderr}\n${output.stdout}`.trim();
  const outcome = output.exitCode === 0 ? "was deployed" : `was not deployed (exit code ${output.exitCode})`;
  await showReport(`Deploying ${flow.name}`, `**${flow.name} ${outcome}.**\n\n${fencedBlock(said, "text")}`);
  if (output.exitCode !== 0) {
    throw new UserError(`${flow.name} ${outcome}. The report shows what Metaflow said.`);
  }
}

/** "Trainyard: Show Argo Manifest…": what Argo Workflows would be given, made without any network. */
async function showManifest({ file, folder, flow }: InspectedFlow): Promise<void> {
  requireTrust("running the file of a flow to compile it");
  const { renderManifest } = await import("../../node/metaflow/deploy/renderManifest.ts");
  const { checkManifest } = await import("../../core/metaflow/deploy/checkManifest.ts");
  const { manifestText } = await import("../../core/metaflow/deploy/manifestText.ts");
  const python = await flowPython(file, folder);
  const manifest = await withProgress(`Compiling ${displayPath(file)} for Argo Workflows`, (signal) =>
    renderManifest({ python, file, options: deployOptions(flow, undefined), environment: process.env, signal }),
  );
  const problems = checkManifest(
    manifest,
    flow.steps.map(({ name }) => name),
  );
  const shown = shownDocument(`${flow.name}.argo.yaml`, manifestText(manifest, problems));
  await vscode.window.showTextDocument(shown, { preview: false });
  if (problems.length > 0) {
    void vscode.window.showWarningMessage(
      `The manifest of ${flow.name} has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}; its first lines name them.`,
    );
  }
}

async function withProgress<Value>(title: string, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_progress, token) => withAbortSignal(token, work),
  );
}
