import { closestName } from "../base/closestName.ts";
import { UserError } from "../base/errors.ts";
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

const OPTIONS = ["capsule", "workflow", "continue"];

/**
 * Reads `[task] [--capsule <slug>] [--workflow <name>] [--continue <id>]`. Throws a UserError for an unsafe slug, and for an
 * option that is none.
 */
export function readWorkflowRequest(prompt: string): WorkflowRequest {
  const { task: rest, slug } = takeCapsuleOption(prompt);
  const workflow = /(?:^|\s)--workflow[=\s]+(\S+)/.exec(rest)?.[1];
  const goesOn = /(?:^|\s)--continue[=\s]+(\S+)/.exec(rest)?.[1];
  const task = rest.replaceAll(/(?:^|\s)--(?:workflow|continue)[=\s]+\S+/g, "").trim();
  refuseOption(task);
  return {
    task,
    ...(slug === undefined ? {} : { slug }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(goesOn === undefined ? {} : { goesOn }),
  };
}

/** A task may speak of options (`train with --lr 3e-4`); it does not begin with one, and nobody means `--capsul` in it. */
function refuseOption(task: string): void {
  for (const [whole, name = ""] of task.matchAll(/(?<=^|\s)--([\w-]+)/g)) {
    if (OPTIONS.includes(name)) {
      throw new UserError(`${whole} needs a name behind it. Nothing was begun.`);
    }
    const meant = closestName(name, OPTIONS);
    if (meant !== undefined || task.startsWith(whole)) {
      const hint =
        meant === undefined
          ? "A task begins with a word; the options are --capsule and --workflow."
          : `Did you mean --${meant}?`;
      throw new UserError(`There is no option ${whole} here, so nothing was begun. ${hint}`);
    }
  }
}

/** `ml-development-20261121-a1b2`: sorts by day, and two of one day differ. */
export function makeWorkflowId(name: string, at: string, random: string): string {
  return `${name}-${at.slice(0, 10).replaceAll("-", "")}-${random}`;
}
