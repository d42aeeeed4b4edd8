/*
 * Markdown as our documents use it, as HTML: headings, paragraphs, lists, tables, quotes, rules, fenced code; bold, italics,
 * code and links inside of lines. Everything else is text. Nothing of the source becomes markup by itself: HTML in it is shown
 * as it was written, and a link leads to the web or into the document, or it is no link.
 */

/** Lists and quotes below one another; deeper ones are text. */
const MAX_DEPTH = 8;

export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => names[character] ?? character);
}

/** `anchor` gives headings their ids, in the order in which they come. */
export function markdownToHtml(markdown: string, anchor?: (title: string) => string): string {
  return renderBlocks(markdown.split(/\r\n|\r|\n/), { depth: 0, ...(anchor && { anchor }) });
}

type Context = { depth: number; anchor?: (title: string) => string };

/** What a block of lines is, and how many lines it takes. */
type Block = { html: string; lineCount: number };

function renderBlocks(lines: readonly string[], context: Context): string {
  const blocks: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const rest = lines.slice(at, at + MAX_BLOCK_LINES);
    const block = (rest[0] ?? "").trim() === "" ? { html: "", lineCount: 1 } : readBlock(rest, context);
    blocks.push(block.html);
    at += Math.max(1, block.lineCount);
  }
  return blocks.filter((html) => html !== "").join("\n");
}

/** A longer block is cut in two. */
const MAX_BLOCK_LINES = 5_000;

function readBlock(lines: readonly string[], context: Context): Block {
  return (
    readFence(lines) ??
    readHeading(lines, context) ??
    readTable(lines) ??
    (context.depth < MAX_DEPTH ? (readQuote(lines, context) ?? readList(lines, context)) : undefined) ??
    readParagraph(lines)
  );
}

function readFence(lines: readonly string[]): Block | undefined {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(lines[0] ?? "")?.[1];
  if (fence === undefined) {
    return undefined;
  }
  const isEnd = (line: string) => {
    const mark = line.trim();
    return mark.length >= fence.length && mark === fence.charAt(0).repeat(mark.length);
  };
  const end = lines.findIndex((line, index) => index > 0 && isEnd(line));
  const body = lines.slice(1, end === -1 ? lines.length : end);
  return {
    html: `<pre><code>${escapeHtml(body.join("\n"))}</code></pre>`,
    lineCount: body.length + (end === -1 ? 1 : 2),
  };
}

function readHeading([line = ""]: readonly string[], { anchor }: Context): Block | undefined {
  if (/^ {0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/.test(line)) {
    return { html: "<hr>", lineCount: 1 };
  }
  const [, marks = "", title = ""] = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? [];
  if (marks === "") {
    return undefined;
  }
  const id = anchor === undefined ? "" : ` id="${escapeHtml(anchor(title))}"`;
  return { html: `<h${marks.length}${id}>${renderInline(title)}</h${marks.length}>`, lineCount: 1 };
}

function readTable(lines: readonly string[]): Block | undefined {
  const [head = "", rule = ""] = lines;
  if (!head.includes("|") || !/^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/.test(rule) || !rule.includes("|")) {
    return undefined;
  }
  const end = lines.findIndex((line, index) => index > 1 && (line.trim() === "" || !line.includes("|")));
  const rows = lines.slice(2, end === -1 ? lines.length : end);
  const body = rows.map((line) => row(line, "td")).join("\n");
  return {
    html: `<div class="table"><table>\n<thead>${row(head, "th")}</thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`,
    lineCount: rows.length + 2,
  };
}

function row(line: string, cell: "td" | "th"): string {
  const cells = cellsOf(line).map((text) => `<${cell}>${renderInline(text)}</${cell}>`);
  return `<tr>${cells.join("")}</tr>`;
}

function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll(String.raw`\|`, "|"));
}

function readQuote(lines: readonly string[], context: Context): Block | undefined {
  const end = lines.findIndex((line) => !/^ {0,3}>/.test(line));
  const quoted = lines.slice(0, end === -1 ? lines.length : end);
  const inner = quoted.map((line) => line.replace(/^ {0,3}> ?/, ""));
  return quoted.length === 0
    ? undefined
    : {
        html: `<blockquote>${renderBlocks(inner, { ...context, depth: context.depth + 1 })}</blockquote>`,
        lineCount: quoted.length,
      };
}

