import { realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { oneLine } from "../../core/base/markdown.ts";
import { inferMetricDirection } from "../../core/checkpoints/metricNames.ts";
import {
  isAgreedBaseline,
  isSameMetric,
  isSameModel,
  type MetricDirection,
  meetsBaseline,
  strictestBaseline,
} from "../../core/workflow/metricProof.ts";
import type { OpenProof } from "../../core/workflow/phaseChecks.ts";
import type { Measurement, Proof } from "../../core/workflow/proof.ts";
import { evidenceFolder, phaseAt, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { errorCode } from "../base/fileErrors.ts";
import { realpathOfExisting, resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { hashFile } from "./agentFiles.ts";
import { runTests, TEST_MINUTES, type TestRun } from "./runTests.ts";
import { readDocument, writeDocument } from "./workflowDocuments.ts";
import { hashText } from "./workflowSeal.ts";

/** What a workflow looks with. */
export type EvidencePorts = {
  workspaceFolder: string;
  /** The Python that runs the tests of the workspace. Throws UserError where there is none. */
  python(): Promise<string>;
  /** The last value of a metric that a program has logged into a file, with its whole name there; undefined where the file has none of this name. */
  readMetric(file: string, metric: string): Promise<{ name: string; value: number } | undefined>;
  /** What is wrong with a checkpoint; undefined for one that is whole and can be read. */
  judgeCheckpoint(file: string): Promise<string | undefined>;
};

export type MeasuringPlace = {
  folder: string;
  state: WorkflowState;
  ports: EvidencePorts;
  /** By their files: several checks may rest on the same tests, which run once for all of them. */
  runs: Map<string, TestRun>;
};

/**
 * Runs the tests or reads the metric that a check was said to rest on. A proof that proves nothing is a failure with its reason.
 * Throws a UserError where nothing can be measured here, such as without Python: that says nothing about the check.
 */
export async function measureProof(place: MeasuringPlace, open: OpenProof, signal: AbortSignal): Promise<Measurement> {
  const { proof } = open;
  return proof.kind === "tests"
    ? await measureTests(place, { ...open, proof }, signal)
    : await orFailure(() => measureMetric(place, proof));
}

/** What is refused here is wrong with the proof itself. */
async function orFailure<Result>(look: () => Promise<Result>): Promise<Result | Measurement> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof UserError) {
      return failed(error.message);
    }
    throw error;
  }
}

function failed(evidence: string): Measurement {
  return { status: "failed", evidence: evidence.slice(0, 4_000) };
}

type TestProof = Extract<Proof, { kind: "tests" }>;

async function measureTests(
  { folder, state, ports, runs }: MeasuringPlace,
  { task, number, proof }: OpenProof & { proof: TestProof },
  signal: AbortSignal,
): Promise<Measurement> {
  const files = await orFailure(() => locateTests(ports, proof));
  if (!Array.isArray(files)) {
    return files;
  }
  const python = await ports.python();
  const known = runs.get(files.join("\n"));
  const run = known ?? (await runTests({ python, folder: ports.workspaceFolder, files }, signal));
  if (await lacksPytest(ports, run, files)) {
    throw new UserError(
      `${files.join(", ")} needs pytest, which the Python of this workspace does not have. Install it with \`${python} -m pip install pytest\`, then measure again.`,
    );
  }
  runs.set(files.join("\n"), run);
  const { round } = phaseAt(state, state.current).state;
  const document = `${evidenceFolder(state, state.current)}/${task}-${number}-round-${round}.log`;
  const command = `${python} (${run.counts?.runner ?? "tests"}) ${files.join(" ")}`;
  const text = `${command}\n\n${run.output.trimEnd()}\n\nexit code ${run.exitCode}\n`;
  const hash = await writeDocument(folder, document, text);
  const isProven = run.exitCode === 0 && run.counts !== undefined && run.counts.failed === 0 && run.counts.passed > 0;
  return {
    status: isProven ? "passed" : "failed",
    evidence: `${describeRun(run)}: ${files.join(", ")}${isProven ? "" : describeError(run.output)}`.slice(0, 4_000),
    log: { document, hash },
  };
}

async function locateTests(ports: EvidencePorts, proof: TestProof): Promise<string[]> {
  const located = await Promise.all(proof.files.map((file) => locateFile(ports, file)));
  const noTests = located.find(({ path, isFile }) => !isFile || !path.endsWith(".py"));
  if (noTests !== undefined) {
    throw new UserError(`${noTests.path} is no file of Python, so there are no tests to run in it.`);
  }
  return located.map(({ path }) => path);
}

