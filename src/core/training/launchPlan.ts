import * as z from "zod/mini";

/**
 * What a person sees before anything runs, and exactly what will run. Built from files that are read,
 * never imported or executed. Stored inside `run.json`, so every field is plain data.
 */
export const launchPlanSchema = z.object({
  kind: z.enum(["training", "flow"]),
  /** Short name for lists and the status bar: the script's file name without its ending. */
  title: z.string(),
  /** The script or flow file, absolute. */
  script: z.string(),
  /** The argument vector; the first entry is the interpreter. No shell sees it, so nothing is quoted. */
  command: z.array(z.string()).check(z.minLength(1)),
  cwd: z.string(),
  /** Variables that differ from the environment of the host process. */
  environment: z.record(z.string(), z.string()),
  /** Names of variables that were set for this run alone and are secret, so that their values are in no file. */
  unrecorded: z.optional(z.array(z.string())),
  interpreter: z.object({
    path: z.string(),
    /** Why this one, for people: "`.venv` beside the script". */
    reason: z.string(),
    version: z.optional(z.string()),
  }),
  device: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("cpu"), reason: z.string() }),
    /** The GPU of a Mac, which is one and shares the memory of the machine. */
    z.object({ kind: z.literal("mps"), reason: z.string() }),
    z.object({
      kind: z.literal("cuda"),
      reason: z.string(),
      /** Every GPU that could be chosen is used by somebody already. */
      isContended: z.optional(z.boolean()),
      /** Empty while the run waits for one that is free. */
      gpus: z.array(
        z.object({
          index: z.number(),
          uuid: z.string(),
          name: z.string(),
          totalMiB: z.optional(z.number()),
          freeMiB: z.optional(z.number()),
        }),
      ),
    }),
  ]),
  /** The arguments of `command` after the script, as the script's own parser describes them. */
  arguments: z.array(
    z.object({
      flag: z.string(),
      value: z.optional(z.string()),
      /** `given` by the person, `planned` by Trainyard, `default` of the script (then not part of the command). */
      source: z.enum(["given", "planned", "default"]),
      /** What the script would take without it. */
      default: z.optional(z.string()),
      help: z.optional(z.string()),
    }),
  ),
  checkpointFolder: z.optional(
    /** Guessed: it merely exists; nothing says that the script writes to it. */
    z.object({ path: z.string(), reason: z.string(), isGuessed: z.optional(z.boolean()) }),
  ),
  logFolder: z.optional(z.object({ path: z.string(), reason: z.string(), isGuessed: z.optional(z.boolean()) })),
  /** The memory that it needs at least, as far as an earlier run or a checkpoint tells. */
  memory: z.optional(z.object({ neededMiB: z.number(), basis: z.string() })),
  /** Other training scripts of the workspace, where nobody named this one; relative paths, best first. */
  others: z.optional(z.array(z.string())),
  /** Full sentences: what will probably go wrong and how to avoid it. A plan with warnings can still be started. */
  warnings: z.array(z.string()),
});

export type LaunchPlan = z.infer<typeof launchPlanSchema>;

/** What is needed to build the same plan again: small enough for the argument of a button that outlives a reload. */
export type PlanRequest = {
  /** Absolute, or relative to the workspace folder; absent: the best-ranked script of the workspace. */
  script?: string | undefined;
  /** Arguments after the script, as an argument vector. */
  arguments?: readonly string[] | undefined;
  /** The words of a whole command, which stand in the place of a script and its arguments: `torchrun … train.py`. */
  command?: readonly string[] | undefined;
  /** `free`: the first GPU that becomes free, waited for if need be; or GPU indices. */
  device?: "auto" | "cpu" | "free" | readonly number[] | undefined;
};
