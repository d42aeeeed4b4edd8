import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { errorCode } from "../../base/fileErrors.ts";

const PS_TIMEOUT_MS = 2_000;

/**
 * The ids of the runs of which a task runs on this machine now. Metaflow starts each task as a process of its own with
 * `--run-id`, so this finds also what was started elsewhere. Undefined where the system does not show command lines.
 */
export async function livingRunIds(): Promise<ReadonlySet<string> | undefined> {
  if (process.platform === "win32") {
    return undefined;
  }
  const lines = process.platform === "linux" ? await linuxCommandLines() : await psCommandLines();
  return new Set(lines.flatMap((line) => /(?:^|\s)--run-id[\s=](\S+)/.exec(line)?.[1] ?? []));
}

async function linuxCommandLines(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      try {
        return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
      } catch (error) {
        // It ended in between, or belongs to somebody else.
        if (errorCode(error) === undefined) {
          throw error;
        }
        return "";
      }
    }),
  );
  return lines;
}

async function psCommandLines(): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axo", "args="], { timeout: PS_TIMEOUT_MS });
  return stdout.split("\n");
}
