import type { PythonParser } from "../base/pythonSyntax.ts";
import { type FlowParameter, readFlowParameters, readRequiredConfigs } from "./flowParameters.ts";
import { type GpuNeed, readGpuNeeds } from "./gpuFit.ts";
import { buildGraph } from "./graph/flowGraph.ts";
import { flowsIn } from "./graph/linkFlow.ts";
import { readFlowText } from "./graph/readFlowText.ts";
import { type FlowSources, runnableFlows } from "./graph/runnableFlows.ts";

/** What a person has to know of a flow to run it. */
export type FlowOutline = {
  name: string;
  /** In the order in which they run; `purpose` is the first line of the docstring. */
  steps: readonly { name: string; purpose: string }[];
  parameters: readonly FlowParameter[];
  /** Configurations without which nothing of the flow works. */
  requiredConfigs: readonly string[];
  /** Where several tasks could want GPUs at once. */
  gpuNeeds: readonly GpuNeed[];
};

/** The flows that a file runs, each in outline. Nothing is run for it. */
export function outlineFlows(parser: PythonParser, { path, text, find }: FlowSources): FlowOutline[] {
  const file = readFlowText(parser, { path, text, hasBodies: false });
  return runnableFlows(flowsIn(file, find), file).map((flow) => {
    const graph = buildGraph(flow);
    return {
      name: flow.name,
      steps: graph.order.flatMap((name) => {
        const doc = graph.nodes.get(name)?.step.source.doc.trim().split("\n")[0] ?? "";
        return [{ name, purpose: doc }];
      }),
      parameters: readFlowParameters(flow, find),
      requiredConfigs: readRequiredConfigs(flow, find),
      gpuNeeds: readGpuNeeds(graph),
    };
  });
}
