// The page of a checkpoint. Only the rows in sight are elements: a checkpoint may name 100,000 tensors.
const vscode = acquireVsCodeApi();
const ROW_PIXELS = 24;
const SPARE_ROWS = 10;
const SEARCH_PAUSE_MS = 120;
const SAID_PAUSE_MS = 50;
const COLUMNS = [
  ["name", "Name"],
  ["dtype", "Type"],
  ["shape", "Shape"],
  ["size", "Size"],
];

const element = (id) => document.getElementById(id);
const grid = element("grid");
const body = element("rows");

let tensors = [];
/** Of the file whose tensors these are. */
let version = 0;
/** Counts the questions, so that an answer that was overtaken is not drawn. */
let asked = 0;
let rows = { places: new Int32Array(), levels: new Uint8Array(), modules: [] };
/** The chosen row's place in `rows`; -1 for none. */
let active = -1;
let hiddenTensors = 0;
let query = { search: "", column: "file", isDescending: false, isTree: false, collapsed: [] };

window.addEventListener("message", ({ data }) => {
  if (data.kind === "file") {
    version = data.version;
    tensors = JSON.parse(new TextDecoder().decode(data.tensors));
    showFile(data.page);
  } else if (data.kind === "rows") {
    if (data.number === asked && data.version === version) {
      showRows(data.rows);
    }
  } else {
    showUnreadable(data.text);
  }
});

function rowAt(place) {
  if (place < 0 || place >= rows.places.length) {
    return undefined;
  }
  const index = rows.places[place];
  const level = rows.levels[place];
  return index >= 0 ? { kind: "tensor", index, level } : { kind: "module", level, ...rows.modules[-1 - index] };
}

function placeWhere(matches) {
  for (let place = 0; place < rows.places.length; place++) {
    if (matches(rows.places[place])) {
      return place;
    }
  }
  return -1;
}

/** Where a chosen tensor or module is now; -1 where it is not shown. */
function placeOf(row) {
  return row.kind === "tensor"
    ? placeWhere((index) => index === row.index)
    : placeWhere((index) => index < 0 && rows.modules[-1 - index].name === row.name);
}

function showFile(page) {
  element("name").textContent = page.name;
  element("state").className = page.state;
  element("state").textContent = `${page.state}: ${page.reason}`;
  showWarning(page.warning);
  element("facts").replaceChildren(
    ...page.facts.flatMap(([label, text]) => [textElement("dt", label), textElement("dd", text)]),
  );
  element("tensors").hidden = tensors.length === 0;
  element("actions").hidden = false;
  element("resume").hidden = !page.canResume;
  hiddenTensors = page.hiddenTensors;
  ask();
}

function showWarning(warning) {
  const place = element("warning");
  place.hidden = warning === undefined;
  place.className = warning?.isDangerous ? "dangerous" : "";
  const text = warning?.isDangerous
    ? "This file would run code when loaded"
    : "This file imports code of its own when loaded";
  place.textContent = warning ? `${text}: ${warning.names.join(", ")}. Nothing of it was run to show this page.` : "";
}

function showUnreadable(text) {
  element("state").className = "torn";
  element("state").textContent = text;
  element("warning").hidden = true;
  element("facts").replaceChildren();
  element("tensors").hidden = true;
  element("actions").hidden = true;
}

/** A search or another order keeps the chosen tensor or module where it is still there. */
function showRows(shown) {
  const chosen = rowAt(active);
  rows = shown;
  active = chosen === undefined ? -1 : placeOf(chosen);
  const length = rows.places.length;
  const found = length - rows.modules.length;
  const isClosed = query.isTree && query.search.trim() === "" && rows.modules.some(({ isOpen }) => !isOpen);
  const total = tensorCount(tensors.length) + (hiddenTensors > 0 ? `, and ${number(hiddenTensors)} not shown` : "");
  element("count").textContent = found === tensors.length || isClosed ? total : `${number(found)} of ${total}`;
  grid.setAttribute("aria-rowcount", String(length + 1));
  body.style.height = `${length * ROW_PIXELS}px`;
  drawHead();
  choose(active);
}

