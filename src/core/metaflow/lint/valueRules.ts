import { closestName } from "../../base/closestName.ts";
import type { FunctionSource } from "../graph/flowSource.ts";
import type { Attribute } from "../graph/linkFlow.ts";
import type { AttributeUse, InnerNext } from "../graph/stepBody.ts";
import { usesOf } from "./artifactFlow.ts";
import { assignedArtifacts } from "./assignedArtifacts.ts";
import { linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { failureIn } from "./stepReports.ts";

/** Attributes of a flow that cannot be set, kept or found; the run ends there. */
export const valueRules: readonly Rule[] = [
  {
    id: "fixed-attribute",
    severity: "error",
    about: "a step assigns a Parameter, a Config, a step or another name that is not free",
    check: checkFixed,
  },
  {
    id: "unpicklable-artifact",
    severity: "error",
    about: "a lambda, a generator, an open file or a client of AWS as an artifact",
    check: checkPicklable,
  },
  {
    id: "unknown-artifact",
    severity: "error",
    about: "a step reads an attribute that no step assigns",
    check: checkUnknown,
  },
];

type Method = {
  name: string;
  isStep: boolean;
  uses: readonly AttributeUse[];
  nextCalls: readonly InnerNext[];
  /** The owners whose attributes are those of a task that a join is given. */
  isOfTask: (owner: string) => boolean;
};

/** The methods that stand in the file itself, with what they do to `self`. */
function ownMethods({ flow, graph, file }: FlowContext): Method[] {
  return [...flow.attributes].flatMap(([name, attribute]) => {
    const source = attribute.member.kind === "function" ? attribute.member.source : undefined;
    const body = source?.body;
    return source && body && attribute.file === file
      ? [
          {
            name,
            isStep: graph.nodes.has(name),
            uses: body.attributes,
            nextCalls: body.nextCalls,
            isOfTask: ownersOfTasks(source),
          },
        ]
      : [];
  });
}

function ownersOfTasks({ body, parameterNames: [, inputs] }: FunctionSource): Method["isOfTask"] {
  return (owner) =>
    body?.inputNames?.has(owner) === true ||
    (inputs !== undefined && (owner === `${inputs}[]` || owner.startsWith(`${inputs}.`)));
}

function inStep({ name, isStep }: Method): { step?: string } {
  return isStep ? { step: name } : {};
}

function checkFixed(context: FlowContext): Report[] {
  const { flow, file, graph } = context;
  return ownMethods(context).flatMap((method) =>
    usesOf(method.uses, "write").flatMap(({ name, range }): Report[] => {
      const attribute = flow.attributes.get(name);
      const at = { range, file, ...inStep(method) };
      if (graph.nodes.has(name)) {
        return [{ ...at, ...describeStep(name, method) }];
      }
      if (!attribute && name === "name") {
        // In `__init__` Metaflow does the same.
        return method.name !== "__init__" && isReadElsewhere(name, method, context)
          ? [
              {
                ...at,
                severity: "warning",
                message: `self.name is the name of the flow in every other step, and not what is assigned here: Metaflow sets it anew for each task. Assign another name, such as self.${method.name}_name.`,
              },
            ]
          : [];
      }
      const what = attribute ? describeFixed(attribute) : READ_ONLY.has(name) ? "Metaflow's own" : undefined;
      return what === undefined
        ? []
        : [
            {
              ...at,
              message: `self.${name} is ${what}, which no step may change: the run ends here. Assign another name.`,
            },
          ];
    }),
  );
}

/** Properties of `FlowSpec` without a setter. */
const READ_ONLY: ReadonlySet<string> = new Set(["input", "index", "script_name"]);

/** A method of the class comes before an artifact of its name, except in the task that assigns it. */
function describeStep(name: string, { nextCalls }: Method): Pick<Report, "message" | "severity"> {
  const isNext = nextCalls.some(({ text }) => new RegExp(`\\bself\\.${name}\\b`).test(text));
  return isNext
    ? {
        message: `self.${name} is a step, and once it is assigned self.next cannot go there: the run ends here. Assign another name.`,
      }
    : {
        severity: "warning",
        message: `self.${name} is a step, and every other step finds that step instead of what is assigned here. Assign another name.`,
      };
}

/** Whether another method reads it, or a join from the tasks it is given. */
function isReadElsewhere(name: string, written: Method, context: FlowContext): boolean {
  return ownMethods(context).some((method) =>
    method.uses.some(({ name: read, access, owner }) => {
      const isElsewhere = owner === "self" && method.name !== written.name;
      return read === name && access === "read" && (isElsewhere || method.isOfTask(owner));
    }),
  );
}

/** What Metaflow makes read-only; an annotation without a value is no attribute. */
function describeFixed({ member, file }: Attribute): string | undefined {
  if (member.kind === "call") {
    const kind = member.call.callee.split(".").at(-1) ?? "";
    return /^(?:Parameter|Config|IncludeFile)$/.test(kind)
      ? `a ${kind}`.replace("a I", "an I")
      : kind === "property"
        ? undefined
        : "an attribute of the class";
  }
  const line = member.kind === "other" ? linesOf(file)[member.range.start.line] : undefined;
  return line !== undefined && /^\s*[A-Za-z]\w*\s*(?::[^=]+)?=(?!=)/.test(line)
    ? "an attribute of the class"
    : undefined;
}

const UNPICKLABLE: Readonly<Record<string, string>> = { lambda: "A lambda", generator_expression: "A generator" };

function checkPicklable(context: FlowContext): Report[] {
  const { file } = context;
  return ownMethods(context)
    .filter(({ isStep }) => isStep)
    .flatMap((method) => {
      // What is assigned or deleted later does not reach the end of the step.
      const last = new Map(
        method.uses.filter(({ owner, access }) => owner === "self" && access !== "read").map((use) => [use.name, use]),
      );
      return [...last.values()].flatMap((use): Report[] => {
        const what = use.access === "write" ? describeUnpicklable(use) : undefined;
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

function describeUnpicklable({ value, valueType = "" }: AttributeUse): string | undefined {
  const text = typeof value === "object" && value?.kind === "expression" ? value.text : "";
  const callee = valueType === "call" ? /^([\w.]+)\([^()]*\)$/.exec(text)?.[1] : undefined;
  return callee !== undefined && Object.hasOwn(UNPICKLABLE_CALLS, callee)
    ? UNPICKLABLE_CALLS[callee]
    : UNPICKLABLE[valueType];
}

function checkUnknown(context: FlowContext): Report[] {
  const { graph, file } = context;
  const found = assignedArtifacts(context);
  if (!found) {
    return [];
  }
  const { artifacts, assigned, asked } = found;
  const known = new Set<unknown>([...artifacts.always, ...graph.nodes.keys(), ...assigned, ...asked]);
  return ownMethods(context).flatMap((method) =>
    onceEach(
      usesOf(method.uses, "read").filter(
        (use) => !use.isGuarded && !known.has(use.name) && !use.name.startsWith("_") && !isTarget(use, method),
      ),
    ).map(({ name, range }) => {
      const meant = closestName(name, [...new Set([...assigned, ...artifacts.always])]);
      const hint = meant === undefined ? "Assign it in a step before this one." : `Is self.${meant} meant?`;
      const { outcome, ...serious } = failureIn(graph.nodes.get(method.name)?.step);
      return {
        ...serious,
        message: `No step assigns self.${name}, and ${outcome}. ${hint}`,
        range,
        file,
        ...inStep(method),
        fixes: meant === undefined ? [] : [{ title: `Write self.${meant}`, edits: [replace(range, `self.${meant}`)] }],
      };
    }),
  );
}

/** Which steps `self.next` names is looked at elsewhere. */
function isTarget({ range }: AttributeUse, { nextCalls }: Method): boolean {
  return nextCalls.some((call) => !isBefore(range.start, call.range.start) && !isBefore(call.range.end, range.end));
}

function isBefore(a: AttributeUse["range"]["start"], b: AttributeUse["range"]["start"]): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

function onceEach(uses: readonly AttributeUse[]): AttributeUse[] {
  return [...new Map(uses.toReversed().map((use) => [use.name, use])).values()].toReversed();
}
