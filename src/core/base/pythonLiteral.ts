import { type PythonNode, readCall } from "./pythonSyntax.ts";

/** A value that is written out in the source. Numbers keep their text, since `1e-3` and `0.001` are the same only to a machine. */
export type PythonLiteral =
  | { kind: "string"; value: string }
  | { kind: "integer" | "float"; value: number; text: string }
  | { kind: "boolean"; value: boolean }
  | { kind: "none" }
  | { kind: "sequence"; items: readonly PythonLiteral[] };

/** Deeper lists exist only in files that were written to break a reader. */
const MAX_DEPTH = 100;

/** Nothing for an expression whose value only running it could tell, an f-string with a field among them. */
export function readLiteral(node: PythonNode | null | undefined, depth = 0): PythonLiteral | undefined {
  if (!node || depth > MAX_DEPTH) {
    return undefined;
  }
  switch (node.type) {
    case "string":
      return readString(node);
    case "concatenated_string": {
      const parts = node.namedChildren.map(readString);
      return parts.every((part) => part !== undefined)
        ? { kind: "string", value: parts.map((part) => part.value).join("") }
        : undefined;
    }
    case "integer":
    case "float":
      return readNumber(node.type, node.text);
    case "unary_operator":
      return readSigned(node, depth);
    case "true":
    case "false":
      return { kind: "boolean", value: node.type === "true" };
    case "none":
      return { kind: "none" };
    case "list":
    case "tuple":
    case "set":
      return readSequence(node, depth);
    case "parenthesized_expression":
      return readLiteral(node.firstNamedChild, depth + 1);
    case "call":
    case "binary_operator":
      return readPath(node, depth);
    default:
      return undefined;
  }
}

/** What makes a path of its parts. */
const PATH_MAKERS = new Set(["Path", "pathlib.Path", "PurePath", "pathlib.PurePath", "os.path.join"]);

/** `Path("runs", "a")`, `Path("runs") / "a"` and `os.path.join("runs", "a")` as the text `runs/a`. */
function readPath(node: PythonNode, depth: number): PythonLiteral | undefined {
  const parts = node.type === "call" ? partsOfCall(node) : partsOfQuotient(node);
  const texts = parts.map((part) => readLiteral(part, depth + 1));
  const isRead = texts.every((text, at) => text?.kind === "string" && (at === 0 || !text.value.startsWith("/")));
  return parts.length > 0 && isRead
    ? { kind: "string", value: texts.map((text) => literalText(text)?.replace(/(?<=.)\/+$/, "")).join("/") }
    : undefined;
}

function partsOfCall(node: PythonNode): readonly PythonNode[] {
  const { callee, positional, keywords, hasSplat } = readCall(node);
  return PATH_MAKERS.has(callee) && keywords.size === 0 && !hasSplat ? positional : [];
}

/** The left side has to be a path itself: numbers are divided too. */
function partsOfQuotient(node: PythonNode): readonly PythonNode[] {
  const left = node.childForFieldName("left");
  const right = node.childForFieldName("right");
  const isJoined = node.child(1)?.text === "/" && (left?.type === "call" || left?.type === "binary_operator");
  return isJoined && right ? [left, right] : [];
}

/** The text of a literal as a command line would carry it: strings without quotes, `None` as nothing. */
export function literalText(literal: PythonLiteral | undefined): string | undefined {
  if (!literal) {
    return undefined;
  }
  switch (literal.kind) {
    case "string":
      return literal.value;
    case "integer":
    case "float":
      return literal.text;
    case "boolean":
      return literal.value ? "True" : "False";
    case "sequence":
      return literal.items.map((item) => literalText(item) ?? "None").join(" ");
    case "none":
      break;
  }
  return undefined;
}

/** The values of `NAME = literal` at the top of a file; a name that is assigned twice is left out. */
export function moduleConstants(root: PythonNode): ReadonlyMap<string, PythonNode> {
  const constants = new Map<string, PythonNode>();
  const repeated = new Set<string>();
  for (const statement of root.namedChildren) {
    const assignment = statement.firstNamedChild;
    const name = assignment?.type === "assignment" ? assignment.childForFieldName("left") : undefined;
    const value = assignment?.childForFieldName("right");
    if (name?.type === "identifier" && value) {
      if (constants.has(name.text)) {
        repeated.add(name.text);
      }
      constants.set(name.text, value);
    }
  }
  for (const name of repeated) {
    constants.delete(name);
  }
  return constants;
}

/** Like `readLiteral`, and looks a plain name up among the constants of its file. */
export function readConstant(
  node: PythonNode | null | undefined,
  constants: ReadonlyMap<string, PythonNode>,
): PythonLiteral | undefined {
  return readLiteral(node?.type === "identifier" ? constants.get(node.text) : node);
}

/** The string a node spells, or nothing where it is not a plain string. */
export function stringOf(node: PythonNode | null | undefined): string | undefined {
  const literal = readLiteral(node);
  return literal?.kind === "string" ? literal.value : undefined;
}

function readSequence(node: PythonNode, depth: number): PythonLiteral | undefined {
  const items = node.namedChildren
    .filter((child) => child.type !== "comment")
    .map((child) => readLiteral(child, depth + 1));
  return items.every((item) => item !== undefined) ? { kind: "sequence", items } : undefined;
}

function readSigned(node: PythonNode, depth: number): PythonLiteral | undefined {
  const literal = readLiteral(node.childForFieldName("argument"), depth + 1);
  const sign = node.child(0)?.text;
  if ((literal?.kind !== "integer" && literal?.kind !== "float") || (sign !== "-" && sign !== "+")) {
    return undefined;
  }
  return sign === "-" ? { ...literal, value: -literal.value, text: `-${literal.text}` } : literal;
}

function readNumber(kind: "integer" | "float", text: string): PythonLiteral | undefined {
  const value = Number(text.replaceAll("_", ""));
  return Number.isNaN(value) ? undefined : { kind, value, text };
}

/** Also in three quotes, as docstrings are. A carriage return is left to the long way, which knows what Python makes of it. */
const PLAIN_STRING = /^(?:(["'])(?<short>[^\\"'\r\n]*)\1|("""|''')(?<long>(?:(?!\3)[^\\\r])*)\3)$/;

function readString(node: PythonNode): { kind: "string"; value: string } | undefined {
  // Most strings are plain, and their text is cheaper to get than their children.
  const plain = node.type === "string" ? PLAIN_STRING.exec(node.text)?.groups : undefined;
  if (plain) {
    return { kind: "string", value: plain["short"] ?? plain["long"] ?? "" };
  }
  if (node.type !== "string" || node.namedChildren.some((child) => child.type === "interpolation")) {
    return undefined;
  }
  const prefix = /^[a-zA-Z]*/.exec(node.text)?.[0].toLowerCase() ?? "";
  if (prefix.includes("b")) {
    return undefined;
  }
  const content = node.namedChildren
    .filter((child) => child.type === "string_content")
    .map((child) => child.text)
    .join("")
    // Python reads every line end of a source as one line feed.
    .replaceAll(/\r\n?/g, "\n");
  return { kind: "string", value: prefix.includes("r") ? content : unescape(content) };
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "" };

function unescape(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex, unicode, other) =>
    other === undefined
      ? String.fromCharCode(Number.parseInt(hex ?? unicode, 16))
      : (SIMPLE_ESCAPES[other] ?? (/[\\'"]/.test(other) ? other : `\\${other}`)),
  );
}
