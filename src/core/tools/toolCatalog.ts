import type { Tool } from "./tool.ts";
import { type InspectCheckpointsPorts, inspectCheckpointsTool } from "./inspectCheckpoints.ts";
import { type LaunchPorts, launchTrainingTool } from "./launchTraining.ts";
import { type ProjectFactsPorts, projectFactsTool } from "./projectFacts.ts";
import { type RunPorts, runStatusTool } from "./runStatus.ts";
import { type ScaffoldFlowPorts, scaffoldFlowTool } from "./scaffoldFlow.ts";
import { type StopPorts, stopRunTool } from "./stopRun.ts";

export type ToolPorts = {
  facts: ProjectFactsPorts;
  scaffold: ScaffoldFlowPorts;
  launch: LaunchPorts;
  runs: RunPorts;
  stop: StopPorts;
  checkpoints: InspectCheckpointsPorts;
};

/** Every tool, in the order of the manifest. Ports are touched only when a tool is asked or run. */
export function createTools(ports: ToolPorts): readonly Tool<unknown>[] {
  return [
    projectFactsTool(ports.facts),
    scaffoldFlowTool(ports.scaffold),
    launchTrainingTool(ports.launch),
    runStatusTool(ports.runs),
    stopRunTool(ports.stop),
    inspectCheckpointsTool(ports.checkpoints),
  ];
}
