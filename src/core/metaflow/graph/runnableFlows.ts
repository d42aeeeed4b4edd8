import { callsClass } from "./callsClass.ts";
import type { FlowFile } from "./flowSource.ts";
import type { Flow } from "./linkFlow.ts";
import type { FindModule } from "./origin.ts";

/** A text that may hold flows, and what lies around it. */
export type FlowSources = {
  path: string;
  text: string;
  find: FindModule;
  fileExists: (path: string) => boolean;
};

/**
 * The flows that somebody runs: those that the file calls, as in `TrainFlow()`. In a file that calls none, as while it is
 * being written, those that no other one is built on and that have a start or an end; a base class has neither.
 */
export function runnableFlows(flows: readonly Flow[], file: FlowFile): Flow[] {
  const called = flows.filter(({ name }) => callsClass(file, name));
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
