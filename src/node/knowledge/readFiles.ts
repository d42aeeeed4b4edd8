import { setImmediate } from "node:timers/promises";
import type { PythonParser } from "../../core/base/pythonSyntax.ts";
import type { Reading } from "../../core/knowledge/manifests/reading.ts";
import { loadPythonParser } from "../base/pythonParser.ts";
import { fileReaderOf, NEEDS_PARSER } from "./readWorkspaceFile.ts";

/** Reads files of one folder: what each says, in their order; null for those that say nothing. */
export type ReadFiles = (paths: readonly string[]) => Promise<readonly (Reading | null)[]>;

/** Reads files of a workspace folder, which their paths are relative to. Blocks its thread. */
export async function readFiles(root: string, paths: readonly string[]): Promise<(Reading | null)[]> {
  const readings: (Reading | null)[] = [];
  let parser: PythonParser | undefined;
  for (const path of paths) {
    const reader = fileReaderOf(path);
    let reading = reader?.(`${root}/${path}`, parser);
    if (reading === NEEDS_PARSER) {
      parser = await loadPythonParser();
      reading = reader?.(`${root}/${path}`, parser);
    }
    // Most files tell nothing, and an empty reading is not worth its place.
    readings.push(
      typeof reading === "object" && reading.statements.length + reading.problems.length > 0 ? reading : null,
    );
  }
  return readings;
}

/** Fewer files are read before a helper has begun. */
const MIN_SHARED_FILES = 2_000;

/** Some milliseconds of work, as long as the helper may wait for this thread to take its answer. */
const CHUNK_FILES = 250;

/**
 * Reads files with the help of another thread. Both take the next few files when they are done with theirs, so that a
 * helper which is slow, or has yet to start, costs nothing.
 */
export function sharedReading(here: ReadFiles, helper: ReadFiles): ReadFiles {
  return async (paths) => {
    if (paths.length < MIN_SHARED_FILES) {
      return await here(paths);
    }
    const readings: (readonly (Reading | null)[])[] = [];
    const waiting = chunksOf(paths).entries();
    const take = async (read: ReadFiles) => {
      for (const [index, chunk] of waiting) {
        readings[index] = await read(chunk);
      }
    };
    // The helper has its next files before it gave the answer to the last.
    await Promise.all([take(helper), take(helper), take(yielding(here))]);
    return readings.flat();
  };
}

/** Lets answers of other threads in after each reading. */
function yielding(read: ReadFiles): ReadFiles {
  return async (paths) => {
    const readings = await read(paths);
    await setImmediate();
    return readings;
  };
}

function chunksOf(paths: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let start = 0; start < paths.length; start += CHUNK_FILES) {
    chunks.push(paths.slice(start, start + CHUNK_FILES));
  }
  return chunks;
}
