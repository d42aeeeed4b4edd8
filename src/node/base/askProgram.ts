import { execFile } from "node:child_process";

/** A repository on a sleeping network disk must not hold up what is asked for, nor a slow interpreter. */
const TIMEOUT_MS = 3_000;
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

/** What a program prints; undefined where it is missing, fails or takes too long, which whoever asks can do without. */
export function askProgram(
  program: string,
  args: readonly string[],
  cwd?: string,
  { timeout = TIMEOUT_MS, encoding = "utf8" }: { timeout?: number; encoding?: BufferEncoding } = {},
): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(
      program,
      args,
      { ...(cwd === undefined ? {} : { cwd }), timeout, encoding, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true },
      (error, stdout) => done(error === null ? stdout : undefined),
    );
  });
}
