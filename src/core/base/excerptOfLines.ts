/** The first lines of a text, each of them cut as well, and how many more there are. */
export function excerptOfLines(text: string, most: { lines: number; characters: number }): string {
  const lines = text.split("\n");
  const shown = lines
    .slice(0, most.lines)
    .map((line) => (line.length > most.characters ? `${line.slice(0, most.characters)}…` : line));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more lines`] : [])].join("\n");
}
