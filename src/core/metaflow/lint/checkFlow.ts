import type { PythonParser } from "../../base/pythonSyntax.ts";
import { isSilenced, silencesIn } from "../../base/silence.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import { type Flow, flowsIn } from "../graph/linkFlow.ts";
import { readFlowText } from "../graph/readFlowText.ts";
import { type FlowSources, runnableFlows } from "../graph/runnableFlows.ts";
import { insertAt } from "./edits.ts";
import type { Finding } from "./finding.ts";
import { lintFlow } from "./lintFlow.ts";

export type FlowReport = {
  /** The flows that can be run from this file. */
  flows: readonly Flow[];
  /** Names of classes that are flows too, and are not what runs when the file does. */
  notRun: readonly string[];
  findings: readonly Finding[];
  file: FlowFile;
};

/** The head of a flow, which tells of one where a mistake further down hides the rest from the parser. */
const FLOW_CLASS = /^[ \t]*class[ \t]+\w+[ \t]*\([^#\n]*\bFlowSpec\b/m;

/** Reads the text of a Python file and checks the flows in it, without running it. */
export function checkFlow(parser: PythonParser, sources: FlowSources): FlowReport {
  const { path, text, find, fileExists } = sources;
  const file = readFlowText(parser, { path, text, hasBodies: true });
  const all = flowsIn(file, find);
  const flows = runnableFlows(all, file);
  const silences = silencesIn(text);
  const findings = [
    ...(file.syntaxError && (flows.length > 0 || FLOW_CLASS.test(text)) ? [syntaxFinding(file.syntaxError)] : []),
    ...onceEach(flows.flatMap((flow) => lintFlow(flow, find, fileExists))),
  ];
  const notRun = all.filter((flow) => !flows.includes(flow)).map(({ name }) => name);
  return { flows, notRun, file, findings: findings.filter((finding) => !isSilenced(finding, silences)) };
}

/** What stands outside of all flows of a file is found with each of them. */
function onceEach(findings: readonly Finding[]): Finding[] {
  const byPlace = new Map(findings.toReversed().map((each) => [placeOf(each), each]));
  return findings.filter((finding) => byPlace.get(placeOf(finding)) === finding);
}

function placeOf({ code, message, range: { start } }: Finding): string {
  return `${start.line}:${start.column} ${code} ${message}`;
}

function syntaxFinding({ range, fault }: NonNullable<FlowFile["syntaxError"]>): Finding {
  const found = { code: "syntax-error", severity: "error", range, fixes: [] } as const;
  const { start } = range;
  switch (fault) {
    case "no-colon":
      return {
        ...found,
        // A range without width is hardly seen.
        range: { start: { ...start, column: start.column - 1 }, end: start },
        message: "A colon is missing at the end of this line. Until it is there, the graph is not checked.",
        fixes: [{ title: "Add the colon", edits: [insertAt(start.line, start.column, ":")] }],
      };
    case "no-block":
      return {
        ...found,
        message:
          "Nothing is indented below this line, which Python refuses. Indent what belongs to it; until then only part of the flow is checked.",
      };
    case "mixed-indent":
      return {
        ...found,
        message:
          "Tabs and spaces are mixed here, which Python refuses. Indent this line as the ones around it; until then only part of the flow is checked.",
      };
    case "unexpected-indent":
      return {
        ...found,
        message:
          "This line stands further in than the one above, which opens no block, so Python refuses the file. Indent it as the lines around it; until then only part of the flow is checked.",
      };
    case "unmatched-indent":
      return {
        ...found,
        message:
          "This line stands as far in as no block around it, which Python refuses. Indent it as the block that it belongs to; until then only part of the flow is checked.",
      };
    case undefined:
    default:
      return { ...found, message: "This is not Python. Until it is, only part of the flow can be checked." };
  }
}
