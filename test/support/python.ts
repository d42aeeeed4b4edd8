import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The Python of the sample, with torch, scikit-learn, TensorBoard and Metaflow. Throws where it was not set up. */
export function samplePython(): string {
  const inEnvironment = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  const python = process.env["TRAINYARD_PYTHON"] ?? join(repositoryRoot, "examples/digits/.venv", inEnvironment);
  if (!existsSync(python)) {
    throw new Error(`These tests run real Python, and ${python} does not exist. \`npm test\` sets it up.`);
  }
  return python;
}

export type Finished = { exitCode: number | null; stdout: string; stderr: string };

export type PythonOptions = {
  cwd: string;
  /** Called with everything printed so far, after each piece; a returned signal is sent once. */
  signalWhen?: (stdout: string) => NodeJS.Signals | undefined;
};

/** Runs the sample's Python to its end. Metaflow keeps its runs in `.metaflow` of the given folder. */
export async function runPython(args: readonly string[], options: PythonOptions): Promise<Finished> {
  const child = spawn(samplePython(), args, {
    cwd: options.cwd,
    env: {
      ...process.env,
      METAFLOW_USER: "tester",
      METAFLOW_DATASTORE_SYSROOT_LOCAL: join(options.cwd, ".metaflow"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const finished: Finished = { exitCode: null, stdout: "", stderr: "" };
  let isSignalled = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    finished.stdout += text;
    const signal = isSignalled ? undefined : options.signalWhen?.(finished.stdout);
    if (signal !== undefined) {
      isSignalled = true;
      child.kill(signal);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    finished.stderr += text;
  });
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ ...finished, exitCode }));
  });
}

/** A folder that is removed when the block ends. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "trainyard-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
