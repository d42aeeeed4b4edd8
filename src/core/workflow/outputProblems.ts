import type * as z from "zod";

/** What an answer lacks: as the person reads it, within a sentence, and as whoever has to mend it does. */
export type OutputProblem = { says: string; toAgent: string };

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** More would not be mended any better, nor read. */
const MAX_PROBLEMS = 8;

export function samePlain(says: string): OutputProblem {
  return { says, toAgent: says };
}

/** What a schema found, in the words of the form and without those of its schema. */
export function describeIssues(issues: readonly Issue[], value: unknown): OutputProblem[] {
  return issues.slice(0, MAX_PROBLEMS).map((issue) => {
    const { path, message } = issue;
    return { says: describeIssue(issue, value), toAgent: `${path.join(".") || "answer"}: ${message}` };
  });
}

/** What a schema found, within a sentence: `the goal of the phase "Look" is missing`. */
export function describeIssue(issue: Issue, whole: unknown): string {
  const place = describePlace(issue.path, whole);
  const found = valueAt(whole, issue.path);
  if (found === undefined || found === null) {
    return `${place} is missing`;
  }
  const isNumber = "origin" in issue && issue.origin !== "string" && issue.origin !== "array";
  const is = `${place} is ${describeValue(found)}, and has to be`;
  switch (issue.code) {
    case "invalid_type":
      return `${is} ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `${is} ${oneOf(issue.values.map(String))}`;
    case "invalid_union":
      return `${place} is none of those that are known`;
    case "unrecognized_keys":
      return `${place} has ${issue.keys.map((key) => `"${key}"`).join(" and ")}, which is not asked for`;
    case "too_small":
      return isNumber ? `${is} ${issue.minimum} or more` : `${place} is empty`;
    case "too_big":
      return isNumber ? `${is} ${issue.maximum} or less` : `${place} is too long`;
    case "custom":
    case "invalid_format":
      return `${place} cannot be read: ${issue.message}`;
    case "invalid_element":
    case "invalid_key":
    case "not_multiple_of":
      break;
  }
  return `${place} cannot be read`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "a group of fields",
  record: "a group of fields",
  boolean: "true or false",
};

/** What one item of each list is called. */
const ITEMS: Readonly<Record<string, string>> = {
  sections: "section",
  keyFiles: "key file",
  risks: "risk",
  findings: "finding",
  checks: "check",
  files: "file",
  open: "open point",
  phases: "phase",
  tasks: "task",
  questions: "question",
  options: "option",
  choices: "choice",
  deliverables: "deliverable",
  criteria: "criterion",
};

/** `the severity of the risk "leakage"`, `the list of risks`, `the answer`. */
function describePlace(path: Path, whole: unknown): string {
  const [last] = path.slice(-1);
  const parent = path.slice(0, -1);
  if (last === undefined) {
    return "the answer";
  }
  if (typeof last === "number") {
    const list = String(parent.at(-1) ?? "");
    const title = titleOf(valueAt(whole, path));
    return `the ${ITEMS[list] ?? "item"} ${title ?? `number ${last + 1}`}${ofParent(parent.slice(0, -1), whole)}`;
  }
  const field = String(last);
  const words = field.replaceAll(/([A-Z])/g, " $1").toLowerCase();
  // A name of two words is easier to find as it is written.
  const name = field in ITEMS ? `list of ${words}` : words === field ? field : `\`${field}\``;
  return `the ${name}${ofParent(parent, whole)}`;
}

function ofParent(path: Path, whole: unknown): string {
  return path.length === 0 ? "" : ` of ${describePlace(path, whole)}`;
}

/** An item goes by what it is about. */
function titleOf(item: unknown): string | undefined {
  const titles = ["heading", "category", "title", "name", "path"].map((key) => valueAt(item, [key]));
  const title = titles.find((each) => typeof each === "string" && each.trim() !== "");
  return typeof title === "string" ? `"${shortened(title)}"` : undefined;
}

function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([name]) => name === String(key))?.[1]
        : undefined,
    whole,
  );
}

function describeValue(value: unknown): string {
  if (typeof value === "object") {
    return Array.isArray(value) ? "a list" : "a group of fields";
  }
  return typeof value === "string" ? `"${shortened(value)}"` : JSON.stringify(value);
}

const MAX_SHOWN = 60;

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= MAX_SHOWN ? line : `${line.slice(0, MAX_SHOWN - 1)}…`;
}

function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
