import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { plainText } from "../base/markdown.ts";
import { describeMetrics, sortSummaries } from "../dashboard/describeMetrics.ts";
import type { SeriesSummary } from "../dashboard/summarizeSeries.ts";
import { describeRunInList } from "../training/describeRun.ts";
import type { Run } from "../training/runRecord.ts";
import type { LocatedPath } from "./inspectCheckpoints.ts";
import { findRun } from "./runStatus.ts";
import { defineTool, type ToolResult } from "./tool.ts";
import { printableText } from "./toolText.ts";

const readMetricsSchema = z.strictObject({
  runId: printableText(200).optional().describe("Omit for the newest run."),
  path: printableText(4_096)
    .min(1)
    .optional()
    .describe(
      "Instead of a run: a folder of logs, a log or a store that something else wrote, such as lightning_logs, mlruns, mlflow.db or metrics.csv, relative to the workspace.",
    ),
});

export type ReadMetricsInput = z.infer<typeof readMetricsSchema>;

/** One run that a log tells of, whoever wrote it. */
type ForeignRun = {
  name: string;
  source: string;
  parameters: Readonly<Record<string, string>>;
  series: readonly { summary: SeriesSummary }[];
};

export type MetricsPorts = {
  listRuns(): Promise<readonly Run[]>;
  /** What the curves of a run come to, the deciding ones first, and where they were read. */
  readSummaries(run: Run): Promise<{ summaries: readonly SeriesSummary[]; source: string }>;
  /** Contract: follows symbolic links before it says whether a path is in the workspace. */
  locate(path: string): Promise<LocatedPath>;
  /** The newest runs of a folder of logs or of one log, how many there are, and why there may be none: sentences. */
  readFolder(path: string): Promise<{
    runs: readonly ForeignRun[];
    known: readonly unknown[];
    problems: readonly string[];
    lookedFor: string;
  }>;
};

/** Reads how the curves of a run, or of the logs in a folder, go: numbers instead of points. */
export function readMetricsTool(ports: MetricsPorts) {
  return defineTool<ReadMetricsInput>({
    name: "trainyard_read_metrics",
    referenceName: "trainyardReadMetrics",
    displayName: "Read Metrics",
    userDescription: "How the curves of a run, or of the logs in a folder, go",
    modelDescription:
      "Says of each metric of a run its first, last and best value with the step, how its last fifth went, and whether values are NaN or " +
      "infinite; read from TensorBoard events, CSV, JSON lines or the console. With a path it reads logs that another program wrote, those of MLflow, W&B and Trackio as well, " +
      "with their hyper-parameters. Reads only. Use it before judging whether a training learns.",
    icon: "$(graph-line)",
    input: readMetricsSchema,
    progress: ({ runId, path }) =>
      path !== undefined
        ? `Reading the curves in ${path}`
        : runId === undefined
          ? "Reading the curves of the newest run"
          : `Reading the curves of ${runId}`,
    run: ({ runId, path }) => (path === undefined ? readRun(ports, runId) : readLogs(ports, path)),
  });
}

async function readRun(ports: MetricsPorts, runId: string | undefined): Promise<ToolResult> {
  const runs = await ports.listRuns();
  const run = runId === undefined ? runs[0] : findRun(runs, runId);
  if (run === undefined) {
    return {
      text: "This workspace has no runs yet. Logs that something else wrote are read where their path is given.",
      data: [],
    };
  }
  const { summaries, source } = await ports.readSummaries(run);
  const heading = `${run.record.id}: ${describeRunInList(run)}`;
  const body =
    summaries.length === 0 ? `There are ${source}.` : `${plainText(describeMetrics(summaries))}\nRead from ${source}.`;
  return { text: `${heading}\n${body}`, data: summaries };
}

async function readLogs(ports: MetricsPorts, path: string): Promise<ToolResult> {
  const located = await ports.locate(path);
  // A model may not widen where it looks; what a person picks goes through the command instead.
  if (!located.isInWorkspace) {
    throw new UserError(
      `${path} lies outside the workspace, where no tool reads logs. A person can look at them with "Trainyard: Show Curves of a Folder…".`,
    );
  }
  if (located.kind === "missing") {
    throw new UserError(`There is no file or folder ${path}. Check the path, or leave it out for the newest run.`);
  }
  const { runs, known, problems, lookedFor } = await ports.readFolder(located.path);
  if (runs.length === 0) {
    return { text: [`There are no values in ${path}.`, ...problems, lookedFor].join(" "), data: [] };
  }
  const more = known.length - runs.length;
  const rest =
    more > 0 ? [`These are the newest; ${more} more are in ${path}, and one of them is read by its own path.`] : [];
  return {
    text: [...runs.map(describeForeignRun), ...rest].join("\n\n"),
    data: runs.map(({ name, parameters, series }) => ({ name, parameters, summaries: summariesOf(series) })),
  };
}

function describeForeignRun({ name, source, parameters, series }: ForeignRun): string {
  const words = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  const told = words.length > 0 ? [words.join("  ")] : [];
  return [`${name}, read from ${source}`, ...told, plainText(describeMetrics(summariesOf(series)))].join("\n");
}

function summariesOf(series: ForeignRun["series"]): readonly SeriesSummary[] {
  return sortSummaries(series.map(({ summary }) => summary));
}
