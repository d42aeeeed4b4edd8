import * as z from "zod";
import { planDigest } from "./renderPlan.ts";
import type { Run } from "./runRecord.ts";

/** What a button or another command asks to be planned. */
export const planRequestSchema = z.object({
  script: z.string().optional(),
  arguments: z.array(z.string()).readonly().optional(),
  command: z.array(z.string()).readonly().optional(),
  device: z.union([z.enum(["auto", "cpu", "free"]), z.array(z.number()).readonly()]).optional(),
});

/**
 * What the Start button of a shown plan carries: the request to plan again, and the digest of what was shown. The
 * chat keeps buttons for weeks, so nothing in here is believed before it is checked.
 */
export const startArgumentsSchema = z.object({
  request: planRequestSchema,
  folderUri: z.string(),
  digest: z.string(),
  /** The id of the run whose end is waited for. */
  after: z.string().optional(),
  /** When the plan was shown, ISO; absent in buttons of older versions. */
  shownAt: z.string().optional(),
});

/** What the Start button of a shown sweep carries. */
export const shownSweepSchema = z.object({
  request: z.object({ text: z.string(), script: z.string(), id: z.string() }),
  folderUri: z.string(),
  digest: z.string(),
});

export type StartArguments = z.infer<typeof startArgumentsSchema>;

/** The newest run that was started from a shown plan, or from one like it after that was shown; `runs` newest first. */
export function findStartOf(
  { digest, shownAt = "" }: Pick<StartArguments, "digest" | "shownAt">,
  runs: readonly Run[],
): Run | undefined {
  return runs.find(({ record }) => record.createdAt >= shownAt && planDigest(record.plan) === digest);
}
