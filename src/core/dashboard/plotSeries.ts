import type { Series } from "../metrics/series.ts";
import { formatValue } from "./describeMetrics.ts";

const WIDTH = 64;
const HEIGHT = 12;
/** Each character is two dots wide and four high; Unicode orders the dots column by column, the last row apart. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const BRAILLE = 0x2800;

/** Draws a series for a terminal, with its least and greatest value at the left and its steps below. */
export function plotSeries({ steps, values }: Series): string {
  const points = Array.from(values, (y, index) => ({ x: steps[index] ?? 0, y })).filter(({ y }) => Number.isFinite(y));
  if (points.length === 0) {
    return "No value is a finite number.";
  }
  const [left, right] = rangeOf(points.map(({ x }) => x));
  const [low, high] = rangeOf(points.map(({ y }) => y));
  const cells = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => 0));
  for (const { x, y } of points) {
    const column = scale(x, left, right, WIDTH * 2 - 1);
    const row = HEIGHT * 4 - 1 - scale(y, low, high, HEIGHT * 4 - 1);
    const line = cells[Math.floor(row / 4)];
    const dot = DOTS[column % 2]?.[row % 4] ?? 0;
    if (line !== undefined) {
      line[Math.floor(column / 2)] = (line[Math.floor(column / 2)] ?? 0) | dot;
    }
  }
  const labels = [formatValue(high), formatValue(low)];
  const margin = Math.max(...labels.map(({ length }) => length));
  const lines = cells.map((line, index) => {
    const label = index === 0 ? labels[0] : index === HEIGHT - 1 ? labels[1] : "";
    return `${(label ?? "").padStart(margin)} ┤${String.fromCodePoint(...line.map((bits) => BRAILLE + bits))}`;
  });
  const [from, to] = [formatValue(left), formatValue(right)];
  return [...lines, `${" ".repeat(margin + 2)}${from}${to.padStart(WIDTH - from.length)}`].join("\n");
}

function rangeOf(numbers: readonly number[]): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const number of numbers) {
    least = Math.min(least, number);
    greatest = Math.max(greatest, number);
  }
  return [least, greatest];
}

function scale(value: number, from: number, to: number, cells: number): number {
  return to === from ? Math.floor(cells / 2) : Math.round(((value - from) / (to - from)) * cells);
}
