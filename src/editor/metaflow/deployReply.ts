import { stat } from "node:fs/promises";
import { escapeMarkdown } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import type { DeployTargetId } from "../../core/metaflow/deploy/deployTarget.ts";
import type { Readiness } from "../../core/metaflow/specialist/deployReadiness.ts";
import type { LocalRun, ReadinessFacts } from "../../core/metaflow/specialist/readinessCheck.ts";
import { displayPath } from "../base/workspace.ts";
import { type InspectedFlow, inspectFlow, placeOf } from "./inspectedFlow.ts";

/** The newest recorded run of a flow file that finished, with the time it was created. */
export type FinishedRun = (flowPath: string) => Promise<{ id: string; createdAt: string } | undefined>;

/** What `/deploy` answers: the checks with their lines, the commands, and the buttons that go on. */
export async function answerDeploy(
  finishedRun: FinishedRun,
  request: SlashRequest,
  signal: AbortSignal,
): Promise<Reply> {
  const plainRun = handedPlainRun(request);
  if (plainRun !== undefined) {
    return describePlainRun(plainRun);
  }
  const inspected = await inspectFlow(request, signal);
  const { namedTarget } = await import("../../core/metaflow/deploy/deployTarget.ts");
  const { renderReadiness } = await import("../../core/metaflow/specialist/deployReadiness.ts");
  const { facts, readiness } = await judgeDeployment(inspected, { finishedRun, target: namedTarget(request.prompt) });
  const { file } = inspected;
  const lines = readiness.checks.flatMap(({ state, line }) => (state === "ok" || line === undefined ? [] : [line]));
  const button = (title: string, command: string) => ({
    title,
    command: `trainyard.${command}`,
    arguments: [placeOf(inspected)],
  });
  return {
    markdown: renderReadiness(facts, readiness),
    references: lines.length === 0 ? [{ path: file }] : lines.map((line) => ({ path: file, line })),
    buttons: [
      ...(readiness.isReady
        ? [button("Deploy…", "deployFlow")]
        : [button("Check", "checkFlow"), button("Run…", "runFlow")]),
      button("Show Argo Manifest", "showArgoManifest"),
    ],
  };
}

type HandedRun = NonNullable<NonNullable<SlashRequest["packet"]>["run"]>;

/** The run that was handed over and is no flow, unless the words name one: another flow of the workspace is not meant. */
function handedPlainRun({ prompt, isRouted, packet }: SlashRequest): HandedRun | undefined {
  const namesFlow = /\.py\b|[A-Z]\w*Flow\b/.test(prompt);
  return isRouted === true && !namesFlow && packet?.flow === undefined ? packet?.run : undefined;
}

function describePlainRun({ id, title }: HandedRun): Reply {
  return {
    markdown: `**${escapeMarkdown(title)}** is a plain training, and Metaflow deploys flows. Write a flow around it with \`@metaflow-agent /scaffold\`; or name a flow of this workspace after \`/deploy\` to check that one.`,
    offersHandoffs: false,
    followups: [{ label: "Show the receipt of the run", command: "receipt", prompt: id }],
  };
}

/** Looks at a flow, its runs here and the settings of this machine; runs and asks nothing. */
export async function judgeDeployment(
  { file, flow, report }: InspectedFlow,
  { finishedRun, target }: { finishedRun: FinishedRun; target: DeployTargetId | undefined },
): Promise<{ facts: ReadinessFacts; readiness: Readiness }> {
  const { checkReadiness } = await import("../../core/metaflow/specialist/deployReadiness.ts");
  const { findDeployPlace } = await import("../../node/metaflow/deploy/findPlace.ts");
  // A recorded run tells which file ran, and not which flow of it.
  const recordedRun: FinishedRun = async (path) => (report.flows.length > 1 ? undefined : finishedRun(path));
  const localRun = await findLocalRun(file, flow, recordedRun);
  const facts: ReadinessFacts = {
    report,
    flow,
    path: displayPath(file),
    place: await findDeployPlace(process.env),
    ...(target ? { target } : {}),
    ...(localRun ? { localRun } : {}),
  };
  return { facts, readiness: checkReadiness(facts) };
}

/** A run of this file's content: one that began before the last change ran something else. */
async function findLocalRun(
  file: string,
  flow: InspectedFlow["flow"],
  finishedRun: FinishedRun,
): Promise<LocalRun | undefined> {
  const { mtimeMs } = await stat(file);
  const recorded = await finishedRun(file);
  if (recorded && Date.parse(recorded.createdAt) >= mtimeMs) {
    return { description: `run \`${recorded.id}\` finished on this machine` };
  }
  const { findFinishedRun } = await import("../../node/metaflow/localRuns.ts");
  const endStep = flow.steps.find(({ isEnd }) => isEnd)?.name ?? "end";
  const stored = await findFinishedRun(file, { name: flow.name, endStep }, process.env);
  if (stored !== undefined) {
    // A local run is numbered by the microsecond in which it started.
    const isOutdated = Number(stored) / 1000 < mtimeMs;
    return { description: `run \`${flow.name}/${stored}\` came to its end in Metaflow's local store`, isOutdated };
  }
  return recorded && { description: `run \`${recorded.id}\` finished on this machine`, isOutdated: true };
}
