/** The rows of a text with commas, semicolons or tabs between its cells, which may stand in quotes and then hold anything. */
export function readDelimited(text: string): string[][] {
  const head = text.slice(0, text.search(/\r?\n|$/));
  const separator = [",", "\t", ";"].find((each) => head.includes(each)) ?? ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  while (at < text.length) {
    const { cell, end } = text[at] === '"' ? readQuoted(text, at, separator) : readPlain(text, at, separator);
    row.push(cell);
    at = text[end] === "\r" ? end + 1 : end;
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    rows.push(row);
    row = [];
    at += 1;
  }
  return rows.filter((cells) => cells.length > 1 || cells[0] !== "");
}

function readPlain(text: string, from: number, separator: string): { cell: string; end: number } {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") {
    end += 1;
  }
  return { cell: text.slice(from, end), end };
}

/** A doubled quote within quotes is one. What stands behind the closing quote belongs to nothing. */
function readQuoted(text: string, from: number, separator: string): { cell: string; end: number } {
  let close = text.indexOf('"', from + 1);
  while (close >= 0 && text[close + 1] === '"') {
    close = text.indexOf('"', close + 2);
  }
  const end = close < 0 ? text.length : close;
  return { cell: text.slice(from + 1, end).replaceAll('""', '"'), end: readPlain(text, end + 1, separator).end };
}
