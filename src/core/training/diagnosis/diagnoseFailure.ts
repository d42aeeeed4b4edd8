import { classifyFailure, type RunEnd } from "./classifyFailure.ts";
import { adviseOn } from "./failureAdvice.ts";
import { CAUSE_TITLES, type FailureCause } from "./failureCause.ts";
import { type EvidenceLine, FindingReader } from "./readFindings.ts";

/** Why a training ended badly: plain data, for people, models and programs alike. */
export type Diagnosis = {
  cause: FailureCause;
  /** The cause in a few words: "GPU out of memory". */
  title: string;
  /** The lines that prove it, most telling first; empty where only the exit status speaks. */
  evidence: readonly EvidenceLine[];
  /** The one thing to do next. */
  advice: string;
};

export type DiagnosisContext = RunEnd & {
  interpreterPath?: string | undefined;
  /** The number of the first line; more than one where only the end of a long log is read. */
  firstLine?: number | undefined;
};

/** Diagnoses the last lines of an output; undefined where nothing says that it ended badly. */
export function diagnoseFailure(lines: Iterable<string>, context: DiagnosisContext): Diagnosis | undefined {
  const reader = new FindingReader();
  let line = context.firstLine ?? 1;
  for (const text of lines) {
    // A log that was not written by Trainyard holds repainted progress bars in one line.
    for (const painted of text.split("\r")) {
      reader.push(painted, line);
    }
    line += 1;
  }
  const classification = classifyFailure(reader.read(), context);
  if (classification === undefined) {
    return undefined;
  }
  const { cause, evidence } = classification;
  const text = evidence[0]?.text ?? "";
  return { cause, title: CAUSE_TITLES[cause], evidence, advice: adviseOn(cause, { ...context, text }) };
}
