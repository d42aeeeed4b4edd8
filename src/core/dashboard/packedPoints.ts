import type { CurvePoints } from "./growingCurve.ts";

/**
 * The same columns, all in one buffer. VS Code passes at most 255 buffers with a message to a webview and empties the
 * others without a word, so the curves of many runs must not bring one for each column.
 */
export function packPoints<Curve extends { points?: CurvePoints }>(curves: readonly Curve[]): Curve[] {
  const length = curves.reduce((sum, { points }) => sum + (points === undefined ? 0 : lengthOf(points)), 0);
  const buffer = new Float64Array(length);
  let at = 0;
  const move = (column: Float64Array): Float64Array => {
    buffer.set(column, at);
    at += column.length;
    return buffer.subarray(at - column.length, at);
  };
  return curves.map((curve) =>
    curve.points === undefined ? curve : { ...curve, points: moveAll(curve.points, move) },
  );
}

function lengthOf({ values, smoothed, means }: CurvePoints): number {
  return values.length * 3 + (smoothed?.length ?? 0) + (means?.length ?? 0);
}

function moveAll(points: CurvePoints, move: (column: Float64Array) => Float64Array): CurvePoints {
  const { steps, times, values, smoothed, means } = points;
  return {
    steps: move(steps),
    times: move(times),
    values: move(values),
    ...(smoothed === undefined ? {} : { smoothed: move(smoothed) }),
    ...(means === undefined ? {} : { means: move(means) }),
  };
}
