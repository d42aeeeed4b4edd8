import { takeCapsuleOption } from "./capsule.ts";

/** What was typed after `/develop` or `/pipeline`. */
export type WorkflowRequest = {
  task: string;
  slug?: string;
  /** The name of a workflow other than the participant's usual one. */
  workflow?: string;
  /** The id of one that goes on. */
  goesOn?: string;
};

/** Reads `[task] [--capsule <slug>] [--workflow <name>] [--continue <id>]`. Throws a UserError for an unsafe slug. */
export function readWorkflowRequest(prompt: string): WorkflowRequest {
  const { task: rest, slug } = takeCapsuleOption(prompt);
  const workflow = /(?:^|\s)--workflow[=\s]+(\S+)/.exec(rest)?.[1];
  const goesOn = /(?:^|\s)--continue[=\s]+(\S+)/.exec(rest)?.[1];
  const task = rest.replaceAll(/(?:^|\s)--(?:workflow|continue)[=\s]+\S+/g, "").trim();
  return {
    task,
    ...(slug === undefined ? {} : { slug }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(goesOn === undefined ? {} : { goesOn }),
  };
}

/** `ml-development-20261121-a1b2`: sorts by day, and two of one day differ. */
export function makeWorkflowId(name: string, at: string, random: string): string {
  return `${name}-${at.slice(0, 10).replaceAll("-", "")}-${random}`;
}
