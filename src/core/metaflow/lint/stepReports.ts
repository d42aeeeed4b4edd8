import type { Fix } from "../../base/problems.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import type { StepSource } from "../graph/linkFlow.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import type { Report } from "./finding.ts";

/** A report at the name of a step's method. */
export function atName(node: FlowNode, message: string, fixes: readonly Fix[] = []): Report {
  return { message, range: node.step.source.range, file: node.step.file, step: node.name, fixes };
}

/** A report at the step's `self.next`, or at its name where it has none. */
export function atNext(node: FlowNode, message: string, fixes: readonly Fix[] = []): Report {
  const { tail, range } = node.step.source;
  return {
    message,
    range: tail.kind === "next" ? tail.range : range,
    file: node.step.file,
    step: node.name,
    fixes,
  };
}

/** "*a*, *b* and *c*" */
export function stepList(names: Iterable<string>): string {
  const marked = [...names].map((name) => `*${name}*`);
  return marked.length < 2 ? marked.join("") : `${marked.slice(0, -1).join(", ")} and ${marked.at(-1)}`;
}

/** What becomes of a run whose step fails, for the message, and how serious that is: after @catch it goes on. */
export function failureIn(step: StepSource | undefined): { outcome: string } & Pick<Report, "severity"> {
  return step?.decorators.some((each) => metaflowName(each) === "catch") === true
    ? { outcome: "the step fails here, which its @catch hides", severity: "warning" }
    : { outcome: "the run ends here" };
}
