import { readFile } from "node:fs/promises";
import type { Diagnosis } from "../../core/training/diagnosis/diagnosis.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { commandText } from "./commandText.ts";

/*
 * A limit that the command of a run sets itself ends it with the same signal or error as a machine that is short of memory or a
 * person who sends SIGKILL.
 */

const TIME_LIMIT =
  /\bulimit\s+(?:-[A-Za-z]+\s+)*-[A-Za-z]*t\s+\d+|(?<![\w-])timeout(?:\s+-{1,2}\S+(?:\s+(?:SIG)?[A-Z]+\d*(?=\s))?)*\s+[\d.]+[smhd]?(?=\s)|\bprlimit\b.*?\s(?:--cpu|-t)[= ]?\d[\d:]*/;
const MEMORY_LIMIT =
  /\bulimit\s+(?:-[A-Za-z]+\s+)*-[A-Za-z]*[vdm]\s+\d+|\bprlimit\b.*?\s(?:--as|--data|-v|-d)[= ]?\d[\d:]*/;

/** What Python and the C library say where memory is refused; nobody was killed for it. */
const REFUSED =
  /MemoryError|Unable to allocate|can't allocate memory|Cannot allocate memory|std::bad_alloc|\[Errno 12\]/;

/** Names the time limit of the command as what may have sent a SIGKILL that the kernel's lack of memory did not send. */
export async function lookForTimeLimit(diagnosis: Diagnosis, { plan }: { plan: LaunchPlan }): Promise<Diagnosis> {
  const limit = TIME_LIMIT.exec(await commandText(plan))?.[0];
  return limit === undefined
    ? diagnosis
    : { ...diagnosis, facts: [...(diagnosis.facts ?? []), `Its command limits its time itself (${limit}).`] };
}

/** Tells a memory limit of the command, or of the shell that it was started in, from a machine that is out of memory. */
export async function lookForMemoryLimit(diagnosis: Diagnosis, { plan }: { plan: LaunchPlan }): Promise<Diagnosis> {
  if (!REFUSED.test(diagnosis.evidence[0]?.text ?? "")) {
    return diagnosis;
  }
  const own = MEMORY_LIMIT.exec(await commandText(plan))?.[0];
  const limit = own === undefined ? await inheritedLimit() : `Its command limits its memory itself (${own}).`;
  return limit === undefined
    ? diagnosis
    : {
        ...diagnosis,
        title: "Memory limit reached",
        facts: [...(diagnosis.facts ?? []), limit],
        advice: `Raise that limit. ${diagnosis.advice}`,
      };
}

/** A supervisor has the limits of the shell that started it, and so has its training. */
async function inheritedLimit(): Promise<string | undefined> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const bytes = /^Max address space\s+(\d+)/m.exec(limits)?.[1];
  return bytes === undefined
    ? undefined
    : `The shell that started it limits its memory (ulimit -v ${Math.floor(Number(bytes) / 1024)}).`;
}
