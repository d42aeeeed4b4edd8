import { z } from "zod";
import { launchPlanSchema } from "./launchPlan.ts";

/*
 * One folder per run, `.trainyard/runs/<id>/`:
 *
 *   run.json      written once, before the start: plan and receipt
 *   status.json   replaced by rename; written by the supervisor alone
 *   train.log     everything the training printed, see runLog.ts
 *   stop.json     its presence asks the supervisor to stop the training
 *   notified      created by the first window that told the person about the end
 */

/** Identifies a process beyond its number, which the system uses again. */
export const processIdentitySchema = z.object({
  pid: z.number().int(),
  /** The start time as the system reports it, compared as text; empty where the system does not tell. */
  startTime: z.string(),
});

export const runProgressSchema = z.object({
  epoch: z.number().optional(),
  epochs: z.number().optional(),
  step: z.number().optional(),
  steps: z.number().optional(),
  /** The latest value of each metric the console showed. */
  metrics: z.record(z.string(), z.number()),
  etaSeconds: z.number().optional(),
  updatedAt: z.string(),
});

export const runRecordSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  plan: launchPlanSchema,
  receipt: z.object({
    git: z.object({ commit: z.string(), isDirty: z.boolean() }).optional(),
    host: z.string(),
    platform: z.string(),
    trainyardVersion: z.string(),
  }),
});

export const runStatusSchema = z.object({
  schemaVersion: z.literal(1),
  state: z.enum(["starting", "running", "stopping", "finished", "failed", "stopped"]),
  supervisor: processIdentitySchema.optional(),
  training: processIdentitySchema.optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  heartbeatAt: z.string(),
  exitCode: z.number().int().optional(),
  signal: z.string().optional(),
  progress: runProgressSchema.optional(),
  /** A sentence about what went wrong around the training: the log could not be written, the start failed. */
  problem: z.string().optional(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;
export type RunProgress = z.infer<typeof runProgressSchema>;
export type RunRecord = z.infer<typeof runRecordSchema>;
export type RunStatus = z.infer<typeof runStatusSchema>;

/**
 * A run as people see it. `lost`: the status says it runs, but its processes are gone.
 * `orphaned`: the training runs, its supervisor is gone.
 */
export type RunState = RunStatus["state"] | "lost" | "orphaned";

export type Run = { record: RunRecord; status: RunStatus; state: RunState; folder: string };
