import { formatLocalTime } from "../base/localTime.ts";
import { renderShownCommand } from "./commandLine.ts";
import type { Run } from "./runRecord.ts";

/** What a person calls a run by: `train, started 17:43`. Its id is for the command line. */
export function nameRun({ record }: Run, now: Date): string {
  return `${record.plan.title}, started ${formatLocalTime(record.createdAt, now)}`;
}

/** What tells runs of one script apart: `started 17:43 · python train.py --learning-rate 0.02`. */
export function describeLaunch({ record }: Run, now: Date): string {
  const [program = "", ...words] = record.plan.command;
  const name = program.replace(/^.*[\\/]/, "");
  return `started ${formatLocalTime(record.createdAt, now)} · ${renderShownCommand([name, ...words])}`;
}
