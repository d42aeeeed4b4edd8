import * as z from "zod";

/** One line of text that a person reads: no control characters, no line ends. */
function lineOfText(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must be one line of printable text");
}

const stepName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_]*$/, "must be lowercase letters, digits and underscores")
  .describe("lowercase letters, digits, underscores");

const artifactName = z
  .string()
  .max(60)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, "must be a Python name");

/** Any JSON value. Spelled as unknown, since a schema that refers to itself is more than some models read. */
const json = z.unknown();

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const parameter = z.object({
  name: z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9_-]*$/, "must be lowercase letters, digits, dashes and underscores")
    .describe("as on the command line: learning-rate"),
  type: z.enum(["string", "integer", "float", "boolean", "json", "file"]),
  help: lineOfText(200).min(1),
  default: json.optional().describe("leave out for a required parameter; a file has none"),
  min: z.number().optional().describe("smallest value; checked in start"),
  max: z.number().optional().describe("largest value; checked in start"),
  choices: z.array(scalar).min(1).max(50).optional().describe("the only values; checked in start"),
});

const decorator = z.object({
  name: z.string().max(60).describe("of Metaflow, without @: retry, catch, resources, schedule"),
  arguments: z.record(artifactName, json).optional(),
});

const next = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("to"), step: stepName }),
  z.object({ kind: z.literal("branch"), steps: z.array(stepName).min(2).max(20) }),
  z.object({
    kind: z.literal("foreach"),
    step: stepName,
    over: artifactName.describe("the artifact that holds the list"),
    values: z.array(json).min(1).max(100).optional().describe("the list, unless the body or a parameter gives it"),
  }),
  z.object({
    kind: z.literal("switch"),
    on: artifactName.describe("the artifact whose value decides"),
    cases: z.record(z.string().min(1).max(60), stepName).describe("value → step; a step may lead back to itself"),
    choose: lineOfText(300).optional().describe("Python expression for the value, unless the body assigns it"),
  }),
]);

const stepSpec = z.object({
  name: stepName,
  doc: lineOfText(200).min(1).describe("what the step does, as a sentence"),
  body: z
    .string()
    .max(20_000)
    .optional()
    .describe("Python statements of the step, without def and self.next; imports of heavy packages belong here"),
  decorators: z.array(decorator).max(20).optional(),
  card: z.boolean().optional().describe("a card with the step's name and doc, which the body can add to"),
  join: z
    .object({ collect: z.array(artifactName).max(50).optional() })
    .optional()
    .describe("for a step that ends a branch or foreach; each collected artifact x becomes the list all_x"),
  next: next.optional().describe("left out in end alone"),
});

/** A flow of any shape, to be written as Python. What cannot work is refused by the check of the written text. */
export const flowSpecSchema = z.object({
  doc: lineOfText(200).min(1).describe("what the flow is for, as a sentence"),
  parameters: z.array(parameter).max(50).optional(),
  decorators: z.array(decorator).max(20).optional().describe("of the flow: schedule, project, trigger_on_finish"),
  steps: z.array(stepSpec).min(2).max(100).describe("from start to end"),
});

export type FlowSpec = z.infer<typeof flowSpecSchema>;
export type StepSpec = FlowSpec["steps"][number];
export type ParameterSpec = NonNullable<FlowSpec["parameters"]>[number];
export type DecoratorSpec = NonNullable<FlowSpec["decorators"]>[number];
