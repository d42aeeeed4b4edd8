import type { PythonNode } from "../base/pythonSyntax.ts";
import { type GpuNeed, readGpuNeeds } from "./gpuFit.ts";
import { buildGraph } from "./graph/flowGraph.ts";
import { flowsIn } from "./graph/linkFlow.ts";
import { readFlowFile } from "./graph/readFlowFile.ts";
import { runnableFlows } from "./graph/runnableFlows.ts";

/** The steps of the flow that one file runs that ask for GPUs side by side, as far as this file alone tells. */
export function gpuNeedsIn(root: PythonNode): GpuNeed[] {
  const file = readFlowFile(root, { path: "", text: root.text, hasBodies: false });
  const [flow] = runnableFlows(
    flowsIn(file, () => undefined),
    file,
  );
  return flow ? readGpuNeeds(buildGraph(flow)) : [];
}
