import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { setInterval } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import { type CliVerb, onlyWord } from "../base/cliVerb.ts";
import { followMetrics } from "./followMetrics.ts";
import { LogFolder } from "./logFolder.ts";
import { type MetricsFormat, renderRuns } from "./renderMetrics.ts";

const FOLLOW_MS = 1_000;
const FORMATS = ["json", "csv", "plot"] as const;

export const metricsVerb: CliVerb = {
  usage: "<folder or log> [--json | --csv | --plot] [-f]",
  summary:
    "say how the curves in a folder of logs, or in one log or store, go: first, last and best value of each metric; -f goes on with what is added",
  options: {
    json: { type: "boolean" },
    csv: { type: "boolean" },
    plot: { type: "boolean" },
    follow: { type: "boolean", short: "f" },
  },
  async run(call) {
    const path = resolve(call.root, onlyWord(call, "A folder of logs"));
    if (!(await stat(path).catch(() => undefined))) {
      throw new UserError(`${path} is not there. Name a folder with logs, a log, or a store like mlflow.db.`);
    }
    const format: MetricsFormat = FORMATS.find((each) => call.options[each] === true) ?? "text";
    const logs = new LogFolder(path);
    if (call.options["follow"] === true) {
      await followMetrics(logs, format, { print: (text) => call.host.print(text), turns: everySecond() });
      return 0;
    }
    await logs.update();
    if (logs.runs.length === 0) {
      throw new UserError(
        `There are no values in ${path}. Looked for TensorBoard event files, metrics.csv and the like, *.jsonl, trainer_state.json, MLflow's mlruns and mlflow.db, W&B's run-*.wandb and Trackio's *.db.`,
      );
    }
    call.host.print(renderRuns(logs.runs, format));
    return 0;
  },
};

/** Until Ctrl-C ends the program. */
async function* everySecond(): AsyncGenerator {
  yield undefined;
  yield* setInterval(FOLLOW_MS);
}
