import type { Fix, TextRange } from "../../base/problems.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import type { InnerNext } from "../graph/stepBody.ts";
import { insertAt, lineEndOf, linesOf, replace } from "./edits.ts";
import type { FlowContext, Report } from "./finding.ts";

const STATEMENT_NAMES: Readonly<Record<string, string>> = {
  if_statement: "an `if`",
  elif_clause: "an `if`",
  else_clause: "an `if`",
  for_statement: "a loop",
  while_statement: "a loop",
  try_statement: "a `try`",
  with_statement: "a `with`",
  match_statement: "a `match`",
};

/** For a step that calls `self.next` where Metaflow does not look: says so, and turns branches into a switch. */
export function explainHiddenNext(node: FlowNode, context: FlowContext): Report | undefined {
  const calls = node.step.source.body?.nextCalls ?? [];
  const [first] = calls;
  if (!first) {
    return undefined;
  }
  const place = STATEMENT_NAMES[first.inside[0] ?? ""];
  const message =
    place === undefined
      ? `*${node.name}* does something after self.next. The call has to be the last line of the step.`
      : place === "an `if`"
        ? `*${node.name}* calls self.next inside ${place}, where Metaflow does not see it. Store the choice in an artifact and end the step with self.next({…}, condition="…").`
        : `*${node.name}* calls self.next inside ${place}, where Metaflow does not see it. Make it the last line of the step.`;
  return {
    message,
    range: first.range,
    file: node.step.file,
    step: node.name,
    fixes: turnIntoSwitch(node, calls, context),
  };
}

/** Where every branch of one `if` … `else` ends with a plain transition, the switch that says the same is certain. */
function turnIntoSwitch({ step }: FlowNode, calls: readonly InnerNext[], { flow }: FlowContext): Fix[] {
  const chain = calls[0]?.chain;
  const targets = [...new Set(calls.flatMap(({ target }) => target ?? []))];
  const isWhole =
    chain?.hasElse === true &&
    chain.branches === calls.length &&
    calls.every((call) => call.target !== undefined && isSame(call.chain?.range, chain.range)) &&
    isSame(step.source.lastStatement, chain.range) &&
    targets.length > 1;
  if (!isWhole) {
    return [];
  }
  const artifact = ["next_step", `${step.name}_route`].find((name) => !mentions(flow.file, name));
  if (artifact === undefined) {
    return [];
  }
  const { start, end } = chain.range;
  const lines = linesOf(step.file);
  const indent = (lines[start.line] ?? "").slice(0, start.column);
  const cases = targets.map((target) => `"${target}": self.${target}`).join(", ");
  const statement = `${lineEndOf(step.file)}${indent}self.next({${cases}}, condition="${artifact}")`;
  const edits = calls.map(({ range, target }) => replace(range, `self.${artifact} = "${target}"`));
  return [
    {
      title: "Turn the if into a switch",
      edits: [...edits, insertAt(end.line, (lines[end.line] ?? "").length, statement)],
    },
  ];
}

function mentions({ text }: FlowFile, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}

function isSame(a: TextRange | undefined, b: TextRange): boolean {
  return (
    a?.start.line === b.start.line &&
    a.start.column === b.start.column &&
    a.end.line === b.end.line &&
    a.end.column === b.end.column
  );
}
