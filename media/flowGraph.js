// The page of "Show Flow Graph": shows the drawing it is sent and says which step was chosen.
const vscode = acquireVsCodeApi();
const graph = document.getElementById("graph");
const run = document.getElementById("run");

window.addEventListener("message", ({ data }) => {
  if (data.kind === "draw") {
    run.hidden = data.run === "";
    document.getElementById("run-text").textContent = data.run;
    draw(data.svg);
  } else {
    graph.textContent = data.text;
  }
});

/** A new drawing keeps the step that has the focus. The text is SVG that the extension made and escaped. */
function draw(svg) {
  const focused = document.activeElement?.getAttribute("data-step");
  graph.replaceChildren(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement);
  const step = [...graph.querySelectorAll(".step")].find((each) => each.getAttribute("data-step") === focused);
  step?.focus();
}

function open(target) {
  const step = target instanceof Element ? target.closest(".step")?.getAttribute("data-step") : undefined;
  if (step) {
    send({ kind: "open", step });
  }
}

document.getElementById("choose-run").addEventListener("click", () => send({ kind: "choose-run" }));
graph.addEventListener("click", ({ target }) => open(target));
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
