/** The cells of a line of a table: each in quotes, in which it may hold separators and doubled quotes, or without. */
export function splitCells(line: string, separator: string): string[] {
  if (!line.includes('"')) {
    return line.split(separator);
  }
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (isQuoted && char === '"' && line.charAt(at + 1) === '"') {
      cell += char;
      at += 1;
    } else if (char === '"' && (isQuoted || cell.trim() === "")) {
      cell = isQuoted ? cell : "";
      isQuoted = !isQuoted;
    } else if (char === separator && !isQuoted) {
      cells.push(cell);
      cell = "";
    } else {
      cell += char;
    }
  }
  return [...cells, cell];
}
