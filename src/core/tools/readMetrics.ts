import { z } from "zod";
import type { CurvesFrame, LoggedRun } from "../dashboard/curveMessages.ts";
import { describeLoggedRuns } from "../dashboard/describeCurves.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

/** Contract: resolves with the summaries of every run whose logs are found in the workspace, newest first. */
export type MetricsPorts = { readMetrics(): Promise<CurvesFrame> };

const inputSchema = z.strictObject({
  run: printableText(1_000).optional().describe("Id, title or log folder of a run. Omit for all runs, newest first."),
  metric: printableText(200).optional().describe("Only metrics whose name contains this."),
});

type Input = z.infer<typeof inputSchema>;

/** Says what the logged metrics of runs did, in a few numbers each. */
export function readMetricsTool(ports: MetricsPorts) {
  return defineTool<Input>({
    name: "trainyard_read_metrics",
    referenceName: "trainyardReadMetrics",
    displayName: "Read Metrics",
    userDescription: "How the logged metrics of training runs went",
    modelDescription:
      "Reads the training logs of this workspace (TensorBoard events, CSV, JSONL, trainer_state.json, printed output) and gives for each metric of each run " +
      "the first, last and best value with their steps, the trend at the end, and anomalies (NaN, spikes). Reads only. " +
      "Use it to compare runs, to see whether a training converges or diverges, and before you say anything about a metric.",
    icon: "$(graph-line)",
    input: inputSchema,
    progress: ({ run }) => (run === undefined ? "Reading the logs of the runs" : `Reading the logs of ${run}`),
    async run({ run, metric }) {
      const { runs, searched } = await ports.readMetrics();
      const chosen = runs.filter((each) => run === undefined || isNamed(each, run)).map((each) => only(each, metric));
      const text =
        chosen.length === 0 && runs.length > 0
          ? `No run is called ${run}. Runs with logs: ${runs.map(({ name }) => name).join(", ")}.`
          : describeLoggedRuns(chosen, searched);
      return { text, data: { runs: chosen } };
    },
  });
}

function isNamed({ key, name, source }: LoggedRun, wanted: string): boolean {
  return source?.id === wanted || source?.title === wanted || name === wanted || key.endsWith(wanted);
}

function only(run: LoggedRun, metric: string | undefined): LoggedRun {
  return { ...run, summaries: run.summaries.filter(({ tag }) => metric === undefined || tag.includes(metric)) };
}
