import { escapeMarkdown, escapeSentence, inlineCode } from "../../base/markdown.ts";
import { formatMetric } from "../describeRun.ts";
import { labelLogLine } from "../logParts.ts";
import type { CurvePoint } from "./curves.ts";
import type { Evaluation } from "./evaluateRun.ts";

/** The checkpoint to use, as people read it. */
export type ChosenCheckpoint = {
  path: string;
  epoch?: number;
  step?: number;
  metric?: { name: string; value: number };
};

const MAX_CURVES = 12;

/** The answer to "how good is it": numbers first, each with its line; then what stands out; then what is missing. */
export function renderEvaluation(
  title: string,
  evaluation: Evaluation,
  checkpoint: ChosenCheckpoint | undefined,
): string {
  const { source, curves, baseline, findings, missing } = evaluation;
  const parts = [
    `**Evaluation of ${escapeMarkdown(title)}**, read from ${inlineCode(source)}`,
    curves.length === 0
      ? "The run printed no metric whose name says how good the model is."
      : renderCurveTable(evaluation),
    [
      `- **Best checkpoint** ${renderCheckpoint(checkpoint)}`,
      ...gapLine(evaluation),
      `- **Baseline** ${
        baseline
          ? `${inlineCode(baseline.metric)} ${formatMetric(baseline.value)} in run ${inlineCode(baseline.runId)}${comparison(evaluation)}`
          : "not known"
      }`,
    ].join("\n"),
    findings.length === 0 ? "" : ["**What stands out**", bullets(findings)].join("\n\n"),
    ["**What is missing**", bullets(missing)].join("\n\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

export function renderCurveTable({ curves, deciding, log }: Evaluation): string {
  const rows = curves.slice(0, MAX_CURVES).map((curve) => {
    const name = curve === deciding ? `**${escapeMarkdown(curve.name)}**` : escapeMarkdown(curve.name);
    const best = curve.best ? `${formatMetric(curve.best.value)}${placeOf(curve.best)}` : "";
    return `| ${name} | ${formatMetric(curve.first.value)} | ${formatMetric(curve.last.value)} | ${best} | ${labelLogLine((curve.best ?? curve.last).line, log)} |`;
  });
  const more = curves.length > MAX_CURVES ? `\n\nand ${curves.length - MAX_CURVES} more.` : "";
  return ["| metric | first | last | best | line |", "|---|---|---|---|---|", ...rows].join("\n") + more;
}

export function renderCheckpoint(checkpoint: ChosenCheckpoint | undefined): string {
  if (!checkpoint) {
    return "none that is whole was found in the run's folder";
  }
  const { path, epoch, step, metric } = checkpoint;
  const facts = [
    epoch === undefined ? undefined : `epoch ${epoch}`,
    step === undefined ? undefined : `step ${step}`,
    metric && `${inlineCode(metric.name)} ${formatMetric(metric.value)}`,
  ].filter((fact) => fact !== undefined);
  return `${inlineCode(path)}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
}

function gapLine({ gap, log }: Evaluation): string[] {
  return gap
    ? [
        `- **Gap** ${inlineCode(gap.metric)} ${formatMetric(gap.training.value)} in training, ${formatMetric(gap.validation.value)} in validation (lines ${labelLogLine(gap.training.line, log)} and ${labelLogLine(gap.validation.line, log)})`,
      ]
    : ["- **Gap** not known: no metric is there for both training and validation"];
}

/** A difference says nothing about its size beside the noise between seeds, so it is called neither gain nor loss. */
function comparison({ deciding, baseline }: Evaluation): string {
  const best = deciding?.best;
  if (!best || !baseline) {
    return "";
  }
  const difference = best.value - baseline.value;
  const isBetter = best.direction === "min" ? difference < 0 : difference > 0;
  return difference === 0
    ? ": the same"
    : `: this run is ${isBetter ? "better" : "worse"} by ${formatMetric(Math.abs(difference))}`;
}

function placeOf({ epoch, step }: CurvePoint): string {
  return epoch === undefined ? (step === undefined ? "" : ` (step ${step})`) : ` (epoch ${epoch})`;
}

function bullets(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${escapeSentence(sentence)}`).join("\n");
}
