import * as z from "zod";
import { closestName } from "../base/closestName.ts";
import type { Problem } from "../base/problems.ts";
import { BOUNDARY_CHECKS, type BoundaryCheckName, isBoundaryCheck } from "./boundaryChecks.ts";

/** The keys below `boundaries`, strictest last. */
const BOUNDARY_KINDS = ["always", "ask-first", "never"] as const;

export type BoundaryKind = (typeof BOUNDARY_KINDS)[number];

/** A rule that an agent works under. Without a check only its instructions hold it. */
export type Boundary = { kind: BoundaryKind; rule: string; check?: BoundaryCheckName };

type Path = readonly (string | number)[];

/** A mistake, and where below `boundaries` it stands. */
export type BoundaryProblem = { path: Path; severity: Problem["severity"]; message: string };

const ruleSchema = z.union([
  z.string().trim().min(1),
  z.object({ rule: z.string().trim().min(1), check: z.string().optional() }),
]);

/** Reads the front matter's `boundaries`. A rule that cannot be used is left out and reported; the others count. */
export function readBoundaries(value: unknown): { boundaries: Boundary[]; problems: BoundaryProblem[] } {
  const boundaries: Boundary[] = [];
  const problems: BoundaryProblem[] = [];
  if (value === undefined || value === null) {
    return { boundaries, problems };
  }
  const groups = z.record(z.string(), z.unknown()).safeParse(value);
  if (!groups.success) {
    const message = "`boundaries` must have the keys `always`, `ask-first` and `never`, each with a list of rules.";
    return { boundaries, problems: [{ path: [], severity: "error", message }] };
  }
  for (const [key, rules] of Object.entries(groups.data)) {
    const kind = BOUNDARY_KINDS.find((each) => each === key);
    if (kind === undefined) {
      problems.push({ path: [key], severity: "error", message: unknownKind(key) });
    } else if (Array.isArray(rules)) {
      rules.forEach((rule, index) => readRule({ kind, rule, index }, boundaries, problems));
    } else {
      const message = `\`${key}\` must be a list of rules, each a sentence or \`{rule: …, check: …}\`.`;
      problems.push({ path: [key], severity: "error", message });
    }
  }
  return { boundaries, problems };
}

function readRule(
  entry: { kind: BoundaryKind; rule: unknown; index: number },
  boundaries: Boundary[],
  problems: BoundaryProblem[],
): void {
  const { kind, rule, index } = entry;
  const parsed = ruleSchema.safeParse(rule);
  if (!parsed.success) {
    const message = "A rule is a sentence, or `{rule: …, check: …}`. This one is left out until then.";
    problems.push({ path: [kind, index], severity: "error", message });
    return;
  }
  const { rule: sentence, check } = typeof parsed.data === "string" ? { rule: parsed.data } : parsed.data;
  const path = [kind, index, "check"];
  if (check !== undefined && !isBoundaryCheck(check)) {
    problems.push({ path, severity: "warning", message: unknownCheck(check) });
  } else if (check !== undefined) {
    problems.push(...otherEffect(kind, check).map((problem) => ({ path, ...problem })));
  }
  boundaries.push({ kind, rule: sentence, ...(check !== undefined && isBoundaryCheck(check) ? { check } : {}) });
}

/** A check that does something else than what stands above its rule. */
function otherEffect(kind: BoundaryKind, check: BoundaryCheckName): Omit<BoundaryProblem, "path">[] {
  const { effect } = BOUNDARY_CHECKS[check];
  if (kind === "never" && effect === "confirms") {
    const message = `\`${check}\` asks a person and refuses nothing, so only the instructions hold this rule. Write it under \`ask-first\`, or leave the check out.`;
    return [{ severity: "warning", message }];
  }
  if (kind === "ask-first" && effect === "refuses") {
    const message = `\`${check}\` refuses, so nobody is asked. Write the rule under \`never\`, or leave the check out.`;
    return [{ severity: "information", message }];
  }
  return [];
}

function unknownKind(key: string): string {
  const meant = closestName(key, BOUNDARY_KINDS);
  return `\`${key}\` is no kind of boundary.${meant === undefined ? "" : ` Did you mean \`${meant}\`?`} Write \`always\`, \`ask-first\` or \`never\`.`;
}

function unknownCheck(check: string): string {
  const names = Object.keys(BOUNDARY_CHECKS);
  const meant = closestName(check, names);
  return `No check is called \`${check}\`, so only the instructions hold this rule.${meant === undefined ? "" : ` Did you mean \`${meant}\`?`} There are: ${names.join(", ")}.`;
}
