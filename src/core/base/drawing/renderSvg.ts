import { escapeXml } from "../escapeXml.ts";
import type { BoxShape } from "./picture.ts";
import type { PlacedPicture, Point } from "./placedPicture.ts";

type PlacedBox = PlacedPicture["boxes"][number];

export type SvgOptions = {
  /** The rules of a drawing that stands by itself; one inside a page gets them from the page. */
  style?: string;
};

/** Colours for a file that is looked at anywhere: they follow the system's light or dark. */
export const STANDALONE_STYLE = `
svg { background: #fff; color: #1f1f1f; font-family: system-ui, sans-serif; }
.shape { fill: #f3f6fa; stroke: #44546a; }
.arrow { stroke: #6b7789; } .head { fill: #6b7789; }
.name { fill: currentColor; } .note, .label { fill: #57606a; } .paper { fill: #fff; }
@media (prefers-color-scheme: dark) {
  svg { background: #1f1f1f; color: #e6e6e6; }
  .shape { fill: #2a313c; stroke: #8fa1b8; } .arrow { stroke: #9aa7b8; } .head { fill: #9aa7b8; }
  .note, .label { fill: #aab4c0; } .paper { fill: #1f1f1f; }
}`;

/** The drawing of a graph as SVG. Each box is a group that carries its name and line, and reads as one button. */
export function renderSvg(picture: PlacedPicture, { style }: SvgOptions = {}): string {
  const { width, height } = picture;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${escapeXml(picture.title)}">`,
    ...(style === undefined ? [] : [`<style>${style}</style>`]),
    `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" orient="auto-start-reverse"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>`,
    ...picture.arrows.flatMap(arrowSvg),
    ...picture.boxes.map(boxSvg),
    "</svg>",
  ].join("\n");
}

function arrowSvg({ from, to, points, label, labelAt, isHeavy }: PlacedPicture["arrows"][number]): string[] {
  const ends = `data-from="${escapeXml(from)}" data-to="${escapeXml(to)}"`;
  const weight = isHeavy === true ? 'class="arrow heavy" stroke-width="3"' : 'class="arrow" stroke-width="1.4"';
  const path = `<path ${weight} ${ends} fill="none" marker-end="url(#head)" d="${curve(points)}"/>`;
  if (labelAt === undefined || label === "") {
    return [path];
  }
  const half = (label.length * 6.4) / 2 + 2;
  return [
    path,
    `<g class="tag" ${ends}>`,
    `<rect class="paper" x="${round(labelAt.x - half)}" y="${round(labelAt.y - 8)}" width="${round(half * 2)}" height="16"/>`,
    `<text class="label" x="${round(labelAt.x)}" y="${round(labelAt.y + 4)}" font-size="11" text-anchor="middle">${escapeXml(label)}</text>`,
    "</g>",
  ];
}

/** A smooth line through the middles between the points that the layout gives. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) {
    return "";
  }
  const middles = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const isLast = index === rest.length - 2;
    const to = isLast ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(to)}`;
  });
  return [`M${at(first)}`, ...(middles.length === 0 ? [`L${at(last)}`] : middles)].join(" ");
}

function boxSvg(box: PlacedBox): string {
  const { name, shape, note, x, y, line, status } = box;
  const top = status ? y - 8 : y;
  const words = `${box.label ?? `${name}, ${note}`}${status ? `, ${status.text}` : ""}`;
  const place = line === undefined ? "" : ` data-line="${line}"`;
  return [
    `<g class="node ${shape}${status ? ` state-${status.state}` : ""}" data-node="${escapeXml(name)}"${place} tabindex="0" role="button" aria-label="${escapeXml(words)}">`,
    `<title>${escapeXml(`${name}: ${note}`)}</title>`,
    ...shapes(box).map(
      (d) => `<path class="shape" stroke-width="1.4"${shape === "missing" ? ' stroke-dasharray="4 3"' : ""} d="${d}"/>`,
    ),
    `<text class="name" x="${round(x)}" y="${round(top - 2)}" font-size="13" text-anchor="middle">${escapeXml(name)}</text>`,
    `<text class="note" x="${round(x)}" y="${round(top + 14)}" font-size="11" text-anchor="middle">${escapeXml(note)}</text>`,
    ...(status
      ? [
          `<text class="status" x="${round(x)}" y="${round(top + 29)}" font-size="11" text-anchor="middle">${escapeXml(status.text)}</text>`,
        ]
      : []),
    "</g>",
  ].join("");
}

function shapes(box: PlacedBox): string[] {
  const { x, y, width, height } = box;
  const [left, right, top, bottom] = [x - width / 2, x + width / 2, y - height / 2, y + height / 2];
  const outlines: Record<BoxShape, () => string[]> = {
    box: () => [rectangle(left, top, width, height)],
    missing: () => [rectangle(left, top, width, height)],
    round: () => [pill(left, top, width, height)],
    "double-round": () => [pill(left, top, width, height), pill(left + 4, top + 4, width - 8, height - 8)],
    widening: () => [polygon([left + 12, top], [right - 12, top], [right, bottom], [left, bottom])],
    narrowing: () => [polygon([left, top], [right, top], [right - 12, bottom], [left + 12, bottom])],
    pointed: () => [
      polygon([left, y], [left + 14, top], [right - 14, top], [right, y], [right - 14, bottom], [left + 14, bottom]),
    ],
    // Above the box they would hide the head of the arrow that comes in.
    stack: () => [8, 4, 0].map((shift) => rectangle(left + shift, top + shift, width - 8, height)),
    "side-stack": () => [10, 5, 0].map((shift) => rectangle(left + shift, top, width - 10, height)),
  };
  return outlines[box.shape]();
}

function rectangle(left: number, top: number, width: number, height: number): string {
  return `M${at({ x: left, y: top })} h${round(width)} v${round(height)} h${round(-width)} z`;
}

function pill(left: number, top: number, width: number, height: number): string {
  const radius = height / 2;
  const straight = round(width - height);
  return `M${at({ x: left + radius, y: top })} h${straight} a${radius} ${radius} 0 0 1 0 ${height} h-${straight} a${radius} ${radius} 0 0 1 0 -${height} z`;
}

function polygon(...corners: [number, number][]): string {
  return `M${corners.map(([x, y]) => at({ x, y })).join(" L")} z`;
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
