import type { Series } from "../metrics/series.ts";
import { currentOf } from "./currentSeries.ts";
import { formatValue } from "./describeMetrics.ts";
import { inDrawnOrder } from "./drawnOrder.ts";

const WIDTH = 64;
const HEIGHT = 12;
/** Each character is two dots wide and four high; Unicode orders the dots column by column, the last row apart. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const BRAILLE = 0x2800;

type Point = { x: number; y: number };

/** Draws a series for a terminal, with its least and greatest value at the left and its steps below. */
export function plotSeries(series: Series): string {
  const current = currentOf(series).series;
  const { steps, values } = current;
  const order = inDrawnOrder(
    Array.from(values, (_, index) => index),
    current,
  );
  const points = order.map((index): Point => ({ x: steps[index] ?? 0, y: values[index] ?? Number.NaN }));
  const finite = points.filter(isFinite);
  const [only] = finite;
  if (only === undefined) {
    return "No value is a finite number.";
  }
  if (finite.length === 1) {
    return `${formatValue(only.y)} at step ${only.x}, the only value.`;
  }
  const [left, right] = rangeOf(finite.map(({ x }) => x));
  const [low, high] = rangeOf(finite.map(({ y }) => y));
  const canvas = new Canvas();
  const place = ({ x, y }: Point): Point => ({
    x: scale(x, left, right, WIDTH * 2 - 1),
    y: HEIGHT * 4 - 1 - scale(y, low, high, HEIGHT * 4 - 1),
  });
  points.forEach((point, index) => {
    if (isFinite(point)) {
      const before = points[index - 1];
      // A gap stays one.
      const isGoingOn = before !== undefined && isFinite(before);
      canvas.drawLine(place(isGoingOn ? before : point), place(point));
    }
  });
  const labels = [formatValue(high), formatValue(low)];
  const margin = Math.max(...labels.map(({ length }) => length));
  const lines = canvas.lines.map((line, index) => {
    const label = index === 0 ? labels[0] : index === HEIGHT - 1 ? labels[1] : "";
    return `${(label ?? "").padStart(margin)} ┤${line}`;
  });
  const [from, to] = [formatValue(left), formatValue(right)];
  return [...lines, `${" ".repeat(margin + 2)}${from}${to.padStart(WIDTH - from.length)}`].join("\n");
}

function isFinite({ y }: Point): boolean {
  return Number.isFinite(y);
}

class Canvas {
  readonly #cells = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => 0));

  get lines(): string[] {
    return this.#cells.map((line) => String.fromCodePoint(...line.map((bits) => BRAILLE + bits)));
  }

  drawLine(from: Point, to: Point): void {
    const length = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
    for (let at = 0; at <= length; at++) {
      const share = at / length;
      this.#set(Math.round(from.x + (to.x - from.x) * share), Math.round(from.y + (to.y - from.y) * share));
    }
  }

  #set(column: number, row: number): void {
    const line = this.#cells[Math.floor(row / 4)];
    const cell = Math.floor(column / 2);
    if (line !== undefined) {
      line[cell] = (line[cell] ?? 0) | (DOTS[column % 2]?.[row % 4] ?? 0);
    }
  }
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
