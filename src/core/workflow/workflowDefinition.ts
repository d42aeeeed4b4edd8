import * as z from "zod";
import { PROOF_KINDS } from "./proof.ts";
import { OUTPUT_KINDS } from "./taskOutput.ts";

/*
 * A workflow as data. The shipped ones and those of a workspace are read by the same code, and the engine knows neither.
 */

/** Tasks and answers are looked up by name in plain objects, which journals hold as JSON. */
function isFree(name: string): boolean {
  return !(name in Object.prototype);
}

const TAKEN = "it takes another name: every JavaScript object has one of this name";

const id = z
  .string()
  .regex(/^[a-z][a-z\d-]{0,63}$/, "use lower-case letters, digits and hyphens, beginning with a letter")
  .refine(isFree, TAKEN);
const key = z
  .string()
  .regex(/^[a-z][A-Za-z\d_]{0,63}$/, "use letters, digits and underscores, beginning with a small letter")
  .refine(isFree, TAKEN);
const line = z.string().trim().min(1).max(300);
const text = z.string().trim().min(1).max(8_000);
const agentName = id;

/** The phases of the shipped workflows are twelve; a workflow beyond this is a mistake. */
const MAX_PHASES = 40;
const MAX_ITEMS = 60;

const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(MAX_ITEMS);

const questionSchema = z.strictObject({
  key,
  title: line,
  /** Offered answers; another one can always be written. */
  options: list(line).default([]),
  hint: line.optional(),
  isOptional: z.boolean().default(false),
});

const taskSchema = z.strictObject({
  id,
  agent: agentName,
  title: line,
  /** `$ARGUMENTS` is what the person asked for, `{phase2.ml-engineer.output}` what an earlier agent left. */
  prompt: text,
  /** Starts from what reading the code of the project has found. */
  usesChecks: z.boolean().default(false),
  output: z.strictObject({
    kind: z.enum(OUTPUT_KINDS),
    /** The sections or categories that the output has to have. */
    sections: list(line).default([]),
    /** For notes of an agent: how many key files it names, all of which it has read; all there are in a smaller project. */
    keyFiles: z
      .strictObject({ atLeast: z.number().int().min(1).max(50), atMost: z.number().int().min(1).max(200) })
      .exactOptional(),
    /** For checks: which of them have to name a proof, of which kind, that is then measured. */
    proofs: z.record(line, z.enum(PROOF_KINDS)).exactOptional(),
  }),
});

const stepSchema = z.strictObject({
  /** They run together; steps run one after the other. */
  tasks: z.array(taskSchema).min(1).max(8),
  /** Runs after the gate, and only for these of its choices; empty for any. Absent: before the gate. */
  afterGate: list(id).optional(),
  /** The first round of the phase in which it runs: 2 for what mends what the first round found. */
  fromRound: z.number().int().min(1).max(20).default(1),
});

const choiceSchema = z.strictObject({
  id,
  label: line,
  /** What has to be reported for it to be offered: anything, or what is grave beside what is not. */
  onlyWith: z.enum(["findings", "some-grave-findings"]).exactOptional(),
  /** The findings that the steps after the gate are given: all that are reported, or the critical and high ones. */
  handsOn: z.enum(["reported", "grave"]).exactOptional(),
});

const gateSchema = z.strictObject({
  question: line,
  /** Asked instead where the reviews of this phase have reported nothing. */
  questionWithoutFindings: line.exactOptional(),
  /** The phases whose documents are approved; this one alone where nothing is said. */
  covers: list(id).default([]),
  /** What the person chooses from: a list, or the approaches that the agents of this phase have drawn up. */
  choices: z.union([z.literal("approaches"), z.array(choiceSchema).min(2).max(8)]).optional(),
  /** Opens by itself once every check of the phase has passed. */
  opensWhenChecksPass: z.boolean().default(false),
});

const phaseSchema = z.strictObject({
  id,
  title: line,
  stage: line,
  goal: line,
  questions: list(questionSchema).default([]),
  /** Asks the workflow's configuration here. */
  asksConfiguration: z.boolean().default(false),
  steps: z.array(stepSchema).max(12).default([]),
  gate: gateSchema.optional(),
  /** Agents that may write files in this phase. */
  writers: list(agentName).default([]),
  /** Repeats the steps while a check fails, at most this often; then the person decides. */
  maxRounds: z.number().int().min(1).max(20).default(1),
  canSkip: z.boolean().default(false),
});

const optionSchema = z.strictObject({
  key,
  title: line,
  values: z.array(line).min(2).max(12),
  default: line,
  reason: line,
});

const criterionSchema = z.strictObject({
  id,
  group: line,
  title: line,
  /** Only running in production can tell; at design time it is a target. */
  isMeasuredInProduction: z.boolean().default(false),
});

const deliverableSchema = z.strictObject({
  id,
  title: line,
  /** The agents' outputs it is composed of, as placeholders. */
  from: z.array(line).min(1).max(12),
});

export const workflowSchema = z.strictObject({
  name: id,
  title: line,
  description: line,
  /** The participant that leads it. */
  participant: z.enum(["ml-trainer", "mlops-engineer"]).default("ml-trainer"),
  argumentHint: line.optional(),
  takesCapsule: z.boolean().default(false),
  principles: list(line).default([]),
  configuration: list(optionSchema).default([]),
  criteria: list(criterionSchema).default([]),
  deliverables: list(deliverableSchema).default([]),
  phases: z.array(phaseSchema).min(1).max(MAX_PHASES),
});

export type WorkflowDefinition = z.infer<typeof workflowSchema>;
export type PhaseDefinition = WorkflowDefinition["phases"][number];
export type TaskDefinition = PhaseDefinition["steps"][number]["tasks"][number];

/** Every task of a phase, in the order in which they run. */
export function tasksOf(phase: PhaseDefinition): readonly TaskDefinition[] {
  return phase.steps.flatMap(({ tasks }) => tasks);
}
