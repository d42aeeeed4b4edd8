import * as z from "zod/mini";
import { processIdentitySchema, type RunRecord } from "./runRecord.ts";

/*
 * Runs of all windows and workspaces of a user stand in one line for the devices of the machine. Each that waits has a
 * ticket beside the leases, `queue/<created>-<run id>.json`; the name carries the order, so that a look at the line is one
 * listing. A ticket whose process is gone does not count.
 */
export const queueTicketSchema = z.object({
  schemaVersion: z.literal(1),
  runId: z.string(),
  holder: processIdentitySchema,
  /** What the run waits for. */
  kind: z.enum(["cpu", "gpu"]),
  /** Names of devices (UUIDs of GPUs, CPU slots) that the run could be given; empty where nobody could look for GPUs yet. */
  devices: z.array(z.string()),
});

export type QueueTicket = z.infer<typeof queueTicketSchema>;

/** In place of devices for a run that can be given none of this machine: it is in nobody's way. */
export const NO_DEVICE = "none";

/** What a run could be given. */
export type Candidates = Pick<QueueTicket, "kind" | "devices">;

/** The file of a run's ticket: sorts by when the run was created. */
export function ticketName({ createdAt, id }: Pick<RunRecord, "createdAt" | "id">): string {
  return `${createdAt.replace(/[^\dTZ]/g, "")}-${id.replace(/[^\w-]/g, "_")}.json`;
}

/** What the line leaves to a run. */
export type Ahead = {
  /** How many earlier runs could be given one of the same devices. */
  count: number;
  /** Whether one of them could be given this device. Nobody is overtaken by who takes another one. */
  isKept: (device: string) => boolean;
};

export function lookAhead(earlier: readonly Candidates[], own: Candidates): Ahead {
  const rivals = earlier.filter((each) => areRivals(each, own));
  return {
    count: rivals.length,
    isKept: (device) => rivals.some(({ devices }) => devices.length === 0 || devices.includes(device)),
  };
}

/** A ticket that names no device could be given any of its kind. */
function areRivals(earlier: Candidates, own: Candidates): boolean {
  if (earlier.kind !== own.kind || earlier.devices.includes(NO_DEVICE)) {
    return false;
  }
  const isOpen = earlier.devices.length === 0 || own.devices.length === 0;
  return isOpen || earlier.devices.some((device) => own.devices.includes(device));
}

/** The CPU as devices: so many queued runs share it. */
export function cpuSlotNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `cpu-${index + 1}`);
}
