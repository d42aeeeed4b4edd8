import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import { parseJson } from "../../core/base/parseJson.ts";
import { errorCode } from "../base/fileErrors.ts";
import { signalGroup } from "../base/processTree.ts";

/** Tests of a model train a little; what takes longer is a training. */
const TIMEOUT_MS = 10 * 60_000;
/** The end of what was printed says how it went. */
const MAX_OUTPUT_CHARACTERS = 200_000;

/**
 * Runs test files with pytest where it is installed, else with unittest, and counts what ran: an exit code of 0 alone says
 * nothing of tests that were skipped, not found, or never reached. The counts go into a file that the tests are not told of.
 */
const RUNNER = `
import sys
if sys.path[0] == "":
    sys.path.pop(0)
import importlib.util, json, os, traceback, unittest
report, *files = sys.argv[1:]
sys.argv = ["tests", *files]
counts = {"passed": 0, "failed": 0, "skipped": 0}
def with_pytest(pytest):
    class Counter:
        def pytest_runtest_logreport(self, report):
            if report.when == "call" or report.outcome != "passed":
                counts[report.outcome] += 1
        def pytest_collectreport(self, report):
            counts["failed"] += report.failed
    return "pytest", int(pytest.main(["-q", "-p", "no:cacheprovider", *files], plugins=[Counter()]))
def with_unittest():
    suite = unittest.TestSuite()
    for number, file in enumerate(files):
        sys.path[0:0] = [os.path.dirname(os.path.abspath(file))]
        try:
            spec = importlib.util.spec_from_file_location(f"tests_{number}", file)
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
        except Exception:
            traceback.print_exc()
            counts["failed"] += 1
            continue
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    counts["failed"] += failed
    counts["skipped"] += skipped
    counts["passed"] += max(0, result.testsRun - failed - skipped - len(result.expectedFailures))
    return "unittest", int(counts["failed"] > 0)
try:
    import pytest
except ImportError:
    pytest = None
sys.path[0:0] = [os.getcwd()]
runner, code = with_pytest(pytest) if pytest else with_unittest()
with open(report, "w", encoding="utf-8") as file:
    json.dump({**counts, "runner": runner}, file)
sys.exit(code)
`;

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
  hasTimedOut: boolean;
};

/** Runs test files in the folder of the workspace and waits for their end. Stopping it ends every process they started. */
export async function runTests(
  { python, folder, files }: { python: string; folder: string; files: readonly string[] },
  signal: AbortSignal,
): Promise<TestRun> {
  signal.throwIfAborted();
  const place = await mkdtemp(join(tmpdir(), "trainyard-tests-"));
  const report = join(place, "counts.json");
  try {
    const ended = await runProgram({ python, folder, args: ["-c", RUNNER, report, ...files] }, signal);
    signal.throwIfAborted();
    const counts = countsSchema.safeParse(parseJson(await readReport(report))).data;
    return { ...ended, ...(counts === undefined ? {} : { counts }) };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function runProgram(
  { python, folder, args }: { python: string; folder: string; args: readonly string[] },
  signal: AbortSignal,
): Promise<Omit<TestRun, "counts">> {
  const child = spawn(python, args, {
    cwd: folder,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what the tests start can be ended with them.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let hasTimedOut = false;
  const end = () => {
    if (child.pid !== undefined) {
      signalGroup(child.pid, "SIGKILL");
    }
  };
  const timer = setTimeout(() => {
    hasTimedOut = true;
    end();
  }, TIMEOUT_MS);
  signal.addEventListener("abort", end, { once: true });
  try {
    const { exitCode, output } = await new Promise<{ exitCode: number; output: string }>((resolve, reject) => {
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          printed = `${printed}${text}`.slice(-MAX_OUTPUT_CHARACTERS);
        });
      }
      child.once("error", (cause) => {
        const message = `${python} could not be started (${cause.message}). Choose another Python interpreter.`;
        reject(new UserError(message, { cause }));
      });
      child.once("close", (code) => resolve({ exitCode: code ?? -1, output: printed }));
    });
    return { exitCode, output, hasTimedOut };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    // A process that a test has left behind in the background.
    end();
  }
}

async function readReport(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return "";
    }
    throw error;
  }
}
