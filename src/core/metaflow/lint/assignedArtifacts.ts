import { callsClass } from "../graph/callsClass.ts";
import { hasOwnDecoratorsOnly } from "../graph/stepDecorators.ts";
import { type ArtifactFlow, artifactFlow, assignedIn } from "./artifactFlow.ts";
import type { FlowContext } from "./finding.ts";

export type AssignedArtifacts = {
  artifacts: ArtifactFlow;
  /** Names that some step assigns. */
  assigned: readonly string[];
  /** Names that a method asks for with `hasattr` or `getattr`, so that it knows they may be missing. */
  asked: ReadonlySet<unknown>;
};

/** Nothing wherever something that cannot be read here could set attributes: a decorator, a function, a class built on this one. */
export function assignedArtifacts(context: FlowContext): AssignedArtifacts | undefined {
  const { flow, file } = context;
  const artifacts = artifactFlow(context);
  const methods = [...flow.attributes.values()].flatMap(({ member }) =>
    member.kind === "function" && member.source.body ? [member.source.body] : [],
  );
  const isHidden =
    !callsClass(file, flow.name) ||
    methods.some((body) => body.bareSelf !== "unused") ||
    !hasOwnDecoratorsOnly(flow) ||
    flow.file.text.includes("AttributeError");
  if (!artifacts || isHidden) {
    return undefined;
  }
  const asked = methods.flatMap(({ calls }) =>
    calls.flatMap(({ method, arguments: [, name] }) => (/^(has|get)attr$/.test(method) ? [name?.value] : [])),
  );
  return { artifacts, assigned: flow.steps.flatMap(({ source }) => assignedIn(source)), asked: new Set(asked) };
}
