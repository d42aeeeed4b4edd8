import { normalizeName } from "./packageName.ts";
import { parseSpecifiers, satisfies } from "./specifier.ts";

/** The values that markers ask for, by their names in PEP 508: `sys_platform`, `python_version`. */
export type MarkerEnvironment = Readonly<Record<string, string>>;

type Operand = { kind: "variable" | "value"; text: string };
type Comparison = { kind: "comparison"; left: Operand; operator: string; right: Operand };
type Group = { kind: "group"; marker: Marker };

/** Comparisons and groups in parentheses, joined from left to right; `and` binds closer than `or`. */
export type Marker = { items: readonly (Comparison | Group)[]; joints: readonly ("and" | "or")[] };

const VARIABLES = new Set(
  (
    "python_version python_full_version os_name sys_platform platform_release platform_system platform_version " +
    "platform_machine platform_python_implementation implementation_name implementation_version extra extras dependency_groups"
  ).split(" "),
);

/** Names from before PEP 508 that pip still reads. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ["os.name", "os_name"],
  ["sys.platform", "sys_platform"],
  ["platform.version", "platform_version"],
  ["platform.machine", "platform_machine"],
  ["platform.python_implementation", "platform_python_implementation"],
  ["python_implementation", "platform_python_implementation"],
]);

const VERSION_VARIABLES = new Set([
  "python_version",
  "python_full_version",
  "implementation_version",
  "platform_release",
]);

const TOKEN =
  /\s*(?:(\(|\))|(===|==|~=|!=|<=|>=|<|>)|(not\s+in\b|in\b|and\b|or\b)|'([^']*)'|"([^"]*)"|([A-Za-z_][\w.]*))/y;

type Token = { kind: "parenthesis" | "operator" | "word" | "value" | "variable"; text: string };

/** Lists of names, which only a lock file's markers ask for: `"gpu" in extras`. */
const LIST_VARIABLES = new Set(["extras", "dependency_groups"]);

/** Deeper parentheses are not written by hand. */
const MAX_DEPTH = 50;

/** Nothing for a text that is no marker. */
export function parseMarker(text: string): Marker | undefined {
  const tokens = tokenize(text);
  if (tokens === undefined) {
    return undefined;
  }
  const cursor = { tokens, at: 0 };
  const marker = readMarker(cursor, 0);
  return cursor.at === tokens.length ? marker : undefined;
}

/** Blanks, quotes and parentheses in the form in which `packaging` writes a marker. */
export function formatMarker(marker: Marker): string {
  const [only] = marker.items;
  // Parentheses around the whole say nothing.
  return marker.items.length === 1 && only?.kind === "group" ? formatMarker(only.marker) : formatItems(marker);
}

/** The texts that a marker compares with. */
export function markerValues(marker: Marker): string[] {
  return marker.items.flatMap((item) =>
    item.kind === "group"
      ? markerValues(item.marker)
      : [item.left, item.right].flatMap(({ kind, text }) => (kind === "value" ? [text] : [])),
  );
}

function formatItems(marker: Marker): string {
  return marker.items
    .map((item, index) => {
      const joint = index === 0 ? "" : ` ${marker.joints[index - 1]} `;
      return `${joint}${item.kind === "group" ? formatGroup(item.marker) : formatComparison(item)}`;
    })
    .join("");
}

/**
 * Whether a requirement with this marker counts; undefined where that hangs on a value which the environment does not
 * name, or on a comparison that is not defined.
 */
export function evaluateMarker(marker: Marker, environment: MarkerEnvironment): boolean | undefined {
  const alternatives: (boolean | undefined)[][] = [[]];
  for (const [index, item] of marker.items.entries()) {
    if (marker.joints[index - 1] === "or") {
      alternatives.push([]);
    }
    const holds = item.kind === "group" ? evaluateMarker(item.marker, environment) : compare(item, environment);
    alternatives.at(-1)?.push(holds);
  }
  const results = alternatives.map((all) => decide(all, false));
  return decide(results, true);
}

/** The value that settles a list of them when it is among them; else the other, unless one of them is not known. */
function decide(values: readonly (boolean | undefined)[], settling: boolean): boolean | undefined {
  return values.includes(settling) ? settling : values.includes(undefined) ? undefined : !settling;
}

