import { isBefore, type TextRange } from "../../base/problems.ts";
import type { FunctionSource } from "../graph/flowSource.ts";
import type { AttributeUse, InnerNext } from "../graph/stepBody.ts";
import type { FlowContext } from "./finding.ts";

/** A method of a flow, with what it does to `self`. */
export type Method = {
  name: string;
  isStep: boolean;
  uses: readonly AttributeUse[];
  nextCalls: readonly InnerNext[];
  /** The owners whose attributes are those of a task that a join is given. */
  isOfTask: (owner: string) => boolean;
  /** What a join calls its inputs, where it can be followed. */
  inputs?: string | undefined;
};

/** The methods that stand in the file itself. */
export function ownMethods({ flow, graph, file }: FlowContext): Method[] {
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
            inputs: body.inputNames && source.parameterNames[1],
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

export function inStep({ name, isStep }: Method): { step?: string } {
  return isStep ? { step: name } : {};
}

/** Which steps `self.next` names is looked at elsewhere. */
export function isInNext({ range }: { range: TextRange }, { nextCalls }: Pick<Method, "nextCalls">): boolean {
  return nextCalls.some((call) => !isBefore(range.start, call.range.start) && !isBefore(call.range.end, range.end));
}
