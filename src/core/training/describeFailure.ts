import type { Diagnosis, EvidenceLine } from "./diagnosis/diagnosis.ts";
import { SELF_EVIDENT } from "./diagnosis/failureCause.ts";
import { describeLogLine, type LogParts } from "./logParts.ts";
import type { Run, RunStatus } from "./runRecord.ts";

/** What happened and what to do next, for a run whose state is `failed`; `after` is "" or " after 3 s". */
export function describeFailure(run: Run, after: string): string {
  const { status } = run;
  const { title } = run.record.plan;
  if (status.startedAt === undefined) {
    return `Run ${title} did not start. ${whyNotStarted(status)}`;
  }
  const claim = `Run ${title} ${describeManner(run)}${after}`;
  const { diagnosis, log } = status;
  const said = diagnosis === undefined ? `${claim}.` : describeCause(claim, diagnosis, log);
  return status.problem === undefined ? said : `${said} ${status.problem}`;
}

/** The claim, the line that proves it or the last one that was printed, what else is known, and what to do next. */
export function describeCause(claim: string, diagnosis: Diagnosis, log: LogParts | undefined): string {
  const { evidence, facts = [], lastWords, advice } = diagnosis;
  const [proof] = evidence;
  const parts = [
    proof === undefined ? `${claim}.` : `${claim}: ${describeProof(proof, log)}${describePlace(evidence)}.`,
    proof === undefined ? describeLastWords(lastWords, log) : undefined,
    ...facts,
    // The line of any other error says enough.
    advice === SELF_EVIDENT ? undefined : advice,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

/** `KeyError: 'x' (train.log line 12)`. */
export function describeProof({ line, text }: EvidenceLine, log: LogParts | undefined): string {
  return `${text} (${describeLogLine(line, log)})`;
}

/** `, at train.py line 88`: where in the person's own code it happened; empty where nothing names it. */
export function describePlace(evidence: readonly EvidenceLine[]): string {
  const place = findPlace(evidence);
  return place === undefined ? "" : `, at ${place.path.replace(/^.*[/\\]/, "")} line ${place.line}`;
}

/** The first place in a file that the lines name, as Python wrote it. */
export function findPlace(evidence: readonly EvidenceLine[]): { path: string; line: string } | undefined {
  const frames = evidence.map(({ text }) => /^File "((?:[^"]*[/\\])?[^"/\\<]+)", line (\d+)/.exec(text));
  const [, path, line] = frames.find((frame) => frame !== null) ?? [];
  return path === undefined || line === undefined ? undefined : { path, line };
}

/** For a failed run that has no `startedAt`. */
export function whyNotStarted({ problem }: Pick<RunStatus, "problem">): string {
  return problem ?? "The reason was not recorded.";
}

/** For a failure that no line explains. */
export function describeLastWords(lastWords: Diagnosis["lastWords"], log: LogParts | undefined): string {
  if (lastWords === undefined) {
    return "It printed nothing.";
  }
  const { line, text } = lastWords;
  const quoted = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return `The last line it printed (${describeLogLine(line, log)}): “${quoted}”.`;
}

function describeManner({ status }: Run): string {
  if (status.signal !== undefined) {
    return `was killed by ${status.signal}`;
  }
  return status.exitCode === undefined ? "failed" : `failed with exit code ${status.exitCode}`;
}
