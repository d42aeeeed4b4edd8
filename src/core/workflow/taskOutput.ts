import * as z from "zod";
import type { ModelAnswer } from "./modelAnswer.ts";
import { describeIssues, type OutputProblem, samePlain } from "./outputProblems.ts";
import { type ProofKind, proofSchema } from "./proof.ts";

/*
 * What an agent of a workflow gives back. Each kind has a schema that a model's answer has to meet, and a person's
 * template is filled into the same form.
 */

export const OUTPUT_KINDS = ["notes", "risks", "approach", "findings", "checks", "files"] as const;

export type OutputKind = (typeof OUTPUT_KINDS)[number];

const line = z.string().trim().min(1).max(1_000);
const text = z.string().trim().min(1).max(20_000);
/** `src/train.py:12`, or the tool result it was seen in; a claim without one is marked. */
const evidence = z.string().trim().max(500).default("");
const severity = z.enum(["critical", "high", "medium", "low"]);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(200);

const keyFiles = list(z.strictObject({ path: line, reason: line })).default([]);

const notesSchema = z.strictObject({
  kind: z.literal("notes"),
  summary: text,
  sections: list(z.strictObject({ heading: line, text })),
  keyFiles,
});

const risksSchema = z.strictObject({
  kind: z.literal("risks"),
  risks: list(z.strictObject({ category: line, severity, description: text, mitigation: text, evidence })),
});

const approachSchema = z.strictObject({
  kind: z.literal("approach"),
  name: line,
  architecture: text,
  inputsAndOutputs: text,
  training: text,
  inference: text,
  resources: text,
  /** From 1, worst, to 5, best: quality to expect, how simple it is, how little it needs. */
  ratings: z.strictObject({
    performance: z.number().int().min(1).max(5),
    simplicity: z.number().int().min(1).max(5),
    thrift: z.number().int().min(1).max(5),
  }),
  tradeOffs: text,
});

const findingSchema = z.strictObject({
  title: line,
  severity,
  /** How sure the reviewer is, from 0 to 100. */
  confidence: z.number().min(0).max(100),
  evidence,
  detail: text,
  fix: text,
});

const findingsSchema = z.strictObject({
  kind: z.literal("findings"),
  findings: list(findingSchema),
  /** What was looked at and how, which is all that an empty list says. Journals of earlier versions have none. */
  checked: z.string().trim().max(1_000).default("").describe("What was looked at, and how"),
});

const checksSchema = z.strictObject({
  kind: z.literal("checks"),
  checks: list(
    z.strictObject({
      name: line,
      status: z.enum(["passed", "failed", "not-run"]),
      evidence,
      proof: proofSchema.exactOptional(),
    }),
  ),
});

const filesSchema = z.strictObject({
  kind: z.literal("files"),
  summary: text,
  files: list(z.strictObject({ path: line, purpose: line })),
  /** What is still to be done, by whom. */
  open: list(line).default([]),
});

export const taskOutputSchema = z.discriminatedUnion("kind", [
  notesSchema,
  risksSchema,
  approachSchema,
  findingsSchema,
  checksSchema,
  filesSchema,
]);

export type TaskOutput = z.infer<typeof taskOutputSchema>;
export type ApproachOutput = Extract<TaskOutput, { kind: "approach" }>;
export type Finding = z.infer<typeof findingSchema>;

/** Findings below this are kept in the journal for audit and not reported. */
export const REPORTED_CONFIDENCE = 80;

/** How a section begins that nobody has filled in. */
export const UNKNOWN = "Not known yet.";

const SEVERITY_ORDER = ["critical", "high", "medium", "low"];

/** Reported findings by severity, the gravest first, and the rest. The line between them is drawn here, not by a model. */
export function splitFindings(findings: readonly Finding[]): { reported: Finding[]; kept: Finding[] } {
  const sorted = findings.toSorted(
    (a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) || b.confidence - a.confidence,
  );
  return {
    reported: sorted.filter(({ confidence }) => confidence >= REPORTED_CONFIDENCE),
    kept: sorted.filter(({ confidence }) => confidence < REPORTED_CONFIDENCE),
  };
}

type Wanted = {
  kind: OutputKind;
  sections: readonly string[];
  proofs?: Readonly<Record<string, ProofKind>> | undefined;
};

