// npm test: sets everything up and runs the suites.
//
//   npm test                       unit, integration and e2e, in this order
//   npm test -- unit e2e           some of them
//   npm test -- e2e reload         the journeys whose path contains "reload", the wider ones too
//   npm test -- integration task   the integration tests whose name contains "task"
//   npm run test:wider             what takes longer: every other journey, every flow template and trained script for real,
//                                  processes that die in every order, files damaged in every place, tests that workflows run,
//                                  and unit tests that start many processes
import { spawn, spawnSync } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { glob } from "./glob.mjs";
import { pinnedNode, root } from "./paths.mjs";
import { STEPS, setUp } from "./setup.mjs";
import { NEVER_FOREVER } from "./testLimits.mjs";

/** Tests of pure code, which keeps nothing between them and seldom waits. */
const PURE_TESTS = [/^test\/core\/.*\.test\.ts$/];
/** Tests that start processes, write files or watch folders. */
const HOST_TESTS = [/^test\/(node|editor|media)\/.*\.test\.ts$/, /^test\/[^/]*\.test\.ts$/];
/** Those of them that take the longest: they start the command line, supervisors, Python or git again and again. */
const SLOW_HOST_TESTS = [
  "editor/training/trainingReplies",
  "editor/workflow/askAgentOf",
  "node/checkpoints/compareFiles",
  "node/checkpoints/prune",
  "node/knowledge/readFiles",
  "node/metaflow/anyPythonFile",
  "node/metaflow/localDatastore",
  "node/metaflow/runContents",
  "node/training/backgroundTraining",
  "node/training/cli",
  "node/training/diagnoseRun",
  "node/training/planLaunch",
  "node/training/runQueue",
  "node/training/supervisor",
  "node/training/sweep",
  "node/training/taskGpus",
  "node/workflow/advanceWorkflow",
  "node/workflow/bypass",
  "node/workflow/cliWorkflow",
  "node/workflow/escapes",
].map((name) => `test/${name}.test.ts`);
const LONG_TESTS = [/^test\/long\/[^/]*\.test\.ts$/];
const MAIN_JOURNEYS = [/^test\/e2e\/[^/]*\.test\.ts$/];
const WIDER_JOURNEYS = [/^test\/e2e\/wider\/[^/]*\.test\.ts$/];
const JOURNEYS = [...MAIN_JOURNEYS, ...WIDER_JOURNEYS];

/** Gives the sources of the editor a `vscode` module that is not there outside of an editor. */
const FAKE_VSCODE = ["--import", "./test/support/registerFakeVscode.mjs"];

/** node leaves one core free by itself, which on two cores is half of them; all tests wait for processes most of the time. */
const ALL_CORES = [`--test-concurrency=${availableParallelism()}`];
/** For tests that wait for processes and clocks, two more than there are cores. */
const ALL_CORES_BUSY = [`--test-concurrency=${availableParallelism() + 2}`];

/**
 * What a version manager puts on the PATH as `python3` is a script that starts some forty processes before Python, and the
 * tests start Python hundreds of times: a fifth of the CPU time of a training that ends at once.
 */
const PLAIN_PYTHON = { PATH: plainPythonPath(process.env["PATH"] ?? "") };

const NOTHING_RUN = { passed: true, output: "" };
const ONE_PROCESS = "--test-isolation=none";

/** Two trainings that each take all cores wait for each other's threads most of the time: 42 s for an epoch instead of 4 s. */
const ONE_THREAD_EACH = { OMP_NUM_THREADS: "1" };

/** Tests start hundreds of processes from the sources: what one has compiled is not compiled by the next, half of their CPU time. */
const COMPILED_ONCE = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node") };

/** When more journeys fail, it is not the machine. */
const MAX_REPEATED = 4;

/** A journey waits most of its time, for a training or for the editor; each has a server, a profile and a workspace of its own. */
const SUITES = {
  unit: (/** @type {string[]} */ filters) => runUnit(filters),
  integration: (/** @type {string[]} */ filters) => runInHost(filters),
  e2e: (/** @type {string[]} */ filters) => runJourneys(filters.length === 0 ? MAIN_JOURNEYS : JOURNEYS, filters),
  long: (/** @type {string[]} */ filters) => runLong(filters),
  wider: (/** @type {string[]} */ filters) => runJourneys(WIDER_JOURNEYS, filters),
};

/** @typedef {keyof typeof SUITES} SuiteName */

/** @type {readonly SuiteName[]} */
const SUITE_NAMES = ["unit", "integration", "e2e", "long", "wider"];
/** @type {readonly SuiteName[]} */
const DEFAULT_NAMES = ["unit", "integration", "e2e"];

async function main() {
  const { names, filters } = readArguments(process.argv.slice(2));
  await setUp(names.some((name) => name !== "unit") ? STEPS.test : STEPS.unit);
  if (!(await run([pinnedNode, "scripts/bundleTests.mjs"]))) {
    return 1;
  }
  /** @type {Record<string, boolean>} */
  const results = {};
  for (const name of names) {
    const finished = Object.entries(results).map(([suite, passed]) => `${suite} ${passed ? "passed" : "FAILED"}`);
    const before = finished.length === 0 ? "" : ` (so far: ${finished.join(", ")})`;
    process.stdout.write(`\n=== Suite ${name}${before} ===\n\n`);
    results[name] = await SUITES[name](filters);
  }
  return Object.values(results).every(Boolean) ? 0 : 1;
}

