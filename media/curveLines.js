// Draws curves on the canvas of a plot. A line is drawn once per column of pixels: from its first over its extremes to
// its last value there, so that a million values cost as much as the plot is wide.
export const RAW_ALPHA = 0.22;
export const FADED_ALPHA = 0.25;
/** Fewer values than this in sight are marked one by one. */
const MAX_DOTS = 40;
const DOT_RADIUS = 2;

/** `curve`: `{ xs, ys, smoothed, color, dash, width, isFaded }`. */
export function drawCurve(plot, curve, isLog) {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  const scale = scaleOf(plot, isLog);
  ctx.save();
  ctx.strokeStyle = curve.color;
  ctx.fillStyle = curve.color;
  ctx.lineJoin = "bevel";
  ctx.lineWidth = curve.width * ratio;
  const shade = curve.isFaded ? FADED_ALPHA : 1;
  if (curve.smoothed) {
    ctx.globalAlpha = RAW_ALPHA * shade;
    strokeLine(ctx, curve.xs, curve.ys, scale);
    ctx.globalAlpha = shade;
    ctx.setLineDash(curve.dash.map((length) => length * ratio));
    strokeLine(ctx, curve.xs, curve.smoothed, scale);
  } else {
    ctx.globalAlpha = shade;
    ctx.setLineDash(curve.dash.map((length) => length * ratio));
    const alone = strokeLine(ctx, curve.xs, curve.ys, scale);
    if (alone.length > 0) {
      drawDots(ctx, alone, ratio);
    }
  }
  ctx.restore();
}

/** Where values are on the canvas. Outside of what is in sight a line only has to leave in the right direction. */
function scaleOf(plot, isLog) {
  const { left, top, width, height } = plot.bbox;
  const { x, y } = plot.scales;
  const place = isLog ? Math.log10 : (value) => value;
  const [low, high] = [place(y.min), place(y.max)];
  return {
    min: x.min,
    max: x.max,
    toX: (value) => left + ((value - x.min) / (x.max - x.min)) * width,
    toY: (value) => top + height - ((place(value) - low) / (high - low)) * height,
    isShown: isLog ? (value) => value > 0 && value < Infinity : Number.isFinite,
    far: height * 4,
    top,
  };
}

/** Gives the places that stand alone, or all of them where there are few. */
function strokeLine(ctx, xs, ys, scale) {
  const { stretches, dots } = columnsOf(xs, ys, scale);
  for (const stretch of stretches) {
    ctx.beginPath();
    if (stretch.values > 2 * stretch.columns.length) {
      fillBand(ctx, stretch.columns);
    } else {
      strokeColumns(ctx, stretch.columns);
    }
  }
  return dots;
}

/** What a line comes to in each column of pixels, `{ x, first, low, high, end }`, in stretches without a gap. */
function columnsOf(xs, ys, scale) {
  const [first, last] = inSight(xs, scale);
  const [stretches, dots] = [[], []];
  const areFew = last - first < MAX_DOTS;
  let stretch;
  let column;
  for (let index = first; index <= last; index++) {
    if (!scale.isShown(ys[index])) {
      stretch = undefined;
      continue;
    }
    const x = scale.toX(xs[index]);
    const y = Math.max(scale.top - scale.far, Math.min(scale.top + scale.far * 2, scale.toY(ys[index])));
    const isAlone = stretch === undefined && !scale.isShown(ys[index + 1]);
    if (stretch === undefined) {
      stretch = { columns: [], values: 0 };
      stretches.push(stretch);
      column = undefined;
    }
    stretch.values += 1;
    if (column !== undefined && Math.round(x) === Math.round(column.x)) {
      column.low = y < column.low ? y : column.low;
      column.high = y > column.high ? y : column.high;
      column.end = y;
    } else {
      column = { x, first: y, low: y, high: y, end: y };
      stretch.columns.push(column);
    }
    if (isAlone || areFew) {
      dots.push([x, y]);
    }
  }
  return { stretches, dots };
}

function strokeColumns(ctx, columns) {
  for (const { x, first, low, high, end } of columns) {
    ctx.lineTo(x, first);
    if (low !== high) {
      ctx.lineTo(x, low);
      ctx.lineTo(x, high);
      ctx.lineTo(x, end);
    }
  }
  ctx.stroke();
}

/** Where a line goes up and down within each column it is a band, which is filled in a fraction of the time. */
function fillBand(ctx, columns) {
  const half = ctx.lineWidth / 2;
  /** Where the line comes from, which a column has to reach. */
  const before = (at) => (at === 0 ? columns[0].first : columns[at - 1].end);
  for (let at = 0; at < columns.length; at++) {
    ctx.lineTo(columns[at].x, Math.min(columns[at].low, before(at)) - half);
  }
  for (let at = columns.length - 1; at >= 0; at--) {
    ctx.lineTo(columns[at].x, Math.max(columns[at].high, before(at)) + half);
  }
  ctx.fill();
}

function inSight(xs, { min, max }) {
  let [first, last] = [0, xs.length - 1];
  while (first < last && xs[first + 1] < min) {
    first += 1;
  }
  while (last > first && xs[last - 1] > max) {
    last -= 1;
  }
  return [first, last];
}

function drawDots(ctx, dots, ratio) {
  ctx.beginPath();
  for (const [x, y] of dots) {
    ctx.moveTo(x, y);
    ctx.arc(x, y, DOT_RADIUS * ratio, 0, 2 * Math.PI);
  }
  ctx.fill();
}

/** A ring around the best value, a dot on the last one. */
export function drawLandmark(plot, { x, y, color, isBest }) {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  const [atX, atY] = [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)];
  if (!(atX >= left && atX <= left + width && atY >= top && atY <= top + height)) {
    return;
  }
  // uPlot remembers how it left the canvas.
  ctx.save();
  ctx.beginPath();
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.arc(atX, atY, (isBest ? 6 : 3) * devicePixelRatio, 0, 2 * Math.PI);
  if (isBest) {
    ctx.stroke();
  } else {
    ctx.fill();
  }
  ctx.restore();
}

/** A dashed line from top to bottom: something happened here. */
export function drawMoment(plot, x, color) {
  const { ctx } = plot;
  const { top, height } = plot.bbox;
  const at = plot.valToPos(x, "x", true);
  ctx.save();
  ctx.beginPath();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.moveTo(at, top);
  ctx.lineTo(at, top + height);
  ctx.stroke();
  ctx.restore();
}
