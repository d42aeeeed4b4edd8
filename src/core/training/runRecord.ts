import * as z from "zod/mini";
import { keepNonFinite } from "../base/nonFinite.ts";
import { diagnosisSchema } from "./diagnosis/diagnosis.ts";
import { launchPlanSchema } from "./launchPlan.ts";
import { logPartsSchema } from "./logParts.ts";
import { receiptSchema } from "./receiptSchema.ts";
import { runWaitSchema, waitingForSchema } from "./runWait.ts";
import { alarmSchema, watchdogLimitsSchema } from "./watchdog/alarm.ts";

/*
 * One folder per run, `.trainyard/runs/<id>/`:
 *
 *   run.json        written before the start: plan and receipt; a run that waits has its devices added when its turn comes
 *   status.json     replaced by rename; written by the owner process alone
 *   train.log       everything the training printed, see runLog.ts
 *   train.<n>.log   goes on with line n of it, see logParts.ts
 *   stop.json       its presence asks the owner to stop the training; an empty file means "graceful"
 *   owner.<n>.lock  the process that owns the run; a higher number took over from a dead owner
 *   notified        created by the first window that told the person about the end; `notified.stall.<raised at>` about that alarm
 */

// The schemas of a run are zod's small variant: the process beside every training loads them and keeps them for days.

/** Identifies a process beyond its number, which the system uses again. */
export const processIdentitySchema = z.object({
  pid: z.int().check(z.positive()),
  /** The start time as the system reports it, compared as text; empty where the system does not tell. */
  startTime: z.string(),
  /** The host the process runs on: a run folder on a shared disk is read from several. */
  host: z.optional(z.string()),
});

/** JSON has no NaN and no Infinity, but a loss does: they travel as text and are numbers again when read. */
const metricValueSchema = z.union([z.number(), z.pipe(z.enum(["NaN", "Infinity", "-Infinity"]), z.transform(Number))]);

const runProgressSchema = z.object({
  epoch: z.optional(z.number()),
  epochs: z.optional(z.number()),
  step: z.optional(z.number()),
  steps: z.optional(z.number()),
  /** The latest value of each metric the console showed. */
  metrics: z.record(z.string(), metricValueSchema),
  etaSeconds: z.optional(z.number()),
  updatedAt: z.string(),
});

/** One run of several that differ in the values of some arguments. */
const sweepMemberSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** From one. */
  index: z.int().check(z.positive()),
  size: z.int().check(z.positive()),
  /** The values of this run by the name of the argument. */
  values: z.record(z.string(), z.string()),
});

export const runRecordSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  plan: launchPlanSchema,
  receipt: receiptSchema,
  /** How long each stage of a stop may take before the next one; see stopRequestSchema. */
  stopGraceMs: z.optional(z.int().check(z.nonnegative())),
  /** What the log may take at most; see logParts.ts. */
  logLimitMiB: z.optional(z.number().check(z.positive())),
  /** Where they differ from the defaults: when the watchdog raises an alarm. */
  watchdog: z.optional(z.partial(watchdogLimitsSchema)),
  /** What the run waits for before it starts. */
  wait: z.optional(runWaitSchema),
  /** The CPU slot that the run was given when its turn came; see runQueue.ts. */
  slot: z.optional(z.string()),
  sweep: z.optional(sweepMemberSchema),
});

/** Shares are in percent of one core or one GPU; two busy cores are 200. */
const resourceSampleSchema = z.object({
  sampledAt: z.string(),
  cpuPercent: z.number(),
  memoryMiB: z.number(),
  peakMemoryMiB: z.number(),
  gpus: z.optional(
    z.array(
      z.object({
        uuid: z.string(),
        usedMiB: z.optional(z.number()),
        peakUsedMiB: z.optional(z.number()),
        utilizationPercent: z.optional(z.number()),
      }),
    ),
  ),
});

/** How often torchrun has started its workers anew, and for which of them the last time. */
const workerRestartsSchema = z.object({
  count: z.int().check(z.positive()),
  localRank: z.int().check(z.nonnegative()),
  /** As torchrun prints it: negative for a signal. */
  exitCode: z.int(),
  /** Line number in the log, from one. */
  line: z.int(),
});

