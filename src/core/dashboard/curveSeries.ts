import type { Series } from "../metrics/series.ts";
import { downsample } from "./downsample.ts";
import { type SeriesSummary, summarizeSeries } from "./summarizeSeries.ts";

/** A series as it is drawn: thinned out, with what all of its values come to. */
export type CurveSeries = Series & { summary: SeriesSummary };

/** Undefined for a series without values. */
export function curveSeries(series: Series, maxPoints: number): CurveSeries | undefined {
  const summary = summarizeSeries(series);
  return summary && { ...downsample(series, maxPoints), summary };
}
