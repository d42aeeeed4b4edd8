import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { errorCode } from "./fileErrors.ts";
import { readProcStat } from "./processIdentity.ts";

const PS_TIMEOUT_MS = 2_000;
const UNREADABLE = "unreadable";

/** Sends a signal to every process of the group; false when the group is empty. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): boolean {
  if (groupId < 2) {
    // -1 is every process of the user, and no training leads group 1.
    return false;
  }
  if (process.platform === "win32") {
    // Windows has neither groups nor signals; the whole tree is ended at once.
    return spawnSync("taskkill", ["/pid", String(groupId), "/T", "/F"], { windowsHide: true }).status === 0;
  }
  return trySignal(-groupId, signal);
}

/** Sends a signal to one process; false when it is gone. */
export function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * The living processes of a group, and those outside of it that inherited the variable `marker` (`NAME=value`):
 * torchrun puts each of its workers into a session of its own. Only Linux shows the variables of others. `others`: processes
 * that an earlier look found to be none of them, which are not looked at again; those of this look are added.
 */
export function listGroupProcesses(groupId: number, marker: string, others = new Set<number>()): number[] {
  if (process.platform === "linux") {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && !others.has(pid) && belongsTo(pid, { groupId, marker, others }));
  }
  return process.platform === "win32" ? [] : listGroupByPs(groupId);
}

function listGroupByPs(groupId: number): number[] {
  const ps = spawnSync("ps", ["-axo", "pid=,pgid=,stat="], { encoding: "utf8", timeout: PS_TIMEOUT_MS });
  return ps.stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, group, state]) => Number(group) === groupId && state?.startsWith("Z") === false)
    .map(([pid]) => Number(pid));
}

type Membership = { groupId: number; marker: string; others: Set<number> };

function belongsTo(pid: number, { groupId, marker, others }: Membership): boolean {
  const stat = readProcStat(pid);
  if (stat === undefined || stat.state === "Z" || stat.state === "X") {
    return false;
  }
  const environment = stat.groupId === groupId ? undefined : environmentOf(pid);
  const belongs = environment === undefined || environment.includes(marker);
  // A process that is just becoming another program (execve) has no variables for a moment; those of the kernel never have.
  if (!belongs && (environment.join("") !== "" || stat.groupId === 0)) {
    others.add(pid);
  }
  return belongs;
}

/** Whether a process inherited the variable `marker` (`NAME=value`). */
export function carriesMarker(pid: number, marker: string): boolean {
  return environmentOf(pid).includes(marker);
}

/** Those of a process of another user, which may not be looked at, are told by a word that is no variable. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch (error) {
    return errorCode(error) === "EACCES" ? [UNREADABLE] : [];
  }
}
