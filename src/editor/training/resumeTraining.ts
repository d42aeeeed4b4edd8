import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { Series } from "../../core/metrics/series.ts";
import { namedRun, namesRun } from "../../core/training/namedRun.ts";
import { isResumable } from "../../core/training/resume/resumableRun.ts";
import type { ResumeOffer } from "../../core/training/resume/resumeOffer.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { ResumeRequest } from "../../node/training/offerResume.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";
import { namedPlace } from "./namedPlace.ts";
import { pickRun } from "./pickRun.ts";
import { findBestScript } from "./pickScript.ts";
import type { RunMonitor } from "./runMonitor.ts";
import type { FollowerProgram } from "./runTasks.ts";
import { launchPlan, planTraining } from "./startTraining.ts";

export type ResumeDeps = {
  monitor: RunMonitor;
  program: FollowerProgram;
  readSeries: (run: Run) => Promise<readonly Series[]>;
};

/** What the button of a shown resumption carries; it has no run where none was known. */
type ShownResumption = { path: string; runId: string | undefined };

const NONE = "No training of this workspace has ended, so there is none to resume.";

/**
 * Shows from which checkpoint a training goes on and with which command, and starts it when the person agrees. Called
 * on a run, on a checkpoint or a folder of them, or on nothing.
 */
export async function resumeTraining(target: unknown, deps: ResumeDeps): Promise<void> {
  requireTrust("resuming a training");
  const request = await requestFor(target, deps);
  if (request === undefined) {
    return;
  }
  const offer = await offerFor(request, deps);
  const { describeNoArgument, renderResumeText, resumeLabel } = await import(
    "../../core/training/resume/resumeOffer.ts"
  );
  const { proposal } = offer;
  if (proposal.kind === "no-argument") {
    throw new UserError(describeNoArgument(offer, proposal.advice).replaceAll("`", ""));
  }
  const label = resumeLabel(offer);
  const choice = await vscode.window.showInformationMessage(
    `Resume ${offer.title}?`,
    { modal: true, detail: renderResumeText(offer) },
    label,
  );
  if (choice !== label) {
    return;
  }
  const agreed = offer.completed === undefined ? offer : await longerOffer(request, offer.completed, deps);
  if (agreed?.proposal.kind === "command") {
    const folder = await chooseWorkspaceFolder(vscode.Uri.file(request.run?.folder ?? proposal.plan.script));
    await launchPlan({ plan: agreed.proposal.plan, request: {}, folder }, deps.program);
    await deps.monitor.refresh();
  }
}

/** Asks how long a training that has finished shall be; undefined when the person leaves. */
async function longerOffer(
  request: ResumeRequest,
  { unit, done, shown }: NonNullable<ResumeOffer["completed"]>,
  deps: ResumeDeps,
): Promise<ResumeOffer | undefined> {
  const text = await vscode.window.showInputBox({
    title: `How many ${unit} in all?`,
    prompt: `${done} are done.`,
    value: String(shown),
    ignoreFocusOut: true,
    validateInput: (value) =>
      Number.isInteger(Number(value)) && Number(value) > done ? undefined : `A whole number above ${done}.`,
  });
  return text === undefined ? undefined : offerFor({ ...request, length: Number(text) }, deps);
}

export function resumeSlashCommand(deps: ResumeDeps): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "resume",
    description: "go on from the newest whole checkpoint, with the exact command shown first",
    offersHandoffs: false,
    answer: (request, signal) => answerResume(request, deps, signal),
  };
}

