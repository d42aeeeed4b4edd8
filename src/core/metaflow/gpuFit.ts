import type { FlowGraph } from "./graph/flowGraph.ts";
import { metaflowName } from "./graph/stepDecorators.ts";

/** A step of which several tasks can run at once, each with GPUs of its own. */
export type GpuNeed = { step: string; gpus: number };

/** What a local run must not do: `@resources(gpu=…)` reserves nothing there, so every task would take the same GPU. */
export type WorkerFit = { maxWorkers: number; reason: string };

/** The steps in a foreach or a branch that ask for GPUs. */
export function readGpuNeeds(graph: FlowGraph): GpuNeed[] {
  return [...graph.nodes.values()].flatMap(({ name, step, splitParents }) => {
    const asked = step.decorators.find((each) => metaflowName(each) === "resources")?.source.keywords.get("gpu")?.value;
    const gpus = typeof asked === "number" || typeof asked === "string" ? Number(asked) : 0;
    return gpus >= 1 && splitParents.length > 0 ? [{ step: name, gpus }] : [];
  });
}

/** How many tasks fit the GPUs that a run sees; nothing where no step asks for any, or there is none. */
export function fitWorkers(needs: readonly GpuNeed[], gpuCount: number): WorkerFit | undefined {
  const [largest] = needs.toSorted((a, b) => b.gpus - a.gpus);
  if (!largest || gpuCount === 0) {
    return undefined;
  }
  const maxWorkers = Math.max(1, Math.floor(gpuCount / largest.gpus));
  const asks = `${largest.step} asks for ${largest.gpus} ${largest.gpus === 1 ? "GPU" : "GPUs"}`;
  return { maxWorkers, reason: `${asks}, and the run sees ${gpuCount}` };
}
