import { resolve } from "node:path";
import { setInterval } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { type CliCall, type CliVerb, JSON_OPTION, onlyWord, UsageError } from "../base/cliVerb.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { followMetrics } from "./followMetrics.ts";
import { type MetricRuns, SupervisedRuns } from "./metricRuns.ts";
import { openLogs } from "./openLogs.ts";
import { type MetricsFormat, renderCsv, renderRuns } from "./renderMetrics.ts";

const FOLLOW_MS = 1_000;
const FORMATS = ["json", "csv", "plot"] as const;

/** The runs that a word means, else undefined. */
type FindRuns = (root: string, word: string) => Promise<readonly Run[] | undefined>;

/** `trainyard metrics`; runs are found by another slice. */
export function metricsVerb(findRuns: FindRuns): CliVerb {
  return {
    ...VERB_TEXTS.metrics,
    options: {
      json: JSON_OPTION,
      csv: { type: "boolean", help: "print every value as a line of CSV: run, metric, step, value" },
      plot: { type: "boolean", help: "draw each curve in characters" },
      follow: { type: "boolean", short: "f", help: "go on with what is added until Ctrl-C" },
    },
    workspace: "used",
    async run(call) {
      const format = formatOf(call);
      const { logs, place, otherwise } = await findLogs(call, findRuns);
      if (call.options["follow"] === true) {
        await followMetrics(logs, format, { print: (text) => call.host.print(text), turns: everySecond(), place });
        return 0;
      }
      await logs.update();
      if (logs.runs.length === 0) {
        throw new UserError([`There are no values in ${place}.`, ...(logs.problems ?? []), otherwise].join(" ").trim());
      }
      for (const text of format === "csv" ? renderCsv(logs.runs) : [renderRuns(logs.runs, format)]) {
        call.host.print(text);
      }
      return 0;
    },
  };
}

function formatOf({ options }: CliCall): MetricsFormat {
  const formats = FORMATS.filter((each) => options[each] === true);
  if (formats.length > 1) {
    throw new UsageError(`${formats.map((each) => `--${each}`).join(" and ")} exclude each other.`);
  }
  return formats[0] ?? "text";
}

/** Where the values are, what that is called, and what else to say where there are none. */
type NamedLogs = { logs: MetricRuns; place: string; otherwise: string };

async function findLogs(call: CliCall, findRuns: FindRuns): Promise<NamedLogs> {
  const word = onlyWord(call, "A folder of logs, a log or a run");
  const path = resolve(call.folder, word);
  const runs = await findRuns(call.root, word);
  if (runs !== undefined) {
    if (runs.length === 0) {
      throw new UserError(`There are no runs in ${path}.`);
    }
    const what = runs.length === 1 ? `run ${runs[0]?.record.id}` : `the ${runs.length} runs of ${path}`;
    return { logs: new SupervisedRuns(runs), place: `what ${what} logged and printed`, otherwise: "" };
  }
  const opened = await openLogs(path);
  if (opened === undefined) {
    throw new UserError(
      `${path} is not there, and no run is called so. Name a folder with logs, a log, a store like mlflow.db, a run or latest.`,
    );
  }
  return { logs: opened.logs, place: path, otherwise: opened.lookedFor };
}

/** Until Ctrl-C ends the program. */
async function* everySecond(): AsyncGenerator {
  yield undefined;
  yield* setInterval(FOLLOW_MS);
}
