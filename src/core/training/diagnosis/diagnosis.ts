import * as z from "zod/mini";
import { CAUSE_TITLES, type FailureCause } from "./failureCause.ts";

/** A line of the output, numbered from one as in the log. */
const evidenceLineSchema = z.object({ line: z.int(), text: z.string() });

/** A cause that a newer version knows is none that this one can advise on. */
const causeSchema = z.catch(
  z.custom<FailureCause>((value) => typeof value === "string" && Object.hasOwn(CAUSE_TITLES, value)),
  "unknown",
);

/** Why a training ended badly: plain data, for people, models and programs alike. */
export const diagnosisSchema = z.object({
  cause: causeSchema,
  /** The cause in a few words: "GPU out of memory". */
  title: z.string(),
  /** The lines that prove it, most telling first; empty where only the exit status speaks. */
  evidence: z.readonly(z.array(evidenceLineSchema)),
  /** What proves it and is no line of the output: the kernel's count, the free space of a disk. Full sentences. */
  facts: z.optional(z.readonly(z.array(z.string()))),
  /** What was printed last, where no line proves anything. */
  lastWords: z.optional(evidenceLineSchema),
  /** The one thing to do next. */
  advice: z.string(),
});

export type EvidenceLine = z.infer<typeof evidenceLineSchema>;
export type Diagnosis = z.infer<typeof diagnosisSchema>;
