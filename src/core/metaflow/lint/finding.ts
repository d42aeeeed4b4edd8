import type { Fix, Problem, TextRange } from "../../base/problems.ts";
import type { FlowGraph } from "../graph/flowGraph.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import type { Flow } from "../graph/linkFlow.ts";
import type { FindModule } from "../graph/origin.ts";

/** A mistake in a flow; `code` is the rule. */
export type Finding = Problem & {
  flow?: string;
  step?: string;
  fixes: readonly Fix[];
};

/** What a rule looks at. */
export type FlowContext = {
  graph: FlowGraph;
  flow: Flow;
  file: FlowFile;
  find: FindModule;
  /** Whether a file exists that a flow names; always true where nobody can tell. */
  fileExists: (path: string) => boolean;
};

/** A finding as a rule reports it; the rule's id and severity are added. */
export type Report = {
  message: string;
  /** In `file`, which is another than the flow's for inherited steps. */
  range: TextRange;
  file: FlowFile;
  step?: string;
  fixes?: readonly Fix[];
  severity?: Problem["severity"];
};

export type Rule = {
  id: string;
  severity: Problem["severity"];
  /** What people turn it off for: one line for the documentation of settings. */
  about: string;
  check(context: FlowContext): Report[];
};
