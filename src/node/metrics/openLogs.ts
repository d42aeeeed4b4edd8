import { access, constants, stat } from "node:fs/promises";
import { UserError } from "../../core/base/errors.ts";
import { describeFileError } from "../base/fileErrors.ts";
import { LogFolder } from "./logFolder.ts";
import { findMetricFiles } from "./metricFiles.ts";
import { TextLog } from "./textLog.ts";

const LOOKED_FOR_FILES =
  "Looked for TensorBoard event files, metrics.csv, metrics.jsonl and the like, other tables and JSON lines with a step or an epoch and a loss or a score, trainer_state.json, history.json, MLflow's mlruns and mlflow.db, W&B's run-*.wandb and Trackio's *.db. What a training printed is found in log.txt, *.log, *.out and *.err, and read from any file that is named itself.";
const LOOKED_FOR_LINES = 'Looked for lines like "epoch 1 loss 0.42".';

/** `lookedFor`: what makes a log, as a sentence for where there is none. */
export type OpenedLogs = { logs: LogFolder | TextLog; lookedFor: string };

/** The logs in a folder, or in a file, which may be the text that a training printed. Refuses what cannot be read; undefined for nothing. */
export async function openLogs(path: string): Promise<OpenedLogs | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    return undefined;
  }
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${describeFileError(error)}.`, { cause: error });
  }
  const isText = found.isFile() && (await findMetricFiles(path)).length === 0;
  return isText
    ? { logs: new TextLog(path), lookedFor: LOOKED_FOR_LINES }
    : { logs: new LogFolder(path), lookedFor: LOOKED_FOR_FILES };
}
