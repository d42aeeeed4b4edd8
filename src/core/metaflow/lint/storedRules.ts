import type { AttributeUse } from "../graph/stepBody.ts";
import { usesOf } from "./artifactFlow.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { type Method, ownMethods } from "./ownMethods.ts";

/** What Metaflow does not keep when a step ends. */
export const storedRules: readonly Rule[] = [
  {
    id: "unpicklable-artifact",
    severity: "error",
    about:
      "a generator, an open file, an input of a join and their like as an artifact, or a lambda that another step reads",
    check: (context) => [...checkPicklable(context), ...checkLambdas(context)],
  },
];

/** What each step leaves of an artifact: what is assigned or deleted later does not reach the end of the step. */
function lastWrites(methods: readonly Method[]): { method: Method; use: AttributeUse }[] {
  return methods
    .filter(({ isStep }) => isStep)
    .flatMap((method) => {
      const changes = method.uses.filter(({ owner, access }) => owner === "self" && access !== "read");
      const last = new Map(changes.map((use) => [use.name, use]));
      return [...last.values()].flatMap((use) => (use.access === "write" ? [{ method, use }] : []));
    });
}

function checkPicklable(context: FlowContext): Report[] {
  const { file } = context;
  return lastWrites(ownMethods(context)).flatMap(({ method, use }): Report[] => {
    const what = isTask(use, method) ? "A whole input of a join" : describeUnpicklable(use);
    return what === undefined
      ? []
      : [
          {
            message: `${what} cannot be stored as the artifact ${use.name}, and the step fails when it ends. Keep it in a name without \`self.\`, or store what it gives.`,
            range: use.range,
            file,
            step: method.name,
          },
        ];
  });
}

/** Metaflow takes a function for a method of the flow and leaves it out, without a word. */
function checkLambdas(context: FlowContext): Report[] {
  const { file } = context;
  const methods = ownMethods(context);
  return lastWrites(methods).flatMap(({ method, use }): Report[] => {
    const reader = methods.find(
      ({ name, isStep, uses }) =>
        name !== method.name &&
        isStep &&
        usesOf(uses, "read").some((read) => read.name === use.name && !read.isGuarded) &&
        !usesOf(uses, "write").some((write) => write.name === use.name),
    );
    return use.valueType !== "lambda" || reader === undefined
      ? []
      : [
          {
            message: `Metaflow does not store a function, so that *${reader.name}* has no self.${use.name} and ends the run. Write a function at the top of the file, and call that.`,
            range: use.range,
            file,
            step: method.name,
          },
        ];
  });
}

/** What its whole call gives cannot be stored. */
const UNPICKLABLE_CALLS: Readonly<Record<string, string>> = {
  open: "An open file",
  "boto3.client": "A client of AWS",
  "boto3.resource": "A client of AWS",
  "boto3.Session": "A session of AWS",
  "sqlite3.connect": "A connection",
  "threading.Lock": "A lock",
  "threading.RLock": "A lock",
};

function describeUnpicklable(use: AttributeUse): string | undefined {
  if (use.valueType === "generator_expression") {
    return "A generator";
  }
  const callee = use.valueType === "call" ? /^([\w.]+)\([^()]*\)$/.exec(textOf(use))?.[1] : undefined;
  return callee !== undefined && Object.hasOwn(UNPICKLABLE_CALLS, callee) ? UNPICKLABLE_CALLS[callee] : undefined;
}

/** `best` of a loop over the inputs, `inputs[0]`, `inputs.work`, `max(inputs, key=…)`: a task, or a list of them. */
function isTask(use: AttributeUse, { inputs, isOfTask }: Method): boolean {
  const text = textOf(use).replaceAll(/\[[^[\]]*\]/g, "[]");
  if (inputs === undefined || text === "") {
    return false;
  }
  const isOne = /^\w+(?:\[\]|\.\w+)?$/.test(text) && (text === inputs || isOfTask(text));
  const isChosen =
    use.valueType === "call" && new RegExp(`^(?:max|min|sorted|list)\\(${inputs}(?:,[^)]*)?\\)$`).test(text);
  return isOne || isChosen;
}

function textOf({ value }: AttributeUse): string {
  return typeof value === "object" && value?.kind === "expression" ? value.text : "";
}
