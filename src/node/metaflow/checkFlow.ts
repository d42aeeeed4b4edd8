import { type ChildProcess, spawn } from "node:child_process";
import { basename, dirname } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { type CheckOutput, type FlowCheck, parseCheckOutput } from "../../core/metaflow/flowCheck.ts";
import { metaflowUser } from "../../core/metaflow/metaflowUser.ts";
import { errorCode } from "../base/fileErrors.ts";

export type CheckFlowOptions = { signal?: AbortSignal; timeoutMs?: number };

// Importing torch from a cold disk can take most of a minute.
const DEFAULT_TIMEOUT_MS = 120_000;

// Far above what a check prints; a flow that prints without end must not fill the memory.
const MAX_OUTPUT_CHARACTERS = 200_000;

/**
 * Metaflow's own `check` of a flow file. It executes the file with `python`, so it may only follow an explicit
 * wish of the person, in a trusted workspace. Stopping it, or the timeout, ends every process it started.
 */
export async function checkFlow(python: string, file: string, options: CheckFlowOptions = {}): Promise<FlowCheck> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const child = spawn(python, [basename(file), "--no-pylint", "check"], {
    cwd: dirname(file),
    env: checkEnvironment(process.env),
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what the file starts can be ended with it.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let stopped: "timeout" | "aborted" | undefined;
  const stop = (reason: "timeout" | "aborted") => {
    stopped ??= reason;
    killGroup(child);
  };
  const timer = setTimeout(() => stop("timeout"), timeoutMs);
  const onAbort = () => stop("aborted");
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const output = await outputOf(child, python);
    signal?.throwIfAborted();
    if (stopped === "timeout") {
      throw new UserError(
        `The check of ${file} was ended after ${Math.round(timeoutMs / 1000)} s. Look for work that runs while the file is imported, and move it into steps.`,
      );
    }
    return parseCheckOutput(output, python, file);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The environment of a check. */
export function checkEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...environment,
    ...metaflowUser(environment),
    // A check looks at the graph; it must not call home or leave bytecode beside the flow.
    METAFLOW_DEFAULT_METADATA: "local",
    METAFLOW_DEFAULT_DATASTORE: "local",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
  };
}

async function outputOf(child: ChildProcess, python: string): Promise<CheckOutput> {
  return await new Promise((resolve, reject) => {
    const output: CheckOutput = { exitCode: -1, stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        output[name] = (output[name] + text).slice(-MAX_OUTPUT_CHARACTERS);
      });
    }
    child.once("error", (cause) => {
      const message = `${python} could not be started (${cause.message}). Choose another Python interpreter.`;
      reject(new UserError(message, { cause }));
    });
    child.once("close", (exitCode) => resolve({ ...output, exitCode: exitCode ?? -1 }));
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
