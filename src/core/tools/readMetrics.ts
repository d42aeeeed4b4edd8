import * as z from "zod";
import { plainText } from "../base/markdown.ts";
import { describeMetrics } from "../dashboard/describeMetrics.ts";
import type { SeriesSummary } from "../dashboard/summarizeSeries.ts";
import { describeRunInList } from "../training/describeRun.ts";
import type { Run } from "../training/runRecord.ts";
import { findRun } from "./runStatus.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

const readMetricsSchema = z.strictObject({
  runId: printableText(200).optional().describe("Omit for the newest run."),
});

export type ReadMetricsInput = z.infer<typeof readMetricsSchema>;

export type MetricsPorts = {
  listRuns(): Promise<readonly Run[]>;
  /** What the curves of a run come to, the deciding ones first, and where they were read. */
  readSummaries(run: Run): Promise<{ summaries: readonly SeriesSummary[]; source: string }>;
};

/** Reads how the curves of a run go: numbers instead of points. */
export function readMetricsTool(ports: MetricsPorts) {
  return defineTool<ReadMetricsInput>({
    name: "trainyard_read_metrics",
    referenceName: "trainyardReadMetrics",
    displayName: "Read Metrics",
    userDescription: "How the curves of a run go",
    modelDescription:
      "Says of each metric of a run its first, last and best value with the step, how its last fifth went, and whether values are NaN or " +
      "infinite; read from TensorBoard events, CSV, JSON lines or the console. Reads only. Use it before judging whether a training learns.",
    icon: "$(graph-line)",
    input: readMetricsSchema,
    progress: ({ runId }) =>
      runId === undefined ? "Reading the curves of the newest run" : `Reading the curves of ${runId}`,
    async run({ runId }) {
      const runs = await ports.listRuns();
      const [newest] = runs;
      const run = runId === undefined ? newest : findRun(runs, runId);
      if (run === undefined) {
        return { text: "This workspace has no runs yet.", data: [] };
      }
      const { summaries, source } = await ports.readSummaries(run);
      const heading = `${run.record.id}: ${describeRunInList(run)}`;
      const body =
        summaries.length === 0
          ? `There are ${source}.`
          : `${plainText(describeMetrics(summaries))}\nRead from ${source}.`;
      return { text: `${heading}\n${body}`, data: summaries };
    },
  });
}
