import type { EvidenceLine } from "./diagnosis.ts";
import type { FailureCause } from "./failureCause.ts";
import type { FailedProcess } from "./launcherReport.ts";

/** How many processes the kernel killed for lack of memory while a run went on. */
export type MemoryKills = {
  memoryKills?: number | undefined;
  /** In other control groups of the machine, such as the container that the command had made for its training. */
  memoryKillsElsewhere?: number | undefined;
};

/** What the kernel's count says about a kill; undefined where it says nothing about the cause. */
export function memoryKillsFact(
  cause: FailureCause,
  { memoryKills, memoryKillsElsewhere = 0 }: MemoryKills,
): string | undefined {
  if (cause !== "host-memory" && cause !== "killed") {
    return undefined;
  }
  if (!memoryKills && memoryKillsElsewhere > 0) {
    return `For lack of memory the kernel killed ${processes(memoryKillsElsewhere)} in another container or control group of this machine meanwhile.`;
  }
  if (memoryKills === undefined) {
    return undefined;
  }
  return memoryKills === 0
    ? "The kernel killed nothing for lack of memory meanwhile."
    : `The kernel killed ${processes(memoryKills)} of this machine or container for lack of memory meanwhile.`;
}

function processes(count: number): string {
  return count === 1 ? "1 process" : `${count} processes`;
}

/** For an end that no line explains: who ended how. */
export function silenceFact(exitCode: number | undefined, first: FailedProcess | undefined): string {
  const subject = first === undefined ? "It" : `Rank ${first.rank}`;
  const code = first === undefined ? exitCode : first.exitCode;
  return code === undefined
    ? `How ${first === undefined ? "it" : `rank ${first.rank}`} ended is not known, and no error was printed.`
    : `${subject} ended with exit code ${code} and printed no error that is known.`;
}

/** An error that the training went on after may still be why it gave up later. */
export function survivedFact(survived: EvidenceLine | undefined): string[] {
  return survived === undefined ? [] : [`Earlier it went on after an error (line ${survived.line}): ${survived.text}`];
}
