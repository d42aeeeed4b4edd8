import type { Fix } from "../../base/problems.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import type { Flow } from "../graph/linkFlow.ts";
import type { AttributeUse } from "../graph/stepBody.ts";
import { replace } from "./edits.ts";
import type { Report, Rule } from "./finding.ts";
import { quoteArtifact } from "./invalidNext.ts";
import { atNext } from "./stepReports.ts";

/** What is wrong with a `self.next` that passes Metaflow's check. */
export const nextRules: readonly Rule[] = [
  {
    id: "multiple-next",
    severity: "error",
    about: "a step calls self.next a second time, where Metaflow does not look",
    check: ({ graph }) => [...graph.nodes.values()].flatMap(secondCalls),
  },
  {
    id: "foreach-not-a-name",
    severity: "error",
    about: "foreach is given a value instead of the name of an artifact",
    check: ({ graph }) => [...graph.nodes.values()].flatMap(unnamedForeach),
  },
  {
    id: "condition-value",
    severity: "error",
    about: "a switch has no case for a value that its step assigns",
    check: ({ graph }) => [...graph.nodes.values()].flatMap(valuesWithoutCase),
  },
  {
    id: "return-before-next",
    severity: "error",
    about: "a step returns before it calls self.next",
    check: ({ graph }) => [...graph.nodes.values()].flatMap(earlyReturns),
  },
  {
    id: "foreach-value",
    severity: "error",
    about:
      "foreach over what has no elements that it could take: nothing, a number, a dict, an empty list, an iterator",
    check: ({ graph, flow }) => [...graph.nodes.values()].flatMap((node) => valuesWithoutElements(node, flow)),
  },
];

function secondCalls(node: FlowNode): Report[] {
  const { tail, body } = node.step.source;
  if (tail.kind !== "next") {
    return [];
  }
  const calls = body?.nextCalls ?? [];
  const last = calls.find(({ range }) => range.start.line === tail.range.start.line);
  const others = calls.filter(
    ({ range, inside, isDead, text, isReturned }) =>
      !isDead &&
      range.start.line < tail.range.start.line &&
      !inside.includes("function_definition") &&
      !inside.includes("lambda") &&
      // The same transition, after which the step is left, is the one that Metaflow expects.
      !(isReturned && text === last?.text),
  );
  return others.map(({ range, inside }) => ({
    // Whether a condition is ever true is not known here.
    ...(inside.length > 0 ? { severity: "warning" as const } : {}),
    message: `*${node.name}* calls self.next here and again in its last line. Metaflow draws the graph from the last line alone and fails when the other call runs; use a switch to choose.`,
    range,
    file: node.step.file,
    step: node.name,
  }));
}

function unnamedForeach(node: FlowNode): Report[] {
  const { tail } = node.step.source;
  const value = tail.kind === "next" ? tail.arguments.find(({ keyword }) => keyword === "foreach") : undefined;
  if (!value || node.hasInvalidNext || /string$|^identifier$|^call$/.test(value.type)) {
    return [];
  }
  const message = `foreach of *${node.name}* is the name of an artifact, as a string, and not its value.`;
  return [{ ...atNext(node, message, quoteArtifact(value)), range: value.range }];
}

function valuesWithoutCase(node: FlowNode): Report[] {
  const { transition } = node;
  if (
    transition?.kind !== "switch" ||
    transition.cases.some(([key]) => typeof key === "string" && key.startsWith("config:"))
  ) {
    return [];
  }
  const keys = new Set(transition.cases.map(([key]) => key));
  const { source, file } = node.step;
  const uses = (source.body?.attributes ?? []).filter(
    ({ owner, name }) => owner === "self" && name === transition.condition,
  );
  const writes = uses.filter(({ access }) => access === "write");
  const isOnlyUse = uses.length === 1;
  return writes.flatMap((write, index): Report[] => {
    const { valueType, range } = write;
    // What is read again may be written anew from it.
    if (isOnlyUse && TRUTH_VALUES.has(valueType ?? "") && [...keys].every((key) => typeof key === "string")) {
      return [
        {
          message: `This is True or False, and the cases of the switch *${node.name}* are texts, so that it finds none. Write the cases True and False without quotes.`,
          range,
          file,
          step: node.name,
          fixes: unquoteCases(node),
        },
      ];
    }
    const missing = isReplaced(write, writes.slice(index + 1))
      ? []
      : knownValues(write).filter((value) => !keys.has(value));
    return missing.map((value) => ({
      message: `The switch *${node.name}* has no case for ${JSON.stringify(value)}; there are ${[...keys].map((key) => JSON.stringify(key)).join(", ")}.`,
      range,
      file,
      step: node.name,
    }));
  });
}

