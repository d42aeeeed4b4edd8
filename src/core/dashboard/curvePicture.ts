import { escapeXml } from "../base/escapeXml.ts";
import { formatValue } from "./describeMetrics.ts";
import type { CurveSeries } from "./growingCurve.ts";

const WIDTH = 480;
const HEIGHT = 120;
const BOX = { left: 8, right: 70, top: 10, bottom: 20 };
/** Both can be read on light and on dark ground, which a picture in a chat does not know. */
const LINE = "#3794ff";
const INK = "#8a8a8a";

/** A small picture of a curve as SVG: its line, a ring around its best value, its range and its steps. */
function renderCurvePicture({ tag, points, summary }: CurveSeries): string {
  const { steps = [], values = [] } = points ?? {};
  const shown = Array.from(values, (value, at) => ({ x: steps[at] ?? 0, y: value })).filter(({ y }) =>
    Number.isFinite(y),
  );
  const [left, right] = rangeOf(shown.map(({ x }) => x));
  const [low, high] = rangeOf(shown.map(({ y }) => y));
  const toX = (x: number) => round(BOX.left + scale(x, left, right) * (WIDTH - BOX.left - BOX.right));
  const toY = (y: number) => round(HEIGHT - BOX.bottom - scale(y, low, high) * (HEIGHT - BOX.top - BOX.bottom));
  const line = shown.map(({ x, y }) => `${toX(x)},${toY(y)}`).join(" ");
  const { best } = summary;
  const ring =
    best === undefined || shown.length === 0
      ? ""
      : `<circle cx="${toX(best.step)}" cy="${toY(best.value)}" r="4" fill="none" stroke="${LINE}" stroke-width="2"/>`;
  const label = (x: number, y: number, text: string) =>
    `<text x="${x}" y="${y}" fill="${INK}">${escapeXml(text)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<title>${escapeXml(tag)}</title>`,
    `<line x1="${BOX.left}" x2="${WIDTH - BOX.right}" y1="${HEIGHT - BOX.bottom}" y2="${HEIGHT - BOX.bottom}" stroke="${INK}" stroke-opacity="0.5"/>`,
    `<polyline points="${line}" fill="none" stroke="${LINE}" stroke-width="1.8"/>`,
    ring,
    label(WIDTH - BOX.right + 8, BOX.top + 8, formatValue(high)),
    label(WIDTH - BOX.right + 8, HEIGHT - BOX.bottom, formatValue(low)),
    label(BOX.left, HEIGHT - 5, `${tag} · step ${formatValue(left)} to ${formatValue(right)}`),
    "</svg>",
  ].join("");
}

/** The picture as an image of a Markdown text. */
export function curveImage(series: CurveSeries): string {
  const { tag, summary } = series;
  const said = `${tag} from ${formatValue(summary.first)} to ${formatValue(summary.last)}`.replaceAll(/[[\]\\]/g, " ");
  // JSON may hold half of a character, which no address can.
  const picture = renderCurvePicture(series).replaceAll(/[\ud800-\udfff]/gu, "\ufffd");
  const data = encodeURIComponent(picture).replaceAll(/[()'*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `![${said}](data:image/svg+xml,${data})`;
}

function rangeOf(numbers: readonly number[]): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const number of numbers) {
    least = Math.min(least, number);
    greatest = Math.max(greatest, number);
  }
  return least > greatest ? [0, 0] : [least, greatest];
}

function scale(value: number, from: number, to: number): number {
  return to === from ? 0.5 : (value - from) / (to - from);
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
