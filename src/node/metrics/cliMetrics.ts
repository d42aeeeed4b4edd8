import { access, constants, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { setInterval } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { type CliCall, type CliVerb, JSON_OPTION, onlyWord, UsageError } from "../base/cliVerb.ts";
import { describeFileError } from "../base/fileErrors.ts";
import { followMetrics } from "./followMetrics.ts";
import { LogFolder } from "./logFolder.ts";
import { findMetricFiles } from "./metricFiles.ts";
import { type MetricRuns, SupervisedRuns } from "./metricRuns.ts";
import { type MetricsFormat, renderRuns } from "./renderMetrics.ts";
import { TextLog } from "./textLog.ts";

const FOLLOW_MS = 1_000;
const FORMATS = ["json", "csv", "plot"] as const;
const LOOKED_FOR_FILES =
  "Looked for TensorBoard event files, metrics.csv and the like, *.jsonl, trainer_state.json, MLflow's mlruns and mlflow.db, W&B's run-*.wandb and Trackio's *.db. A text that a training printed is read when the file itself is named.";
const LOOKED_FOR_LINES = 'Looked for lines like "epoch 1 loss 0.42".';

/** The runs that a word means, else undefined. */
type FindRuns = (root: string, word: string) => Promise<readonly Run[] | undefined>;

/** `trainyard metrics`; runs are found by another slice. */
export function metricsVerb(findRuns: FindRuns): CliVerb {
  return {
    usage: "<folder, log, run or latest> [--json | --csv | --plot] [-f]",
    summary:
      "say how the curves of a run, in a folder of logs, or in one log or store, go: first, last and best value of each metric; -f goes on with what is added",
    options: {
      json: JSON_OPTION,
      csv: { type: "boolean", help: "print every value as a line of CSV: run, metric, step, value" },
      plot: { type: "boolean", help: "draw each curve in characters" },
      follow: { type: "boolean", short: "f", help: "go on with what is added until Ctrl-C" },
    },
    workspace: "used",
    async run(call) {
      const format = formatOf(call);
      const { logs, place, otherwise } = await openLogs(call, findRuns);
      if (call.options["follow"] === true) {
        await followMetrics(logs, format, { print: (text) => call.host.print(text), turns: everySecond(), place });
        return 0;
      }
      await logs.update();
      if (logs.runs.length === 0) {
        throw new UserError([`There are no values in ${place}.`, ...(logs.problems ?? []), otherwise].join(" ").trim());
      }
      call.host.print(renderRuns(logs.runs, format));
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
type OpenedLogs = { logs: MetricRuns; place: string; otherwise: string };

async function openLogs(call: CliCall, findRuns: FindRuns): Promise<OpenedLogs> {
  const word = onlyWord(call, "A folder of logs, a log or a run");
  const path = resolve(call.root, word);
  const runs = await findRuns(call.root, word);
  if (runs !== undefined) {
    if (runs.length === 0) {
      throw new UserError(`There are no runs in ${path}.`);
    }
    const what = runs.length === 1 ? `run ${runs[0]?.record.id}` : `the ${runs.length} runs of ${path}`;
    return { logs: new SupervisedRuns(runs), place: `what ${what} logged and printed`, otherwise: "" };
  }
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new UserError(
      `${path} is not there, and no run is called so. Name a folder with logs, a log, a store like mlflow.db, a run or latest.`,
    );
  }
  await refuseUnreadable(path);
  const isText = found.isFile() && (await findMetricFiles(path)).length === 0;
  return isText
    ? { logs: new TextLog(path), place: path, otherwise: LOOKED_FOR_LINES }
    : { logs: new LogFolder(path), place: path, otherwise: LOOKED_FOR_FILES };
}

async function refuseUnreadable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${describeFileError(error)}.`, { cause: error });
  }
}

/** Until Ctrl-C ends the program. */
async function* everySecond(): AsyncGenerator {
  yield undefined;
  yield* setInterval(FOLLOW_MS);
}