function drawHead() {
  const cells = COLUMNS.map(([column, title]) => {
    const isSorted = query.column === column;
    const cell = textElement("div", "");
    const button = textElement("button", isSorted ? `${title} ${query.isDescending ? "↓" : "↑"}` : title);
    button.type = "button";
    button.dataset.column = column;
    cell.setAttribute("role", "columnheader");
    cell.setAttribute("aria-sort", isSorted ? (query.isDescending ? "descending" : "ascending") : "none");
    cell.append(button);
    return cell;
  });
  const focused = document.activeElement?.dataset?.column;
  element("head").replaceChildren(...cells);
  if (focused) {
    element("head").querySelector(`[data-column="${focused}"]`)?.focus();
  }
}

function drawRows() {
  const first = Math.max(0, Math.floor(grid.scrollTop / ROW_PIXELS) - SPARE_ROWS);
  const last = Math.min(rows.places.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW_PIXELS) + SPARE_ROWS);
  const drawn = [];
  for (let place = first; place < last; place++) {
    drawn.push(drawRow(rowAt(place), place));
  }
  body.replaceChildren(...drawn);
  const isDrawn = active >= first && active < last;
  if (isDrawn) {
    grid.setAttribute("aria-activedescendant", `row${active}`);
  } else {
    grid.removeAttribute("aria-activedescendant");
  }
}

function drawRow(row, place) {
  const line = textElement("div", "");
  line.id = `row${place}`;
  line.className = `row ${row.kind}${place === active ? " active" : ""}`;
  line.style.top = `${place * ROW_PIXELS}px`;
  line.setAttribute("role", "row");
  line.setAttribute("aria-rowindex", String(place + 2));
  line.setAttribute("aria-level", String(row.level));
  line.setAttribute("aria-selected", String(place === active));
  const cells = row.kind === "module" ? moduleCells(row) : tensorCells(tensors[row.index], row.level);
  if (row.kind === "module") {
    line.setAttribute("aria-expanded", String(row.isOpen));
  }
  line.append(
    ...cells.map((text) => {
      const cell = textElement("div", "");
      // Isolated, so that neither the direction of the cell nor characters of a name reorder anything.
      cell.append(textElement("bdi", text));
      cell.setAttribute("role", "gridcell");
      cell.title = text;
      return cell;
    }),
  );
  line.firstChild.title = row.kind === "module" ? row.name : tensors[row.index][0];
  line.firstChild.style.paddingLeft = `${8 + (row.level - 1) * 14}px`;
  return line;
}

/** In the tree each row shows its own part of the name; those above it show the rest. */
function ownName(name, level) {
  return name
    .split(".")
    .slice(level - 1)
    .join(".");
}

function moduleCells({ name, level, isOpen, count, sizeBytes }) {
  return [`${isOpen ? "▾" : "▸"} ${ownName(name, level)}`, "", tensorCount(count), bytes(sizeBytes)];
}

function tensorCells([name, dtype, shape, sizeBytes, isShared], level) {
  const own = ownName(name, level);
  return [isShared ? `${own} (shared storage)` : own, dtype, shape, sizeBytes < 0 ? "unknown" : bytes(sizeBytes)];
}

function tensorCount(count) {
  return `${number(count)} ${count === 1 ? "tensor" : "tensors"}`;
}

/** Moves the selection; -1 takes it away. Scrolls as little as shows it. */
function choose(place) {
  active = Math.min(place, rows.places.length - 1);
  if (active >= 0) {
    const top = active * ROW_PIXELS;
    const height = grid.clientHeight - ROW_PIXELS;
    grid.scrollTop = Math.min(top, Math.max(grid.scrollTop, top + ROW_PIXELS - height));
  }
  const isTensor = rowAt(active)?.kind === "tensor";
  element("copyName").disabled = active < 0;
  element("copyShape").disabled = !isTensor;
  drawRows();
}

function toggle(row, isOpen) {
  const collapsed = query.collapsed.filter((name) => name !== row.name);
  query = { ...query, collapsed: isOpen ? collapsed : [...collapsed, row.name] };
  ask();
}

