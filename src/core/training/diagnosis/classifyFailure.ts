import { isShellProgram } from "../interpreterChoice.ts";
import type { EvidenceLine } from "./diagnosis.ts";
import { causeOfSignal, type ExitStatus, exitStatusFact, isTimeout, missingProgram, signalOf } from "./exitStatus.ts";
import type { FailureCause } from "./failureCause.ts";
import { type MemoryKills, memoryKillsFact, silenceFact, survivedFact } from "./failureFacts.ts";
import { type Finding, type Findings, LAST_WORDS } from "./readFindings.ts";

/** How a training ended, as far as that is known; of a log without its run nothing is. */
export type RunEnd = MemoryKills &
  ExitStatus & {
    /** It surely ended badly, though nobody heard how. */
    hasFailed?: boolean | undefined;
    /** The program of the run; a shell, make and their like report the ends of others. */
    interpreterPath?: string | undefined;
    /** It is a script that starts one program after another, however the first one ended. */
    goesOnAfterFailure?: boolean | undefined;
  };

/** Why a training ended badly, with the lines and the facts that prove it, most telling first. */
export type Classification = { cause: FailureCause; evidence: readonly EvidenceLine[]; facts?: readonly string[] };

/** Undefined where nothing says that it ended badly. */
export function classifyFailure(found: Findings, end: RunEnd): Classification | undefined {
  if (end.exitCode === 0) {
    return classifyGoodEnd(found, end);
  }
  const { lastWords } = found;
  if (lastWords !== undefined && missingProgram(end, lastWords.text) !== undefined) {
    return { cause: "missing-program", evidence: [lastWords] };
  }
  const chosen = withWorkerSignal(chooseFinding(found), found);
  const byStatus = causeOfStatus(end, found);
  const isFollowedUp = byStatus !== undefined || isOfAnother(chosen, found.firstFailure);
  if (chosen !== undefined && !(isVague(chosen) && isFollowedUp)) {
    const cause = refine(chosen, end.memoryKills);
    const count = chosen.cause === "killed" ? memoryKillsFact(cause, end) : undefined;
    return { cause, evidence: evidenceOf(chosen, found), ...factsOf([count]) };
  }
  // The launcher's last words name the process and its signal; without them an echo is all there is.
  const lines = found.firstFailure?.lines.toReversed() ?? (chosen === undefined ? [] : evidenceOf(chosen, found));
  if (byStatus !== undefined) {
    // The launcher's own exit code says nothing of the process that it reports.
    const status = found.firstFailure?.exitCode === undefined ? exitStatusFact(end, byStatus) : undefined;
    return { cause: byStatus, evidence: lines, ...factsOf([status, memoryKillsFact(byStatus, end)]) };
  }
  if (found.notANumber !== undefined) {
    return { cause: "nan-loss", evidence: [found.notANumber] };
  }
  const isKnown = end.exitCode !== undefined || end.signal !== undefined || end.hasFailed === true;
  const { reported } = found;
  if (reported !== undefined && (isKnown || reported.line === lastWords?.line)) {
    return { cause: "reported-error", evidence: [reported] };
  }
  const facts = [silenceFact(end.exitCode, found.firstFailure), ...survivedFact(found.survived)];
  return isKnown ? { cause: "unknown", evidence: lines, facts } : undefined;
}

function factsOf(facts: readonly (string | undefined)[]): Pick<Classification, "facts"> {
  const known = facts.filter((fact) => fact !== undefined);
  return known.length === 0 ? {} : { facts: known };
}

/** What the exit code or the signal of the process that failed first says by itself. */
function causeOfStatus(end: RunEnd, { firstFailure }: Findings): FailureCause | undefined {
  return isTimeout(end, end.interpreterPath)
    ? "time-limit"
    : causeOfSignal(signalOf(end, firstFailure?.exitCode), end.memoryKills);
}

/** A training that ends with exit code zero may have lost its loss, a thread, or a program of its script. */
function classifyGoodEnd(found: Findings, end: RunEnd): Classification | undefined {
  const { interpreterPath, goesOnAfterFailure = false } = end;
  const { findings, notANumber, shellReport, endedProgram, notFound } = found;
  const lost = findings.find(({ cause, isWarning }) => cause === "nan-loss" && !isWarning) ?? notANumber;
  if (lost !== undefined) {
    return { cause: "nan-loss", evidence: [{ line: lost.line, text: lost.text }] };
  }
  // What a program of Python prints behind an exception says that it caught it; a script prints on without it.
  const isScript = interpreterPath !== undefined && isShellProgram(interpreterPath);
  const ofScript = isScript ? findings.findLast(isUncaught) : undefined;
  const ofStage = isScript && goesOnAfterFailure && endedProgram && isUncaught(endedProgram) ? endedProgram : undefined;
  const exception = found.tracebackAtEnd ?? ofScript ?? ofStage;
  if (exception !== undefined) {
    return { cause: exception.cause, evidence: withPlace(exception) };
  }
  if (shellReport !== undefined) {
    return { cause: shellReport.cause, evidence: [{ line: shellReport.line, text: shellReport.text }] };
  }
  return isScript && notFound !== undefined ? { cause: "missing-program", evidence: [notFound] } : undefined;
}

function isUncaught(finding: Finding): boolean {
  return finding.hasTraceback && isTelling(finding) && finding.cause !== "interrupted";
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
  const hardware = messages.find(({ cause }) => cause === "gpu-hardware");
  // Whatever kernel ran on a GPU that broke, fails.
  if (hardware !== undefined && decisive.at(-1)?.cause === "gpu-fault") {
    return hardware;
  }
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

/** A program or a data-loader worker that the kernel killed for lack of memory is a lack of memory. */
function refine({ cause, text }: Finding, memoryKills = 0): FailureCause {
  const isKilled = cause === "killed" || (cause === "data-loader-worker" && /signal: Killed/.test(text));
  return isKilled && memoryKills > 0 ? "host-memory" : cause;
}

function evidenceOf(chosen: Finding, { firstFailure }: Findings): EvidenceLine[] {
  return [...withPlace(chosen), ...(firstFailure?.lines ?? [])];
}

/** Of an exception that Python could not print any more only the place tells a person something. */
function withPlace({ line, text, detail, place }: Finding): EvidenceLine[] {
  const said = place !== undefined && LAST_WORDS.test(text) ? [] : [{ line, text: text.replace(LAST_WORDS, "") }];
  return [...said, ...[detail, place].filter((each) => each !== undefined)];
}
