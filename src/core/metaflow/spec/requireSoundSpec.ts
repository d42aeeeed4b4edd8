import { UserError } from "../../base/errors.ts";
import type { FlowReport } from "../lint/checkFlow.ts";

/** Throws a UserError with everything that Metaflow would refuse in the flow that was written from a spec. */
export function requireSoundSpec({ findings }: FlowReport): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const sentences = errors.slice(0, 5).map(({ message }) => message.replaceAll("*", ""));
    throw new UserError(`The spec is no flow that Metaflow accepts. ${sentences.join(" ")}`);
  }
}
