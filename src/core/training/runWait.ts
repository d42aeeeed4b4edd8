import * as z from "zod/mini";
import { gpusOf } from "./launcherGpus.ts";
import type { LaunchPlan } from "./launchPlan.ts";

/** What has to be so before a run starts; all of it. */
export const runWaitSchema = z.object({
  /** The id of a run of the same ledger that has to have ended, however it ended. */
  after: z.optional(z.string()),
  /** How many GPUs have to be free at once; the plan learns which ones when its turn comes. */
  gpus: z.optional(z.int().check(z.positive())),
  /** How many queued runs may share the CPUs of this machine. */
  cpuSlots: z.optional(z.int().check(z.positive())),
});

/** What a run waits for now. */
export const waitingForSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("run"), runId: z.string() }),
  z.object({
    kind: z.literal("gpu"),
    count: z.int(),
    /** Runs that are served first. */
    ahead: z.int(),
    /** Why no GPU can be looked at, as the end of a sentence. */
    problem: z.optional(z.string()),
  }),
  z.object({ kind: z.literal("cpu"), ahead: z.int() }),
]);

export type RunWait = z.infer<typeof runWaitSchema>;
export type WaitingFor = z.infer<typeof waitingForSchema>;

/** What a plan has to wait for: GPUs that it does not know yet, another run. Undefined: it can start at once. */
export function waitOf(
  { device, command }: Pick<LaunchPlan, "device" | "command">,
  after: string | undefined,
): RunWait | undefined {
  const isForGpu = device.kind === "cuda" && device.gpus.length === 0;
  return isForGpu || after !== undefined
    ? { ...(after === undefined ? {} : { after }), ...(isForGpu ? { gpus: gpusOf(command) } : {}) }
    : undefined;
}

/** `waiting for run 20261121-034455-digits-1a2b`, `waiting for a free GPU, 2 runs before it`. */
export function describeWaiting(waitingFor: WaitingFor | undefined): string {
  if (waitingFor === undefined) {
    return "waiting";
  }
  if (waitingFor.kind === "run") {
    return `waiting for run ${waitingFor.runId}`;
  }
  const line = lineText(waitingFor.ahead);
  if (waitingFor.kind === "cpu") {
    return `waiting for its turn${line}`;
  }
  const { count, problem } = waitingFor;
  const wanted = count === 1 ? "a free GPU" : `${count} free GPUs`;
  return `waiting for ${wanted}${line}${problem === undefined ? "" : ` (${problem})`}`;
}

function lineText(ahead: number): string {
  return ahead === 0 ? "" : `, ${ahead} ${ahead === 1 ? "run" : "runs"} before it`;
}

/** For a person who is about to agree: "It starts when run … has ended and a GPU is free." Empty where nothing is waited for. */
export function describeWait(wait: RunWait | undefined): string {
  const conditions = [
    ...(wait?.after === undefined ? [] : [`run ${wait.after} has ended`]),
    ...(wait?.gpus === undefined ? [] : [wait.gpus === 1 ? "a GPU is free" : `${wait.gpus} GPUs are free`]),
  ];
  return conditions.length === 0 ? "" : `It starts when ${conditions.join(" and ")}.`;
}
