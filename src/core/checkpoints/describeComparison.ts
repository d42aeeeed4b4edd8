import { escapeMarkdown, oneLine } from "../base/markdown.ts";
import type { CheckpointSummary } from "./checkpointSummary.ts";
import type { Change, CheckpointComparison } from "./compareCheckpoints.ts";
import { describeCheckpointFacts, renderBytes, renderNumber, withNoun } from "./describeCheckpoint.ts";
import { shapeText } from "./tensorTable.ts";

const MAX_ROWS = 200;
const MAX_CELL = 200;

/** A comparison as Markdown: what each file is, then only what differs, in bounded tables. */
export function describeComparison(
  { before, after }: { before: CheckpointSummary; after: CheckpointSummary },
  comparison: CheckpointComparison,
): string {
  const { added, removed, reshaped, retyped, alikeCount, hyperParameters, numbers } = comparison;
  const sections = [
    renderTable("Epoch, step and metrics", ["", "before", "after"], changed(numbers, renderNumber)),
    renderTable("Hyper-parameters changed", ["", "before", "after"], changed(hyperParameters, renderSetting)),
    renderTable("Tensors added", ["name", "dtype", "shape"], listed(added)),
    renderTable("Tensors removed", ["name", "dtype", "shape"], listed(removed)),
    renderTable("Tensors reshaped", ["name", "before", "after"], changed(reshaped, shapeText)),
    renderTable("Tensors retyped", ["name", "before", "after"], changed(retyped, String)),
  ];
  const tensorChanges = added.length + removed.length + reshaped.length + retyped.length;
  return [
    `- before: **${escapeMarkdown(before.name)}** · ${escapeMarkdown(describeCheckpointFacts(before))}`,
    `- after: **${escapeMarkdown(after.name)}** · ${escapeMarkdown(describeCheckpointFacts(after))}`,
    "",
    `${withNoun(alikeCount, "tensor")} ${alikeCount === 1 ? "has" : "have"} the same name, shape and dtype in both${tensorChanges === 0 ? "; none differs" : ""}. ` +
      `The size changed from ${renderBytes(before.sizeBytes)} to ${renderBytes(after.sizeBytes)}. The numbers in the tensors were not compared.`,
    ...sections,
  ].join("\n");
}

function renderTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) {
    return "";
  }
  const more = rows.length > MAX_ROWS ? [`\n… and ${rows.length - MAX_ROWS} more.`] : [];
  return [
    `\n**${title}** (${rows.length})\n`,
    renderLine(head),
    `|${head.map(() => "---|").join("")}`,
    ...rows.slice(0, MAX_ROWS).map(renderLine),
    ...more,
  ].join("\n");
}

function renderSetting(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
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
