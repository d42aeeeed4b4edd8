/** The width that Python formatters of the field agree on most; longer calls go over several lines. */
export const MAX_WIDTH = 120;

/** A JSON value as a Python expression. */
export function pythonLiteral(value: unknown): string {
  if (typeof value === "boolean") {
    return value ? "True" : "False";
  }
  if (typeof value === "string") {
    return pythonString(value);
  }
  if (typeof value === "number") {
    return String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(pythonLiteral).join(", ")}]`;
  }
  return typeof value !== "object" || value === null
    ? "None"
    : `{${Object.entries(value)
        .map(([key, item]) => `${pythonString(key)}: ${pythonLiteral(item)}`)
        .join(", ")}}`;
}

/** A string literal in double quotes. What JSON escapes, Python reads the same way. */
export function pythonString(text: string): string {
  return JSON.stringify(text);
}

/** A docstring of one line. A quote or a backslash at its end would take part in the closing quotes. */
export function docstring(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"').replace(/"$/, '\\"');
  return `"""${escaped}"""`;
}

/** The text inside of an f-string in double quotes. */
export function inFString(text: string): string {
  return pythonString(text).slice(1, -1).replaceAll("{", "{{").replaceAll("}", "}}");
}

/** `callee(a, b)`, or with each argument on a line of its own where that is too wide. */
export function pythonCall(callee: string, args: readonly string[], indent: string): string[] {
  const line = `${indent}${callee}(${args.join(", ")})`;
  return line.length <= MAX_WIDTH || args.length === 0
    ? [line]
    : [`${indent}${callee}(`, ...args.map((argument) => `${indent}    ${argument},`), `${indent})`];
}