function copy(what) {
  const row = rowAt(active);
  const isShape = what === "shape";
  if (row === undefined || (isShape && row.kind === "module")) {
    return;
  }
  const [name, , shape] = row.kind === "module" ? [row.name] : tensors[row.index];
  // As Python writes it, since that is where a shape goes.
  const text = isShape ? pythonShape(shape) : name;
  send({ kind: "copy", text });
  say(`Copied ${text}`);
}

/** For eyes and for screen readers; a second copy of the same is said again. */
function say(text) {
  const place = element("said");
  place.textContent = "";
  setTimeout(() => {
    place.textContent = text;
  }, SAID_PAUSE_MS);
}

function pythonShape(shape) {
  const lengths = shape === "scalar" ? [] : shape.split(" × ");
  return lengths.length === 1 ? `(${lengths[0]},)` : `(${lengths.join(", ")})`;
}

grid.addEventListener("scroll", drawRows);
new ResizeObserver(drawRows).observe(grid);

body.addEventListener("click", ({ target }) => {
  const line = target.closest(".row");
  if (line) {
    const place = Number(line.id.slice("row".length));
    choose(place);
    const row = rowAt(place);
    if (row.kind === "module") {
      toggle(row, !row.isOpen);
    }
  }
});

element("head").addEventListener("click", ({ target }) => {
  const column = target.closest("button")?.dataset.column;
  if (column) {
    sortBy(column);
  }
});

/** Ascending, descending, and back to the order of the file. */
function sortBy(column) {
  const isSame = query.column === column;
  const isReset = isSame && query.isDescending;
  query = { ...query, column: isReset ? "file" : column, isDescending: isSame && !isReset };
  ask();
}

grid.addEventListener("keydown", (event) => {
  if (event.target !== grid) {
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c") {
    copy(event.shiftKey ? "shape" : "name");
    event.preventDefault();
  } else if (move(event.key) || openOrClose(event.key)) {
    event.preventDefault();
  }
});

/** Whether the key moves the selection. */
function move(key) {
  const page = Math.max(1, Math.floor(grid.clientHeight / ROW_PIXELS) - 2);
  const length = rows.places.length;
  const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -length, End: length };
  if (moves[key] !== undefined) {
    choose(Math.max(0, active + moves[key]));
  }
  return moves[key] !== undefined;
}

/** The keys of a tree: right opens and then goes in, left closes and then goes out. */
function openOrClose(key) {
  const row = rowAt(active);
  if (row?.kind === "module" && ["Enter", " "].includes(key)) {
    toggle(row, !row.isOpen);
  } else if (row?.kind === "module" && key === "ArrowRight") {
    if (row.isOpen) {
      choose(active + 1);
    } else {
      toggle(row, true);
    }
  } else if (row?.kind === "module" && key === "ArrowLeft" && row.isOpen) {
    toggle(row, false);
  } else if (row !== undefined && key === "ArrowLeft" && row.level > 1) {
    choose(parentOf(active));
  } else {
    return false;
  }
  return true;
}

function parentOf(place) {
  let parent = place;
  while (parent > 0 && rows.levels[parent] >= rows.levels[place]) {
    parent--;
  }
  return parent;
}

window.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f" && !element("tensors").hidden) {
    element("search").select();
    event.preventDefault();
  }
});

let searchTimer;
element("search").addEventListener("input", ({ target }) => {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(() => {
    query = { ...query, search: target.value };
    grid.scrollTop = 0;
    ask();
  }, SEARCH_PAUSE_MS);
});
element("tree").addEventListener("change", ({ target }) => {
  query = { ...query, isTree: target.checked };
  ask();
});
element("resume").addEventListener("click", () => send({ kind: "resume" }));
element("compare").addEventListener("click", () => send({ kind: "compare" }));
element("copyName").addEventListener("click", () => copy("name"));
element("copyShape").addEventListener("click", () => copy("shape"));

function ask() {
  asked++;
  send({ kind: "query", number: asked, version, query });
}

/** Names come from a file that nobody trusts; they only ever become text. */
function textElement(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function number(value) {
  return value.toLocaleString("en");
}

function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const scaled = value / 1000 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}

/** To the extension, which is the only other side there is. */
function send(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is VS Code's function, not the window's.
  vscode.postMessage(message);
}

send({ kind: "ready" });
