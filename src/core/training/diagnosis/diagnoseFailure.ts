import { isShellProgram } from "../interpreterChoice.ts";
import { classifyFailure, type RunEnd } from "./classifyFailure.ts";
import type { Diagnosis, EvidenceLine } from "./diagnosis.ts";
import { adviseOn } from "./failureAdvice.ts";
import { CAUSE_TITLES } from "./failureCause.ts";
import { FindingReader, type Findings } from "./readFindings.ts";

export type DiagnosisContext = RunEnd & {
  isFlow?: boolean | undefined;
  hasCheckpoint?: boolean | undefined;
};

const OF_A_PIPE = "and of a pipe only the last program counts (set -o pipefail changes that).";
const GOOD_END = `It ended with exit code 0 all the same: an exception ends only the thread that it is in, ${OF_A_PIPE}`;
const GOOD_END_OF_SCRIPT = `It ended with exit code 0 all the same: a script goes on after a program of it has failed (set -e at its top ends it there), ${OF_A_PIPE}`;

/** Diagnoses the last lines of an output; undefined where nothing says that it ended badly. */
export function diagnoseFailure(lines: Iterable<EvidenceLine>, context: DiagnosisContext): Diagnosis | undefined {
  const failure = new FailureReader();
  for (const each of lines) {
    failure.push(each);
  }
  return failure.diagnose(context);
}

/** The same for who reads the lines in pieces. */
export class FailureReader {
  readonly #reader = new FindingReader();

  push({ line, text }: EvidenceLine): void {
    // A log that was not written by Trainyard holds repainted progress bars in one line.
    for (const painted of text.split("\r")) {
      this.#reader.push(painted, line);
    }
  }

  diagnose(context: DiagnosisContext): Diagnosis | undefined {
    return concludeFrom(this.#reader.read(), context);
  }
}

function concludeFrom(found: Findings, context: DiagnosisContext): Diagnosis | undefined {
  const classification = classifyFailure(found, context);
  if (classification === undefined) {
    return undefined;
  }
  const { cause, evidence, facts } = classification;
  const text = evidence[0]?.text ?? "";
  return {
    cause,
    title: CAUSE_TITLES[cause],
    evidence,
    ...(facts === undefined ? {} : { facts }),
    ...(evidence.length > 0 || found.lastWords === undefined ? {} : { lastWords: found.lastWords }),
    advice: context.exitCode === 0 && cause !== "nan-loss" ? goodEnd(context) : adviseOn(cause, { ...context, text }),
  };
}

function goodEnd({ interpreterPath }: DiagnosisContext): string {
  return interpreterPath !== undefined && isShellProgram(interpreterPath) ? GOOD_END_OF_SCRIPT : GOOD_END;
}
