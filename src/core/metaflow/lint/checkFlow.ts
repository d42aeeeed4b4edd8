import type { PythonParser } from "../../base/pythonSyntax.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import { type Flow, flowsIn } from "../graph/linkFlow.ts";
import type { FindModule } from "../graph/origin.ts";
import { readFlowFile } from "../graph/readFlowFile.ts";
import type { Finding } from "./finding.ts";
import { lintFlow } from "./lintFlow.ts";
import { isSilenced, silencesIn } from "./silence.ts";

export type FlowReport = {
  /** The flows that can be run from this file. */
  flows: readonly Flow[];
  findings: readonly Finding[];
  file: FlowFile;
};

export type CheckSources = {
  path: string;
  text: string;
  find: FindModule;
  fileExists: (path: string) => boolean;
};

/** Whether a text can hold a flow at all; everything else costs nothing. */
export function mentionsMetaflow(text: string): boolean {
  return /\b(metaflow|FlowSpec)\b/.test(text);
}

/** Reads the text of a Python file and checks the flows in it, without running it. */
export function checkFlow(parser: PythonParser, sources: CheckSources): FlowReport {
  const { path, text, find, fileExists } = sources;
  const file = parser.read(text, (root) => readFlowFile(root, { path, text, hasBodies: true }));
  const flows = runnableFlows(flowsIn(file, find), file);
  const silences = silencesIn(text);
  const findings = [
    ...(file.syntaxError && flows.length > 0 ? [syntaxFinding(file.syntaxError)] : []),
    ...flows.flatMap((flow) => lintFlow(flow, find, fileExists)),
  ];
  return { flows, file, findings: findings.filter((finding) => !isSilenced(finding, silences)) };
}

function syntaxFinding(range: NonNullable<FlowFile["syntaxError"]>): Finding {
  return {
    code: "syntax-error",
    severity: "error",
    message: "This is not Python. Until it is, only part of the flow can be checked.",
    range,
    fixes: [],
  };
}

/**
 * The flows that somebody runs: those that the file calls, as in `TrainFlow()`. In a file that calls none, as while it is
 * being written, those that no other one is built on and that have a start or an end; a base class has neither.
 */
export function runnableFlows(flows: readonly Flow[], { text }: FlowFile): Flow[] {
  const called = flows.filter(({ name }) => new RegExp(`(?<!\\bclass\\s+|[.\\w])${name}\\(`).test(text));
  if (called.length > 0) {
    return called;
  }
  const bases = new Set(flows.flatMap(({ source }) => source.bases.map(({ name }) => name)));
  return flows.filter(
    ({ name, steps }) =>
      !bases.has(name) &&
      steps.some((step) => step.name === "start" || step.name === "end" || step.isStart || step.isEnd),
  );
}
