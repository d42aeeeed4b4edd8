import { spawn } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readlinkSync } from "node:fs";
import { PIPES_PREFIX } from "./outputPipes.ts";
import { ownerEnvironment } from "./trainingProcess.ts";

/*
 * What is left alone goes on to print into the pipes of its run, which nobody would read any more: after 64 KiB it would wait for
 * ever. A `cat` of a megabyte reads each of them into a file until the last process that holds it has ended.
 */

/** What `ulimit -f` of a POSIX shell counts in. */
const BLOCK_BYTES = 512;

/**
 * The pipe comes as descriptor 3, open for both, so that opening it for reading waits for nobody; then that is closed, as the end
 * of the pipe would never come. A `cat` that would write beyond the limit, or to a full disk, ends, and what comes is read and lost.
 */
const SCRIPT = `exec < /proc/self/fd/3 3>&-
(ulimit -c 0; ulimit -f "$2"; exec cat >> "$1") ||
  echo "[trainyard] What follows is left out: the file has come to the limit of a log, or its disk is full." >> "$1"
exec cat > /dev/null`;

/** Has what these processes print into pipes read into a file, of at most so many bytes. Whether there is such a pipe. */
export function readLeftOutput(
  pids: readonly number[],
  { path, limitBytes }: { path: string; limitBytes: number },
): boolean {
  const pipes = openPipes(pids);
  for (const pipe of pipes) {
    const reader = spawn("/bin/sh", ["-c", SCRIPT, "sh", path, String(Math.ceil(limitBytes / BLOCK_BYTES))], {
      detached: true,
      stdio: ["ignore", "ignore", "ignore", pipe],
      cwd: "/",
      env: ownerEnvironment(process.env),
    });
    reader.on("error", () => undefined);
    reader.unref();
    closeSync(pipe);
  }
  return pipes.length > 0;
}

/** Each pipe once, through the first process that still has it: of a loop, what sleeps now is gone in a moment. */
function openPipes(pids: readonly number[]): number[] {
  const opened = new Map<string, number>();
  for (const [name, link] of pids.flatMap(pipesOf)) {
    const pipe = opened.has(name) ? undefined : openPipe(link);
    if (pipe !== undefined) {
      opened.set(name, pipe);
    }
  }
  return [...opened.values()];
}

function openPipe(link: string): number | undefined {
  try {
    return openSync(link, constants.O_RDWR);
  } catch {
    return undefined;
  }
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
