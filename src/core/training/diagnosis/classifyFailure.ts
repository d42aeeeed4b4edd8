import type { EvidenceLine } from "./diagnosis.ts";
import type { FailureCause } from "./failureCause.ts";
import { type MemoryKills, memoryKillsFact, silenceFact, survivedFact } from "./failureFacts.ts";
import { type Finding, type Findings, LAST_WORDS } from "./readFindings.ts";

/** How a training ended, as far as that is known; of a log without its run nothing is. */
export type RunEnd = MemoryKills & {
  exitCode?: number | undefined;
  signal?: string | undefined;
  /** It surely ended badly, though nobody heard how. */
  hasFailed?: boolean | undefined;
};

/** Why a training ended badly, with the lines and the facts that prove it, most telling first. */
export type Classification = { cause: FailureCause; evidence: readonly EvidenceLine[]; facts?: readonly string[] };

/** Undefined where nothing says that it ended badly. */
export function classifyFailure(found: Findings, end: RunEnd): Classification | undefined {
  if (end.exitCode === 0) {
    return classifyGoodEnd(found);
  }
  const chosen = withWorkerSignal(chooseFinding(found), found);
  const bySignal = causeOfSignal(signalOf(end, found.firstFailure?.exitCode), end.memoryKills);
  const isFollowedUp = bySignal !== undefined || isOfAnother(chosen, found.firstFailure);
  if (chosen !== undefined && !(isVague(chosen) && isFollowedUp)) {
    return { cause: refine(chosen, end.memoryKills), evidence: evidenceOf(chosen, found) };
  }
  // The launcher's last words name the process and its signal; without them an echo is all there is.
  const lines = found.firstFailure?.lines.toReversed() ?? (chosen === undefined ? [] : evidenceOf(chosen, found));
  if (bySignal !== undefined) {
    const count = memoryKillsFact(bySignal, end);
    return { cause: bySignal, evidence: lines, ...(count === undefined ? {} : { facts: [count] }) };
  }
  if (found.notANumber !== undefined) {
    return { cause: "nan-loss", evidence: [found.notANumber] };
  }
  const isKnown = end.exitCode !== undefined || end.signal !== undefined || end.hasFailed === true;
  const { reported, lastWords } = found;
  if (reported !== undefined && (isKnown || reported.line === lastWords?.line)) {
    return { cause: "reported-error", evidence: [reported] };
  }
  const facts = [silenceFact(end.exitCode, found.firstFailure), ...survivedFact(found.survived)];
  return isKnown ? { cause: "unknown", evidence: lines, facts } : undefined;
}

/** A training that ends with exit code zero may have lost its loss, or more than a thread of it. */
function classifyGoodEnd({ findings, notANumber, tracebackAtEnd }: Findings): Classification | undefined {
  const lost = findings.find(({ cause, isWarning }) => cause === "nan-loss" && !isWarning) ?? notANumber;
  if (lost !== undefined) {
    return { cause: "nan-loss", evidence: [{ line: lost.line, text: lost.text }] };
  }
  return tracebackAtEnd && { cause: tracebackAtEnd.cause, evidence: withPlace(tracebackAtEnd) };
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
  const last = decisive.at(-1);
  const isDecided = !isDistributed && last !== undefined && last.hasTraceback && !mayFollowFromMessage(last);
  const chosen =
    // Of a chain that names one cause several times the last sentence is meant for people.
    (isDistributed ? first : first && decisive.findLast(({ cause }) => cause === first.cause)) ??
    (isDecided ? last : undefined) ??
    messages.find(({ cause }) => isSpecific({ cause }) && !AFTERMATH.has(cause)) ??
    decisive.find(isSpecific) ??
    messages.find(isSpecific) ??
    (isDistributed ? decisive[0] : decisive.at(-1));
  // What a metric refuses as its input may be what the model predicted.
  const isPlain = chosen === undefined || chosen.cause === "exception" || chosen.cause === "data-not-finite";
  if (isPlain && notANumber !== undefined && mayFollowFromNotANumber(chosen)) {
    return {
      ...notANumber,
      cause: "nan-loss",
      isException: false,
      group: 0,
      isEcho: false,
      isWarning: false,
      hasTraceback: false,
    };
  }
  return (
    chosen ??
    own.at(-1) ??
    findings.findLast(({ cause, isWarning: warns }) => isSpecific({ cause }) && !warns) ??
    findings.findLast(({ isException }) => isException)
  );
}

/** That the channel to a worker broke follows from its end, of which PyTorch names the signal. */
function withWorkerSignal(chosen: Finding | undefined, { workerSignal }: Findings): Finding | undefined {
  return chosen?.cause === "data-loader-worker" && workerSignal !== undefined ? { ...chosen, ...workerSignal } : chosen;
}

/**
 * A mistake of the program itself, in a traceback of its own, has not followed from what was printed before: that was
 * survived, or only spoken of.
 */
function mayFollowFromMessage({ text }: Finding): boolean {
  return !/^(?:KeyError|NameError|UnboundLocalError|AttributeError|TypeError|IndexError|ZeroDivisionError|NotImplementedError|ValueError|AssertionError|ImportError|LookupError|StopIteration|RecursionError|UnicodeDecodeError)\b/.test(
    text,
  );
}

/** An echo in one process of what a launcher says of another one. */
function isOfAnother(chosen: Finding | undefined, first: Findings["firstFailure"]): boolean {
  return chosen?.isEcho === true && first?.exitCode !== undefined && chosen.rank !== first.rank;
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
  return [...withPlace(chosen), ...(firstFailure?.lines ?? [])];
}

/** Of an exception that Python could not print any more only the place tells a person something. */
function withPlace({ line, text, detail, place }: Finding): EvidenceLine[] {
  const said = place !== undefined && LAST_WORDS.test(text) ? [] : [{ line, text: text.replace(LAST_WORDS, "") }];
  return [...said, ...[detail, place].filter((each) => each !== undefined)];
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
