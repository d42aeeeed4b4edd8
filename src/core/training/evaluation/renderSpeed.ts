import { escapeSentence, inlineCode } from "../../base/markdown.ts";
import type { DataLoading } from "../audit/dataUse.ts";
import type { SpeedAdvice } from "../audit/speedRules.ts";
import { deviceName } from "../gpuChoice.ts";
import { type LogParts, labelLogLine } from "../logParts.ts";
import type { Run } from "../runRecord.ts";
import type { Pace } from "./pace.ts";
import { type AuditedFile, renderSyntaxErrors } from "./renderSyntaxErrors.ts";

export type SpeedFacts = {
  script: string;
  /** The script and the files of the workspace that it imports. */
  audited: readonly AuditedFile[];
  advice: readonly (SpeedAdvice & { file: string })[];
  loaders: readonly (DataLoading & { file: string })[];
  /** The newest run of the script, and how fast it went. */
  measured?: { run: Run; pace: Pace; log: string; parts?: LogParts; memoryMetric?: { name: string; value: number } };
};

/** The answer to "why is it slow": measured numbers first, then the lines that cost, then how to find out more. */
export function renderSpeed(facts: SpeedFacts): string {
  const { script, audited, advice, measured } = facts;
  return [
    `**Speed of ${inlineCode(script)}**`,
    ...renderSyntaxErrors(audited),
    measured
      ? renderMeasured(facts, measured)
      : "No run of this script has been recorded yet, so nothing was measured. Start one with `/train`, then ask again.",
    renderLoaders(facts),
    advice.length === 0
      ? "In the code itself nothing stands out that usually costs time."
      : [
          "**Next steps, from the code**",
          ...advice.map(
            (each, index) =>
              `${index + 1}. ${inlineCode(`${each.file}:${each.line + 1}`)} ${escapeSentence(each.message)}`,
          ),
        ].join("\n"),
    "Change one thing, run a few hundred steps, compare the step time here, and keep it only if the validation metric stays.",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function renderMeasured({ loaders }: SpeedFacts, measured: NonNullable<SpeedFacts["measured"]>): string {
  const { run, pace, log, parts, memoryMetric } = measured;
  const batch = batchSizeOf(run, loaders);
  const throughput =
    pace.stepSeconds !== undefined && pace.stepSeconds > 0 && batch !== undefined
      ? `, ${round(batch.size / pace.stepSeconds)} samples/s at batch size ${batch.size} (${batch.from})`
      : "";
  const { device } = run.record.plan;
  const lines = [
    `- **Step** ${pace.stepSeconds === undefined ? "not known: the log has no two lines with step numbers" : `${duration(pace.stepSeconds)} over ${pace.steps} steps${throughput}`}`,
    `- **Epoch** ${pace.epochSeconds === undefined ? "not known: fewer than two epochs were printed" : `${duration(pace.epochSeconds)} over ${pace.epochs} epochs`}`,
    `- **Data loader** ${
      pace.loaderShare
        ? `${Math.round(pace.loaderShare.share * 100)} % of a step waits for data (line ${labelLogLine(pace.loaderShare.line, parts)})`
        : "not known: the training does not print how long it waits for data. Time `next(iterator)` beside the whole step, or run a few steps under `torch.profiler`"
    }`,
    `- **Device** ${deviceName(device)}: ${escapeSentence(device.reason)}`,
    ...(memoryMetric ? [`- **GPU memory** ${inlineCode(memoryMetric.name)} ${round(memoryMetric.value)}`] : []),
  ];
  return [`Measured in the newest run, from the times in ${inlineCode(log)}:`, "", ...lines].join("\n");
}

/** From the arguments of the run, else from the loader that the code sets to a number. */
function batchSizeOf(run: Run, loaders: SpeedFacts["loaders"]): { size: number; from: string } | undefined {
  const argument = run.record.plan.arguments.find(({ flag }) => /batch[-_]?size$/i.test(flag));
  const fromArgument = Number(argument?.value);
  if (argument && fromArgument > 0) {
    return { size: fromArgument, from: argument.flag };
  }
  const loader = loaders.find(({ settings }) => Number(settings["batch_size"]) > 0);
  return loader
    ? { size: Number(loader.settings["batch_size"]), from: `${loader.file}:${loader.line + 1}` }
    : undefined;
}

function renderLoaders({ loaders }: SpeedFacts): string {
  const lines = loaders.map(({ file, line, dataset, settings }) => {
    const shown = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    return `- ${inlineCode(`${file}:${line + 1}`)} ${inlineCode(`DataLoader(${[dataset, ...shown].join(", ")})`)}`;
  });
  return lines.length === 0 ? "" : ["**Loaders**", "", ...lines].join("\n");
}

function duration(seconds: number): string {
  return seconds < 1 ? `${round(seconds * 1000)} ms` : `${round(seconds)} s`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
