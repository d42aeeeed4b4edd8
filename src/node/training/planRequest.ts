import { relative } from "node:path";
import { type ArgumentText, parseArgumentText } from "../../core/training/argumentText.ts";
import type { PlanRequest } from "../../core/training/launchPlan.ts";
import { NO_ARGUMENTS } from "../../core/training/scriptArguments.ts";
import { type PlanContext, readScript } from "./planLaunch.ts";

/** A request that a person put into words, with what was not understood. */
export type SpokenRequest = Pick<ArgumentText, "unknown" | "problems"> & { request: PlanRequest };

/**
 * Turns "train.py with lr 3e-4 on cpu" into a request for `planLaunch`, in the light of what the script declares.
 * `fallbackScript` is taken where the text names none. Throws UserError where the script cannot be found.
 */
export async function planRequestFromText(
  text: string,
  context: PlanContext,
  fallbackScript?: string,
): Promise<SpokenRequest> {
  const { script: named } = parseArgumentText(text, NO_ARGUMENTS);
  const script = await readScript(named ?? fallbackScript, context);
  const said = parseArgumentText(text, script.arguments);
  return {
    request: {
      script: relative(context.workspaceFolder, script.path),
      arguments: said.arguments,
      ...(said.device === undefined ? {} : { device: said.device }),
    },
    unknown: said.unknown,
    problems: said.problems,
  };
}
