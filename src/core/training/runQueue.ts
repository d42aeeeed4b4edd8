import * as z from "zod";
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
  /** Names of devices (UUIDs of GPUs, CPU slots) that the run could be given. */
  devices: z.array(z.string()),
});

export type QueueTicket = z.infer<typeof queueTicketSchema>;

/** The file of a run's ticket: sorts by when the run was created. */
export function ticketName({ createdAt, id }: Pick<RunRecord, "createdAt" | "id">): string {
  return `${createdAt.replace(/[^\dTZ]/g, "")}-${id.replace(/[^\w-]/g, "_")}.json`;
}

/**
 * Whether an earlier ticket has to be served first: one that could be given the same device. A ticket that names no
 * device could be given any.
 */
export function goesFirst(earlier: QueueTicket, devices: readonly string[]): boolean {
  const isOpen = earlier.devices.length === 0 || devices.length === 0;
  return isOpen || earlier.devices.some((device) => devices.includes(device));
}

/** The CPU as devices: so many queued runs share it. */
export function cpuSlotNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `cpu-${index + 1}`);
}
