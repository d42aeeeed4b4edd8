import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, UserError } from "./core/base/errors.ts";
import type { FollowMetrics } from "./core/training/watchdog/loggedValue.ts";
import { ownRun } from "./node/training/ownRun.ts";
import { followInTerminal, startInTerminal } from "./node/training/terminal.ts";

/*
 * The process behind a training run.
 *
 *   supervisor.js start <run folder>    starts the run in a process of its own, then shows it to its end
 *   supervisor.js follow <run folder>   shows a run
 *   supervisor.js own <run folder>      the process of its own; nobody types this
 */

const ownPath = fileURLToPath(import.meta.url);

/** Most trainings print their losses, and their supervisor never needs the readers. */
const followMetrics: FollowMetrics = async (folders, startedMs) => {
  const { AddedMetrics } = await import("./node/metrics/addedMetrics.ts");
  return new AddedMetrics(folders, startedMs);
};

const verbs: Readonly<Record<string, (folder: string) => Promise<number>>> = {
  start: (folder) => startInTerminal(folder, ownPath),
  follow: (folder) => followInTerminal(folder, ownPath),
  own: (folder) => ownRun(folder, ownPath, followMetrics),
};

const [verb = "", folder = ""] = process.argv.slice(2);
const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
if (run === undefined || folder === "") {
  process.stderr.write("Usage: supervisor.js start|follow <run folder>\n");
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await run(resolve(folder));
  } catch (error) {
    process.stderr.write(`[trainyard] ${messageOf(error)}\n`);
    process.exitCode = 1;
    if (!(error instanceof UserError)) {
      throw error;
    }
  }
  if (verb === "own") {
    // Nothing may keep the owner after the run, neither a pipe that a stray process holds open nor a timer.
    process.exit();
  }
}