function tokenize(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const source = text.trim();
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < source.length) {
    const match = pattern.exec(source);
    if (!match) {
      return undefined;
    }
    tokens.push(tokenOf(match));
  }
  return tokens;
}

function tokenOf([, parenthesis, operator, word, single, double, name = ""]: RegExpExecArray): Token {
  if (parenthesis !== undefined) {
    return { kind: "parenthesis", text: parenthesis };
  }
  if (operator !== undefined) {
    return { kind: "operator", text: operator };
  }
  if (word !== undefined) {
    return { kind: "word", text: word.replace(/\s+/g, " ") };
  }
  const value = single ?? double;
  return value === undefined ? { kind: "variable", text: OLD_NAMES.get(name) ?? name } : { kind: "value", text: value };
}

type Cursor = { tokens: readonly Token[]; at: number };

function readMarker(cursor: Cursor, depth: number): Marker | undefined {
  const items: (Comparison | Group)[] = [];
  const joints: ("and" | "or")[] = [];
  for (;;) {
    const item = readItem(cursor, depth);
    if (item === undefined) {
      return undefined;
    }
    items.push(item);
    const joint = cursor.tokens[cursor.at]?.text;
    if (cursor.tokens[cursor.at]?.kind !== "word" || (joint !== "and" && joint !== "or")) {
      return { items, joints };
    }
    joints.push(joint);
    cursor.at += 1;
  }
}

function readItem(cursor: Cursor, depth: number): Comparison | Group | undefined {
  const [first, operator, right] = cursor.tokens.slice(cursor.at, cursor.at + 3);
  if (first?.kind === "parenthesis" && first.text === "(" && depth < MAX_DEPTH) {
    cursor.at += 1;
    const marker = readMarker(cursor, depth + 1);
    const isClosed = cursor.tokens[cursor.at]?.text === ")";
    cursor.at += 1;
    return marker && isClosed ? { kind: "group", marker } : undefined;
  }
  const isOperator = operator?.kind === "operator" || operator?.text === "in" || operator?.text === "not in";
  if (!isOperand(first) || !isOperand(right) || operator === undefined || !isOperator) {
    return undefined;
  }
  cursor.at += 3;
  return { kind: "comparison", left: first, operator: operator.text, right };
}

function isOperand(token: Token | undefined): token is Token & Operand {
  return token?.kind === "value" || (token?.kind === "variable" && VARIABLES.has(token.text));
}

function compare({ left, operator, right }: Comparison, environment: MarkerEnvironment): boolean | undefined {
  const variable = left.kind === "variable" ? left.text : right.text;
  const read = ({ kind, text }: Operand) => {
    const value = kind === "variable" ? environment[text] : text;
    return value !== undefined && variable === "extra" ? normalizeName(value) : value;
  };
  const [a, b] = [read(left), read(right)];
  if (a === undefined || b === undefined) {
    return undefined;
  }
  const isOfVersions = VERSION_VARIABLES.has(variable) && operator !== "in" && operator !== "not in";
  const specifiers = isOfVersions ? parseSpecifiers(`${operator}${b}`) : undefined;
  return specifiers?.length === 1 ? satisfies(a, specifiers) : compareTexts(a, operator, b);
}

/** Texts have no order (since `packaging` 26), and neither `~=` nor `===` is defined for them. */
function compareTexts(a: string, operator: string, b: string): boolean | undefined {
  switch (operator) {
    case "in":
      return b.includes(a);
    case "not in":
      return !b.includes(a);
    case "==":
    case "<=":
    case ">=":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
    case ">":
      return false;
    default:
      return undefined;
  }
}

function formatGroup(marker: Marker): string {
  const [only] = marker.items;
  // Parentheses around one thing say nothing.
  return marker.items.length === 1 && only
    ? only.kind === "group"
      ? formatGroup(only.marker)
      : formatComparison(only)
    : `(${formatItems(marker)})`;
}

function formatComparison({ left, operator, right }: Comparison): string {
  const isName = left.text === "extra" || right.text === "extra" || LIST_VARIABLES.has(right.text);
  const format = ({ kind, text }: Operand) => (kind === "variable" ? text : `"${isName ? normalizeName(text) : text}"`);
  return `${format(left)} ${operator} ${format(right)}`;
}
