import type { EvidenceLine } from "./diagnosis.ts";
import type { FailureCause } from "./failureCause.ts";
import type { FailedProcess } from "./launcherReport.ts";

/** What the kernel's count says about a kill; undefined where it says nothing about the cause. */
export function memoryKillsFact(cause: FailureCause, memoryKills: number | undefined): string | undefined {
  if (memoryKills === undefined || (cause !== "host-memory" && cause !== "killed")) {
    return undefined;
  }
  if (memoryKills === 0) {
    return "The kernel killed nothing for lack of memory meanwhile.";
  }
  const count = memoryKills === 1 ? "1 process" : `${memoryKills} processes`;
  return `The kernel killed ${count} of this machine or container for lack of memory meanwhile.`;
}

/** For an end that no line explains: who ended how. */
export function silenceFact(exitCode: number | undefined, first: FailedProcess | undefined): string {
  const subject = first === undefined ? "It" : `Rank ${first.rank}`;
  const code = first === undefined ? exitCode : first.exitCode;
  return code === undefined
    ? `How ${first === undefined ? "it" : `rank ${first.rank}`} ended is not known, and no error was printed.`
    : `${subject} ended with exit code ${code} and printed no error.`;
}

/** An error that the training went on after may still be why it gave up later. */
export function survivedFact(survived: EvidenceLine | undefined): string[] {
  return survived === undefined ? [] : [`Earlier it went on after an error (line ${survived.line}): ${survived.text}`];
}
