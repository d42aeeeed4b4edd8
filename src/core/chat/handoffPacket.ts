import { z } from "zod";

/**
 * The context that travels with a handoff, since the target of a handoff starts with an empty history.
 * Stored as `.trainyard/handoffs/<id>.json`.
 */
export const handoffPacketSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  from: z.string(),
  to: z.string(),
  /** What the person wants, in their own words where known. */
  goal: z.string(),
  summary: z.string(),
  files: z.array(z.object({ path: z.string(), line: z.number().optional() })),
  flow: z.string().optional(),
  run: z.object({ id: z.string(), title: z.string(), state: z.string(), command: z.string() }).optional(),
  checkpoint: z.object({ path: z.string(), epoch: z.number().optional(), step: z.number().optional() }).optional(),
  metrics: z.record(z.string(), z.number()),
  decisions: z.array(z.string()),
  openQuestions: z.array(z.string()),
});

export type HandoffPacket = z.infer<typeof handoffPacketSchema>;
