// A menu below a button: arrows walk through it, Escape and a click elsewhere close it.
import { make } from "./curveTheme.js";

const MAX_ITEMS = 24;
let close = () => {};

/** `items`: `{ heading, text? }` or `{ title, run }`. */
export function openMenu(anchor, items) {
  close();
  const menu = make("div", { className: "menu", role: "menu" });
  for (const { heading, text, title, run } of items.slice(0, MAX_ITEMS)) {
    if (heading !== undefined) {
      menu.append(make("p", { text: heading, className: "heading" }), ...(text ? [make("p", { text })] : []));
      continue;
    }
    const item = make("button", { text: title, type: "button", role: "menuitem", tabIndex: -1 });
    item.addEventListener("click", () => {
      close();
      run();
    });
    menu.append(item);
  }
  document.body.append(menu);
  place(menu, anchor.getBoundingClientRect());
  const { signal, stop } = closing(menu, anchor);
  close = stop;
  menu.addEventListener("keydown", (event) => press(event, menu, () => stop(true)), { signal });
  document.addEventListener("pointerdown", ({ target }) => menu.contains(target) || stop(), { signal });
  window.addEventListener("blur", () => stop(), { signal });
  menu.querySelector("[role=menuitem]")?.focus();
}

function closing(menu, anchor) {
  const controller = new AbortController();
  const stop = (isFocusKept = false) => {
    controller.abort();
    menu.remove();
    close = () => {};
    if (isFocusKept) {
      anchor.focus();
    }
  };
  return { signal: controller.signal, stop };
}

function press(event, menu, stop) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const targets = {
    ArrowDown: items[(at + 1) % items.length],
    ArrowUp: items[(at - 1 + items.length) % items.length],
    Home: items[0],
    End: items.at(-1),
  };
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    stop();
  } else if (targets[event.key]) {
    event.preventDefault();
    targets[event.key].focus();
  }
}

function place(menu, { left, bottom, top }) {
  menu.style.left = `${Math.max(4, Math.min(left, innerWidth - menu.offsetWidth - 4))}px`;
  const below = bottom + 4;
  menu.style.top = `${below + menu.offsetHeight < innerHeight ? below : Math.max(4, top - menu.offsetHeight - 4)}px`;
}
