// Checkpoints on the axis of a chart and alarms at its top, each a button.
import { placeOfStep, placeOfTime } from "./curveData.js";
import { colorOf, make } from "./curveTheme.js";

const SIZE = 18;

/** `moments` are alarms with their place. Marks that would cover each other share a button. */
export function drawMarks(holder, plot, { curves, moments, page, body }) {
  const all = curves.flatMap((curve) => checkpointsOf(curve, page.view.axis));
  if (all.length + moments.length === 0 && holder.childElementCount === 0) {
    // Where nothing is to be placed, the page need not be measured, which would lay it out in the middle of a frame.
    return;
  }
  const top = body.offsetTop + plot.over.offsetTop;
  const left = body.offsetLeft + plot.over.offsetLeft;
  const width = plot.over.clientWidth;
  const toLeft = (x) => plot.valToPos(x, "x");
  const isInSight = ({ x }) => toLeft(x) >= -1 && toLeft(x) <= width + 1;
  const checkpoints = all.filter(isInSight).toSorted((a, b) => a.x - b.x);
  const buttons = [
    ...cluster(checkpoints, toLeft).map((group) => ({ group, button: checkpointButton(group, page), atTop: false })),
    ...cluster(moments.filter(isInSight), toLeft).map((group) => ({
      group,
      button: alarmButton(group, page),
      atTop: true,
    })),
  ];
  const places = buttons.map(({ group, button, atTop }) => {
    button.style.left = `${left + toLeft(group[0].x) - SIZE / 2}px`;
    button.style.top = `${atTop ? top - 6 : top + plot.over.clientHeight - SIZE / 2}px`;
    return button;
  });
  // Buttons that stay are kept, or the one with the focus would lose it with every new value.
  const said = places.map((button) => button.outerHTML).join("");
  if (holder.dataset.said !== said) {
    const focused = holder.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    holder.dataset.said = said;
    holder.replaceChildren(...places);
    places.find((button) => button.getAttribute("aria-label") === focused)?.focus();
  }
}

/** Where the watchdog noticed something, once for each alarm of a run. */
export function momentsOf(curves, axis) {
  return curves.flatMap(({ run, points }) =>
    run.alarms.flatMap((alarm) => {
      const at = { timeMs: alarm.raisedMs, startedMs: run.startedMs };
      const x = points ? placeOfTime(points, at, axis) : Number.NaN;
      return Number.isFinite(x) ? [{ x, alarm, run }] : [];
    }),
  );
}

function checkpointsOf({ run, points }, axis) {
  return points
    ? run.checkpoints.flatMap((mark) => {
        const x = placeOfStep(points, mark.step, { startedMs: run.startedMs, axis });
        return Number.isFinite(x) ? [{ x, mark, run }] : [];
      })
    : [];
}

function cluster(marks, toLeft) {
  const groups = [];
  for (const mark of marks) {
    const group = groups.at(-1);
    if (group !== undefined && toLeft(mark.x) - toLeft(group[0].x) < SIZE) {
      group.push(mark);
    } else {
      groups.push([mark]);
    }
  }
  return groups;
}

function checkpointButton(group, page) {
  const isTorn = group.every(({ mark }) => !mark.isWhole);
  const names = group.map(({ mark }) => `${mark.name} · step ${mark.step}${mark.isWhole ? "" : " · not whole"}`);
  const button = make("button", {
    className: isTorn ? "mark torn" : "mark",
    text: isTorn ? "△" : "▲",
    title: names.join("\n"),
    type: "button",
  });
  if (!isTorn && group.every(({ run }) => run === group[0].run)) {
    button.style.color = colorOf(group[0].run.index);
  }
  if (group.length > 1) {
    button.append(make("sup", { text: String(group.length) }));
  }
  button.setAttribute("aria-label", `Checkpoint ${names.join(", ")}`);
  button.setAttribute("aria-haspopup", "menu");
  button.addEventListener("click", () => page.openMenu(button, checkpointItems(group, page)));
  return button;
}

/** The newest first, since of many only so many can be offered. */
function checkpointItems(group, page) {
  return group
    .toReversed()
    .flatMap(({ mark, run }) => [
      { heading: `${mark.name} · step ${mark.step}${mark.isWhole ? "" : " · not whole"} · ${run.label}` },
      { title: "Inspect", run: () => page.send({ kind: "open-checkpoint", path: mark.path }) },
      ...(mark.isWhole
        ? [{ title: "Resume From Here…", run: () => page.send({ kind: "resume", path: mark.path }) }]
        : []),
    ]);
}

function alarmButton(group, page) {
  const texts = group.map(({ alarm, run }) => `${run.label}: ${alarm.title}. ${alarm.text}`);
  const button = make("button", { className: "mark alarm", text: "⚠", title: texts.join("\n"), type: "button" });
  button.setAttribute("aria-label", `Alarm ${texts.join(" ")}`);
  button.setAttribute("aria-haspopup", "menu");
  const items = group.flatMap(({ alarm, run }) => [
    { heading: `${run.label}: ${alarm.title}`, text: alarm.text },
    {
      title: alarm.line === undefined ? "Open Log" : `Open Log at Line ${alarm.line}`,
      run: () => page.send({ kind: "open-alarm", runId: run.id, line: alarm.line }),
    },
  ]);
  button.addEventListener("click", () => page.openMenu(button, items));
  return button;
}
