import type { FlowName } from "./flowName.ts";
import type { FlowOutline } from "./flowOutline.ts";
import type { FlowTemplateId } from "./flowTemplate.ts";
import type { FlowSpec } from "./spec/flowSpec.ts";

/** Where a new flow comes from. */
export type FlowOrigin = { kind: "template"; template: FlowTemplateId } | { kind: "spec"; spec: FlowSpec };

export type FlowRequest = {
  origin: FlowOrigin;
  /** As a person typed it. */
  name: string;
  /** Below the workspace folder; absent: `flows` or `workflows` where one exists, else the workspace folder. */
  folder?: string | undefined;
};

/** A file that could be written, complete, before anything is. */
export type PlannedFlow = {
  origin: FlowOrigin;
  name: FlowName;
  /** Absolute. */
  path: string;
  /** From the workspace folder, with forward slashes. */
  relativePath: string;
  text: string;
  outline: FlowOutline;
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
