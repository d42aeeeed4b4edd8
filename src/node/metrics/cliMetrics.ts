import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { plainText } from "../../core/base/markdown.ts";
import { describeMetrics, summarizeAll } from "../../core/dashboard/describeMetrics.ts";
import { plotSeries } from "../../core/dashboard/plotSeries.ts";
import { type CliVerb, onlyWord } from "../base/cliVerb.ts";
import { type FolderRun, LogFolder } from "./logFolder.ts";

export const metricsVerb: CliVerb = {
  usage: "<folder> [--json | --csv | --plot]",
  summary: "say how the curves in a folder of logs go: first, last and best value of each metric",
  options: { json: { type: "boolean" }, csv: { type: "boolean" }, plot: { type: "boolean" } },
  async run(call) {
    const folder = resolve(call.root, onlyWord(call, "A folder of logs"));
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
      throw new UserError(`${folder} is no folder. Name a folder with TensorBoard, CSV or JSON-lines logs.`);
    }
    const logs = new LogFolder(folder);
    await logs.update();
    const { runs } = logs;
    if (runs.length === 0) {
      throw new UserError(
        `There are no values in ${folder}. Looked for TensorBoard event files, metrics.csv and the like, *.jsonl and trainer_state.json.`,
      );
    }
    call.host.print(render(runs, call.options));
    return 0;
  },
};

function render(runs: readonly FolderRun[], options: Readonly<Record<string, unknown>>): string {
  if (options["json"] === true) {
    const data = runs.map(({ name, series }) => ({ name, metrics: summarizeAll(series) }));
    return JSON.stringify({ runs: data }, (_key, value: unknown) => keepNonFinite(value), 2);
  }
  if (options["csv"] === true) {
    const rows = runs.flatMap(({ name, series }) =>
      series.flatMap(({ tag, steps, values }) =>
        Array.from(values, (value, index) => [name, tag, steps[index] ?? "", value].map(csvCell).join(",")),
      ),
    );
    return ["run,metric,step,value", ...rows].join("\n");
  }
  const parts = runs.map(({ name, series }) =>
    options["plot"] === true
      ? series.map((each) => `${name} ${each.tag}\n${plotSeries(each)}`).join("\n\n")
      : `${name}\n${plainText(describeMetrics(summarizeAll(series))).trimEnd()}`,
  );
  return parts.join("\n\n");
}

function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** NaN and infinities have no JSON; as texts they survive, where JSON.stringify would write null. */
function keepNonFinite(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
