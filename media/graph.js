// The page of a graph: shows the drawing it is sent, and says which box was chosen.
const vscode = acquireVsCodeApi();
const graph = document.getElementById("graph");
const caption = document.getElementById("caption");
const detail = document.getElementById("detail");
const choice = document.getElementById("choice");

window.addEventListener("message", ({ data }) => {
  if (data.kind === "draw") {
    draw(data.svg);
    caption.textContent = data.caption;
    choice.hidden = data.choice === undefined;
    choice.textContent = data.choice ?? "";
  } else {
    graph.textContent = data.text;
  }
});

/** A new drawing keeps the box that has the focus. The text is SVG that the extension made and escaped. */
function draw(svg) {
  const focused = nameOf(document.activeElement);
  const drawing = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  // Smaller than this its texts cannot be read; then it scrolls.
  drawing.style.minWidth = `${Number(drawing.getAttribute("width")) * MIN_SCALE}px`;
  graph.replaceChildren(drawing);
  graph.classList.toggle("crowded", isCrowded());
  // Its line is kept free, so that nothing moves when the first box is pointed at.
  detail.textContent = isCrowded() ? "\u00a0" : "";
  boxes()
    .find((each) => nameOf(each) === focused)
    ?.focus();
}

const MIN_SCALE = 0.6;

const boxes = () => [...graph.querySelectorAll(".node")];

function nameOf(target) {
  return target instanceof Element ? target.closest(".node")?.getAttribute("data-node") : undefined;
}

function isCrowded() {
  return graph.querySelectorAll(".arrow").length > 1.5 * boxes().length;
}

/** In a graph with many arrows, those of one box stand out while it is pointed at or has the focus. */
function choose(name) {
  graph.classList.toggle("chosen", isCrowded() && name !== undefined);
  const near = new Set([name]);
  const chosen = boxes().find((box) => nameOf(box) === name);
  if (isCrowded()) {
    detail.textContent = chosen?.getAttribute("aria-label") ?? "\u00a0";
  }
  for (const arrow of graph.querySelectorAll(".arrow, .tag")) {
    const ends = [arrow.getAttribute("data-from"), arrow.getAttribute("data-to")];
    const isNear = isCrowded() && ends.includes(name);
    arrow.classList.toggle("near", isNear);
    if (isNear) {
      ends.forEach((end) => near.add(end));
    }
  }
  boxes().forEach((box) => box.classList.toggle("near", near.has(nameOf(box))));
}

function open(target) {
  const name = nameOf(target);
  if (name) {
    send({ kind: "open", name });
  }
}

choice.addEventListener("click", () => send({ kind: "choose" }));
graph.addEventListener("click", ({ target }) => open(target));
graph.addEventListener("pointerover", ({ target }) => choose(nameOf(target)));
graph.addEventListener("pointerleave", () => choose(undefined));
graph.addEventListener("focusin", ({ target }) => choose(nameOf(target)));
graph.addEventListener("focusout", () => choose(undefined));
graph.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    open(event.target);
  }
});

/** To the extension, which is the only other side there is. */
function send(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is VS Code's function, not the window's.
  vscode.postMessage(message);
}

send({ kind: "ready" });
