import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { LaunchPlan } from "../../src/core/training/launchPlan.ts";
import type { Run } from "../../src/core/training/runRecord.ts";
import { errorCode } from "../../src/node/base/fileErrors.ts";
import { createRun, readRun } from "../../src/node/training/runLedger.ts";

export const supervisorPath = fileURLToPath(new URL("../../src/supervisor.ts", import.meta.url));
export const cliPath = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

/** A training that says that it is there, and never ends by itself. */
export const ENDLESS = 'import time\nprint("ready")\nwhile True:\n    time.sleep(0.05)';

export const testReceipt = { host: "test", platform: "test", trainyardVersion: "0.0.0" };

/** A temporary workspace folder; what still runs in it when the test ends is killed, and the folder is removed. */
export async function makeWorkspace(context: TestContext): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "trainyard-run-")));
  context.after(async () => {
    for (const pid of processesOf(root)) {
      killIfThere(pid);
    }
    await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  });
  return root;
}

/** It may end by itself between being found and this. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") {
      throw error;
    }
  }
}

export function buildPlan(cwd: string, command: readonly string[], change: Partial<LaunchPlan> = {}): LaunchPlan {
  return {
    kind: "training",
    title: "demo",
    script: join(cwd, "train.py"),
    command: [...command],
    cwd,
    environment: {},
    interpreter: { path: command[0] ?? "", reason: "given by the test" },
    device: { kind: "cpu", reason: "given by the test" },
    arguments: [],
    warnings: [],
    ...change,
  };
}

/** A run of a Python program, written to `train.py` so that its folder is part of the command line. */
export async function createPythonRun(root: string, program: string, stopGraceMs = 300): Promise<string> {
  const script = join(root, "train.py");
  await writeFile(script, program);
  return createRun(root, buildPlan(root, ["python3", script]), testReceipt, { stopGraceMs });
}

/** A child process with its output collected. */
export type Spawned = {
  child: ChildProcess;
  pid: number;
  readonly output: string;
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>;
};

export function spawnNode(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Spawned {
  const { NODE_TEST_CONTEXT: _ofThisRunner, ...env } = { ...process.env, ...options.env };
  const child = spawn(process.execPath, args, { ...options, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  return {
    child,
    pid: child.pid ?? -1,
    ended,
    get output() {
      return output;
    },
  };
}

/** `supervisor.ts start|follow|own` as the editor runs it. */
export function supervise(verb: "start" | "follow" | "own", folder: string): Spawned {
  return spawnNode([supervisorPath, verb, folder]);
}

/** Waits for a state of the world that other processes bring about; fails with what it waited for. */
export async function waitUntil<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  timeoutMs = 60_000,
): Promise<Value> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (Date.now() > deadlineMs) {
      throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`);
    }
    await delay(20);
  }
}

export function waitForOutput(spawned: Spawned, text: string): Promise<true> {
  return waitUntil(`"${text}" is printed; so far: ${spawned.output}`, () => spawned.output.includes(text) || undefined);
}

export function waitForState(folder: string, state: Run["state"]): Promise<Run> {
  return waitUntil(`the run is ${state}`, async () => {
    const run = await readRun(folder);
    return run.state === state ? run : undefined;
  });
}

export async function readLog(folder: string): Promise<string> {
  return readFile(join(folder, "train.log"), "utf8");
}

/** The processes with this text in their command line; those of a test have its workspace folder there. */
export function processesOf(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => commandLineOf(pid).includes(text));
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