export const runStatusSchema = z.object({
  schemaVersion: z.literal(1),
  /** `lost`: it has ended, but the owner that could have heard how was killed; see also RunState. */
  state: z.enum(["waiting", "starting", "running", "stopping", "finished", "failed", "stopped", "lost"]),
  supervisor: z.optional(processIdentitySchema),
  training: z.optional(processIdentitySchema),
  startedAt: z.optional(z.string()),
  endedAt: z.optional(z.string()),
  heartbeatAt: z.string(),
  /** Since the command ended and what it had started in the background went on: how that ends, nobody can hear. */
  isInBackground: z.optional(z.boolean()),
  /** The file that it prints to from then on, where that is not the log. */
  backgroundOutput: z.optional(z.string()),
  /** While the run waits for its turn. */
  waitingFor: z.optional(waitingForSchema),
  exitCode: z.optional(z.int()),
  signal: z.optional(z.string()),
  /** After a failure: how many processes of the control group the kernel killed for lack of memory meanwhile. */
  memoryKills: z.optional(z.int().check(z.nonnegative())),
  /** And in all other control groups of the machine, where there were any. */
  memoryKillsElsewhere: z.optional(z.int().check(z.nonnegative())),
  progress: z.optional(runProgressSchema),
  restarts: z.optional(workerRestartsSchema),
  /** What the watchdog noticed, in the order of time. */
  alarms: z.optional(z.array(alarmSchema)),
  /** What the processes of the training use, as it was measured last. */
  resources: z.optional(resourceSampleSchema),
  /** Absent as long as the log is one file. */
  log: z.optional(logPartsSchema),
  /** A sentence about what went wrong around the training: the log could not be written, the start failed. */
  problem: z.optional(z.string()),
  /** Why it ended badly, as the process beside it saw it; not every end has somebody beside it. */
  diagnosis: z.optional(diagnosisSchema),
});

/** `graceful`: SIGINT, then SIGTERM, then SIGKILL, each after `graceMs`. `now`: SIGKILL. */
export const stopRequestSchema = z.object({
  schemaVersion: z.literal(1),
  level: z.enum(["graceful", "now"]),
  requestedAt: z.string(),
  graceMs: z.optional(z.int().check(z.nonnegative())),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;
export type RunProgress = z.infer<typeof runProgressSchema>;
export type RunRecord = z.infer<typeof runRecordSchema>;
/** What is set for a run rather than planned. */
export type RunSettings = Pick<RunRecord, "stopGraceMs" | "logLimitMiB" | "watchdog">;
export type RunStatus = z.infer<typeof runStatusSchema>;
export type ResourceSample = z.infer<typeof resourceSampleSchema>;
export type WorkerRestarts = z.infer<typeof workerRestartsSchema>;
export type StopRequest = z.infer<typeof stopRequestSchema>;
export type StopLevel = StopRequest["level"];

/**
 * A run as people see it. `lost` is also what a run is whose status says that it runs, but whose processes are gone.
 * `orphaned`: the training runs, its supervisor is gone.
 */
export type RunState = RunStatus["state"] | "orphaned";

export type Run = { record: RunRecord; status: RunStatus; state: RunState; folder: string };

/** For a run that goes on with what another one began: its settings too. */
export function settingsOf({ stopGraceMs, logLimitMiB, watchdog }: RunRecord): RunSettings {
  return {
    ...(stopGraceMs === undefined ? {} : { stopGraceMs }),
    ...(logLimitMiB === undefined ? {} : { logLimitMiB }),
    ...(watchdog === undefined ? {} : { watchdog }),
  };
}

/** The text of `run.json`. */
export function renderRunRecord(record: RunRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** The text of `status.json`; the only way to write one, since plain JSON would lose a loss of NaN. */
export function renderRunStatus(status: RunStatus): string {
  return `${JSON.stringify(status, keepNonFinite, 2)}\n`;
}
