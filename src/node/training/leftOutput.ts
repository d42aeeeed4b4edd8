import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { openEach } from "./outputPipes.ts";
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
  const pipes = openEach(pids, openPipe);
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

function openPipe(link: string): number | undefined {
  try {
    return openSync(link, constants.O_RDWR);
  } catch {
    return undefined;
  }
}
