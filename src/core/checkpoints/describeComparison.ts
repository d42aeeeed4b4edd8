import { escapeMarkdown, oneLine } from "../base/markdown.ts";
import { renderBytes } from "../base/renderBytes.ts";
import { textColumns } from "../base/textColumns.ts";
import { withNoun } from "../base/withNoun.ts";
import type { CheckpointSummary } from "./checkpointSummary.ts";
import type { Change, CheckpointComparison } from "./compareCheckpoints.ts";
import { type NumbersComparison, relativeChange, type TensorChange } from "./compareNumbers.ts";
import { describeCheckpointFacts, renderNumber } from "./describeCheckpoint.ts";
import { type PlainValue, plainValueText } from "./plainValue.ts";
import { shapeText } from "./tensorTable.ts";

const MAX_ROWS = 200;
const MAX_CELL = 200;
/** Of a table in columns: one long cell makes all lines long. */
const MAX_COLUMN = 80;

type Sides = { before: CheckpointSummary; after: CheckpointSummary };

/** One kind of difference; there is a row for each. */
type Table = { title: string; head: readonly string[]; rows: readonly (readonly string[])[] };

/** What was seen of the numbers in the tensors; absent where nobody asked, undefined where they cannot be read. */
export type ReadNumbers = { tensorNumbers?: NumbersComparison | undefined };

/** A comparison as Markdown: what each file is, then only what differs, in bounded tables. */
export function describeComparison({ before, after }: Sides, comparison: CheckpointComparison & ReadNumbers): string {
  return [
    `- before: **${escapeMarkdown(before.name)}** · ${escapeMarkdown(describeCheckpointFacts(before))}`,
    `- after: **${escapeMarkdown(after.name)}** · ${escapeMarkdown(describeCheckpointFacts(after))}`,
    "",
    summaryOf({ before, after }, comparison),
    ...tablesOf(comparison, ["before", "after"]).map(renderTable),
  ].join("\n");
}

/** The same for a terminal, in columns. `names` tell the two apart where their own names may be the same. */
export function renderComparisonColumns(
  { before, after }: Sides,
  comparison: CheckpointComparison & ReadNumbers,
  names: readonly [before: string, after: string],
): string {
  const [first, second] = names.map((name) => oneLine(name, MAX_COLUMN));
  const sides = [
    [`${first}:`, describeCheckpointFacts(before)],
    [`${second}:`, describeCheckpointFacts(after)],
  ];
  const tables = tablesOf(comparison, [first ?? "", second ?? ""]).map(({ title, head, rows }) => {
    const shown = rows.slice(0, MAX_ROWS).map((cells) => cells.map((text) => oneLine(text, MAX_COLUMN)));
    const more = rows.length > MAX_ROWS ? `\n… and ${rows.length - MAX_ROWS} more.` : "";
    return `${title} (${rows.length})\n${textColumns([head, ...shown])}${more}`;
  });
  return [textColumns(sides), summaryOf({ before, after }, comparison), ...tables].join("\n\n");
}

function summaryOf({ before, after }: Sides, comparison: CheckpointComparison & ReadNumbers): string {
  const { added, removed, reshaped, retyped, alikeCount } = comparison;
  const changes = added.length + removed.length + reshaped.length + retyped.length;
  const alike = `${withNoun(alikeCount, "tensor")} ${alikeCount === 1 ? "has" : "have"} the same name, shape and dtype in both`;
  return [
    alikeCount + changes === 0 ? "Neither lists any tensors." : `${alike}${changes === 0 ? "; none differs" : ""}.`,
    saySizes(before.sizeBytes, after.sizeBytes),
    sayNumbers(comparison),
  ].join(" ");
}

function saySizes(before: number, after: number): string {
  const [from, to] = [renderBytes(before), renderBytes(after)];
  if (from !== to) {
    return `The size changed from ${from} to ${to}.`;
  }
  const more = Math.abs(after - before);
  return more === 0 ? `Both have ${from}.` : `Both have ${from}; they differ by ${withNoun(more, "byte")}.`;
}

