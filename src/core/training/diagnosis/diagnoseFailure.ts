import { classifyFailure, type RunEnd } from "./classifyFailure.ts";
import type { Diagnosis, EvidenceLine } from "./diagnosis.ts";
import { adviseOn } from "./failureAdvice.ts";
import { CAUSE_TITLES } from "./failureCause.ts";
import { FindingReader } from "./readFindings.ts";
import { causeInShellReport } from "./shellReport.ts";

export type DiagnosisContext = RunEnd & {
  isFlow?: boolean | undefined;
  hasCheckpoint?: boolean | undefined;
};

const GOOD_END =
  "It ended with exit code 0 all the same: an exception ends only the thread that it is in, and of a pipe only the last program counts (set -o pipefail changes that).";

const GOOD_END_OF_SCRIPT =
  "It ended with exit code 0 all the same: the script went on after a signal had ended its program (set -e at its top ends it there).";

/** Diagnoses the last lines of an output; undefined where nothing says that it ended badly. */
export function diagnoseFailure(lines: Iterable<EvidenceLine>, context: DiagnosisContext): Diagnosis | undefined {
  const reader = new FindingReader();
  for (const { line, text } of lines) {
    // A log that was not written by Trainyard holds repainted progress bars in one line.
    for (const painted of text.split("\r")) {
      reader.push(painted, line);
    }
  }
  const found = reader.read();
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
    advice: context.exitCode === 0 && cause !== "nan-loss" ? goodEnd(text) : adviseOn(cause, { ...context, text }),
  };
}

function goodEnd(text: string): string {
  return causeInShellReport(text) === undefined ? GOOD_END : GOOD_END_OF_SCRIPT;
}
