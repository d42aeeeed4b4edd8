import { closestName } from "../../base/closestName.ts";
import type { Attribute } from "../graph/linkFlow.ts";
import type { AttributeUse } from "../graph/stepBody.ts";
import { usesOf } from "./artifactFlow.ts";
import { assignedArtifacts } from "./assignedArtifacts.ts";
import { linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { inStep, isInNext, type Method, ownMethods } from "./ownMethods.ts";
import { failureIn } from "./stepReports.ts";

/** Attributes of a flow that cannot be set or found; the run ends there. */
export const valueRules: readonly Rule[] = [
  {
    id: "fixed-attribute",
    severity: "error",
    about: "a step assigns a Parameter, a Config, a step or another name that is not free",
    check: (context) => [...checkFixed(context), ...checkConfigs(context)],
  },
  {
    id: "unknown-artifact",
    severity: "error",
    about: "a step reads an attribute that no step assigns",
    check: checkUnknown,
  },
];

function checkFixed(context: FlowContext): Report[] {
  const { flow, file, graph } = context;
  const methods = ownMethods(context);
  const readers = readersOf("name", methods);
  return methods.flatMap((method) =>
    usesOf(method.uses, "write").flatMap(({ name, range, isGuarded }): Report[] => {
      const attribute = flow.attributes.get(name);
      const at = { range, file, ...inStep(method) };
      if (graph.nodes.has(name)) {
        return [{ ...at, ...describeStep(name, method) }];
      }
      if (!attribute && name === "name") {
        // In `__init__` Metaflow does the same.
        return method.name !== "__init__" && readers.some((each) => each.isJoin || each.name !== method.name)
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
      return what === undefined || isGuarded
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

/** `self.config.rate = 3`: what a Config holds is fixed as well, unless it is plain. */
function checkConfigs(context: FlowContext): Report[] {
  const { flow, file } = context;
  return ownMethods(context).flatMap((method) =>
    method.uses.flatMap(({ owner, name, access, range, isGuarded }): Report[] => {
      const config = access === "write" && !isGuarded ? /^self\.(\w+)/.exec(owner)?.[1] : undefined;
      const member = config === undefined ? undefined : flow.attributes.get(config)?.member;
      const isFixed =
        member?.kind === "call" && /(?:^|\.)Config$/.test(member.call.callee) && !member.call.keywords.has("plain");
      return isFixed
        ? [
            {
              message: `${owner}.${name} is part of a Config, which no step may change: the run ends here. Assign an artifact of your own.`,
              range,
              file,
              ...inStep(method),
            },
          ]
        : [];
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

/** The methods that read an artifact of another task: of a step before, or of one that a join is given. */
function readersOf(name: string, methods: readonly Method[]): { name: string; isJoin: boolean }[] {
  return methods.flatMap((method) => {
    const reads = method.uses.filter((use) => use.name === name && use.access === "read");
    const isJoin = reads.some(({ owner }) => method.isOfTask(owner));
    return isJoin || reads.some(({ owner }) => owner === "self") ? [{ name: method.name, isJoin }] : [];
  });
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
  if (member.kind === "function") {
    return member.source.decorators.some(({ callee }) => callee === "property")
      ? "a property without a setter"
      : undefined;
  }
  const line = member.kind === "other" ? linesOf(file)[member.range.start.line] : undefined;
  return line !== undefined && /^\s*[A-Za-z]\w*\s*(?::[^=]+)?=(?!=)/.test(line)
    ? "an attribute of the class"
    : undefined;
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
        (use) => !use.isGuarded && !known.has(use.name) && !use.name.startsWith("_") && !isInNext(use, method),
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

function onceEach(uses: readonly AttributeUse[]): AttributeUse[] {
  return [...new Map(uses.toReversed().map((use) => [use.name, use])).values()].toReversed();
}
