import { type ChildProcess, spawn } from "node:child_process";
import { basename, dirname } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { errorCode } from "../base/fileErrors.ts";

export type MetaflowCall = {
  /** The arguments after the file. */
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};

export type MetaflowOutput = { exitCode: number; stdout: string; stderr: string };

// A manifest of a thousand steps has some 10 MB; a flow that prints without end must not fill the memory.
const MAX_OUTPUT_CHARACTERS = 32_000_000;

/** How long what an ended process still had in its pipes may take. */
const LAST_OUTPUT_MS = 2_000;

/**
 * Calls a flow file on the command line that Metaflow gives it, in the folder of the file, and waits for its end.
 * It executes the file. Stopping it, or the timeout, ends it with the processes of its group.
 */
export async function runMetaflow(python: string, file: string, call: MetaflowCall): Promise<MetaflowOutput> {
  const { signal, timeoutMs } = call;
  signal?.throwIfAborted();
  const child = spawn(python, [basename(file), ...call.args], {
    cwd: dirname(file),
    env: call.environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what the file starts can be ended with it.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    killGroup(child);
  }, timeoutMs);
  const onAbort = () => killGroup(child);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const output = await outputOf(child, python);
    signal?.throwIfAborted();
    if (hasTimedOut) {
      throw new UserError(
        `${call.args.filter((each) => !each.startsWith("-")).join(" ")} of ${file} was ended after ${Math.round(timeoutMs / 1000)} s. Look for work that runs while the file is imported, and move it into steps.`,
      );
    }
    return output;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function outputOf(child: ChildProcess, python: string): Promise<MetaflowOutput> {
  return await new Promise((resolve, reject) => {
    const pieces: Record<"stdout" | "stderr", string[]> = { stdout: [], stderr: [] };
    let characters = 0;
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        characters += text.length;
        if (characters <= MAX_OUTPUT_CHARACTERS) {
          pieces[name].push(text);
        }
      });
    }
    child.once("error", (cause) => {
      const message = `${python} could not be started (${cause.message}). Choose another Python interpreter.`;
      reject(new UserError(message, { cause }));
    });
    const settle = (exitCode: number | null) =>
      resolve({ exitCode: exitCode ?? -1, stdout: pieces.stdout.join(""), stderr: pieces.stderr.join("") });
    child.once("close", settle);
    child.once("exit", (exitCode) => {
      // What the file started in a session of its own may hold the pipes for as long as it likes.
      setTimeout(() => {
        settle(exitCode);
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, LAST_OUTPUT_MS).unref();
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  if (process.platform === "win32") {
    child.kill();
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // ESRCH: it ended by itself in between.
    if (errorCode(error) !== "ESRCH") {
      throw error;
    }
  }
}
