/** Where a text stops being JSON; the line counts from zero, and `reason` is a clause such as "it ends too early". */
type JsonError = { line: number; reason: string };

/** Blanks, then a mark, the beginning of a text, or a whole number or word. */
const TOKEN = /[ \t\r\n]*(?:([{}[\],:"])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y;

/** Up to the next escape or the end of the text; one part at a time, since a text may have megabytes. */
// oxlint-disable-next-line no-control-regex -- these are what JSON forbids in a text
const PART_OF_TEXT = /[^"\\\u0000-\u001f]*(?:"|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))/y;

type Expected = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end" | "nothing";

/** The place that `JSON.parse`, which does not always tell it, refuses; nothing for JSON. */
export function findJsonError(text: string): JsonError | undefined {
  const open: string[] = [];
  let expected: Expected | undefined = "value";
  let at = 0;
  for (;;) {
    const start = skipBlanks(text, at);
    const end = endOfToken(text, start);
    if (start === text.length && expected === "nothing") {
      return undefined;
    }
    expected = end === undefined ? undefined : step(expected, text[start] ?? "", open);
    if (expected === undefined || end === undefined) {
      return errorAt(text, start);
    }
    at = end;
  }
}

function skipBlanks(text: string, from: number): number {
  const blanks = /[ \t\r\n]*/y;
  blanks.lastIndex = from;
  blanks.test(text);
  return blanks.lastIndex;
}

/** Nothing where no token begins, or a text is broken off. */
function endOfToken(text: string, start: number): number | undefined {
  TOKEN.lastIndex = start;
  const mark = TOKEN.exec(text)?.[1];
  if (TOKEN.lastIndex === 0 || mark !== '"') {
    return TOKEN.lastIndex || undefined;
  }
  PART_OF_TEXT.lastIndex = TOKEN.lastIndex;
  for (let part = PART_OF_TEXT.exec(text); part !== null; part = PART_OF_TEXT.exec(text)) {
    if (!part[0].endsWith('"') || part[0].endsWith('\\"')) {
      continue;
    }
    return PART_OF_TEXT.lastIndex;
  }
  return undefined;
}

/** What may stand behind a token that begins with a character; nothing where it may not stand here. */
function step(expected: Expected, first: string, open: string[]): Expected | undefined {
  const isValue = expected === "value" || expected === "value or ]";
  const behindValue = () => (open.length === 0 ? "nothing" : "comma or end");
  switch (first) {
    case "{":
    case "[":
      open.push(first === "{" ? "}" : "]");
      return isValue ? (first === "{" ? "key or }" : "value or ]") : undefined;
    case ":":
      return expected === "colon" ? "value" : undefined;
    case ",":
      return expected === "comma or end" ? (open.at(-1) === "}" ? "key" : "value") : undefined;
    case "}":
    case "]":
      return (expected === "comma or end" || expected.endsWith(first)) && open.pop() === first
        ? behindValue()
        : undefined;
    case '"':
      return expected.startsWith("key") ? "colon" : isValue ? behindValue() : undefined;
    default:
      return isValue ? behindValue() : undefined;
  }
}

function errorAt(text: string, offset: number): JsonError {
  const [shown = ""] = text.slice(offset, offset + 20).split("\n");
  // What is missing behind the end is missed at the last line that says something.
  const isCutOff = shown.startsWith('"') && !/["\n]/.test(text.slice(offset + 1).replaceAll(/\\./g, ""));
  const isEnd = shown.trim() === "" || isCutOff;
  const line = text.slice(0, isEnd ? text.trimEnd().length : offset).split("\n").length - 1;
  return { line, reason: isEnd ? "it ends too early" : `\`${shown.trimEnd()}\` may not stand here` };
}
