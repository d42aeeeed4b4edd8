import type { CurvesRun } from "./curvesMessage.ts";
import type { CurveDetail, CurveSeries } from "./growingCurve.ts";

/** Remembers what a panel has been sent, so that it is sent no curve twice. */
export class CurveChanges {
  readonly #sent = new Map<string, Map<string, { summary: string; points?: string | undefined }>>();

  /** The runs with only those series that are not the ones that were sent last. Another `detail` makes other points. */
  since(runs: readonly CurvesRun[], detail: CurveDetail): CurvesRun[] {
    // The panel forgets a run that it is not sent any more.
    const ids = new Set(runs.map(({ id }) => id));
    for (const id of this.#sent.keys()) {
      if (!ids.has(id)) {
        this.#sent.delete(id);
      }
    }
    return runs.map((run) => {
      const known = this.#sent.get(run.id);
      const tags = new Set(run.series.map(({ tag }) => tag));
      const isGone = [...(known?.keys() ?? [])].some((tag) => !tags.has(tag));
      const before = known === undefined || isGone ? new Map() : known;
      this.#sent.set(run.id, before);
      const series = run.series.flatMap((each) => changeOf(each, before, detail) ?? []);
      return { ...run, isWhole: known === undefined || isGone, series };
    });
  }

  /** The panel was made anew and has nothing. */
  forget(): void {
    this.#sent.clear();
  }
}

function changeOf(
  series: CurveSeries,
  known: Map<string, { summary: string; points?: string | undefined }>,
  { smoothing, maxPoints, withMeans = false }: CurveDetail,
): CurveSeries | undefined {
  // A new value changes at least the count. NaN and infinities, which JSON has not, are written out.
  const summary = JSON.stringify(series.summary, (_key, value: unknown) =>
    typeof value === "number" ? String(value) : value,
  );
  const before = known.get(series.tag);
  const points = series.points === undefined ? before?.points : `${smoothing} ${maxPoints} ${withMeans} ${summary}`;
  known.set(series.tag, { summary, points });
  if (points !== before?.points) {
    return series;
  }
  return summary === before?.summary ? undefined : { tag: series.tag, summary: series.summary };
}
