import type { PythonNode } from "../base/pythonSyntax.ts";
import { type GpuNeed, readGpuNeeds } from "./gpuFit.ts";
import { buildGraph } from "./graph/flowGraph.ts";
import { type Flow, flowsIn } from "./graph/linkFlow.ts";
import { readFlowFile } from "./graph/readFlowFile.ts";
import { runnableFlows } from "./graph/runnableFlows.ts";
import { metaflowName } from "./graph/stepDecorators.ts";

/** What a flow needs of the command that starts it. */
export type FlowNeeds = {
  /** Where its tasks could want GPUs at once. */
  gpuNeeds: readonly GpuNeed[];
  /** What `--environment` must say for its packages; absent where it names none. */
  environment?: "pypi" | "conda";
};

/** What the flow that one file runs needs, as far as this file alone tells. */
export function flowNeedsIn(root: PythonNode): FlowNeeds {
  const file = readFlowFile(root, { path: "", text: root.text, hasBodies: false });
  const [flow] = runnableFlows(
    flowsIn(file, () => undefined),
    file,
  );
  if (!flow) {
    return { gpuNeeds: [] };
  }
  const environment = packageEnvironment(flow);
  return { gpuNeeds: readGpuNeeds(buildGraph(flow)), ...(environment === undefined ? {} : { environment }) };
}

/** Metaflow starts no flow with `@pypi` or `@conda` that is not told to make their environments. */
export function packageEnvironment({ decorators, steps }: Flow): FlowNeeds["environment"] {
  const names = new Set([...decorators, ...steps.flatMap((step) => step.decorators)].map(metaflowName));
  if (names.has("pypi") || names.has("pypi_base")) {
    return "pypi";
  }
  return names.has("conda") || names.has("conda_base") ? "conda" : undefined;
}
