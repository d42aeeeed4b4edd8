import type { RunSettings } from "../../../core/training/runRecord.ts";
import { type CliCall, type CliOption, UsageError } from "../../base/cliVerb.ts";

const MAX_SECONDS = 24 * 3600;

/** For the verbs that start runs. */
export const STOP_GRACE_OPTION: CliOption = {
  type: "string",
  value: "seconds",
  help: "the time to save after a stop, before SIGTERM and again before SIGKILL; 10 by default",
};

export function readStopGrace(options: CliCall["options"]): Pick<RunSettings, "stopGraceMs"> {
  const stopGraceMs = readGraceMs(options, "stop-grace");
  return stopGraceMs === undefined ? {} : { stopGraceMs };
}

/** The milliseconds of an option that takes seconds. */
export function readGraceMs(options: CliCall["options"], name: string): number | undefined {
  const given = options[name];
  if (given === undefined) {
    return undefined;
  }
  const seconds = typeof given === "string" && given.trim() !== "" ? Number(given) : Number.NaN;
  if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
    throw new UsageError(`--${name} takes a number of seconds from 0 to ${MAX_SECONDS}.`);
  }
  return Math.round(seconds * 1000);
}
