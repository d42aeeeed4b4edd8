import type { FlowScaffolder } from "../metaflow/flowScaffold.ts";
import { type ChangePorts, checkChangeTool } from "./checkChange.ts";
import type { LaunchPorts } from "./confirmedLaunch.ts";
import { type DiagnosePorts, diagnoseRunTool } from "./diagnoseRun.ts";
import { type CheckpointPlaces, type CheckpointReader, inspectCheckpointsTool } from "./inspectCheckpoints.ts";
import { launchTrainingTool } from "./launchTraining.ts";
import { type ProjectFactsPorts, projectFactsTool } from "./projectFacts.ts";
import { type MetricsPorts, readMetricsTool } from "./readMetrics.ts";
import { type RememberPorts, rememberTool } from "./remember.ts";
import { type FlowReader, runFlowTool } from "./runFlow.ts";
import { type RunPorts, runStatusTool } from "./runStatus.ts";
import { scaffoldFlowTool } from "./scaffoldFlow.ts";
import { type StopPorts, stopRunTool } from "./stopRun.ts";
import type { Tool } from "./tool.ts";
import { type WorkflowPorts, workflowTool } from "./workflow.ts";

export type ToolPorts = {
  facts: ProjectFactsPorts;
  scaffold: FlowScaffolder;
  launch: LaunchPorts;
  flows: FlowReader;
  runs: RunPorts;
  metrics: MetricsPorts;
  stop: StopPorts;
  diagnose: DiagnosePorts;
  change: ChangePorts;
  memory: RememberPorts;
  workflow: WorkflowPorts;
  checkpoints: { reader: CheckpointReader; places: CheckpointPlaces };
};

/** Every tool, in the order of the manifest. Ports are touched only when a tool is asked or run. */
export function createTools(ports: ToolPorts): readonly Tool<unknown>[] {
  return [
    projectFactsTool(ports.facts),
    scaffoldFlowTool(ports.scaffold),
    launchTrainingTool(ports.launch),
    runFlowTool(ports),
    runStatusTool(ports.runs),
    readMetricsTool(ports.metrics),
    stopRunTool(ports.stop),
    diagnoseRunTool(ports.diagnose),
    inspectCheckpointsTool(ports.checkpoints),
    checkChangeTool(ports.change),
    rememberTool(ports.memory),
    workflowTool(ports.workflow),
  ];
}