/** What an answer lacks; empty for a whole one. */
export function checkOutput(wanted: Wanted, value: unknown): Checked {
  const parsed = taskOutputSchema.safeParse(value);
  if (!parsed.success) {
    return { problems: describeIssues(parsed.error.issues, value) };
  }
  const output = parsed.data;
  if (output.kind !== wanted.kind) {
    const toAgent = `kind: "${wanted.kind}" is wanted, not "${output.kind}"`;
    return { problems: [{ says: `it gives ${output.kind} where ${wanted.kind} are asked for`, toAgent }] };
  }
  const present = sectionsOf(output).map((name) => name.toLowerCase());
  const missing = wanted.sections.filter((section) => !present.includes(section.toLowerCase()));
  const problems = [
    ...missing.map((section) => samePlain(`"${section}" is missing`)),
    ...checkProofs(wanted.proofs ?? {}, output),
  ];
  return problems.length === 0 ? { output, problems } : { problems };
}

type Checked = { output?: TaskOutput; problems: readonly OutputProblem[] };

/**
 * The same, and what is asked of new answers alone: a check is measured by its name, so it stands there once. Journals that
 * were written before may hold it twice, and stay whole.
 */
function checkNewOutput(wanted: Wanted, value: unknown): Checked {
  const { output, problems } = checkOutput(wanted, value);
  const repeated = output === undefined ? problems : repeatedChecks(output).map(samePlain);
  return output === undefined || repeated.length > 0 ? { problems: repeated } : { output, problems };
}

/** The output that a model's answer holds: the last that has the form, else what its last attempt lacks. */
export function findOutput(wanted: Wanted, { values, isCutOff }: ModelAnswer): Checked {
  const attempts = values.map((value) => withKind(wanted.kind, value));
  const checked = attempts.map((value) => checkNewOutput(wanted, value));
  const whole = checked.findLast(({ output }) => output !== undefined);
  if (whole !== undefined) {
    return whole;
  }
  if (isCutOff) {
    const toAgent = "the block of JSON breaks off before its end, so give a shorter one";
    return { problems: [{ says: "it breaks off before its end", toAgent }] };
  }
  const meant = attempts.findLastIndex((value) => isKind(wanted.kind, value));
  const nothing = {
    says: "it is only text, without the parts that are asked for",
    toAgent: "no block of JSON was found",
  };
  return checked.at(meant) ?? { problems: [nothing] };
}

/** What else it is has been asked for, so that an answer need not repeat it. */
function withKind(kind: OutputKind, value: unknown): unknown {
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
  return isPlain && !("kind" in value) ? { kind, ...value } : value;
}

function isKind(kind: OutputKind, value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

export function repeatedChecks(output: TaskOutput): string[] {
  const names = output.kind === "checks" ? output.checks.map(({ name }) => name) : [];
  const keys = names.map((name) => name.toLowerCase());
  return names
    .filter((_name, index) => keys.indexOf(keys[index] ?? "") !== index)
    .map((name) => `"${name}" stands there twice`);
}

/** A check that passed names what is measured. */
function checkProofs(proofs: Readonly<Record<string, ProofKind>>, output: TaskOutput): OutputProblem[] {
  if (output.kind !== "checks") {
    return [];
  }
  return output.checks.flatMap(({ name, status, proof }) => {
    const [, kind] = Object.entries(proofs).find(([wanted]) => wanted.toLowerCase() === name.toLowerCase()) ?? [];
    const shown = kind === "tests" ? "no test files that show it" : "no metric that shows it";
    return status !== "passed" || kind === undefined || proof?.kind === kind
      ? []
      : [
          {
            says: `it says that "${name}" has passed, and names ${shown}`,
            toAgent: `"${name}" has passed only with a proof of the kind "${kind}"`,
          },
        ];
  });
}

function sectionsOf(output: TaskOutput): string[] {
  switch (output.kind) {
    case "notes":
      return output.sections.map(({ heading }) => heading);
    case "risks":
      return output.risks.map(({ category }) => category);
    case "checks":
      return output.checks.map(({ name }) => name);
    case "approach":
    case "findings":
    case "files":
      break;
  }
  return [];
}
