import type { Series } from "../../core/metrics/series.ts";
import type { MetricRuns } from "./metricRuns.ts";
import { CSV_HEADER, inPieces, type MetricsFormat, renderAdded, renderRuns } from "./renderMetrics.ts";

/** Moves to the top left and clears what is below. */
const CLEAR = "\x1b[H\x1b[J";

/** What of a series was printed: its first values, as it stood then. */
type Printed = { series: Series; count: number; generation: number };

/** Prints what is there and then what is added, each time that `turns` has another turn. */
export async function followMetrics(
  logs: MetricRuns,
  format: MetricsFormat,
  { print, turns, place }: { print: (text: string) => void; turns: AsyncIterable<unknown>; place: string },
): Promise<void> {
  if (format === "csv") {
    print(CSV_HEADER);
  }
  const printed = new Map<string, Printed>();
  let isWaiting = format === "text" || format === "plot";
  for await (const _ of turns) {
    await logs.update();
    if (isWaiting && logs.runs.length === 0) {
      print(`There are no values in ${place} yet. They are shown as they come; Ctrl-C ends this.`);
    }
    isWaiting = false;
    const added = logs.runs.flatMap(({ place: where, name, series }) =>
      series.flatMap((each) => {
        const key = `${where}\n${each.tag}`;
        const known = printed.get(key);
        const from = known === undefined ? 0 : countRepeated(known, each);
        const length = each.values.length;
        // A table that is being written anew is behind what was printed until it is whole again.
        const isBehind = known !== undefined && known.series !== each && from === length;
        if (!isBehind) {
          printed.set(key, { series: each, count: length, generation: each.generation ?? 0 });
        }
        return each.values.length > from ? renderAdded(name, each, from, format === "plot" ? "text" : format) : [];
      }),
    );
    if (added.length > 0 && format === "plot") {
      print(`${CLEAR}${renderRuns(logs.runs, "plot")}`);
    } else {
      [...inPieces(added)].forEach(print);
    }
  }
}

/** How many of the printed values a series begins with. Lightning writes its table anew for each new column, from its beginning. */
function countRepeated({ series, count, generation }: Printed, now: Series): number {
  if (series === now) {
    return generation === (now.generation ?? 0) ? count : 0;
  }
  let repeated = 0;
  while (
    repeated < Math.min(count, now.values.length) &&
    Object.is(series.values[repeated], now.values[repeated]) &&
    Object.is(series.steps[repeated], now.steps[repeated])
  ) {
    repeated += 1;
  }
  return repeated;
}