/** @param {string[]} words */
function readArguments(words) {
  const chosen = SUITE_NAMES.filter((name) => words.includes(name));
  return {
    names: chosen.length === 0 ? DEFAULT_NAMES : chosen,
    filters: words.filter((word) => !Object.hasOwn(SUITES, word)),
  };
}

/**
 * The pure tests share one process, which saves the start of more than a hundred, and run beside the others, which wait most
 * of the time. What they print follows when the others are done.
 * @param {readonly string[]} filters
 */
async function runUnit(filters) {
  const pure = await findTests(PURE_TESTS, filters);
  const hosts = await findTests(HOST_TESTS, filters);
  const others = filters.length === 0 ? hosts.filter((file) => !SLOW_HOST_TESTS.includes(file)) : hosts;
  if (pure.length + others.length === 0) {
    return noTestMatches();
  }
  const pureRun =
    pure.length === 0
      ? NOTHING_RUN
      : collect([pinnedNode, "--test", ...NEVER_FOREVER, ...FAKE_VSCODE, ONE_PROCESS, ...pure]);
  const othersPassed =
    others.length === 0 ||
    (await run([pinnedNode, "--test", ...NEVER_FOREVER, ...FAKE_VSCODE, ...ALL_CORES_BUSY, ...others]));
  const { passed, output } = await pureRun;
  process.stdout.write(output);
  return passed && othersPassed;
}

/** @param {readonly string[]} filters */
async function runLong(filters) {
  const slow = filters.length === 0 ? SLOW_HOST_TESTS : [];
  const files = [...(await findTests(LONG_TESTS, filters)), ...slow];
  return runFiles(files, [...FAKE_VSCODE, ...ALL_CORES]);
}

/**
 * @param {readonly string[]} files
 * @param {readonly string[]} flags
 */
function runFiles(files, flags) {
  return files.length === 0 ? noTestMatches() : run([pinnedNode, "--test", ...NEVER_FOREVER, ...flags, ...files]);
}

/**
 * @param {readonly RegExp[]} patterns
 * @param {readonly string[]} filters parts of paths; none of them chooses all
 */
async function findTests(patterns, filters) {
  const files = await glob("test", patterns);
  return files.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
}

function noTestMatches() {
  process.stdout.write("No test file matches.\n");
  return false;
}

/**
 * Several editors beside each other on a small machine may starve one. A journey that failed beside others is walked once
 * more, alone, and counts as that ends; both are printed.
 * @param {readonly RegExp[]} patterns
 * @param {readonly string[]} filters
 */
async function runJourneys(patterns, filters) {
  const list = join(root, "test-results", "failed-journeys.txt");
  await mkdir(dirname(list), { recursive: true });
  await rm(list, { force: true });
  const reporters = [
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=./scripts/failedTests.mjs",
    `--test-reporter-destination=${list}`,
  ];
  if (await runFiles(await findTests(patterns, filters), [...ALL_CORES, ...reporters])) {
    return true;
  }
  const names = (await readFile(list, "utf8").catch(() => "")).split("\n").filter(Boolean);
  const failed = await filesOf(names);
  if (failed === undefined || failed.length > MAX_REPEATED) {
    return false;
  }
  process.stdout.write(`\n=== Once more, alone: ${failed.map((file) => basename(file)).join(", ")} ===\n\n`);
  return run([pinnedNode, "--test", ...NEVER_FOREVER, "--test-concurrency=1", ...failed]);
}

/**
 * The journeys with these names. The runner itself knows only the line that all of them are made in. Undefined where there is
 * no name, or one that no file has: then nothing may pass.
 * @param {readonly string[]} names
 */
async function filesOf(names) {
  const files = await glob("test", JOURNEYS);
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  const found = names.map((name) => files[texts.findIndex((text) => text.includes(`"${name}"`))]);
  return names.length === 0 || found.includes(undefined)
    ? undefined
    : [...new Set(found.filter((file) => file !== undefined))];
}

/** @param {readonly string[]} filters */
function runInHost(filters) {
  return run([pinnedNode, "test/integration/support/runInHost.ts", ...filters]);
}

/**
 * The PATH with the folder of the Python that `python3` means in front, where that is not on it.
 * @param {string} path
 */
function plainPythonPath(path) {
  const asked = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  const folder = dirname((asked.stdout ?? "").trim());
  return folder === "." || path.split(delimiter).includes(folder) ? path : `${folder}${delimiter}${path}`;
}

/** @typedef {readonly [string, ...string[]]} Command */

/** @param {Command} command */
function run(command) {
  return whenEnded(start(command, "inherit"));
}

/**
 * Runs a command and gives what it printed instead of showing it.
 * @param {Command} command
 */
async function collect(command) {
  const child = start(command, "pipe");
  /** @type {Buffer[]} */
  const printed = [];
  child.stdout?.on("data", (chunk) => printed.push(chunk));
  child.stderr?.on("data", (chunk) => printed.push(chunk));
  const passed = await whenEnded(child);
  return { passed, output: Buffer.concat(printed) };
}

/**
 * @param {Command} command
 * @param {"inherit" | "pipe"} output
 */
function start([program, ...parameters], output) {
  const env = { ...process.env, ...ONE_THREAD_EACH, ...COMPILED_ONCE, ...PLAIN_PYTHON };
  return spawn(program, parameters, { cwd: root, env, stdio: ["ignore", output, output] });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<boolean>}
 */
function whenEnded(child) {
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}

process.exitCode = await main();