/** A test as a plain function, which unittest does not see. */
const PLAIN_TEST = /^(?:async )?def test_\w*\(/m;

/** Tests that were written for pytest say nothing of what they test where it is not installed. */
async function lacksPytest(
  ports: EvidencePorts,
  { counts, output }: TestRun,
  files: readonly string[],
): Promise<boolean> {
  if (counts?.runner !== "unittest" || counts.passed > 0) {
    return false;
  }
  if (/No module named ['"]?pytest\b/.test(output)) {
    return true;
  }
  const texts =
    counts.failed + counts.skipped > 0 ? [] : await Promise.all(files.map((file) => readTestFile(ports, file)));
  return texts.some((text) => PLAIN_TEST.test(text));
}

async function readTestFile(ports: EvidencePorts, path: string): Promise<string> {
  const { file } = await locateFile(ports, path);
  return (await readDocument(dirname(file), basename(file))) ?? "";
}

function describeRun({ counts, exitCode, hasTimedOut }: TestRun): string {
  if (hasTimedOut) {
    return `ended after ${TEST_MINUTES} minutes, before the tests had`;
  }
  if (counts === undefined) {
    return `the program ended with exit code ${exitCode} before the tests had`;
  }
  const { passed, failed: broken, skipped } = counts;
  if (passed + broken + skipped === 0) {
    return `no test was found, exit code ${exitCode}`;
  }
  const parts = [
    `${passed} passed`,
    ...(broken > 0 ? [`${broken} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${parts.join(", ")}, exit code ${exitCode}`;
}

/** An exception as a traceback ends with it: of unittest at the beginning of a line, of pytest behind its `E`. */
const RAISED = /^(?:E {3})?((?:\w+\.)*\w*(?:Error|Exception)\b.*)$/gm;
const MAX_ERROR_CHARACTERS = 200;

/** What the last test that failed ended with, so that a person need not open the log; empty where no exception is seen. */
function describeError(output: string): string {
  const error = [...output.matchAll(RAISED)].at(-1)?.[1];
  return error === undefined ? "" : `. ${oneLine(error, MAX_ERROR_CHARACTERS)}`;
}

type MetricProof = Extract<Proof, { kind: "metric" }>;

async function measureMetric(place: MeasuringPlace, proof: MetricProof): Promise<Measurement> {
  const { metric, baseline } = proof;
  const direction = inferMetricDirection(metric);
  if (direction === undefined) {
    return failed(
      `Whether more or less is better cannot be told from the name "${metric}". Log it as accuracy, loss or the like.`,
    );
  }
  const result = await locateResult(place, proof.file);
  requireFresh(place.state, result);
  const { name, value } = await readValue(place, result, metric);
  const floors: Floor[] = [
    typeof baseline === "number"
      ? await agreedNumber(place, baseline, { metric, name, direction })
      : await otherResult(place, { ...result, metric, name }, baseline),
  ];
  const asked = strictestBaseline(value, { name: metric, direction }, saidByPerson(place.state));
  if (asked !== undefined && asked !== floors[0]?.value) {
    floors.push({ value: asked, text: `${shortNumber(asked)}, as you asked` });
  }
  const isMet = floors.every((floor) => meetsBaseline(value, floor.value, direction));
  const against = floors.map(({ text }) => text).join(", and ");
  return {
    status: isMet ? "passed" : "failed",
    evidence: `${metric} is ${shortNumber(value)} in ${result.path}, against ${against}`,
  };
}

/** With as many digits as tell two results apart; what is compared keeps all of them. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** What a metric has to reach, with what says so. */
type Floor = { value: number; text: string };

/** A result says something of what it was measured on: of this round, and of the files as agents left them. */
function requireFresh({ roundSince, filesWrittenAt }: WorkflowState, { path, modifiedMs }: Located): void {
  if (modifiedMs < Date.parse(roundSince)) {
    throw new UserError(`${path} is older than this round of the phase, so it is no result of it. Measure again.`);
  }
  if (filesWrittenAt !== undefined && modifiedMs < Date.parse(filesWrittenAt)) {
    throw new UserError(
      `${path} is older than the last file that an agent wrote, so it says nothing of it. Measure again.`,
    );
  }
}

/** `name` is what the file calls the metric: `accuracy` may be found as `train.accuracy` in it. */
async function agreedNumber(
  { folder, state }: MeasuringPlace,
  baseline: number,
  { metric, name, direction }: { metric: string; name: string; direction: MetricDirection },
): Promise<Floor> {
  const agreed = [...saidByPerson(state), ...(await approvedTexts(folder, state))];
  const missing = [metric, name].find((each) => !isAgreedBaseline(baseline, { name: each, direction }, agreed));
  if (missing !== undefined) {
    const bound = direction === "min" ? "at most" : "at least";
    throw new UserError(
      `${baseline} stands behind ${missing} neither in your answers nor in a document that was approved, so it is no baseline that was agreed to. "${missing} of ${bound} ${baseline}" would be one.`,
    );
  }
  return { value: baseline, text: `${baseline}, as agreed` };
}

/** Each as lines of its own. An agent may choose its baseline, but not one below what is asked for here. */
function saidByPerson({ answers, task, capsule }: WorkflowState): string[] {
  return [...Object.values(answers), task, capsule?.goal ?? "", ...(capsule?.constraints ?? [])];
}

/** What the person has agreed to at a gate that is still open, as they saw it. */
async function approvedTexts(folder: string, state: WorkflowState): Promise<string[]> {
  const approved = state.phases.flatMap(({ approval }) =>
    approval === undefined || approval.isWithdrawn
      ? []
      : Object.entries(approval.hashes).filter(([document]) => document.startsWith("documents/")),
  );
  const texts = await Promise.all(
    approved.map(async ([document, hash]) => {
      const text = await readDocument(folder, document);
      return text !== undefined && hashText(text) === hash ? [text] : [];
    }),
  );
  return texts.flat();
}

async function otherResult(
  place: MeasuringPlace,
  result: Located & { metric: string; name: string },
  baseline: { file: string; metric: string },
): Promise<Floor> {
  if (!isSameMetric(result.metric, baseline.metric)) {
    throw new UserError(`${result.metric} and ${baseline.metric} cannot be compared: they are two metrics.`);
  }
  const located = await locateResult(place, baseline.file);
  const { name, value } = await readValue(place, located, baseline.metric);
  if (isSameModel(name, result.name) && (await realpath(located.file)) === (await realpath(result.file))) {
    const itself = name === result.name ? "itself" : `${result.name} there, which is the same model`;
    throw new UserError(`${name} in ${located.path} is compared with ${itself}.`);
  }
  return { value, text: `${shortNumber(value)} (${baseline.metric} in ${baseline.file})` };
}

/** As `isFile` says: a folder may hold anything, and what is read of it is not what was named. */
type Located = { path: string; file: string; modifiedMs: number; isFile: boolean };

/** A file that a program wrote: one that an agent wrote as a text says only what the agent says. */
async function locateResult({ ports, state }: MeasuringPlace, path: string): Promise<Located> {
  const located = await locateFile(ports, path);
  if (!located.isFile) {
    throw new UserError(`${located.path} is no file. Name the one that holds the metric.`);
  }
  const real = await realpath(located.file);
  for (const [written, hash] of Object.entries(state.files)) {
    const isSame = (await realpathOfExisting(resolve(ports.workspaceFolder, written))) === real;
    if (isSame && (await hashFile(real)) === hash) {
      throw new UserError(
        `${located.path} was written by an agent as a text, and not by a program that measured anything.`,
      );
    }
  }
  return located;
}

async function readValue({ ports }: MeasuringPlace, { path, file }: Located, metric: string) {
  const reading = await ports.readMetric(file, metric);
  if (reading === undefined || !Number.isFinite(reading.value)) {
    throw new UserError(`${path} holds no number for ${metric}.`);
  }
  return reading;
}

/** A file of the workspace, which agents' claims rest on. Throws a UserError for one outside, and for one that is not there. */
export async function locateFile({ workspaceFolder }: EvidencePorts, path: string): Promise<Located> {
  const file = await resolveInsideWorkspace(workspaceFolder, path, "read");
  const relative = workspaceRelative(workspaceFolder, file);
  try {
    const status = await stat(file);
    return { path: relative, file, modifiedMs: status.mtimeMs, isFile: status.isFile() };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
      throw new UserError(`${relative} is not there.`, { cause: error });
    }
    throw error;
  }
}