async function answerResume({ prompt }: SlashRequest, deps: ResumeDeps, signal: AbortSignal): Promise<Reply> {
  requireTrust("resuming a training");
  await deps.monitor.refresh();
  const { NOTHING_STARTS, takeHoldWords } = await import("../../core/training/holdWords.ts");
  const { text, isHeld } = takeHoldWords(prompt.trim().replace(/^["'`]|["'`]$/g, ""));
  const { request, rest } = await requestOfText(text, deps, signal);
  const { describeNamesakes } = await import("../../core/training/namesakes.ts");
  const which = request.run && describeNamesakes(request.run, deps.monitor.known.runs, new Date());
  const notes = [...(which === undefined ? [] : [which]), ...(await leftOutNotes(rest, request.run))];
  const offer = await offerFor(request, deps);
  const { renderResumeMarkdown, resumeLabel } = await import("../../core/training/resume/resumeOffer.ts");
  const shown: ShownResumption = { path: offer.checkpoint.path, runId: request.run?.record.id };
  return {
    markdown: [...(isHeld ? [NOTHING_STARTS] : []), ...notes, renderResumeMarkdown(offer)].join("\n\n"),
    ...(isHeld ? { isProposal: true } : {}),
    buttons: [
      ...(offer.proposal.kind === "command" && !isHeld
        ? [{ title: resumeLabel(offer), command: "trainyard.resumeTraining", arguments: [shown] }]
        : []),
      {
        title: "Inspect the Folder",
        command: "trainyard.inspectCheckpoints",
        arguments: [request.folder ?? request.plan.checkpointFolder?.path],
      },
    ],
  };
}

/** What a sentence says beside which run goes on: a resumption takes its device and its arguments from that run. */
async function leftOutNotes(text: string, run: Run | undefined): Promise<string[]> {
  const { parseArgumentText } = await import("../../core/training/argumentText.ts");
  const { NO_ARGUMENTS } = await import("../../core/training/scriptArguments.ts");
  const words = text.split(/\s+/).filter((word) => run === undefined || namedRun([run], word) === undefined);
  const said = parseArgumentText(words.join(" "), NO_ARGUMENTS);
  const device = said.device === undefined ? [] : ["the device"];
  const parts = [...said.unknown, ...said.arguments, ...device].map((part) => inlineCode(part));
  return parts.length === 0
    ? []
    : [`> ⚠️ Not understood and left out: ${parts.join(", ")}. The run goes on with its own device and arguments.`];
}

/** What is to go on, and what the text says besides. */
async function requestOfText(
  text: string,
  deps: ResumeDeps,
  signal: AbortSignal,
): Promise<{ request: ResumeRequest; rest: string }> {
  const { runs } = deps.monitor.known;
  // The newest of its name may be one that could not be started.
  const run = namedRun(runs, text, (each) => isResumable(each) || !hasEnded(each.state));
  if (run !== undefined) {
    return { request: requestOfRun(run), rest: text };
  }
  const place = await namedPlace(text);
  if (place !== undefined) {
    return { request: await requestOfPath(place.path, deps, signal), rest: place.rest };
  }
  if (namesRun(text)) {
    throw new UserError("There is no such run. `/runs` lists them.");
  }
  const [last] = runs.filter(isResumable);
  return { request: last === undefined ? await requestOfScript(signal) : requestOfRun(last), rest: text };
}

async function requestFor(target: unknown, deps: ResumeDeps): Promise<ResumeRequest | undefined> {
  const path = pathOf(target);
  const { signal } = new AbortController();
  if (path !== undefined) {
    await deps.monitor.refresh();
    const run = shownRun(target, deps);
    return run === undefined
      ? requestOfPath(path, deps, signal)
      : { ...requestOfRun(run), ...(await placeOfPath(path)) };
  }
  await deps.monitor.refresh();
  if (target === undefined && !deps.monitor.known.runs.some(isResumable)) {
    return requestOfScript(signal);
  }
  const run = await pickRun(deps.monitor, target, { title: "Resume which run?", none: NONE, qualifies: isResumable });
  return run && requestOfRun(run);
}

function requestOfRun(run: Run): ResumeRequest {
  const { plan } = run.record;
  if (plan.kind === "flow") {
    throw new UserError(
      `${plan.title} is a flow. Trainyard: Resume Metaflow Flow… takes over the steps that it finished.`,
    );
  }
  if (!hasEnded(run.state)) {
    throw new UserError(
      `${plan.title} goes on (run ${run.record.id}). Stop it before you resume it from a checkpoint.`,
    );
  }
  return { plan, run };
}

/** A checkpoint belongs to the newest run that writes to its folder; of another folder the best script is asked. */
async function requestOfPath(path: string, deps: ResumeDeps, signal: AbortSignal): Promise<ResumeRequest> {
  const { isBelow } = await import("../../core/checkpoints/checkpointParts.ts");
  const place = await placeOfPath(path);
  const run = deps.monitor.known.runs.find(({ record: { plan } }) => {
    const folder = plan.checkpointFolder?.path;
    return plan.kind === "training" && folder !== undefined && isBelow(folder, path);
  });
  const base = run === undefined ? await requestOfScript(signal, vscode.Uri.file(path)) : requestOfRun(run);
  return { ...base, ...place };
}

async function placeOfPath(path: string): Promise<{ folder: string; checkpoint?: string }> {
  const { placeOf } = await import("../../node/checkpoints/resumePoint.ts");
  return placeOf(path);
}

/** The run that a button of the chat names beside the checkpoint: a later one may save to the same folder by now. */
function shownRun(target: unknown, { monitor }: ResumeDeps): Run | undefined {
  if (typeof target !== "object" || target === null || !("runId" in target) || typeof target.runId !== "string") {
    return undefined;
  }
  const run = monitor.find(target.runId);
  if (run === undefined) {
    throw new UserError(`Run ${target.runId} is not in this workspace any more. Ask again with /resume.`);
  }
  return run;
}

/** Nothing was started here yet, or not by Trainyard: the command is the one that would start the best script. */
async function requestOfScript(signal: AbortSignal, near?: vscode.Uri): Promise<ResumeRequest> {
  const folder = await chooseWorkspaceFolder(near);
  const script = await findBestScript("training", folder, signal);
  return { plan: (await planTraining({ script }, folder, signal)).plan };
}

async function offerFor(request: ResumeRequest, deps: ResumeDeps): Promise<ResumeOffer> {
  const { offerResume } = await import("../../node/training/offerResume.ts");
  const { checkpointClient, listInThread } = await import("../../node/checkpoints/checkpointClient.ts");
  const { lookBeside } = await import("../../node/checkpoints/lookBeside.ts");
  return offerResume(
    { known: deps.monitor.known.runs, ...request },
    {
      listFolder: listInThread,
      readCurves: deps.readSeries,
      lookBeside: (chosen, listed) => lookBeside(chosen, listed, (path) => checkpointClient().summary({ path })),
    },
  );
}

/** A checkpoint or a folder of the explorer, a row of the view, or what a button of a chat or a page carries. */
function pathOf(target: unknown): string | undefined {
  if (target instanceof vscode.Uri) {
    return target.fsPath;
  }
  if (typeof target !== "object" || target === null) {
    return undefined;
  }
  if ("entry" in target) {
    return pathOf(target.entry);
  }
  return "path" in target && typeof target.path === "string" ? target.path : undefined;
}
