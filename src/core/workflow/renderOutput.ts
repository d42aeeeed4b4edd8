import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import {
  type ApproachOutput,
  type Finding,
  REPORTED_CONFIDENCE,
  splitFindings,
  type TaskOutput,
  UNKNOWN,
} from "./taskOutput.ts";

/** An agent's output as Markdown. `level` is that of its headings. */
export function renderOutput(output: TaskOutput, level: number): string {
  const heading = (text: string) => `${"#".repeat(level)} ${escapeMarkdown(text)}`;
  switch (output.kind) {
    case "notes":
      return paragraphs([
        output.summary,
        ...output.sections.flatMap((section) => [heading(section.heading), section.text]),
        ...(output.keyFiles.length === 0
          ? []
          : [heading("Key files"), list(output.keyFiles.map(({ path, reason }) => `${inlineCode(path)}: ${reason}`))]),
      ]);
    case "risks":
      return table(
        ["Risk", "Severity", "What could happen", "What to do", "Evidence"],
        output.risks.map((risk) => [
          risk.category,
          risk.severity,
          risk.description,
          risk.mitigation,
          placed(risk.evidence),
        ]),
      );
    case "approach":
      return renderApproach(output, heading);
    case "findings":
      return renderFindings(output, heading);
    case "checks":
      return table(
        ["Check", "Said", "With this evidence"],
        output.checks.map(({ name, status, evidence }) => [name, status.replace("-", " "), shown(evidence)]),
      );
    case "files":
      break;
  }
  return paragraphs([
    output.summary,
    output.files.length === 0
      ? "No files."
      : list(output.files.map(({ path, purpose }) => `${inlineCode(path)}: ${purpose}`)),
    ...(output.open.length === 0 ? [] : [heading("Still open"), list(output.open)]),
  ]);
}

/** Approaches in columns, so that they can be compared, with the one that the ratings speak for. */
export function compareApproaches(approaches: readonly ApproachOutput[]): string {
  const rows = (
    [
      ["Architecture", "architecture"],
      ["Inputs and outputs", "inputsAndOutputs"],
      ["Training", "training"],
      ["Inference", "inference"],
      ["Resources", "resources"],
      ["Trade-offs", "tradeOffs"],
    ] as const
  ).map(([title, field]) => [title, ...approaches.map((approach) => approach[field])]);
  const ratings = (["performance", "simplicity", "thrift"] as const).map((field) => [
    `${field.charAt(0).toUpperCase()}${field.slice(1)} (of 5)`,
    ...approaches.map((approach) => String(approach.ratings[field])),
  ]);
  return paragraphs([
    table(["", ...approaches.map(({ name }) => name)], [...rows, ...ratings]),
    recommendApproach(approaches),
  ]);
}

/** Whether the table of the approaches says all of one: a text of several lines is easier to read below it. */
export function fitsInTable({
  architecture,
  inputsAndOutputs,
  training,
  inference,
  resources,
  tradeOffs,
}: ApproachOutput) {
  return [architecture, inputsAndOutputs, training, inference, resources, tradeOffs].every(
    (text) => !text.includes("\n"),
  );
}

function recommendApproach(approaches: readonly ApproachOutput[]): string {
  const scored = approaches.map(({ name, ratings }) => ({
    name: escapeMarkdown(name),
    points: ratings.performance + ratings.simplicity + ratings.thrift,
    simplicity: ratings.simplicity,
  }));
  const best = Math.max(...scored.map(({ points }) => points));
  const leading = scored.filter(({ points }) => points === best);
  const simplest = Math.max(...leading.map(({ simplicity }) => simplicity));
  const [first, ...equal] = leading.filter(({ simplicity }) => simplicity === simplest);
  const names = inSentence(leading.map(({ name }) => name));
  if (leading.length === 1) {
    return `**Recommendation:** ${names}, with the most points (${best} of 15) for performance, simplicity and thrift together.`;
  }
  return first !== undefined && equal.length === 0
    ? `**Recommendation:** ${first.name}, the simplest of those with the most points: ${names} have ${best} of 15 each.`
    : `**Recommendation:** none by points alone; ${names} have ${best} of 15 each. Decide by what limits you most.`;
}

/** `a, b and c` */
function inSentence(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function renderApproach(output: ApproachOutput, heading: (text: string) => string): string {
  const { performance, simplicity, thrift } = output.ratings;
  return paragraphs([
    `**${escapeMarkdown(output.name)}**: performance ${performance}, simplicity ${simplicity}, thrift ${thrift} of 5.`,
    ...(
      [
        ["Architecture", output.architecture],
        ["Inputs and outputs", output.inputsAndOutputs],
        ["Training", output.training],
        ["Inference", output.inference],
        ["Resources", output.resources],
        ["Trade-offs", output.tradeOffs],
      ] as const
    ).flatMap(([title, text]) => [heading(title), text]),
  ]);
}

function renderFindings(
  { findings, checked }: Extract<TaskOutput, { kind: "findings" }>,
  heading: (text: string) => string,
): string {
  const { reported, kept } = splitFindings(findings);
  const isReviewed = !checked.startsWith(`_${UNKNOWN}`);
  const nothing = isReviewed ? `Nothing was found with a confidence of ${REPORTED_CONFIDENCE} or more.` : "";
  return paragraphs([
    reported.length > 0 ? findingsTable(reported) : nothing,
    checked === "" || !isReviewed ? checked : `Looked at: ${checked}`,
    ...(kept.length === 0
      ? []
      : [heading(`Kept for audit: confidence below ${REPORTED_CONFIDENCE}`), findingsTable(kept)]),
  ]);
}

function findingsTable(findings: readonly Finding[]): string {
  return table(
    ["Finding", "Severity", "Confidence", "Where", "Detail", "Fix"],
    findings.map((each) => [
      each.title,
      each.severity,
      String(each.confidence),
      placed(each.evidence),
      each.detail,
      each.fix,
    ]),
  );
}

/** `src/train.py:12`, a tool, an exit code, `3 failed` of a test run, or what a command in backticks printed; the bare words prove nothing. */
const PLACE =
  /[\w)\]]\.\w{1,8}:\d+|[\w.-]\/[\w.-]+:\d+|\btrainyard_\w+|\bexit code -?\d+|\b\d+ (?:passed|failed)\b|\boutput of `[^`]+`|`[^`]+` (?:printed|passed|failed)\b/i;

/** A finding has to name a file with its line, or the result of a tool: what only sounds like proof is marked too. */
function placed(evidence: string): string {
  return evidence === "" || PLACE.test(evidence) ? shown(evidence) : `${evidence} ⚠ names no line and no tool`;
}

/** A claim that nothing proves is marked as one. */
function shown(evidence: string): string {
  return evidence === "" ? "⚠ no evidence" : evidence;
}

export function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(columns), `|${" --- |".repeat(columns.length)}`, ...rows.map(row)].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(" | ")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", String.raw`\|`).replaceAll(/\s*\n\s*/g, " ");
}
