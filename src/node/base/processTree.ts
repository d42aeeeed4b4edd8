import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readProcStat } from "./processIdentity.ts";

const PS_TIMEOUT_MS = 2_000;

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
 * torchrun puts each of its workers into a session of its own. Only Linux shows the variables of others.
 */
export function listGroupProcesses(groupId: number, marker: string): number[] {
  if (process.platform === "linux") {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && belongsTo(pid, groupId, marker));
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

function belongsTo(pid: number, groupId: number, marker: string): boolean {
  const stat = readProcStat(pid);
  if (stat === undefined || stat.state === "Z" || stat.state === "X") {
    return false;
  }
  return stat.groupId === groupId || carriesMarker(pid, marker);
}

/** Whether a process inherited the variable `marker` (`NAME=value`). */
export function carriesMarker(pid: number, marker: string): boolean {
  return environmentOf(pid).includes(marker);
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
