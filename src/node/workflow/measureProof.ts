import { stat } from "node:fs/promises";
import { UserError } from "../../core/base/errors.ts";
import { inferMetricDirection } from "../../core/checkpoints/metricNames.ts";
import { isAgreedBaseline, meetsBaseline } from "../../core/workflow/metricProof.ts";
import type { OpenProof } from "../../core/workflow/phaseChecks.ts";
import type { Measurement, Proof } from "../../core/workflow/proof.ts";
import { evidenceFolder, phaseAt, phaseDocument, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { errorCode } from "../base/fileErrors.ts";
import { resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { runTests, type TestRun } from "./runTests.ts";
import { readAgentFile, readDocument, writeDocument } from "./workflowDocuments.ts";
import { hashText } from "./workflowSeal.ts";

/** What a workflow looks with. */
export type EvidencePorts = {
  workspaceFolder: string;
  /** The Python that runs the tests of the workspace. Throws UserError where there is none. */
  python(): Promise<string>;
  /** The last value of a metric that a program has logged into a file; undefined where the file has none of this name. */
  readMetric(file: string, metric: string): Promise<number | undefined>;
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
  runs.set(files.join("\n"), run);
  const { round } = phaseAt(state, state.current).state;
  const document = `${evidenceFolder(state, state.current)}/${task}-${number}-round-${round}.log`;
  const command = `${python} (${run.counts?.runner ?? "tests"}) ${files.join(" ")}`;
  const text = `${command}\n\n${run.output.trimEnd()}\n\nexit code ${run.exitCode}\n`;
  const hash = await writeDocument(folder, document, text);
  const isProven = run.exitCode === 0 && run.counts !== undefined && run.counts.failed === 0 && run.counts.passed > 0;
  return {
    status: isProven ? "passed" : "failed",
    evidence: `${describeRun(run)}: ${files.join(", ")}`.slice(0, 4_000),
    log: { document, hash },
  };
}

async function locateTests(ports: EvidencePorts, proof: TestProof): Promise<string[]> {
  const files = await Promise.all(proof.files.map(async (file) => (await locateFile(ports, file)).path));
  const noTests = files.find((file) => !file.endsWith(".py"));
  if (noTests !== undefined) {
    throw new UserError(`${noTests} is no file of Python, so there are no tests to run in it.`);
  }
  return files;
}

function describeRun({ counts, exitCode, hasTimedOut }: TestRun): string {
  if (hasTimedOut) {
    return "ended after ten minutes, before the tests had";
  }
  if (counts === undefined) {
    return `the program ended with exit code ${exitCode} before the tests had`;
  }
  const { runner, passed, failed: broken, skipped } = counts;
  if (passed + broken + skipped === 0) {
    const hint = runner === "unittest" ? "; tests that are plain functions are found once pytest is installed" : "";
    return `no test was found, exit code ${exitCode}${hint}`;
  }
  const parts = [
    `${passed} passed`,
    ...(broken > 0 ? [`${broken} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${parts.join(", ")}, exit code ${exitCode}`;
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
  if (result.modifiedMs < Date.parse(place.state.startedAt)) {
    return failed(`${result.path} is older than this workflow, so it is no result of it.`);
  }
  const value = await valueOf(place, result, metric);
  const floor =
    typeof baseline === "number"
      ? await agreedNumber(place, baseline, metric)
      : await otherResult(place, proof, baseline);
  const status = meetsBaseline(value, floor, direction) ? "passed" : "failed";
  const against =
    typeof baseline === "number" ? `${floor}, as agreed` : `${floor} (${baseline.metric} in ${baseline.file})`;
  return { status, evidence: `${metric} is ${value} in ${result.path}, against ${against}` };
}

async function agreedNumber({ folder, state }: MeasuringPlace, baseline: number, metric: string): Promise<number> {
  const earlier = state.phases.slice(0, state.current).map((_phase, index) => phaseDocument(state, index));
  const documents = await Promise.all(earlier.map(async (document) => (await readDocument(folder, document)) ?? ""));
  const answers = [
    ...Object.values(state.answers),
    state.task,
    state.capsule?.goal ?? "",
    ...(state.capsule?.constraints ?? []),
  ];
  if (!isAgreedBaseline(baseline, metric, { answers, documents })) {
    throw new UserError(
      `${baseline} stands neither in the requirements nor beside ${metric} or a baseline in the documents before, so it is no baseline that was agreed to.`,
    );
  }
  return baseline;
}

async function otherResult(
  place: MeasuringPlace,
  { file, metric }: MetricProof,
  baseline: { file: string; metric: string },
): Promise<number> {
  const located = await locateResult(place, baseline.file);
  if (located.path === (await locateFile(place.ports, file)).path && baseline.metric === metric) {
    throw new UserError(`${metric} in ${located.path} is compared with itself.`);
  }
  if (inferMetricDirection(baseline.metric) !== inferMetricDirection(metric)) {
    throw new UserError(
      `${metric} and ${baseline.metric} cannot be compared: of one more is better, of the other less.`,
    );
  }
  return valueOf(place, located, baseline.metric);
}

type Located = { path: string; file: string; modifiedMs: number };

/** A file that a program wrote: one that an agent wrote as a text says only what the agent says. */
async function locateResult({ ports, state }: MeasuringPlace, path: string): Promise<Located> {
  const located = await locateFile(ports, path);
  const written = state.files[located.path];
  if (written !== undefined && hashText((await readAgentFile(located.file)) ?? "") === written) {
    throw new UserError(
      `${located.path} was written by an agent as a text, and not by a program that measured anything.`,
    );
  }
  return located;
}

async function valueOf({ ports }: MeasuringPlace, { path, file }: Located, metric: string): Promise<number> {
  const value = await ports.readMetric(file, metric);
  if (value === undefined || !Number.isFinite(value)) {
    throw new UserError(`${path} holds no number for ${metric}.`);
  }
  return value;
}

/** A file of the workspace, which agents' claims rest on. Throws a UserError for one outside, and for one that is not there. */
export async function locateFile({ workspaceFolder }: EvidencePorts, path: string): Promise<Located> {
  const file = await resolveInsideWorkspace(workspaceFolder, path);
  const relative = workspaceRelative(workspaceFolder, file);
  try {
    return { path: relative, file, modifiedMs: (await stat(file)).mtimeMs };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
      throw new UserError(`${relative} is not there.`, { cause: error });
    }
    throw error;
  }
}
