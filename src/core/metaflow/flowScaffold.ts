import type { FlowName } from "./flowName.ts";
import type { FlowTemplateId } from "./flowTemplate.ts";

export type FlowRequest = {
  template: FlowTemplateId;
  /** As a person typed it. */
  name: string;
  /** Below the workspace folder; absent: `flows` or `workflows` where one exists, else the workspace folder. */
  folder?: string | undefined;
};

/** A file that could be written, complete, before anything is. */
export type PlannedFlow = {
  template: FlowTemplateId;
  name: FlowName;
  /** Absolute. */
  path: string;
  /** From the workspace folder, with forward slashes. */
  relativePath: string;
  text: string;
};

export type WrittenFlow =
  | { kind: "written"; flow: PlannedFlow }
  /** `flow.path` exists and was left as it is; `alternative` is the same flow under the next free name. */
  | { kind: "exists"; flow: PlannedFlow; alternative: PlannedFlow };

/** Contract: `plan` has no side effects; `write` never overwrites. Both refuse with a UserError. */
export type FlowScaffolder = {
  plan(request: FlowRequest): Promise<PlannedFlow>;
  write(flow: PlannedFlow): Promise<WrittenFlow>;
};
