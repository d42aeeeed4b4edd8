import type { Alarm } from "./alarm.ts";

/** Tells an alarm of a run from the others: `stall`, and `stall.2` when it stalled again. */
export function alarmName({ kind, count }: Pick<Alarm, "kind" | "count">): string {
  return count === undefined ? kind : `${kind}.${count}`;
}
