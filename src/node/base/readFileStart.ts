import { closeSync, openSync, readSync } from "node:fs";

/** As much of a file as the system looks at to start it; empty where it cannot be read. */
export function readFileStart(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const start = Buffer.alloc(256);
      return start.toString("utf8", 0, readSync(file, start));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
