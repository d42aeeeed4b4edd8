// The groups of charts on the page, by what stands before the slash of their metrics.
import { change, make } from "./curveTheme.js";

/** Of a group with more charts only the first are laid out, until the person asks for more. */
const GROUP_PAGE = 24;

/** A group of charts that can be folded; what is folded is neither read nor drawn. */
export function sectionOf(holder, { name, entries }, { isNamed, page }) {
  const { view } = page;
  const known = [...holder.children].find((element) => element.dataset?.group === name);
  const section = known ?? makeSection(name, page);
  const title = section.querySelector("summary");
  title.hidden = !isNamed;
  change(title, "textContent", `${name === "" ? "Metrics" : name} (${entries.length})`);
  section.open = !isNamed || !view.folded.includes(name);
  const room = view.shownOf[name] ?? GROUP_PAGE;
  const more = section.querySelector("button.more");
  more.hidden = entries.length <= room;
  change(more, "textContent", `Show ${Math.min(GROUP_PAGE, entries.length - room)} More of ${entries.length}`);
  return {
    element: section,
    grid: section.querySelector(".grid"),
    entries: section.open ? entries.slice(0, room) : [],
  };
}

function makeSection(name, page) {
  const { view } = page;
  const more = make("button", { className: "quiet more", type: "button" });
  const section = make("details", { open: true }, make("summary"), make("div", { className: "grid" }), more);
  section.dataset.group = name;
  section.addEventListener("toggle", () => {
    const folded = view.folded.filter((each) => each !== name);
    const now = section.open ? folded : [...folded, name];
    if (now.length !== view.folded.length) {
      view.folded = now;
      page.redraw();
    }
  });
  more.addEventListener("click", () => {
    view.shownOf[name] = (view.shownOf[name] ?? GROUP_PAGE) + GROUP_PAGE;
    page.redraw();
  });
  return section;
}