const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])\s+(.*)$/;

function readList(lines: readonly string[], context: Context): Block | undefined {
  const first = ITEM.exec(lines[0] ?? "");
  if (!first) {
    return undefined;
  }
  const isOrdered = /\d/.test(first[2] ?? "");
  const indent = (first[1] ?? "").length;
  const items: string[][] = [];
  let count = 0;
  for (const line of lines) {
    const item = ITEM.exec(line);
    const isNested = item !== null && (item[1] ?? "").length > indent + 1;
    const isNext = item !== null && !isNested && /\d/.test(item[2] ?? "") === isOrdered;
    const isContinued = items.length > 0 && (isNested || line.startsWith("  ") || item === null);
    const isBlank = line.trim() === "";
    const follows = isBlank && /^\s{2,}\S/.test(lines[count + 1] ?? "");
    if (isNext) {
      items.push([item[3] ?? ""]);
    } else if ((isContinued && !isBlank && !startsBlock(line)) || follows) {
      items.at(-1)?.push(line.replace(/^ {1,4}/, ""));
    } else {
      break;
    }
    count += 1;
  }
  const tag = isOrdered ? "ol" : "ul";
  const inner = { ...context, depth: context.depth + 1 };
  const rendered = items.map((item) => `<li>${withoutParagraph(renderBlocks(item, inner))}</li>`);
  return { html: `<${tag}>\n${rendered.join("\n")}\n</${tag}>`, lineCount: count };
}

function startsBlock(line: string): boolean {
  return /^ {0,3}(?:#{1,6}\s|`{3,}|~{3,}|>|\|)/.test(line);
}

/** The text of an item with one paragraph stands in the item itself. */
function withoutParagraph(html: string): string {
  return html.split("<p>").length === 2 && html.startsWith("<p>") ? html.replace("<p>", "").replace("</p>", "") : html;
}

function readParagraph(lines: readonly string[]): Block {
  const end = lines.findIndex(
    (line, index) => index > 0 && (line.trim() === "" || startsBlock(line) || ITEM.test(line)),
  );
  const text = lines.slice(0, end === -1 ? lines.length : end);
  return { html: `<p>${renderInline(text.map((line) => line.trim()).join("\n"))}</p>`, lineCount: text.length };
}

/** What may stand inside of a line, in the order in which it is looked for. The bounds keep marks without an end cheap. */
const INLINE =
  /(?<escape>\\[!-/:-@[-`{-~])|(?<code>(?<ticks>`+)(?<literal>[^`]|[^`].{0,2000}?[^`])\k<ticks>(?!`))|(?<link>\[(?<label>[^\]\n]{1,500})\]\((?<target>[^)\s]{1,2000})\))|(?<bold>\*\*(?<strong>\S|\S.{0,2000}?\S)\*\*)|(?<italic>(?<!\w)_(?<slanted>[^_\s]|[^_\s][^_]{0,2000}?[^_\s])_(?!\w))/gs;

function renderInline(text: string): string {
  let html = "";
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    html += escapeHtml(text.slice(at, match.index)) + renderMatch(match);
    at = match.index + match[0].length;
  }
  return html + escapeHtml(text.slice(at));
}

function renderMatch({ 0: whole, groups = {} }: RegExpMatchArray): string {
  const { escape, literal, label, target, strong, slanted } = groups;
  if (escape !== undefined) {
    return escapeHtml(escape.slice(1));
  }
  if (literal !== undefined) {
    return `<code>${escapeHtml(literal.replace(/^ (.*) $/s, "$1"))}</code>`;
  }
  if (label !== undefined && target !== undefined) {
    const text = renderInline(label);
    return /^(?:https?:\/\/|#)/i.test(target) ? `<a href="${escapeHtml(target)}" rel="noreferrer">${text}</a>` : text;
  }
  const inner = strong ?? slanted;
  return inner === undefined
    ? escapeHtml(whole)
    : strong === undefined
      ? `<em>${renderInline(inner)}</em>`
      : `<strong>${renderInline(inner)}</strong>`;
}
