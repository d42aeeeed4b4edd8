import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import { parseJson } from "../../core/base/parseJson.ts";
import { errorCode } from "../base/fileErrors.ts";
import { listGroupProcesses, signalGroup, trySignal } from "../base/processTree.ts";
import { orWriteFailure } from "../base/writeNewFile.ts";
import { TEST_GUARD, TEST_RUNNER } from "./testRunner.ts";

/** Tests of a model train a little; what takes longer is a training. */
export const TEST_MINUTES = 10;
const TIMEOUT_MS = TEST_MINUTES * 60_000;
/** A process that cannot be found may hold the output open after the tests have ended. */
const OUTPUT_GRACE_MS = 1_000;
/** The end of what was printed says how it went. */
const MAX_OUTPUT_CHARACTERS = 200_000;

const FOLDER_PREFIX = "trainyard-tests-";
/** No run takes this long, so its folder was left behind. */
const OUTDATED_MS = 6 * TIMEOUT_MS;

/** Every process of a run inherits it, wherever it moves to; see listGroupProcesses. */
const RUN_VARIABLE = "TRAINYARD_TESTS";

const countsSchema = z.object({
  runner: z.enum(["pytest", "unittest"]),
  passed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
});

export type TestRun = {
  exitCode: number;
  /** What was printed; its beginning is left out where it is long. */
  output: string;
  /** Absent where the program ended before the tests had. */
  counts?: z.infer<typeof countsSchema>;
  /** The tests were ended because they took too long. */
  hasTimedOut: boolean;
};

type TestRequest = { python: string; folder: string; files: readonly string[]; timeoutMs?: number };

/**
 * Runs test files in the folder of the workspace and waits for their end. Every process they started ends with them, with the
 * signal, and with this process. Throws a UserError where the interpreter cannot run them.
 */
export async function runTests(
  { python, folder, files, timeoutMs = TIMEOUT_MS }: TestRequest,
  signal: AbortSignal,
): Promise<TestRun> {
  signal.throwIfAborted();
  await clearOutdated();
  const prefix = join(tmpdir(), FOLDER_PREFIX);
  const place = await orWriteFailure(prefix, mkdtemp(prefix));
  const report = join(place, "counts.json");
  try {
    const ended = await runProgram(
      { python, folder, place, timeoutMs, args: ["-c", TEST_RUNNER, report, ...files.map(asFile)] },
      signal,
    );
    signal.throwIfAborted();
    const text = await readReport(report);
    if (text === undefined) {
      const said = ended.output.trim().split("\n").at(-1) ?? "";
      const message = `${python} did not run the tests (exit code ${ended.exitCode}). ${said.slice(0, 300)}`;
      throw new UserError(`${message.trim()} Choose another Python interpreter.`);
    }
    const counts = countsSchema.safeParse(parseJson(text)).data;
    return counts === undefined ? ended : { ...ended, counts, hasTimedOut: false };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** pytest takes `-kname.py` for an option, and `@name.py` for a file of options. */
function asFile(path: string): string {
  return /^[-@]/.test(path) ? `./${path}` : path;
}

type Program = Required<Omit<TestRequest, "files">> & { place: string; args: readonly string[] };

async function runProgram(
  { python, folder, place, timeoutMs, args }: Program,
  signal: AbortSignal,
): Promise<Omit<TestRun, "counts">> {
  const marker = `${RUN_VARIABLE}=${basename(place)}`;
  const child = spawn(python, args, {
    cwd: folder,
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
      HYPOTHESIS_STORAGE_DIRECTORY: join(place, "hypothesis"),
      [RUN_VARIABLE]: basename(place),
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what the tests start can be ended with them.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const { pid } = child;
  const end = () => (pid === undefined ? undefined : endProcesses(pid, marker));
  const guard = pid === undefined ? undefined : startGuard(python, [String(pid), marker, place]);
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    end();
  }, timeoutMs);
  signal.addEventListener("abort", end, { once: true });
  try {
    const output = collectOutput(child);
    const closed = new Promise((resolve) => child.once("close", resolve));
    const exitCode = await exitOf(child, python);
    // What a test has left behind in the background ends too, and lets go of the output.
    end();
    await Promise.race([closed, delay(OUTPUT_GRACE_MS, undefined, { ref: false })]);
    return { exitCode, output: output(), hasTimedOut };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    child.stdout.destroy();
    child.stderr.destroy();
    guard?.kill("SIGKILL");
  }
}

function exitOf(child: ChildProcess, python: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      const message = `${python} could not be started (${cause.message}). Choose another Python interpreter.`;
      reject(new UserError(message, { cause }));
    });
    child.once("exit", (code) => resolve(code ?? -1));
  });
}

/** Gives what was printed so far. */
function collectOutput({ stdout, stderr }: ChildProcess): () => string {
  let printed = "";
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed = `${printed}${text}`.slice(-MAX_OUTPUT_CHARACTERS);
    });
  }
  return () => printed;
}

function endProcesses(groupId: number, marker: string): void {
  const members = listGroupProcesses(groupId, marker);
  signalGroup(groupId, "SIGKILL");
  for (const pid of members) {
    trySignal(pid, "SIGKILL");
  }
}

/** Ends the tests when this process is killed: its pipe ends with it. */
function startGuard(python: string, args: readonly string[]): ChildProcess {
  const guard = spawn(python, ["-I", "-c", TEST_GUARD, ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    windowsHide: true,
  });
  // Without it the tests still run, and end in every other way.
  guard.on("error", () => undefined);
  return guard;
}

/** Folders of runs whose host and guard were killed at once. */
async function clearOutdated(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(FOLDER_PREFIX));
  for (const name of names) {
    const place = join(tmpdir(), name);
    try {
      if (Date.now() - (await stat(place)).mtimeMs > OUTDATED_MS) {
        await rm(place, { recursive: true, force: true });
      }
    } catch (error) {
      // Somebody else's, or gone meanwhile.
      if (!["EACCES", "EPERM", "ENOENT"].includes(errorCode(error) ?? "")) {
        throw error;
      }
    }
  }
}

async function readReport(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
