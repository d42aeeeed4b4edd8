import { execFile } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { FifoReader } from "./fifoReader.ts";

/*
 * A training must not end because nobody reads what it prints. The pipes that Node makes for a child end with their
 * reader: the next print is a broken pipe. A FIFO that is opened for reading *and* writing (fifo(7), Linux) has a reader
 * as long as the training has it open, so that the training waits at most until somebody reads again; and through
 * /proc/<pid>/fd a process that was not there at the start can become that reader.
 */

/** How the names of their folders begin, by which a pipe is known that has none any more. */
const PIPES_PREFIX = "trainyard-pipes-";

const STDOUT = 1;
const STDERR = 2;

export type OutputPipes = {
  /** For the child's standard output and error; to be closed once it runs. */
  ends: readonly [stdout: number, stderr: number];
  stdout: Readable;
  stderr: Readable;
};

/** Pipes that outlive their reader; undefined where the system cannot make them, and Node's own have to do. */
export async function makeOutputPipes(): Promise<OutputPipes | undefined> {
  if (process.platform !== "linux") {
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), PIPES_PREFIX)).catch(() => undefined);
  if (folder === undefined) {
    return undefined;
  }
  try {
    const paths = [join(folder, "stdout"), join(folder, "stderr")] as const;
    await promisify(execFile)("mkfifo", ["-m", "600", ...paths]);
    // Each side opens for itself: sides that share one opening would share the reader's O_NONBLOCK as well.
    const ends = [openSync(paths[0], constants.O_RDWR), openSync(paths[1], constants.O_RDWR)] as const;
    return { ends, stdout: openReader(paths[0]), stderr: openReader(paths[1]) };
  } catch {
    return undefined;
  } finally {
    // Open pipes need no name, and nothing else shall find them.
    await rm(folder, { recursive: true, force: true });
  }
}

export function closeEnds({ ends }: OutputPipes): void {
  ends.forEach(closeSync);
}

/** The output of a process that was started with such pipes; undefined where it has none or may not be looked at. */
export function openOutputOf(pid: number): { stdout: Readable; stderr: Readable } | undefined {
  const [stdout, stderr] = [openFifo(`/proc/${pid}/fd/${STDOUT}`), openFifo(`/proc/${pid}/fd/${STDERR}`)];
  return stdout && stderr && { stdout, stderr };
}

/** What is printed into such pipes by processes of a run; none where they print elsewhere, as into a pipe of their own. */
export function openOutputsOf(pids: readonly number[]): Readable[] {
  return openEach(pids, openFifo);
}

/** Opens each such pipe once, through the first process that still has it: of a loop, what sleeps now is gone in a moment. */
export function openEach<Opened>(pids: readonly number[], open: (link: string) => Opened | undefined): Opened[] {
  const opened = new Map<string, Opened>();
  for (const [name, link] of pids.flatMap(pipesOf)) {
    const pipe = opened.has(name) ? undefined : open(link);
    if (pipe !== undefined) {
      opened.set(name, pipe);
    }
  }
  return [...opened.values()];
}

/** They have no name any more, and are known by what they were called. */
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

function openFifo(path: string): Readable | undefined {
  let reader: number;
  try {
    reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  if (fstatSync(reader).isFIFO()) {
    return readerOf(reader);
  }
  closeSync(reader);
  return undefined;
}

function openReader(path: string): Readable {
  return readerOf(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
}

function readerOf(fd: number): Readable {
  return new FifoReader(fd);
}