function sayNumbers(comparison: CheckpointComparison & ReadNumbers): string {
  const { alikeCount, tensorNumbers } = comparison;
  if (!("tensorNumbers" in comparison)) {
    return "The numbers in the tensors were not compared.";
  }
  if (tensorNumbers === undefined) {
    return "The numbers in the tensors cannot be compared: that takes two whole files of PyTorch's zip format or of safetensors.";
  }
  const { changed: moved, equalCount } = tensorNumbers;
  const left = alikeCount - moved.length - equalCount;
  const said = `Of the tensors alike, ${have(moved.length)} other numbers, ${have(equalCount)} equal ones`;
  return left === 0
    ? `${said}.`
    : `${said}; the numbers of ${left.toLocaleString("en")} were not compared: they are views or of a type that is not read.`;
}

function have(count: number): string {
  return count === 0 ? "none has" : `${count.toLocaleString("en")} ${count === 1 ? "has" : "have"}`;
}

/** The tables that have a row. */
function tablesOf(comparison: CheckpointComparison & ReadNumbers, sides: readonly [string, string]): Table[] {
  const { added, removed, reshaped, retyped, hyperParameters, numbers } = comparison;
  const tensor = ["name", "dtype", "shape"];
  const tables = [
    { title: "Epoch, step and metrics", head: ["", ...sides], rows: changed(numbers, renderNumber) },
    { title: "Hyper-parameters changed", head: ["", ...sides], rows: changed(hyperParameters, renderSetting) },
    { title: "Tensors added", head: tensor, rows: listed(added) },
    { title: "Tensors removed", head: tensor, rows: listed(removed) },
    { title: "Tensors reshaped", head: ["name", ...sides], rows: changed(reshaped, shapeText) },
    { title: "Tensors retyped", head: ["name", ...sides], rows: changed(retyped, String) },
    {
      title: "Numbers changed (Euclidean norms)",
      head: ["name", ...sides, "of the difference", "by"],
      rows: (comparison.tensorNumbers?.changed ?? []).map(renderMoved),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function renderMoved(change: TensorChange): string[] {
  const { name, before, after, difference, notFinite } = change;
  const share = relativeChange(change);
  const by = Number.isFinite(share) ? `${Number((share * 100).toPrecision(3))} %` : "from zero";
  return [name, renderNorm(before, notFinite.before), renderNorm(after, notFinite.after), renderNumber(difference), by];
}

function renderNorm(norm: number, notFinite: number): string {
  return `${renderNumber(norm)}${notFinite === 0 ? "" : ` and ${notFinite} NaN or infinite`}`;
}

function renderTable({ title, head, rows }: Table): string {
  const more = rows.length > MAX_ROWS ? [`\n… and ${rows.length - MAX_ROWS} more.`] : [];
  return [
    `\n**${title}** (${rows.length})\n`,
    renderLine(head),
    `|${head.map(() => "---|").join("")}`,
    ...rows.slice(0, MAX_ROWS).map(renderLine),
    ...more,
  ].join("\n");
}

function renderSetting(value: PlainValue): string {
  return typeof value === "string" ? value : plainValueText(value);
}

function renderLine(cells: readonly string[]): string {
  const texts = cells.map((text) => escapeMarkdown(oneLine(text, MAX_CELL)));
  return `| ${texts.join(" | ")} |`;
}

function listed(tensors: CheckpointComparison["added"]): string[][] {
  return tensors.map(({ name, dtype, shape }) => [name, dtype, shapeText(shape)]);
}

function changed<Value>(changes: readonly Change<Value>[], render: (value: Value) => string): string[][] {
  return changes.map(({ name, before, after }) => [
    name,
    before === undefined ? "–" : render(before),
    after === undefined ? "–" : render(after),
  ]);
}
