import { originOf } from "../graph/origin.ts";
import { insertAt } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";

/** What the class of a flow descends from. */
export const baseRules: readonly Rule[] = [
  {
    id: "no-flow-spec",
    severity: "error",
    about: "a class with steps that does not descend from FlowSpec, so that running its file runs none of them",
    check: checkDescent,
  },
  {
    id: "unknown-base",
    severity: "information",
    about: "a base class that is not found, so that the graph is not checked",
    check: checkBases,
  },
];

function checkDescent({ flow, file, find }: FlowContext): Report[] {
  const { name, source } = flow;
  if (flow.isFlowSpec || !flow.isComplete) {
    return [];
  }
  const { end } = source.range;
  const isImported = originOf("FlowSpec", file, find).kind === "metaflow";
  const isPlain = source.bases.length === 0 && !/^\s*\(/.test(lineBehind(file.text, end));
  return [
    {
      message: `${name} has steps and does not descend from FlowSpec, so that running this file does nothing. Write \`class ${name}(FlowSpec):\`.`,
      range: source.range,
      file,
      fixes:
        isPlain && isImported
          ? [{ title: "Descend from FlowSpec", edits: [insertAt(end.line, end.column, "(FlowSpec)")] }]
          : [],
    },
  ];
}

function lineBehind(text: string, { line, column }: { line: number; column: number }): string {
  return (text.split("\n")[line] ?? "").slice(column);
}

function checkBases({ flow, file, find }: FlowContext): Report[] {
  if (flow.isComplete) {
    return [];
  }
  const unknown = flow.source.bases.filter(({ name }) => originOf(name, file, find).kind === "unknown");
  const { name, range } = unknown[0] ?? { name: "A base class of its base classes", range: flow.source.range };
  return [
    {
      message: `${name} is not found from here, and the steps that it may have are not known: the graph of ${flow.name} is not checked. Metaflow's own check knows it.`,
      range,
      file,
    },
  ];
}
