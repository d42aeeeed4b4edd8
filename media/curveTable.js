// Every curve in numbers: what a screen reader can read, and what can be compared by eye.
import { formatValue } from "./curveData.js";
import { make } from "./curveTheme.js";

const TITLES = ["Metric", "Run", "First", "Last", "Best", "At step", "Trend", "Values"];

export function summaryTable(tags) {
  const head = make("tr", {}, ...TITLES.map((text) => make("th", { scope: "col", text })));
  const rows = tags.flatMap(([tag, curves]) =>
    curves.map(({ run, series }) => {
      const { first, last, best, trend, count, broken } = series.summary;
      const bad = broken ? ` (${broken.count} not finite, from step ${broken.firstStep})` : "";
      const cells = [
        tag,
        run.label,
        sayValue(first),
        sayValue(last),
        sayValue(best?.value),
        best?.step ?? "",
        trend === "too short to tell" ? "" : trend,
        count + bad,
      ];
      return make("tr", {}, ...cells.map((text) => make("td", { text: String(text) })));
    }),
  );
  return make("table", { className: "summary" }, make("thead", {}, head), make("tbody", {}, ...rows));
}

function sayValue(value) {
  return value === undefined ? "" : Number.isFinite(value) ? formatValue(value) : String(value);
}
