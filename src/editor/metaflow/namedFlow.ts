import { findNamedScripts, isNameOf } from "../../core/training/namedScript.ts";

/** A flow as a person may call it: by its class, or by its file where that is known. */
export type KnownFlow = { flow: string; file?: string };

/** What a text says of the flows that are known: some of them, all of them, one that is not there, or nothing. */
export type SpokenFlows<T> =
  | { kind: "named"; flows: readonly T[] }
  | { kind: "all" }
  | { kind: "unknown"; name: string }
  | { kind: "none" };

/** Words that are written as the names of flows are. */
export const FLOW_NAME = /^[A-Z]\w*Flow$/;

/** Words beside "flow" and behind a verb that name none: "the last flow", "check it". */
const ORDINARY = new Set(
  (
    "a an the my our this that these those it its them all any both each every everything no one two other same whole entire " +
    "only last latest newest recent previous first second current active open new old failed failing broken crashed killed stopped " +
    "finished running metaflow local production training train ml again now please today nightly daily weekly hourly run runs " +
    "check deploy resume schedule test tests graph results and or of for in to is"
  ).split(" "),
);

const SEVERAL = /\bflows\b(?!\/)|\bboth\b|\b(?:every|each) flow\b|\b(?:check|validate) (?:all|them|everything)\b/i;
const BEFORE_FLOW = /\b(?:the|my|our)\s+([a-z][\w-]*)\s+flow\b/i;
const ALONE = /^\/?(?:(?:check|validate|deploy|schedule|resume|test|graph)\s+)?([a-z][\w-]*)[.?!]?$/;

/** The flows that a text speaks of: `FraudFlow`, `fraud_flow.py`, "fraud" and "the fraud flow" are the same one. */
export function findSpokenFlows<T extends KnownFlow>(text: string, known: readonly T[]): SpokenFlows<T> {
  const words: readonly string[] = text.match(/[A-Za-z_]\w*/g) ?? [];
  const spoken = spokenNames(text, known);
  const isFile = ({ file }: T) => file !== undefined && spoken.has(file);
  const classes = known.filter(({ flow }) => words.includes(flow) || spoken.has(flow));
  const ofFiles = known.filter(
    (each, at) =>
      isFile(each) &&
      !classes.some(({ file }) => file === each.file) &&
      known.findIndex(({ file }) => file === each.file) === at,
  );
  const flows = [...classes, ...ofFiles].filter(
    (each, at, all) => all.findIndex(({ flow }) => flow === each.flow) === at,
  );
  if (flows.length > 0) {
    return { kind: "named", flows };
  }
  const missing = words.find((word) => FLOW_NAME.test(word)) ?? missingName(text);
  return missing === undefined ? { kind: SEVERAL.test(text) ? "all" : "none" } : { kind: "unknown", name: missing };
}

/** The classes and files that a text names without their endings. */
function spokenNames(text: string, known: readonly KnownFlow[]): Set<string> {
  const names = new Set(known.flatMap(({ flow, file }) => (file === undefined ? [flow] : [flow, file])));
  const found = findNamedScripts(text, [...names]).filter((name) => !isOrdinary(name));
  // Only beside the word "flow" a usual word names one, or two words together: "the train flow", "the credit risk flow".
  return new Set(found.length > 0 ? found : beforeFlow(text).flatMap((part) => namesCalled(part, names)));
}

/** The words before "flow", the most of them first: "creditrisk", "risk". */
function beforeFlow(text: string): string[] {
  const before = /((?:[\w-]+\s+){1,3})flow\b/i.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  return before.map((_, at) => before.slice(at).join(""));
}

function namesCalled(part: string, names: ReadonlySet<string>): string[] {
  return part === "" ? [] : [...names].filter((name) => isNameOf(part, [baseName(name)]));
}

function isOrdinary(name: string): boolean {
  return [...ORDINARY].some((word) => isNameOf(word, [baseName(name)]));
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function missingName(text: string): string | undefined {
  const name = BEFORE_FLOW.exec(text)?.[1] ?? ALONE.exec(text.trim())?.[1];
  return name === undefined || ORDINARY.has(name.toLowerCase()) || SEVERAL.test(name) ? undefined : name;
}
