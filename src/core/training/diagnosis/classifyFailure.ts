import type { FailureCause } from "./failureCause.ts";
import type { EvidenceLine, Finding, Findings } from "./readFindings.ts";

/** How a training ended, as far as that is known; of a log without its run nothing is. */
export type RunEnd = {
  exitCode?: number | undefined;
  signal?: string | undefined;
  /** After SIGKILL: how many processes the kernel killed for lack of memory meanwhile. */
  memoryKills?: number | undefined;
  /** It surely ended badly, though nobody heard how. */
  hasFailed?: boolean | undefined;
};

/** Why a training ended badly, with the lines that prove it, most telling first. */
export type Classification = { cause: FailureCause; evidence: readonly EvidenceLine[] };

/** Undefined where nothing says that it ended badly. */
export function classifyFailure(found: Findings, end: RunEnd): Classification | undefined {
  if (end.exitCode === 0) {
    const evidence =
      found.findings.find(({ cause, isWarning }) => cause === "nan-loss" && !isWarning) ?? found.notANumber;
    return evidence && { cause: "nan-loss", evidence: [{ line: evidence.line, text: evidence.text }] };
  }
  const chosen = chooseFinding(found);
  const bySignal = causeOfSignal(signalOf(end, found.firstFailure?.exitCode), end.memoryKills);
  if (chosen !== undefined && !(isVague(chosen) && bySignal !== undefined)) {
    return { cause: refine(chosen, end.memoryKills), evidence: evidenceOf(chosen, found) };
  }
  // The launcher's last words name the process and its signal; without them an echo is all there is.
  const lines = found.firstFailure?.lines.toReversed() ?? (chosen === undefined ? [] : evidenceOf(chosen, found));
  if (bySignal !== undefined) {
    return { cause: bySignal, evidence: lines };
  }
  if (found.notANumber !== undefined) {
    return { cause: "nan-loss", evidence: [found.notANumber] };
  }
  const isKnown = end.exitCode !== undefined || end.signal !== undefined || end.hasFailed === true;
  return isKnown ? { cause: "unknown", evidence: lines } : undefined;
}

function chooseFinding({ findings, firstFailure, notANumber }: Findings): Finding | undefined {
  const ofRank = findings.filter(({ rank }) => rank !== undefined && rank === firstFailure?.rank);
  const own = (ofRank.some(isTelling) ? ofRank : findings).filter(isTelling);
  const isDistributed = own.some(({ rank }) => rank !== undefined);
  const exceptions = own.filter(({ isException, cause }) => isException && cause !== "interrupted");
  const lastGroup = exceptions.at(-1)?.group;
  // One process prints one chain of tracebacks after another and ends with the last; of several the first brings the others down.
  const decisive = isDistributed ? exceptions : exceptions.filter(({ group }) => group === lastGroup);
  const messages = own.filter(({ isException }) => !isException);
  const first = decisive.find((finding) => isSpecific(finding) && finding.cause !== "collective-error");
  const chosen =
    // Of a chain that names one cause several times the last sentence is meant for people.
    (isDistributed ? first : first && decisive.findLast(({ cause }) => cause === first.cause)) ??
    messages.find(({ cause }) => isSpecific({ cause }) && !AFTERMATH.has(cause)) ??
    decisive.find(isSpecific) ??
    messages.find(isSpecific) ??
    (isDistributed ? decisive[0] : decisive.at(-1));
  const isPlain = chosen === undefined || chosen.cause === "exception";
  if (isPlain && notANumber !== undefined && mayFollowFromNotANumber(chosen)) {
    return { ...notANumber, cause: "nan-loss", isException: false, group: 0, isEcho: false, isWarning: false };
  }
  return (
    chosen ??
    own.at(-1) ??
    findings.findLast(({ cause, isWarning: warns }) => isSpecific({ cause }) && !warns) ??
    findings.findLast(({ isException }) => isException)
  );
}

/** What a program says while it ends for another reason. */
const AFTERMATH: ReadonlySet<FailureCause> = new Set(["terminated", "interrupted", "killed", "native-crash"]);

function isTelling({ isEcho, isWarning }: Finding): boolean {
  return !isEcho && !isWarning;
}

function isSpecific({ cause }: Pick<Finding, "cause">): boolean {
  return cause !== "exception";
}

/** An assertion about a loss or values is often how a program notices that they are no numbers. */
function mayFollowFromNotANumber(chosen: Finding | undefined): boolean {
  return (
    chosen === undefined ||
    /^(?:AssertionError|ValueError|FloatingPointError|SystemExit|RuntimeError)\b/.test(chosen.text)
  );
}

/** An echo, or what a program prints on any end from outside. */
function isVague({ cause, isEcho, isException }: Finding): boolean {
  return isEcho || (isException && cause === "interrupted") || cause === "killed";
}

/** A data-loader worker that the kernel killed for lack of memory is a lack of memory. */
function refine({ cause, text }: Finding, memoryKills = 0): FailureCause {
  return cause === "data-loader-worker" && /signal: Killed/.test(text) && memoryKills > 0 ? "host-memory" : cause;
}

function evidenceOf(chosen: Finding, { firstFailure }: Findings): EvidenceLine[] {
  const place = chosen.place === undefined ? [] : [chosen.place];
  const launcher = firstFailure?.lines ?? [];
  return [{ line: chosen.line, text: chosen.text }, ...place, ...launcher];
}

const SIGNAL_NUMBERS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  15: "SIGTERM",
};

/** The signal of the process that failed first; a shell reports one as 128 and its number, Python as its negative. */
function signalOf({ signal, exitCode }: RunEnd, firstExitCode: number | undefined): string | undefined {
  if (firstExitCode !== undefined) {
    return SIGNAL_NUMBERS[firstExitCode < 0 ? -firstExitCode : firstExitCode - 128];
  }
  if (signal !== undefined || exitCode === undefined) {
    return signal;
  }
  // Windows reports how a native program crashed as a large number: 0xC0000005 is an access violation.
  return exitCode >>> 0 === 0xc0000005 ? "SIGSEGV" : SIGNAL_NUMBERS[exitCode < 0 ? -exitCode : exitCode - 128];
}

function causeOfSignal(signal: string | undefined, memoryKills: number | undefined): FailureCause | undefined {
  switch (signal) {
    case undefined:
      return undefined;
    case "SIGKILL":
      return memoryKills !== undefined && memoryKills > 0 ? "host-memory" : "killed";
    case "SIGBUS":
      return "shared-memory";
    case "SIGTERM":
    case "SIGHUP":
    case "SIGUSR1":
      return "terminated";
    case "SIGINT":
      return "interrupted";
    default:
      return "native-crash";
  }
}
