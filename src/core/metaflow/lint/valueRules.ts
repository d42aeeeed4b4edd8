import { closestName } from "../../base/closestName.ts";
import type { Attribute } from "../graph/linkFlow.ts";
import type { AttributeUse, InnerNext } from "../graph/stepBody.ts";
import { usesOf } from "./artifactFlow.ts";
import { assignedArtifacts } from "./assignedArtifacts.ts";
import { linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";

/** Attributes of a flow that cannot be set, kept or found; the run ends there. */
export const valueRules: readonly Rule[] = [
  {
    id: "fixed-attribute",
    severity: "error",
    about: "a step assigns a Parameter, a Config or another attribute of the class",
    check: checkFixed,
  },
  {
    id: "unpicklable-artifact",
    severity: "error",
    about: "a lambda, a generator or an open file as an artifact",
    check: checkPicklable,
  },
  {
    id: "unknown-artifact",
    severity: "error",
    about: "a step reads an attribute that no step assigns",
    check: checkUnknown,
  },
];

type Method = { name: string; isStep: boolean; uses: readonly AttributeUse[]; nextCalls: readonly InnerNext[] };

/** The methods that stand in the file itself, with what they do to `self`. */
function ownMethods({ flow, graph, file }: FlowContext): Method[] {
  return [...flow.attributes].flatMap(([name, attribute]) => {
    const body = attribute.member.kind === "function" ? attribute.member.source.body : undefined;
    return body && attribute.file === file
      ? [{ name, isStep: graph.nodes.has(name), uses: body.attributes, nextCalls: body.nextCalls }]
      : [];
  });
}

function inStep({ name, isStep }: Method): { step?: string } {
  return isStep ? { step: name } : {};
}

function checkFixed(context: FlowContext): Report[] {
  const { flow, file } = context;
  return ownMethods(context).flatMap((method) =>
    usesOf(method.uses, "write").flatMap(({ name, range }): Report[] => {
      const attribute = flow.attributes.get(name);
      const what = attribute && describeFixed(attribute);
      return what === undefined
        ? []
        : [
            {
              message: `self.${name} is ${what}, which no step may change: the run ends here. Assign another name.`,
              range,
              file,
              ...inStep(method),
            },
          ];
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

function describeUnpicklable({ value, valueType = "" }: AttributeUse): string | undefined {
  const text = typeof value === "object" && value?.kind === "expression" ? value.text : "";
  return valueType === "call" && /^open\([^()]*\)$/.test(text) ? "An open file" : UNPICKLABLE[valueType];
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
      return {
        message: `No step assigns self.${name}, and the run ends here. ${hint}`,
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
