import { closeSync, fstatSync, openSync, readdirSync, readlinkSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import { readProcFile } from "../base/processIdentity.ts";
import { commandLineOf } from "./backgroundTraining.ts";

/** The end of an output that names an epoch or a loss here and there. */
const OUTPUT_BYTES = 16 * 1024;
/** A program that holds more files open has its data in most of them. */
const MAX_FILES = 64;

/** One that waits for data or for another machine takes next to nothing of the CPU, and is a training all the same. */
export function trains(pid: number): boolean {
  return holdsGpu(pid) || outputsOf(pid).some(namesProgress);
}

export function holdsGpu(pid: number): boolean {
  const folder = `/proc/${pid}/fd`;
  return openFilesOf(pid).some((name) => /^\/dev\/(?:nvidia|kfd|dri\/)/.test(targetOf(`${folder}/${name}`)));
}

export function isSleep(pid: number): boolean {
  return basename(commandLineOf(pid)[0] ?? "") === "sleep";
}

/** Whether it waits for a set time. */
export function isAsleep(pid: number): boolean {
  return isSleep(pid) || readProcFile(pid, "wchan").includes("nanosleep");
}

/** The files that a process writes: its output, and logs of its own. */
function outputsOf(pid: number): string[] {
  return openFilesOf(pid)
    .slice(0, MAX_FILES)
    .filter((name) => isFile(`/proc/${pid}/fd/${name}`) && isWritten(pid, name))
    .map((name) => `/proc/${pid}/fd/${name}`);
}

function openFilesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

/** A file that is gone by now, or that of another user, is none. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The last octal digit of the flags tells how it was opened: 0 is for reading only. See proc_pid_fdinfo(5). */
function isWritten(pid: number, name: string): boolean {
  return /^flags:\s*\d*[1256]$/m.test(readProcFile(pid, `fdinfo/${name}`));
}

/** Whether a file names epochs or losses, or holds the curves of TensorBoard. */
function namesProgress(path: string): boolean {
  if (targetOf(path).includes(".tfevents.")) {
    return true;
  }
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const start = Math.max(0, size - OUTPUT_BYTES);
      const tail = Buffer.alloc(size - start);
      readSync(file, tail, 0, tail.length, start);
      return tail
        .toString("utf8")
        .split(/[\r\n]/)
        .some((line) => parseConsoleLine(line)?.subject === "training");
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
