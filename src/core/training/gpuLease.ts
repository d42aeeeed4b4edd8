import * as z from "zod/mini";
import { type ProcessIdentity, processIdentitySchema } from "./runRecord.ts";

/** One file per GPU in the state folder of the user: who trains on it, so that two windows do not pick the same. */
export const gpuLeaseSchema = z.object({
  schemaVersion: z.literal(1),
  uuid: z.string(),
  runId: z.string(),
  title: z.string(),
  holder: processIdentitySchema,
  acquiredAt: z.string(),
});

export type GpuLease = z.infer<typeof gpuLeaseSchema>;

/**
 * Whether a run still has a process: the one that holds for it, which its number alone would not tell, or one of its training.
 * `touchedMsAgo`: when the holder said last that it is there.
 */
export type IsAlive = (run: { runId: string; holder: ProcessIdentity; touchedMsAgo: number }) => Promise<boolean>;

/** A file name for a GPU; UUIDs of MIG instances may hold slashes. */
export function leaseFileName(uuid: string): string {
  return `${uuid.replace(/[^\w-]/g, "_")}.json`;
}
