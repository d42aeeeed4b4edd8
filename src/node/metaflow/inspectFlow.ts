import { type FlowOutline, outlineFlows } from "../../core/metaflow/flowOutline.ts";
import { mentionsMetaflow } from "../../core/metaflow/graph/mentionsMetaflow.ts";
import { checkFlow, type FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import { findUnknownRules } from "../../core/training/audit/unknownRules.ts";
import { loadPythonParser } from "../base/pythonParser.ts";
import { readSource } from "../base/readSource.ts";
import { type FlowLocation, loadFlowSources } from "./flowSources.ts";

/** Checks a flow file as it is on disk. Nothing where it is gone, too large, or does not speak of Metaflow. */
export async function inspectFlowFile(location: FlowLocation): Promise<FlowReport | undefined> {
  const text = await readSource(location.path);
  return text === undefined || !mentionsMetaflow(text) ? undefined : inspectFlowText(text, location);
}

/** Checks the text of a flow file, which may differ from what is on disk. */
export async function inspectFlowText(text: string, location: FlowLocation): Promise<FlowReport> {
  const [parser, sources] = await Promise.all([loadPythonParser(), loadFlowSources(text, location)]);
  const report = checkFlow(parser, sources(parser));
  // Where a library for machine learning is imported the checks for it say the same.
  return report.flows.length === 0 || mentionsMachineLearning(text)
    ? report
    : { ...report, findings: [...report.findings, ...findUnknownRules(text)] };
}

/** The flows of a text with their steps and parameters. */
export async function outlineFlowText(text: string, location: FlowLocation): Promise<FlowOutline[]> {
  const [parser, sources] = await Promise.all([loadPythonParser(), loadFlowSources(text, location)]);
  return outlineFlows(parser, sources(parser));
}
