import { formatLocalTime } from "../base/localTime.ts";
import { renderShownCommand } from "./commandLine.ts";
import type { Run } from "./runRecord.ts";

/** What tells runs of one script apart: `started 17:43 · python train.py --learning-rate 0.02`. */
export function describeLaunch({ record }: Run, now: Date): string {
  const [program = "", ...words] = record.plan.command;
  const name = program.replace(/^.*[\\/]/, "");
  return `started ${formatLocalTime(record.createdAt, now)} · ${renderShownCommand([name, ...words])}`;
}
