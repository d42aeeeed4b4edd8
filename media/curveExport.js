// Pictures of the charts that are in sight: as PNG from their canvases, as SVG from their points.
import { FADED_ALPHA, RAW_ALPHA } from "./curveLines.js";
import { themeColor } from "./curveTheme.js";

const GAP = 24;
const TITLE_HEIGHT = 26;
const ROW_HEIGHT = 18;

/** The charts below each other in as many columns as the page has: `{ picture, x, y, width, height }`. */
function layout(pictures, columns) {
  const widest = Math.max(...pictures.map(({ plot }) => plot.width));
  let [x, y, tallest] = [GAP, GAP, 0];
  const places = pictures.map((picture, at) => {
    const { plot, rows } = picture;
    const height = TITLE_HEIGHT + plot.height + rows.length * ROW_HEIGHT;
    if (at % columns === 0 && at > 0) {
      [x, y, tallest] = [GAP, y + tallest + GAP, 0];
    }
    const placed = { picture, x, y, width: plot.width, height };
    [x, tallest] = [x + widest + GAP, Math.max(tallest, height)];
    return placed;
  });
  return { places, width: GAP + columns * (widest + GAP), height: y + tallest + GAP };
}

function ink() {
  return {
    back: themeColor("--vscode-editor-background"),
    front: themeColor("--vscode-foreground"),
    quiet: themeColor("--vscode-descriptionForeground"),
    font: themeColor("--vscode-font-family") || "sans-serif",
  };
}

/** The PNG in base64. */
export function pngOf(pictures, columns) {
  const { places, width, height } = layout(pictures, Math.min(columns, pictures.length));
  const { back, front, font } = ink();
  const canvas = document.createElement("canvas");
  const ratio = devicePixelRatio;
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = back;
  context.fillRect(0, 0, width, height);
  for (const { picture, x, y } of places) {
    context.fillStyle = front;
    context.font = `600 13px ${font}`;
    context.fillText(picture.tag, x, y + 14);
    context.drawImage(picture.plot.ctx.canvas, x, y + TITLE_HEIGHT, picture.plot.width, picture.plot.height);
    context.font = `12px ${font}`;
    picture.rows.forEach((row, at) => {
      const line = y + TITLE_HEIGHT + picture.plot.height + (at + 1) * ROW_HEIGHT - 5;
      context.fillStyle = colorIn(picture, row.run);
      context.fillRect(x + 58, line - 5, 18, 3);
      context.fillStyle = front;
      context.fillText(`${row.label}   ${row.value}   ${row.bestText}`, x + 84, line);
    });
  }
  return canvas.toDataURL("image/png").split(",")[1];
}

function colorIn({ curves }, runId) {
  return curves.find(({ run }) => run.id === runId)?.color ?? themeColor("--vscode-foreground");
}

/** The SVG as text: lines that can be edited and scaled. */
export function svgOf(pictures, columns, isLog) {
  const { places, width, height } = layout(pictures, Math.min(columns, pictures.length));
  const { back, front, quiet, font } = ink();
  const charts = places.map(({ picture, x, y }, at) => {
    const { plot } = picture;
    const box = {
      left: plot.over.offsetLeft,
      top: plot.over.offsetTop,
      width: plot.over.clientWidth,
      height: plot.over.clientHeight,
    };
    const clip = `<clipPath id="plot${at}"><rect x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}"/></clipPath>`;
    const lines = picture.curves.map((curve) => pathsOf(curve, plot, box, isLog)).join("");
    const legend = picture.rows.map((row, index) => {
      const line = plot.height + (index + 1) * ROW_HEIGHT - 5;
      const swatch = `<rect x="58" y="${line - 5}" width="18" height="3" fill="${colorIn(picture, row.run)}"/>`;
      return `${swatch}<text x="84" y="${line}" fill="${front}">${escape(`${row.label}   ${row.value}   ${row.bestText}`)}</text>`;
    });
    const title = `<text y="-10" font-weight="600" font-size="13" fill="${front}">${escape(picture.tag)}</text>`;
    return `<g transform="translate(${x} ${y + TITLE_HEIGHT})">${title}${clip}${axesOf(picture, box, quiet)}<g clip-path="url(#plot${at})">${lines}</g>${legend.join("")}</g>`;
  });
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${escape(font)}" font-size="12"><rect width="100%" height="100%" fill="${back}"/>${charts.join("")}</svg>\n`;
}

function axesOf({ plot, ticks }, box, color) {
  const bottom = box.top + box.height;
  const line = (x1, y1, x2, y2) =>
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}" stroke-opacity="0.25"/>`;
  const word = (x, y, { text, anchor }) =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="11" fill="${color}">${escape(text)}</text>`;
  const below = ticks.x.map(({ value, text }) => {
    const x = round(box.left + plot.valToPos(value, "x"));
    return line(x, box.top, x, bottom) + word(x, bottom + 16, { text, anchor: "middle" });
  });
  const beside = ticks.y
    .filter(({ value }) => typeof value === "number")
    .map(({ value, text }) => {
      const y = round(box.top + plot.valToPos(value, "y"));
      return line(box.left, y, box.left + box.width, y) + word(box.left - 8, y + 4, { text, anchor: "end" });
    });
  return below.join("") + beside.join("");
}

function pathsOf({ xs, ys, smoothed, color, dash, width, isFaded }, plot, box, isLog) {
  const shade = isFaded ? FADED_ALPHA : 1;
  const draw = (column, opacity) => {
    let [path, isOpen, dots] = ["", false, ""];
    const isShown = (index) => Number.isFinite(column[index]) && (!isLog || column[index] > 0);
    for (let index = 0; index < xs.length; index++) {
      const value = column[index];
      if (!isShown(index)) {
        isOpen = false;
        continue;
      }
      const [x, y] = [round(box.left + plot.valToPos(xs[index], "x")), round(box.top + plot.valToPos(value, "y"))];
      path += `${isOpen ? "L" : "M"}${x} ${y}`;
      // A value between gaps is no line.
      dots +=
        isOpen || isShown(index + 1)
          ? ""
          : `<circle cx="${x}" cy="${y}" r="3" fill="${color}" fill-opacity="${opacity}"/>`;
      isOpen = true;
    }
    const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(" ")}"` : "";
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="${width}" stroke-opacity="${opacity}"${dashes}/>${dots}`;
  };
  return smoothed ? draw(ys, RAW_ALPHA * shade) + draw(smoothed, shade) : draw(ys, shade);
}

function round(number) {
  return Math.round(number * 100) / 100;
}

function escape(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Whether there is anything to draw: a chart that was never in sight has no picture. */
export function isDrawn({ plot, curves }) {
  return plot !== undefined && curves.some(({ xs }) => xs.length > 0);
}

/** For the name of a file: what is drawn, without what a file system refuses. */
export function fileNameOf(pictures) {
  return pictures.length === 1 ? pictures[0].tag.replaceAll(/[^\w.-]+/g, "-") : "curves";
}
