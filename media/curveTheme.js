// What the theme of the editor says about colours.
const COLORS = ["blue", "orange", "green", "red", "purple", "yellow"];
/** Beside the colour, so that curves can be told apart without it. */
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

let known = new Map();

/** The theme is another one. */
export function forgetColors() {
  known = new Map();
}

/** A colour of the theme; asked once, since asking makes the browser compute every style. */
export function themeColor(name) {
  if (!known.has(name)) {
    known.set(name, getComputedStyle(document.body).getPropertyValue(name).trim());
  }
  return known.get(name);
}

export function colorOf(index) {
  return themeColor(`--vscode-charts-${COLORS[index % COLORS.length]}`) || themeColor("--vscode-foreground");
}

export function dashOf(index) {
  return DASHES[Math.floor(index / COLORS.length) % DASHES.length];
}

/** A short piece of the run's line, for a legend or a table. */
export function swatchOf(index) {
  const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  const shape = { x1: 0, y1: 4, x2: 22, y2: 4, stroke: colorOf(index), "stroke-width": 3 };
  for (const [name, value] of Object.entries({ ...shape, "stroke-dasharray": dashOf(index).join(" ") || "none" })) {
    line.setAttribute(name, String(value));
  }
  swatch.setAttribute("class", "swatch");
  swatch.setAttribute("viewBox", "0 0 22 8");
  swatch.setAttribute("aria-hidden", "true");
  swatch.append(line);
  return swatch;
}

/** An element with its text and attributes. */
export function make(name, { text, ...properties } = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) {
      element[key] = value;
    } else {
      element.setAttribute(key, value);
    }
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  element.append(...children);
  return element;
}

/** Sets a property that is another one now: a text that is set again is laid out again, even if it says the same. */
export function change(element, property, value) {
  if (element[property] !== value) {
    element[property] = value;
  }
}
