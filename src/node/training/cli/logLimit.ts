import { DEFAULT_LOG_LIMIT_MIB, logLimitSchema } from "../../../core/training/logParts.ts";
import type { RunSettings } from "../../../core/training/runRecord.ts";
import { type CliCall, type CliOption, UsageError } from "../../base/cliVerb.ts";

/** For the verbs that start runs. */
export const LOG_LIMIT_OPTION: CliOption = {
  type: "string",
  value: "MiB",
  help: `how large its log may grow, ${DEFAULT_LOG_LIMIT_MIB} by default; beginning and end are kept`,
};

export function readLogLimit(options: CliCall["options"]): Pick<RunSettings, "logLimitMiB"> {
  const given = options["log-limit"];
  if (given === undefined) {
    return {};
  }
  const limit = logLimitSchema.safeParse(Number(given));
  if (!limit.success) {
    throw new UsageError("--log-limit takes a number of MiB from 16 to 1048576.");
  }
  return { logLimitMiB: limit.data };
}