/** Whether a later one may well take its place whatever happens: one without a condition, or two as of `if` and `else`. */
function isReplaced({ isConditional }: AttributeUse, later: readonly AttributeUse[]): boolean {
  return later.some((each) => !each.isConditional) || (!isConditional && later.length > 1);
}

const EITHER_TEXT = /^(["'])([^"'\\]*)\1\s+if\s[^]*\selse\s+(["'])([^"'\\]*)\3$/;

/** What is assigned: a plain value, or both texts of `"a" if … else "b"`. */
function knownValues({ value, valueType }: AttributeUse): (string | number | boolean)[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (typeof value !== "object") {
    return [value];
  }
  const text = valueType === "conditional_expression" && value.kind === "expression" ? value.text : "";
  const [, , one, , other] = EITHER_TEXT.exec(text) ?? [];
  return one === undefined || other === undefined ? [] : [one, other];
}

/** Expressions of the grammar that give True or False; a comparison of arrays is no condition of a switch. */
const TRUTH_VALUES = new Set(["comparison_operator", "not_operator"]);

/** Certain where the cases are called "True" and "False". */
function unquoteCases({ step }: FlowNode): Fix[] {
  const { tail } = step.source;
  const cases = tail.kind === "next" ? tail.arguments.find(({ type }) => type === "dictionary") : undefined;
  const unquoted = cases?.text.replaceAll(/(["'])(True|False)\1(?=\s*:)/gi, (_all, _quote, word: string) =>
    word.toLowerCase() === "true" ? "True" : "False",
  );
  const isWhole = unquoted !== undefined && !/["']\s*:/.test(unquoted);
  return cases && isWhole ? [{ title: "Write the cases True and False", edits: [replace(cases.range, unquoted)] }] : [];
}

function earlyReturns(node: FlowNode): Report[] {
  const { tail, body } = node.step.source;
  // What a second self.next in front of the return does is named elsewhere.
  if (tail.kind !== "next" || !body || body.nextCalls.length > 1) {
    return [];
  }
  return body.returns.map(({ range, isConditional }) => ({
    ...(isConditional ? { severity: "warning" as const } : {}),
    message: `Where *${node.name}* returns here, self.next is not called, and the run ends with an error. Leave the rest of the step out with if/else, or choose the next step with a switch.`,
    range,
    file: node.step.file,
    step: node.name,
  }));
}

function valuesWithoutElements(node: FlowNode, { attributes, steps }: Flow): Report[] {
  const { transition, step } = node;
  if (transition?.kind !== "foreach" || typeof transition.parameter !== "string") {
    return [];
  }
  const bodies = [...attributes.values()].flatMap(({ member }) =>
    member.kind === "function" && member.source.body ? [member.source.body] : [],
  );
  if (bodies.some((body) => body.bareSelf !== "unused")) {
    return [];
  }
  // Whatever else the step or a helper does with the artifact may fill it.
  const ofOtherSteps = new Set(steps.filter(({ name }) => name !== node.name).map(({ source }) => source.body));
  const uses = bodies
    .filter((body) => !ofOtherSteps.has(body))
    .flatMap((body) => body.attributes.filter(({ owner, name }) => owner === "self" && name === transition.parameter));
  const [only, ...others] = uses;
  const what =
    only?.access === "write" && !only.isShared && others.length === 0 ? describeEmpty(only, step.file) : undefined;
  return only === undefined || what === undefined
    ? []
    : [
        {
          message: `self.${only.name} is ${what}, and foreach="${only.name}" ends the run for that. Give it a list with one element for each task.`,
          range: only.range,
          file: step.file,
          step: node.name,
          fixes: [],
        },
      ];
}

/** Builtins that give an iterator, and no list, in all of their value. */
const ITERATOR = /^(zip|map|filter|enumerate|reversed|iter)\((?:[^()]|\([^()]*\))*\)$/;

function describeEmpty({ value, valueType }: AttributeUse, { bound }: FlowFile): string | undefined {
  if (value === null) {
    return "None";
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return typeof value === "number" ? "a number" : "True or False";
  }
  if (typeof value === "object" && value.kind === "sequence" && value.items.length === 0) {
    return "empty";
  }
  // Metaflow counts the elements first, and an iterator has none left afterwards.
  const called =
    valueType === "call" && typeof value === "object" && value.kind === "expression"
      ? ITERATOR.exec(value.text)?.[1]
      : undefined;
  if (called !== undefined && !bound.has(called)) {
    return "an iterator";
  }
  // Metaflow takes the elements by their position: 0, 1, 2.
  const isCounted = typeof value === "object" && value.kind === "dict" && value.entries.some(([key]) => key === 0);
  return valueType === "dictionary" && typeof value === "object" && value.kind === "dict" && !isCounted
    ? "a dict"
    : undefined;
}
