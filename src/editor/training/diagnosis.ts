import * as path from "node:path";
import * as vscode from "vscode";
import { escapeMarkdown, escapeSentence, inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { Diagnosis } from "../../core/training/diagnosis/diagnosis.ts";
import type { DiagnosedRun } from "../../core/training/diagnosis/renderDiagnosis.ts";
import { namedRun, namesRun } from "../../core/training/namedRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { endedBadly } from "../../core/training/runState.ts";
import { showReport } from "../base/shownText.ts";
import { displayPath } from "../base/workspace.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** Why a run ended badly; undefined where it goes on or ended well. */
export async function diagnose(run: Run): Promise<DiagnosedRun | undefined> {
  const { diagnoseRun } = await import("../../node/training/diagnoseRun.ts");
  const { resumePointFinder } = await import("../../node/checkpoints/resumePoint.ts");
  const { listInThread } = await import("../../node/checkpoints/checkpointClient.ts");
  return diagnoseRun(run, resumePointFinder(listInThread));
}

/** Ended badly, or is about to. */
function needsLook(run: Run): boolean {
  return endedBadly(run) || (run.status.alarms ?? []).some(({ endedAt }) => endedAt === undefined);
}

/** Opens the diagnosis of a run as a document. A document has no buttons, so what would repair the run is offered beside it. */
export async function showDiagnosis(run: Run): Promise<void> {
  const { title } = run.record.plan;
  const diagnosed = await diagnose(run);
  await showReport(`Diagnosis of ${title}`, await describe(run, diagnosed));
  const repair = diagnosed?.fix?.label;
  if (repair === undefined) {
    return;
  }
  const choice = await vscode.window.showInformationMessage(`${title}: ${diagnosed?.diagnosis.title}.`, repair);
  if (choice === repair) {
    await vscode.commands.executeCommand("trainyard.repairRun", run.record.id);
  }
}

export function diagnoseSlashCommand(monitor: RunMonitor): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "diagnose",
    description: "say why a run failed, with the lines that prove it and what would repair it",
    answer: (request) => answerDiagnose(monitor, request),
  };
}

async function answerDiagnose(monitor: RunMonitor, { prompt }: SlashRequest): Promise<Reply> {
  await monitor.refresh();
  const { runs } = monitor.known;
  const pasted = await diagnosePasted(prompt);
  const run = pasted === undefined ? runInQuestion(runs, prompt) : findByProof(runs, pasted);
  if (pasted !== undefined && run === undefined) {
    return describePasted(pasted);
  }
  if (!run) {
    return {
      offersHandoffs: false,
      markdown: namesRun(prompt)
        ? "There is no such run. `/runs` lists them."
        : "There are no runs in this workspace yet, so there is nothing to diagnose.",
    };
  }
  const { describeNamesakes } = await import("../../core/training/namesakes.ts");
  const which = describeNamesakes(run, runs, new Date());
  const diagnosed = await diagnose(run);
  const id = run.record.id;
  const fix = diagnosed?.fix;
  return {
    // A run that failed is to be repaired, not handed on.
    offersHandoffs: false,
    markdown: [...(which === undefined ? [] : [which]), await describe(run, diagnosed)].join("\n\n"),
    buttons: [
      ...(fix === undefined ? [] : [{ title: fix.label, command: "trainyard.repairRun", arguments: [id] }]),
      { title: "Open Log", command: "trainyard.openRunLog", arguments: [id] },
    ],
  };
}

function runInQuestion(runs: readonly Run[], prompt: string): Run | undefined {
  return namedRun(runs, prompt, needsLook) ?? (namesRun(prompt) ? undefined : (runs.find(needsLook) ?? runs[0]));
}

/** What a person pasted from a terminal or a log: undefined where no line of it names an exception. */
async function diagnosePasted(prompt: string): Promise<Diagnosis | undefined> {
  const { isExceptionLine } = await import("../../core/training/diagnosis/exceptionLine.ts");
  const lines = prompt.split("\n").map((text, index) => ({ line: index + 1, text }));
  if (!lines.some(({ text }) => isExceptionLine(text.trim(), false))) {
    return undefined;
  }
  const { diagnoseFailure } = await import("../../core/training/diagnosis/diagnoseFailure.ts");
  return diagnoseFailure(lines, {});
}

/** The newest run that failed with these words. */
function findByProof(runs: readonly Run[], { evidence: [proof] }: Diagnosis): Run | undefined {
  return runs.find(({ status }) => status.diagnosis?.evidence.some(({ text }) => text === proof?.text) === true);
}

async function describePasted(diagnosis: Diagnosis): Promise<Reply> {
  const { renderDiagnosisMarkdown } = await import("../../core/training/diagnosis/renderDiagnosis.ts");
  const of = "No run of this workspace failed with these words; this is what they say themselves.";
  return { offersHandoffs: false, markdown: `${of}\n\n${renderDiagnosisMarkdown({ diagnosis })}` };
}

async function describe(run: Run, diagnosed: DiagnosedRun | undefined): Promise<string> {
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const { renderDiagnosisMarkdown } = await import("../../core/training/diagnosis/renderDiagnosis.ts");
  const { findPlace } = await import("../../core/training/describeFailure.ts");
  const { plan } = run.record;
  const place = findPlace(diagnosed?.diagnosis.evidence ?? []);
  const at = place && inlineCode(`${displayPath(path.resolve(plan.cwd, place.path))}:${place.line}`);
  const head = [`**${escapeMarkdown(plan.title)}**`, escapeMarkdown(describeRunInList(run)), ...(at ? [at] : [])];
  const { renderAlarm } = await import("../../core/training/renderRuns.ts");
  const alarms = (run.status.alarms ?? []).map((alarm) => renderAlarm(alarm, run.status.log));
  const { problem } = run.status;
  const told = [...(problem === undefined ? [] : [escapeSentence(problem)]), ...alarms];
  const known = told.length === 0 ? ["Nothing says that it went wrong."] : told;
  // The diagnosis of a stopped run is what the alarm said.
  const noticed = run.state === "stopped" ? [] : alarms;
  const body = diagnosed === undefined ? known : [...noticed, renderDiagnosisMarkdown(diagnosed)];
  return [head.join(" · "), ...body].join("\n\n");
}
