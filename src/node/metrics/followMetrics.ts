import type { MetricRuns } from "./metricRuns.ts";
import { CSV_HEADER, type MetricsFormat, renderAdded, renderRuns } from "./renderMetrics.ts";

/** Moves to the top left and clears what is below. */
const CLEAR = "\x1b[H\x1b[J";

/** Prints what is there and then what is added, each time that `turns` has another turn. */
export async function followMetrics(
  logs: MetricRuns,
  format: MetricsFormat,
  { print, turns }: { print: (text: string) => void; turns: AsyncIterable<unknown> },
): Promise<void> {
  if (format === "csv") {
    print(CSV_HEADER);
  }
  const printed = new Map<string, { count: number; generation: number }>();
  for await (const _ of turns) {
    await logs.update();
    const added = logs.runs.flatMap(({ name, series }) =>
      series.flatMap((each) => {
        const key = `${name}\n${each.tag}`;
        const [known, generation] = [printed.get(key), each.generation ?? 0];
        const from = known?.generation === generation ? known.count : 0;
        printed.set(key, { count: each.values.length, generation });
        return each.values.length > from ? renderAdded(name, each, from, format === "plot" ? "text" : format) : [];
      }),
    );
    if (added.length > 0) {
      print(format === "plot" ? `${CLEAR}${renderRuns(logs.runs, "plot")}` : added.join("\n"));
    }
  }
}
