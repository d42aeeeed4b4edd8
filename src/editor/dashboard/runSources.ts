import type { RunSource } from "../../core/dashboard/curveMessages.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { runFiles } from "../../node/training/runFolder.ts";

/** What reading the logs of a run needs to know of it. */
export function runSourceOf({ record, status, state, folder }: Run): RunSource {
  const { plan } = record;
  const given = plan.arguments.map(({ flag, value, default: fallback }) => [flag, value ?? fallback ?? "on"]);
  return {
    id: record.id,
    title: plan.title,
    state,
    logFolder: plan.logFolder?.path,
    consoleLog: runFiles(folder).log,
    startedMs: Date.parse(status.startedAt ?? record.createdAt),
    endedMs: status.endedAt === undefined ? undefined : Date.parse(status.endedAt),
    parameters: Object.fromEntries(given),
  };
}
