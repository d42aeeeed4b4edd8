import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { ProcessIdentity } from "../../core/training/runRecord.ts";
import type { Liveness } from "../../core/training/runState.ts";

const PS_TIMEOUT_MS = 2_000;

/** The identity of a process that runs now; undefined when there is none. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTime = readStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime, host: hostname() };
}

/** Whether the very process that was identified still runs, and not a later one with its number. */
export function probeProcess(identity: ProcessIdentity): Liveness {
  if (isOfAnotherHost(identity)) {
    return "unknown";
  }
  const startTime = readStartTime(identity.pid);
  if (startTime === undefined) {
    return "gone";
  }
  if (startTime === "" || identity.startTime === "") {
    return "unknown";
  }
  return startTime === identity.startTime ? "alive" : "gone";
}

/** Of such a process only what it writes tells whether it lives; a container has another host name at each start. */
function isOfAnotherHost({ host }: ProcessIdentity): boolean {
  return host !== undefined && host !== hostname();
}

/** The start time as text; "" where the system does not tell, undefined when no such process runs. */
function readStartTime(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = readProcStat(pid);
    // A zombie has ended; only its parent has not asked yet.
    return stat === undefined || stat.state === "Z" || stat.state === "X"
      ? undefined
      : `${bootId()}:${stat.startTicks}`;
  }
  if (process.platform === "win32") {
    return accepts(pid) ? "" : undefined;
  }
  const ps = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
    timeout: PS_TIMEOUT_MS,
    // The text is compared with one that a process in another time zone may have written.
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
  });
  const line = ps.status === 0 ? ps.stdout.trim() : "";
  return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}

function accepts(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

export type ProcStat = {
  state: string;
  parentPid: number;
  groupId: number;
  startTicks: string;
  cpuTicks: number;
  /** Of its children that have ended, and of theirs. */
  childTicks: number;
};

/** Fields of /proc/<pid>/stat, see proc_pid_stat(5); undefined when the process is gone. */
export function readProcStat(pid: number): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", parentPid = "", groupId = ""] = fields;
  return {
    state,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    startTicks: fields[19] ?? "",
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    childTicks: Number(fields[13]) + Number(fields[14]),
  };
}

/** A file of /proc/<pid> as text; empty where the process is gone or the system does not tell. */
export function readProcFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

/**
 * The memory that a process holds; 0 where it is gone. The file of `readProcStat` counts pages, whose size differs: 4 KiB, or
 * 16 and 64 KiB on kernels for Arm.
 */
export function residentKiB(pid: number, procFolder = "/proc"): number {
  try {
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`${procFolder}/${pid}/status`, "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** What a process has written so far, to files and elsewhere; see proc_pid_io(5). Nothing where the system does not tell. */
export function writtenBytes(pid: number): number {
  try {
    return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

let cachedBootId: string | undefined;

/**
 * A name of this boot of this machine, which containers share; "" where the system has none. Start times count from the boot, so
 * it is part of the identity of a process.
 */
export function bootId(): string {
  if (cachedBootId === undefined) {
    try {
      cachedBootId = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8);
    } catch {
      cachedBootId = "";
    }
  }
  return cachedBootId;
}
