import { escapeMarkdown, escapeSentence, fencedBlock, inlineCode } from "../../base/markdown.ts";
import { isWindowsPath, renderCommandLine, renderCommandWith } from "../commandLine.ts";
import { describeLastWords, describePlace } from "../describeFailure.ts";
import { describeLogLine, describeMissingLines, type LogParts, labelLogLine } from "../logParts.ts";
import { renderPlanCommand } from "../renderPlan.ts";
import type { CommandChange } from "./argumentEdits.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { Fix } from "./proposeFix.ts";

/** A diagnosis, with the change that would fix it where one is known; `log`: the parts of the log, where it has several. */
export type DiagnosedRun = { diagnosis: Diagnosis; fix?: Fix | undefined; log?: LogParts | undefined };

/** One sentence for a notification: "Run digits failed: GPU out of memory. torch.Out… (train.log line 12), at train.py line 8. Use a smaller batch." */
export function renderDiagnosisBriefly(title: string, { diagnosis, log }: DiagnosedRun): string {
  const [proof] = diagnosis.evidence;
  const quote =
    proof === undefined
      ? ""
      : ` ${shorten(proof.text)} (${describeLogLine(proof.line, log)})${describePlace(diagnosis.evidence)}.`;
  const cause = diagnosis.title.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  return `Run ${title} failed: ${cause}.${quote} ${diagnosis.advice}`;
}

/** For the chat: what it was, the lines that prove it, what to do, and the command that would do it. */
export function renderDiagnosisMarkdown({ diagnosis, fix, log }: DiagnosedRun): string {
  const proof = diagnosis.evidence
    .map(({ line, text }) => `${labelLogLine(line, log).padStart(6)}  ${text}`)
    .join("\n");
  return [
    `**${escapeMarkdown(diagnosis.title)}**`,
    ...(proof === "" ? [] : [fencedBlock(proof, "text")]),
    ...missingSentence(log),
    ...knownBesides(diagnosis, log).map((fact) => escapeSentence(fact)),
    escapeSentence(diagnosis.advice),
    ...(fix === undefined ? [] : [renderFix(fix)]),
  ].join("\n\n");
}

/** What was printed last where no line proves anything, and what other sources prove. */
function knownBesides({ evidence, lastWords, facts = [] }: Diagnosis, log: LogParts | undefined): string[] {
  return evidence.length > 0 || (lastWords === undefined && facts.length === 0)
    ? [...facts]
    : [describeLastWords(lastWords, log), ...facts];
}

function missingSentence(log: LogParts | undefined): string[] {
  const sentence = describeMissingLines(log?.missing);
  return sentence === undefined ? [] : [sentence];
}

function renderFix(fix: Fix): string {
  const changes = fix.kind === "install" ? [] : fix.changes.map((change) => `- ${describeChange(change, inlineCode)}`);
  return [
    `**${escapeMarkdown(fix.label)}**`,
    ...(changes.length > 0 ? [changes.join("\n")] : []),
    fencedBlock(renderCommand(fix), "sh"),
  ].join("\n\n");
}

/** Whoever pastes it gets the variables that the fix sets. */
function renderCommand(fix: Fix): string {
  if (fix.kind === "install") {
    return renderCommandLine(fix.command);
  }
  const { plan } = fix;
  const names = fix.changes.map(({ name }) => name).filter((name) => Object.hasOwn(plan.environment, name));
  const variables = Object.fromEntries(names.map((name) => [name, plan.environment[name] ?? ""]));
  return renderCommandWith(variables, { command: renderPlanCommand(plan), isWindows: isWindowsPath(plan.cwd) });
}

/** The same without Markdown, for terminals, dialogs and models. */
export function renderDiagnosisText({ diagnosis, fix, log }: DiagnosedRun): string {
  return [
    diagnosis.title,
    ...diagnosis.evidence.map(({ line, text }) => `  ${log ? describeLogLine(line, log) : `line ${line}`}: ${text}`),
    ...missingSentence(log),
    ...knownBesides(diagnosis, log).map((fact) => `  ${fact}`),
    `Next: ${diagnosis.advice}`,
    ...(fix === undefined ? [] : [`Fix: ${fix.label}`, ...renderChanges(fix)]),
  ].join("\n");
}

/** What a fix changes, a line each, and the command that results. */
export function renderChanges(fix: Fix): string[] {
  if (fix.kind === "install") {
    return [`  ${renderCommand(fix)}`];
  }
  return [...fix.changes.map((change) => `  ${describeChange(change, String)}`), `  ${renderCommand(fix)}`];
}

/** `--batch-size 64 → 32`; a value that was not there before stands alone. */
function describeChange({ name, from, to }: CommandChange, mark: (text: string) => string): string {
  return from === undefined ? `${mark(name)} → ${mark(to)}` : `${mark(name)} ${mark(from)} → ${mark(to)}`;
}

function shorten(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
