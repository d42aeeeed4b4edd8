// The box beside the pointer with the values of all curves there.
import { shortenName } from "./curveData.js";
import { make, swatchOf } from "./curveTheme.js";

const MAX_ROWS = 16;
const GAP = 14;
const box = make("div", { className: "tooltip", role: "presentation", hidden: true });
document.body.append(box);

/** `pointed`: the row that stands out, and is shown however many there are. */
export function showTooltip({ title, rows, pointed, left, top, smoothing }) {
  const hasDifference = rows.some(({ difference }) => difference !== undefined);
  const titles = [
    "",
    "",
    smoothing > 0 ? "Smoothed" : "Value",
    ...(smoothing > 0 ? ["Logged"] : []),
    ...(hasDifference ? ["Difference"] : []),
  ];
  // One column needs no title.
  const head = titles.length > 3 ? [make("tr", {}, ...titles.map((text) => make("th", { text })))] : [];
  const first = rows.slice(0, MAX_ROWS);
  const shown = pointed === undefined || first.includes(pointed) ? first : [...first.slice(0, -1), pointed];
  const lines = shown.map((row) =>
    make(
      "tr",
      { className: row === pointed ? "pointed" : "" },
      make("td", {}, swatchOf(row.index)),
      make("td", { text: shortenName(row.label) }),
      make("td", { text: row.value, className: "number" }),
      ...(smoothing > 0 ? [make("td", { text: row.raw, className: "number quiet" })] : []),
      ...(row.difference === undefined ? [] : [make("td", { text: row.difference, className: "number quiet" })]),
    ),
  );
  const more = rows.length - MAX_ROWS;
  box.replaceChildren(
    make("p", { text: title }),
    make("table", {}, ...head, ...lines),
    ...(more > 0 ? [make("p", { text: `and ${more} more`, className: "quiet" })] : []),
  );
  box.hidden = false;
  const { offsetWidth: width, offsetHeight: height } = box;
  const isRight = left + GAP + width < innerWidth;
  box.style.left = `${Math.max(0, isRight ? left + GAP : left - GAP - width)}px`;
  box.style.top = `${Math.max(0, Math.min(top + GAP, innerHeight - height - 4))}px`;
}

export function hideTooltip() {
  box.hidden = true;
}
