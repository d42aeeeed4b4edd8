import { buildGraph } from "../graph/flowGraph.ts";
import type { Flow } from "../graph/linkFlow.ts";
import type { FindModule } from "../graph/origin.ts";
import { adviceRules } from "./adviceRules.ts";
import { endRules } from "./endRules.ts";
import type { Finding, FlowContext, Report, Rule } from "./finding.ts";
import { graphRules, splitRules } from "./graphRules.ts";
import { leaveToOthers } from "./leftToOthers.ts";
import { stepRules } from "./stepRules.ts";

/** Metaflow's own checks, in the order in which it makes them. It stops at the first; here all are named. */
export const METAFLOW_RULES: readonly Rule[] = [...endRules, ...stepRules, ...graphRules, ...splitRules];

/**
 * Everything that is wrong with a flow. The first finding is the one Metaflow's `check` reports; behind Metaflow's own comes
 * advice, in the order of the file. What depends on the
 * shape of the whole graph is looked at only once the transitions are right, since one mistake there would be
 * reported many times.
 */
export function lintFlow(flow: Flow, find: FindModule, fileExists: (path: string) => boolean): Finding[] {
  const context: FlowContext = { graph: buildGraph(flow), flow, file: flow.file, find, fileExists };
  const isWhole = flow.isComplete && [flow.file, ...flow.steps.map(({ file }) => file)].every(isReadable);
  const ends = isWhole ? run(endRules, context) : [];
  const steps = run(stepRules, context).filter((finding) => isReadableStep(flow, finding));
  const isConnected = isWhole && [...ends, ...steps].every(({ code }) => HARMLESS.has(code));
  const shape = isConnected ? run(graphRules, context) : [];
  const hasLoop = shape.some(({ code }) => code === "acyclicity");
  const splits = isConnected && !hasLoop ? run(splitRules, context) : [];
  const isSound = isConnected && shape.length === 0 && splits.length === 0;
  const advised = isSound ? adviceRules : adviceRules.filter(({ id }) => !NEEDS_SOUND_GRAPH.has(id));
  const advice = run(advised, context).toSorted(
    ({ range: { start: a } }, { range: { start: b } }) => a.line - b.line || a.column - b.column,
  );
  return leaveToOthers([...ends, ...steps, ...shape, ...splits, ...advice], flow);
}

/** What a join is given, and what a foreach surrounds, is known only once the transitions that lead there are right. */
const NEEDS_SOUND_GRAPH = new Set(["unknown-input", "input-outside-foreach"]);

/** Mistakes that leave the transitions as they are. */
const HARMLESS = new Set(["reserved-words", "step-names"]);

function isReadable({ syntaxError }: Flow["file"]): boolean {
  return syntaxError === undefined;
}

/** A step in which something is just being typed is not judged. */
function isReadableStep({ steps }: Flow, finding: Finding): boolean {
  return !steps.some(({ name, source }) => name === finding.step && source.hasSyntaxErrors);
}

function run(rules: readonly Rule[], context: FlowContext): Finding[] {
  return rules.flatMap((rule) => rule.check(context).map((report) => toFinding(rule, report, context)));
}

function toFinding({ id, severity }: Rule, report: Report, { flow, file }: FlowContext): Finding {
  // What a base class in another file does is shown, in this file, at the name of the flow.
  const isHere = report.file === file;
  return {
    code: id,
    severity: report.severity ?? severity,
    message: isHere ? report.message : `${report.message} (In ${baseName(report.file.path)}.)`,
    range: isHere ? report.range : flow.source.range,
    flow: flow.name,
    ...(report.step === undefined ? {} : { step: report.step }),
    fixes: isHere ? (report.fixes ?? []) : [],
  };
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
