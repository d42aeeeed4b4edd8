import { inlineCode, oneLine } from "../../base/markdown.ts";
import type { ColumnProfile, TableProfile } from "./tableProfile.ts";

/** What is known of a table, each with what it is about. */
export type TableFact = { topic: "schema" | "missing_values" | "outliers" | "imbalance" | "correlation"; text: string };

/** A list of more is not read. */
const MAX_NAMED = 25;

/** Characters of a name or a value. */
const MAX_NAME = 40;

/** A class is called rare below this share of what it would have if all were as frequent. */
const RARE = 0.5;

/** Fewer rows say nothing about shares. */
const FEW_ROWS = 20;

/** What the numbers of a table say in words; `isCut`: only its beginning was read. */
export function tableFacts({ rows, columns, related }: TableProfile, { isCut }: { isCut: boolean }): TableFact[] {
  const size = `${isCut ? "the first " : ""}${rows.toLocaleString("en-US")} rows`;
  const missing = columns
    .filter((column) => column.missing > 0)
    .map((column) => `${nameOf(column)} ${share(column.missing, rows)}`);
  const outliers = columns.flatMap((column) =>
    column.range !== undefined && column.range.outliers > 0 ? `${nameOf(column)} ${column.range.outliers}` : [],
  );
  const groups = rows < FEW_ROWS ? [] : columns.filter(hasGroups);
  return [
    { topic: "schema", text: `${size}, ${columns.length} columns: ${listed(columns.map(describeColumn))}` },
    { topic: "missing_values", text: missing.length === 0 ? `none in ${size}` : `of ${size}: ${listed(missing)}` },
    {
      topic: "outliers",
      text:
        outliers.length === 0
          ? `no value lies further than three interquartile ranges from the middle half of its column, in ${size}`
          : `values further than three interquartile ranges from the middle half: ${listed(outliers)}`,
    },
    ...(groups.length === 0
      ? []
      : [{ topic: "imbalance" as const, text: listed(groups.map((column) => describeGroups(column, rows))) }]),
    {
      topic: "correlation",
      text:
        related.length === 0
          ? "no two columns of numbers without gaps correlate by 0.95 or more"
          : listed(
              related.map(
                ({ first, second, correlation }) => `${quoted(first)} and ${quoted(second)} ${correlation.toFixed(2)}`,
              ),
            ),
    },
  ];
}

const KINDS = { empty: "no values", integer: "whole numbers", number: "numbers", text: "text" } as const;

function describeColumn(column: ColumnProfile): string {
  const { range, kind } = column;
  return `${nameOf(column)} (${KINDS[kind]}${range === undefined ? "" : `, ${range.least} to ${range.most}`})`;
}

function hasGroups({ values }: ColumnProfile): boolean {
  return values !== undefined && values.length > 1;
}

function describeGroups(column: ColumnProfile, rows: number): string {
  const values = column.values ?? [];
  const rarest = values.at(-1)?.[1] ?? 0;
  const shares = values.map(([value, count]) => `${quoted(value)} ${share(count, rows)}`).join(", ");
  return `${nameOf(column)} is ${shares}${rarest < (RARE * rows) / values.length ? " (⚠ imbalanced)" : ""}`;
}

function share(count: number, rows: number): string {
  const percent = (100 * count) / rows;
  return `${percent < 1 ? "under 1" : Math.round(percent)} %`;
}

function nameOf({ name }: ColumnProfile): string {
  return quoted(name);
}

function quoted(text: string): string {
  return inlineCode(oneLine(text, MAX_NAME));
}

function listed(items: readonly string[]): string {
  const more = items.length - MAX_NAMED;
  return `${items.slice(0, MAX_NAMED).join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}
