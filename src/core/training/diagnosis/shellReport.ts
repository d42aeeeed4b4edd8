import type { FailureCause } from "./failureCause.ts";

/*
 * How bash, zsh, dash and make say that a signal ended a program of theirs, whatever they end with themselves:
 *
 *   job.sh: line 3: 12530 Killed                  python train.py
 *   make: *** [Makefile:2: train] Killed
 *   Segmentation fault (core dumped)
 *
 * What SIGTERM and SIGHUP ended is left out: a script ends its own helpers by them.
 */
const REPORT =
  /^(?:.*: line \d+:\s+\d+ |make(?:\[\d+\])?: \*\*\* \[.+\] |zsh: )(?<ofJob>killed|segmentation fault|aborted|bus error|illegal (?:hardware )?instruction|floating point exception|cpu (?:time )?limit exceeded)\b|^(?<alone>Killed|Segmentation fault|Bus error|Floating point exception|CPU time limit exceeded)(?: \(core dumped\))?$/i;

/** What ended the program that a line reports; undefined for a line that is no such report. */
export function causeInShellReport(text: string): FailureCause | undefined {
  const { ofJob, alone } = REPORT.exec(text)?.groups ?? {};
  const signal = (ofJob ?? alone)?.toLowerCase();
  if (signal === undefined) {
    return undefined;
  }
  return signal === "killed" ? "killed" : signal.startsWith("cpu") ? "time-limit" : "native-crash";
}

/** `job.sh: line 3: pythn: command not found` of bash, `sh: 1: pythn: not found` of dash, `zsh:1: command not found: pythn`. */
const NOT_FOUND = /^\S+: (?:line )?\d+: [^:\s]+: (?:command )?not found$|^\S+:\d+: command not found: \S+$/;

/** Whether a shell says that it did not find a program. */
export function saysNotFound(text: string): boolean {
  return NOT_FOUND.test(text.trim());
}
