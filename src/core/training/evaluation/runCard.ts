import { escapeMarkdown, fencedBlock, inlineCode } from "../../base/markdown.ts";
import { maskSecretValue } from "../../base/secretWords.ts";
import type { CheckpointSummary } from "../../checkpoints/checkpointSummary.ts";
import { describeCheckpointFully } from "../../checkpoints/describeCheckpoint.ts";
import { renderShownCommand } from "../commandLine.ts";
import { nameRun } from "../describeLaunch.ts";
import { renderReceipt } from "../renderRuns.ts";
import type { Run } from "../runRecord.ts";
import type { Evaluation } from "./evaluateRun.ts";
import type { Suspicion } from "./renderData.ts";
import { type ChosenCheckpoint, renderCheckpoint, renderCurveTable } from "./renderEvaluation.ts";

export type RunCardFacts = {
  run: Run;
  evaluation: Evaluation;
  checkpoint?: { chosen: ChosenCheckpoint; summary: CheckpointSummary };
  /** What the script and its modules look suspicious of. */
  suspicions: readonly Suspicion[];
  sizes: readonly string[];
};

/** A card of a run and its model, as a file of the repository: what is known, and a blank that is named for the rest. */
export function renderRunCard(facts: RunCardFacts): string {
  const { run, evaluation, checkpoint } = facts;
  const { plan, id } = run.record;
  const sections: [string, string][] = [
    ["Purpose", "_Not known: say what the model is for, who uses it, and what it must not be used for._"],
    [
      "Model",
      checkpoint ? describeCheckpointFully(checkpoint.summary) : "No whole checkpoint was found in the run's folder.",
    ],
    ["Data", renderData(facts)],
    ["Training", [fencedBlock(renderShownCommand(plan.command), "sh"), renderSettings(run)].join("\n\n")],
    ["Results", renderResults(evaluation, checkpoint?.chosen)],
    ["Limits", evaluation.missing.map((sentence) => `- ${sentence}`).join("\n")],
    ["How it was made", renderReceipt(run)],
  ];
  return [
    `# ${escapeMarkdown(plan.title)}, run ${id}`,
    ...sections.map(([title, text]) => `## ${title}\n\n${text}`),
  ].join("\n\n");
}

/** What the card would say, in a few lines, and where it would go. */
export function summarizeRunCard({ run, evaluation, checkpoint, suspicions }: RunCardFacts, now: Date): string {
  const count = evaluation.missing.length;
  return [
    `**Card of ${escapeMarkdown(nameRun(run, now))}**`,
    `It would go to ${inlineCode(runCardPath(run))}: model, data, training, results, limits and how it was made, from what was recorded.`,
    [
      `- **Results** ${evaluation.curves.length === 0 ? "the run printed no metric" : `${evaluation.curves.length === 1 ? "1 metric" : `${evaluation.curves.length} metrics`} from ${inlineCode(evaluation.source)}`}`,
      `- **Checkpoint to use** ${renderCheckpoint(checkpoint?.chosen)}`,
      ...(suspicions.length === 0
        ? []
        : [`- **Not cleared** ${suspicions.map(({ file, line }) => inlineCode(`${file}:${line + 1}`)).join(", ")}`]),
      `- **Limits** ${count === 0 ? "none known" : `${count} named, each with what would tell`}`,
      "- **Left to you** what the model is for, and where the data come from",
    ].join("\n"),
    "The button shows the whole card and asks before it is written.",
  ].join("\n\n");
}

/** `docs/run-20261121-1030.md`: one file for each run. */
export function runCardPath({ record }: Run): string {
  return `docs/run-${record.id}.md`;
}

function renderData({ sizes, suspicions }: RunCardFacts): string {
  return [
    sizes.length === 0
      ? "_Sizes are not known: the run did not print them._"
      : sizes.map((line) => `- ${inlineCode(line)}`).join("\n"),
    ...(suspicions.length === 0
      ? []
      : [
          [
            "Suspicions that nobody has cleared yet:",
            "",
            ...suspicions.map(({ file, line, message }) => `- ${inlineCode(`${file}:${line + 1}`)} ${message}`),
          ].join("\n"),
        ]),
    "_Not known: where the data come from, who may use them, and whom they leave out._",
  ].join("\n\n");
}

function renderSettings({ record }: Run): string {
  const rows = record.plan.arguments
    .filter(({ value }) => value !== undefined)
    .map(
      ({ flag, value, source }) =>
        `| ${inlineCode(flag)} | ${inlineCode(maskSecretValue(flag, value ?? ""))} | ${source} |`,
    );
  return rows.length === 0
    ? "The script takes no arguments."
    : ["| setting | value | from |", "|---|---|---|", ...rows].join("\n");
}

function renderResults(evaluation: Evaluation, checkpoint: ChosenCheckpoint | undefined): string {
  const { curves, baseline, findings, source } = evaluation;
  return [
    curves.length === 0
      ? "The run printed no metric."
      : `${renderCurveTable(evaluation)}\n\nRead from ${inlineCode(source)}.`,
    `Checkpoint to use: ${renderCheckpoint(checkpoint)}.`,
    baseline ? `Before, in run ${inlineCode(baseline.runId)}: ${inlineCode(baseline.metric)} ${baseline.value}.` : "",
    findings.map((finding) => `- ${finding}`).join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
