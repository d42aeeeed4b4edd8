import * as z from "zod/mini";
import { describeLogLine, type LogParts } from "../logParts.ts";

/** What the watchdog can notice while a training goes on. */
const ALARM_KINDS = [
  "not-a-number",
  "loss-spike",
  "divergence",
  "plateau",
  "overfitting",
  "stall",
  "disk-filling",
] as const;

/** One alarm of a run. Each kind is raised once, and again only after it was over. */
export const alarmSchema = z.object({
  kind: z.enum(ALARM_KINDS),
  /** A full sentence with the numbers it rests on. */
  message: z.string(),
  /** One next step, a full sentence. */
  advice: z.string(),
  /** The line of the log that proves it; absent where a measurement does. */
  evidence: z.optional(z.object({ line: z.int(), text: z.string() })),
  /** The value in a metric file that proves it, where the training logs instead of printing; the path may be absolute. */
  logged: z.optional(
    z.object({ file: z.string(), tag: z.string(), step: z.number(), axis: z.optional(z.enum(["epoch", "step"])) }),
  ),
  raisedAt: z.string(),
  /** When it was over by itself: a training that stalled went on, a full disk has room again, a loss is a number again. */
  endedAt: z.optional(z.string()),
});

export type Alarm = z.infer<typeof alarmSchema>;
export type AlarmKind = Alarm["kind"];

/** When an alarm is raised. Seconds, shares and counts; the defaults leave trainings alone that only swing. */
export const watchdogLimitsSchema = z.object({
  isEnabled: z.prefault(z.boolean(), true),
  /** A step that takes this many times the median is a stall. */
  stallFactor: z.prefault(z.number().check(z.minimum(2)), 20),
  /** However quick the steps are, a silence shorter than this is none. */
  stallSeconds: z.prefault(z.number().check(z.minimum(1)), 180),
  /** A loss this many times the recent median, several times in a row. */
  spikeFactor: z.prefault(z.number().check(z.minimum(1.5)), 4),
  /** Epochs without an improvement. */
  plateauEpochs: z.prefault(z.int().check(z.minimum(3)), 12),
  /** Epochs that the validation loss rises while the training loss falls. */
  overfittingEpochs: z.prefault(z.int().check(z.minimum(2)), 5),
  /** Free space below this much is too little for a checkpoint, in MiB. */
  diskFreeMiB: z.prefault(z.number().check(z.minimum(0)), 1024),
});

export type WatchdogLimits = z.infer<typeof watchdogLimitsSchema>;

/** The alarms that still hold, the gravest first. */
export function activeAlarms(alarms: readonly Alarm[] = []): Alarm[] {
  return alarms
    .filter(({ endedAt }) => endedAt === undefined)
    .toSorted((a, b) => ALARM_KINDS.indexOf(a.kind) - ALARM_KINDS.indexOf(b.kind));
}

const BRIEF: Readonly<Record<AlarmKind, string>> = {
  "not-a-number": "loss is not a number",
  "loss-spike": "loss spike",
  divergence: "loss diverges",
  plateau: "plateau",
  overfitting: "overfitting",
  stall: "stalled",
  "disk-filling": "disk almost full",
};

/** Two or three words for a status bar. */
export function describeAlarmBriefly({ kind }: Pick<Alarm, "kind">): string {
  return BRIEF[kind];
}

/** What an alarm leaves to do, or that it is over. */
export function describeNextStep({ kind, advice, endedAt }: Alarm): string {
  if (endedAt === undefined) {
    return advice;
  }
  return OVER[kind] ?? "It went on by itself.";
}

const OVER: Readonly<Partial<Record<AlarmKind, string>>> = {
  "disk-filling": "There is room again.",
  "not-a-number": "It is a number again.",
};

/** The sentence, its proof and the next step. `log`: the parts of the log, where it has several. */
export function describeAlarm(alarm: Alarm, log?: LogParts): string {
  const { message, evidence } = alarm;
  const line = evidence === undefined ? undefined : `${describeLogLine(evidence.line, log)}: “${evidence.text}”`;
  const proof = line ?? describeLoggedProof(alarm);
  return `${message.replace(/\.$/, "")}${proof === undefined ? "" : ` (${proof})`}. ${describeNextStep(alarm)}`;
}

/** What holds of a run that goes on, each with its proof and the next step. */
export function describeAlarms({
  alarms,
  log,
}: {
  alarms?: readonly Alarm[] | undefined;
  log?: LogParts | undefined;
}): string[] {
  return activeAlarms(alarms).map((alarm) => describeAlarm(alarm, log));
}

/** Where in the metric files the value stands that proves an alarm; undefined where something else does. */
export function describeLoggedProof({ logged }: Pick<Alarm, "logged">): string | undefined {
  return logged && `${logged.file}: ${logged.tag} at ${logged.axis ?? "step"} ${logged.step}`;
}
