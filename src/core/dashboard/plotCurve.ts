import type { CurvePoints } from "./curveData.ts";
import { formatValue } from "./seriesSummary.ts";

const LABEL_WIDTH = 10;

/** Bits of the eight dots of a Braille character, by column and row. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** A curve drawn with Braille dots, two by four in each of `width` × `height` characters, with its limits beside it. */
export function plotCurve({ x, values }: CurvePoints, { width, height }: { width: number; height: number }): string {
  const shown = values.filter(Number.isFinite);
  if (shown.length === 0) {
    return "no finite values";
  }
  const low = shown.reduce((least, value) => Math.min(least, value));
  const high = shown.reduce((most, value) => Math.max(most, value));
  const [first, last] = [x[0] ?? 0, x.at(-1) ?? 0];
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  for (const [index, value] of values.entries()) {
    if (Number.isFinite(value)) {
      const column = place((x[index] ?? 0) - first, last - first, 2 * width);
      const row = 4 * height - 1 - place(value - low, high - low, 4 * height);
      const line = cells[row >> 2];
      if (line) {
        line[column >> 1] = (line[column >> 1] ?? 0) | (DOTS[column & 1 ? 1 : 0][row & 3] ?? 0);
      }
    }
  }
  const lines = cells.map((line, index) => {
    const label = index === 0 ? formatValue(high) : index === height - 1 ? formatValue(low) : "";
    return `${label.padStart(LABEL_WIDTH)} │${String.fromCharCode(...Array.from(line, (dots) => 0x2800 + dots))}`;
  });
  return [...lines, `${" ".repeat(LABEL_WIDTH)} └ ${formatValue(first)} … ${formatValue(last)}`].join("\n");
}

function place(offset: number, span: number, count: number): number {
  return span === 0 ? 0 : Math.min(count - 1, Math.floor((offset / span) * count));
}
