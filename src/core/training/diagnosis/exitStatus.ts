import { isPythonProgram } from "../interpreterChoice.ts";
import type { FailureCause } from "./failureCause.ts";

/** How a training ended, as its parent process heard it. */
export type ExitStatus = { exitCode?: number | undefined; signal?: string | undefined };

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
  24: "SIGXCPU",
};

/** The signal of the process that failed first; a shell reports one as 128 and its number, Python as its negative. */
export function signalOf({ signal, exitCode }: ExitStatus, firstExitCode: number | undefined): string | undefined {
  if (firstExitCode !== undefined) {
    return SIGNAL_NUMBERS[firstExitCode < 0 ? -firstExitCode : firstExitCode - 128];
  }
  if (signal !== undefined || exitCode === undefined) {
    return signal;
  }
  // Windows reports how a native program crashed as a large number: 0xC0000005 is an access violation.
  return exitCode >>> 0 === 0xc0000005 ? "SIGSEGV" : SIGNAL_NUMBERS[exitCode < 0 ? -exitCode : exitCode - 128];
}

export function causeOfSignal(signal: string | undefined, memoryKills: number | undefined): FailureCause | undefined {
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
    case "SIGXCPU":
      return "time-limit";
    default:
      return "native-crash";
  }
}

/** What `timeout` ends with when the time is over; of another program than it or a script of it this says nothing. */
const TIMEOUT_EXIT_CODE = 124;

export function isTimeout({ exitCode }: ExitStatus, program: string | undefined): boolean {
  return exitCode === TIMEOUT_EXIT_CODE && program !== undefined && !isPythonProgram(program);
}

/** What an exit code stands for where nobody heard the signal itself. */
export function exitStatusFact({ exitCode, signal }: ExitStatus, cause: FailureCause): string | undefined {
  if (cause === "time-limit") {
    return exitCode === TIMEOUT_EXIT_CODE
      ? "Exit code 124 is what timeout gives when the time is over."
      : "SIGXCPU comes at the limit of CPU time (ulimit -t, prlimit --cpu).";
  }
  const name = signal === undefined && exitCode !== undefined ? SIGNAL_NUMBERS[exitCode - 128] : undefined;
  return name === undefined || exitCode === undefined
    ? undefined
    : `Exit code ${exitCode} is 128 + ${exitCode - 128}, which stands for ${name}.`;
}

/** `bash: line 1: pythn: command not found`, `sh: 1: pythn: not found`, `zsh:1: command not found: pythn`. */
const NOT_FOUND = /(?:^|: )(?<before>[^:\s]+): (?:command )?not found$|command not found: (?<behind>\S+)$/;

/** The program that a shell did not find and ended for; undefined where it ended for another reason. */
export function missingProgram({ exitCode }: ExitStatus, lastWords: string): string | undefined {
  const { before, behind } = (exitCode === 127 ? NOT_FOUND.exec(lastWords)?.groups : undefined) ?? {};
  return before ?? behind;
}
