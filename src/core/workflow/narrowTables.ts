import { list } from "./renderOutput.ts";

/** Wider ones break words where they are shown beside code. */
const MAX_COLUMNS = 2;

/** Values this short stand behind one another. */
const MAX_SHORT = 24;

/** The tables of a document as lists, for a place that is as narrow as a chat: one item for each row, by its first cell. */
export function narrowTables(markdown: string): string {
  return markdown.replaceAll(/^\|.*\|\n\|(?: --- \|)+(?:\n\|.*\|)*$/gm, (table) => {
    const [head = [], , ...rows] = table.split("\n").map(cellsOf);
    return head.length <= MAX_COLUMNS ? table : rows.map((cells) => renderRow(head, cells)).join("\n\n");
  });
}

function renderRow([, ...names]: readonly string[], [title = "", ...cells]: readonly string[]): string {
  const values = cells.flatMap((cell, index) => (cell === "" ? [] : [{ name: names[index] ?? "", cell }]));
  const [first] = values;
  if (first !== undefined && values.length > 1 && values.every(({ cell }) => cell === first.cell)) {
    return `**${title}**: ${first.cell}`;
  }
  return values.every(({ cell }) => cell.length <= MAX_SHORT)
    ? `**${title}**: ${values.map(({ name, cell }) => `${name} ${cell}`).join(" · ")}`
    : `**${title}**\n\n${list(values.map(({ name, cell }) => `_${name}:_ ${cell}`))}`;
}

/** A bar within a cell is escaped. */
function cellsOf(row: string): string[] {
  return row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, "|"));
}
