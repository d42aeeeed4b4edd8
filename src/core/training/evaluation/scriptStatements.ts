import { inlineCode } from "../../base/markdown.ts";
import type { TrainingAudit } from "../audit/trainingAudit.ts";
import type { ScriptArgument } from "../scriptArguments.ts";
import { describeSource, describeSplit } from "./renderData.ts";

/** What a training script says of its data and its settings: `{ topic: "split", text: "…", where: "train.py:59" }`. */
export type ScriptStatement = {
  topic: "data_source" | "data_loading" | "split" | "hyperparameters";
  text: string;
  where: string;
};

/** A script may declare a hundred arguments; the first ones are those that people change. */
const MAX_SETTINGS = 20;

export function scriptStatements(
  script: string,
  audits: readonly TrainingAudit[],
  declared: readonly ScriptArgument[],
): ScriptStatement[] {
  const settings = declared.filter(isSetting).slice(0, MAX_SETTINGS);
  const text = settings.map(({ flag, default: usual }) => inlineCode(`${flag} ${usual}`)).join(", ");
  return [
    ...audits.flatMap(({ label, data: { sources, splits, loaders } }) => [
      ...sources.map((source) => stated("data_source", describeSource(source), label, source.line)),
      ...loaders.map(({ dataset, settings: given, line }) => {
        const words = Object.entries(given).map(([name, value]) => inlineCode(`${name}=${value}`));
        return stated("data_loading", [inlineCode(dataset), ...words].join(", "), label, line);
      }),
      ...splits.map((split) => stated("split", describeSplit(split), label, split.line)),
    ]),
    ...(settings.length === 0 ? [] : [{ topic: "hyperparameters" as const, text, where: script }]),
  ];
}

/** Lines count from zero in code, and from one for people. */
function stated(topic: ScriptStatement["topic"], text: string, label: string, line: number): ScriptStatement {
  return { topic, text, where: `${label}:${line + 1}` };
}

/** A number or one of several words: paths and names are where a run goes, and not how it learns. */
function isSetting({ default: usual, choices, type }: ScriptArgument): boolean {
  return usual !== undefined && (choices !== undefined || type === "integer" || type === "float");
}
