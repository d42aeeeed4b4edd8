import { adviseOn } from "./diagnosis/failureAdvice.ts";
import { findCause } from "./diagnosis/failureSignatures.ts";
import { isErrorText } from "./failureLine.ts";
import { describeLogLine } from "./logParts.ts";
import type { Run, RunStatus } from "./runRecord.ts";

/** What happened and what to do next, for a run whose state is `failed`; `after` is "" or " after 3 s". */
export function describeFailure(run: Run, after: string): string {
  const { status } = run;
  const { title, interpreter } = run.record.plan;
  if (status.startedAt === undefined) {
    return `Run ${title} did not start. ${whyNotStarted(status)}`;
  }
  const found = status.failure;
  const isExplained = found !== undefined && isErrorText(found.text);
  const place = found && describeLogLine(found.line, status.log);
  const claim = `Run ${title} ${describeManner(run)}${after}`;
  const detail = isExplained ? undefined : describeLastWords(status);
  const parts = [
    isExplained ? `${claim}: ${found.text} (${place}).` : `${claim}.`,
    detail,
    isExplained ? hintFor(found.text, interpreter.path) : hintForSignal(run),
    status.problem,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

/** For a failed run that has no `startedAt`. */
export function whyNotStarted({ problem }: Pick<RunStatus, "problem">): string {
  return problem ?? "The reason was not recorded.";
}

/** For a failure that no line explains. */
export function describeLastWords({ failure, log }: Pick<RunStatus, "failure" | "log">): string {
  return failure === undefined
    ? "It printed nothing."
    : `The last line it printed (${describeLogLine(failure.line, log)}): ${quoted(failure.text)}.`;
}

function describeManner({ status }: Run): string {
  if (status.signal !== undefined) {
    return `was killed by ${status.signal}`;
  }
  return status.exitCode === undefined ? "failed" : `failed with exit code ${status.exitCode}`;
}

/** What to do about a cause that the line names; the line of any other exception says enough. */
function hintFor(text: string, interpreterPath: string): string | undefined {
  const cause = findCause(text);
  return cause === undefined ? undefined : adviseOn(cause, { text, interpreterPath });
}

/** 137 is SIGKILL as a shell reports it. */
function isKill({ signal, exitCode }: Pick<RunStatus, "signal" | "exitCode">): boolean {
  return signal === "SIGKILL" || exitCode === 137;
}

function hintForSignal({ status }: Run): string | undefined {
  if (isKill(status)) {
    const meaning = status.signal === undefined ? "137 is how a shell reports SIGKILL. " : "";
    return meaning + hintForKill(status.memoryKills);
  }
  if (status.signal === "SIGSEGV" || status.exitCode === 139) {
    return "Native code crashed. Set PYTHONFAULTHANDLER=1 and run it again to see where.";
  }
  return undefined;
}

/** The kernel, a job scheduler and a person all send the same signal; only the first leaves a count. */
function hintForKill(memoryKills: number | undefined): string {
  if (memoryKills === undefined) {
    return (
      "A person, a job scheduler or the kernel for lack of memory may have sent it; which one could not be read here. " +
      'Look for "Out of memory" in the system log (dmesg).'
    );
  }
  if (memoryKills === 0) {
    return "The kernel killed nothing for lack of memory meanwhile, so a person or another program sent it.";
  }
  const count = memoryKills === 1 ? "1 process" : `${memoryKills} processes`;
  return (
    `The kernel killed ${count} of this machine or container for lack of memory meanwhile, so that is the likely cause. ` +
    "Use fewer data-loader workers or smaller batches."
  );
}

function quoted(text: string): string {
  return `“${text.length > 200 ? `${text.slice(0, 200)}…` : text}”`;
}
