/** Text on one line that Markdown shows as it is; longer text ends in an ellipsis. */
export function escapeMarkdown(text: string, maxCharacters = 500): string {
  return escapePart(oneLine(text, maxCharacters));
}

/**
 * A sentence of ours that names things in single backticks, with whatever a file or a person put into it. What stands in
 * backticks stays code; the rest is shown as it is, so that a quoted value cannot become a link or an image.
 */
export function escapeSentence(text: string, maxCharacters = 2_000): string {
  const parts = oneLine(text, maxCharacters).split("`");
  const isCode = (index: number) => index % 2 === 1 && index < parts.length - 1;
  return parts
    .map((part, index) => {
      if (isCode(index)) {
        return part === "" ? "\\`\\`" : `\`${part}\``;
      }
      // A backtick without its pair is one of the text.
      return (index % 2 === 1 ? "\\`" : "") + escapePart(part);
    })
    .join("");
}

function escapePart(text: string): string {
  return text.replaceAll(SPECIAL, String.raw`\$&`);
}

/** What is special only at the start of a line or beside a word stays readable elsewhere: `val_acc >= 0.9`. */
const SPECIAL = /[\\`*[\]<|$]|(?<!\w)_|_(?!\w)|~(?=~)|^[>#+-]/g;

export function inlineCode(text: string, maxCharacters = 300): string {
  const line = oneLine(text, maxCharacters);
  const longestRun = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longestRun + 1);
  return longestRun === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

export function oneLine(text: string, maxCharacters: number): string {
  // Control characters move cursors, and bidirectional overrides show another order than the one that counts.
  const line = text.replaceAll(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters - 1).trimEnd()}…`;
}

/** Text of several lines for a terminal, which would obey the other control characters. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, " ");
}

/** A block of code with a fence longer than any in the text, so that the text cannot end it. */
export function fencedBlock(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, "")}\n${fence}`;
}

/** The same text as a part of another one: each heading one level lower, and code in fences as it is. */
export function deepenHeadings(markdown: string): string {
  return mapOutsideFences(markdown, (line) => line.replace(/^(#{1,5}) /, "#$1 "));
}

/** Changes each line but those of fenced code. */
export function mapOutsideFences(markdown: string, change: (line: string) => string): string {
  let fence = "";
  const lines = markdown.split("\n").map((line) => {
    const [, mark = ""] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    const isClosing = fence !== "" && mark.startsWith(fence) && line.trim() === mark;
    const isOpening = fence === "" && mark !== "";
    if (isOpening || isClosing) {
      fence = isOpening ? mark : "";
    }
    return fence === "" && !isClosing ? change(line) : line;
  });
  return lines.join("\n");
}

/** The same text for a terminal: without bold marks, code marks and escapes. */
export function plainText(markdown: string): string {
  return markdown.replaceAll(/\\([\\`*[\]<|$_~>#+-])|\*\*|`+| {2}$/gm, "$1");
}

/** A Markdown link that runs a command; the drawer decides which commands it trusts. */
export function commandLink(title: string, command: string, argument: unknown): string {
  // Parentheses would end the link, and encodeURIComponent leaves them as they are.
  const encoded = encodeURIComponent(JSON.stringify([argument]))
    .replaceAll("(", "%28")
    .replaceAll(")", "%29");
  return `[${title}](command:${command}?${encoded})`;
}
