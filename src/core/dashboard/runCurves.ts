import type { Series } from "../metrics/series.ts";
import { type CurveDetail, type CurveSeries, GrowingCurve } from "./growingCurve.ts";

/** The curves of one run, each kept up to date. */
export class RunCurves {
  #curves = new Map<string, GrowingCurve>();

  /** Takes the series as they are now; a tag that is gone is forgotten. */
  grow(series: readonly Series[]): void {
    const grown = new Map<string, GrowingCurve>();
    for (const each of series) {
      const curve = this.#curves.get(each.tag) ?? new GrowingCurve();
      curve.grow(each);
      grown.set(each.tag, curve);
    }
    this.#curves = grown;
  }

  /** What every series comes to, and the points of those that are drawn; without `tags` of all of them. */
  draw(detail: CurveDetail, tags?: readonly string[]): CurveSeries[] {
    return [...this.#curves].flatMap(([tag, curve]) => {
      const { summary } = curve;
      const isDrawn = tags?.includes(tag) ?? true;
      return summary === undefined ? [] : [{ tag, summary, ...(isDrawn ? { points: curve.points(detail) } : {}) }];
    });
  }
}
