import { codePlaces } from "../../core/base/pythonStrings.ts";
import type { PythonParser } from "../../core/base/pythonSyntax.ts";
import { type Reading, ReadingBuilder, type TextFile } from "../../core/knowledge/manifests/reading.ts";
import { flowsIn } from "../../core/metaflow/graph/linkFlow.ts";
import { readFlowText } from "../../core/metaflow/graph/readFlowText.ts";
import { runnableFlows } from "../../core/metaflow/graph/runnableFlows.ts";

/** Whether it is worth to parse a file for its flows: it imports Metaflow, which few do, and has a class. */
export function mayHoldFlows({ statements }: Reading, text: string): boolean {
  return (
    statements.some((statement) => statement.kind === "import" && statement.module === "metaflow") &&
    /^[ \t]*class\b/m.test(text)
  );
}

/**
 * The flows that run from a file, as `trainyard check` names them. Those of a file that is no Python are named with where
 * it ceases to be, since none of them runs. Only the file itself is read: a class on one of another file is a flow where
 * it has steps.
 */
export function readFlows({ path, text }: TextFile, parser: PythonParser): Reading {
  const reading = new ReadingBuilder();
  const file = readFlowText(parser, { path, text, hasBodies: false });
  const flows = flowsIn(file, () => undefined);
  const brokenAt = file.syntaxError?.range.start.line;
  if (brokenAt === undefined) {
    runnableFlows(flows, file).forEach(({ name, source }) => reading.add({ kind: "flow", name, line: source.line }));
    return reading.reading;
  }
  const lines = new Map([...writtenFlows(text), ...flows.map(({ name, source }) => [name, source.line] as const)]);
  lines.forEach((line, name) => reading.add({ kind: "flow", name, line, brokenAt }));
  if (lines.size > 0) {
    const message = "From here on this is not Python, so that no flow of this file can run. Repair it first.";
    reading.report("invalid-python", brokenAt, message);
  }
  return reading.reading;
}

/** Classes that name FlowSpec, with their lines: a mistake in the line of a class hides it from the parser. */
function writtenFlows(text: string): [name: string, line: number][] {
  const isCode = codePlaces(text);
  return [...text.matchAll(/^class\s+(\w+)\s*\([^)\n]*\bFlowSpec\b/gm)].flatMap(
    ({ 1: name = "", index }): [string, number][] =>
      isCode(index) ? [[name, text.slice(0, index).split("\n").length - 1]] : [],
  );
}
