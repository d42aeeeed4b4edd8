import { type Edit, type Node, stripComments } from "jsonc-parser";

/** An entry of an object, or an element of an array where it has no key. */
export type JsoncPart = { key?: string; value: unknown };

/** How a file of JSON with comments is written already, for what is added to it. */
export function formattingOf(text: string) {
  const indent = /^([ \t]+)["}\]]/m.exec(text)?.[1] ?? "  ";
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 2 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

/**
 * The parts on lines of their own before the closing bracket, so that each comment stays with what it is about; the library
 * puts them right behind the last value, in front of its comment. Nothing where the bracket has no line of its own.
 */
export function insertLines(
  text: string,
  container: Node | undefined,
  parts: readonly JsoncPart[],
): Edit[] | undefined {
  const closing = container === undefined ? 0 : container.offset + container.length - 1;
  const lineStart = text.lastIndexOf("\n", closing) + 1;
  const outer = text.slice(lineStart, closing);
  if (container === undefined || lineStart <= container.offset || outer.trim() !== "") {
    return undefined;
  }
  const { insertSpaces, tabSize, eol } = formattingOf(text);
  const unit = insertSpaces ? " ".repeat(tabSize) : "\t";
  const last = container.children?.at(-1);
  const end = last === undefined ? closing : last.offset + last.length;
  const hasComma = stripComments(text.slice(end, closing)).trimStart().startsWith(",");
  const lines = parts
    .map(
      ({ key, value }) =>
        `${key === undefined ? "" : `${JSON.stringify(key)}: `}${JSON.stringify(value, undefined, unit)}`,
    )
    .join(",\n")
    .split("\n")
    .map((line) => `${outer}${unit}${line}`);
  const content = `${lines.join(eol)}${hasComma ? "," : ""}${eol}`;
  const comma = { offset: end, length: 0, content: "," };
  return [...(last === undefined || hasComma ? [] : [comma]), { offset: lineStart, length: 0, content }];
}
