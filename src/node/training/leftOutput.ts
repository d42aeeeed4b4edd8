import { spawn } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { PIPES_PREFIX } from "./outputPipes.ts";
import { ownerEnvironment } from "./trainingProcess.ts";

/*
 * What is left alone goes on to print into the pipes of its run, which nobody would read any more: after 64 KiB it would wait for
 * ever. A `cat` of a megabyte reads each of them into a file until the last process that holds it has ended.
 */

/** Should the disk of the file be full, what comes is read and lost. */
const SCRIPT = 'exec < "$1"; cat >> "$2"; exec cat > /dev/null';

/** Has what these processes print into pipes read into a file. Whether there is such a pipe. */
export function readLeftOutput(pids: readonly number[], path: string): boolean {
  const pipes = new Map(pids.flatMap(pipesOf));
  for (const link of pipes.values()) {
    const reader = spawn("/bin/sh", ["-c", SCRIPT, "sh", link, path], {
      detached: true,
      stdio: "ignore",
      cwd: "/",
      env: ownerEnvironment(process.env),
    });
    reader.on("error", () => undefined);
    reader.unref();
  }
  return pipes.size > 0;
}

/** Those of `makeOutputPipes`, which have no name any more, by what they were called. */
function pipesOf(pid: number): [name: string, link: string][] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder)
      .map((fd): [string, string] => [readlinkSync(`${folder}/${fd}`), `${folder}/${fd}`])
      .filter(([name]) => name.includes(PIPES_PREFIX));
  } catch {
    return [];
  }
}
