import { fileName } from "./editedPlan.ts";
import type { LaunchPlan } from "./launchPlan.ts";
import { renderPlanCommand } from "./renderPlan.ts";

/** Options of Metaflow's `run` that its `resume` takes as well; a parameter it takes from the run that failed. */
const RESUME_OPTION = /^--(?:max-workers|max-num-splits|max-log-size|tag|with)(?:=|$)/;

/** What Metaflow writes in front of what a task prints, and when it starts. */
const TASK = /\[(\w[\w.-]*)\/(\w+)\/[\w-]+ \(pid \d+\)\]|\(run-id (\w[\w.-]*)\)/;

/** A run as Metaflow calls it, and the last step of it that printed something. */
export type FlowProgress = { runId: string; step?: string };

/** What the output of a flow says about its run. */
export function readFlowProgress(lines: Iterable<string>): FlowProgress | undefined {
  let last: FlowProgress | undefined;
  for (const line of lines) {
    const [, id, step, started] = TASK.exec(line) ?? [];
    const runId = id ?? started;
    last = runId === undefined ? last : { runId, ...(step === undefined ? {} : { step }) };
  }
  return last;
}

/**
 * The command with which Metaflow goes on from a run; undefined where the plan runs no flow. The origin is always named:
 * by itself Metaflow takes its latest run, which may be another one.
 */
export function resumeFlowCommand({ command, script, kind }: LaunchPlan, runId: string): string[] | undefined {
  const file = command.findIndex((word) => fileName(word) === fileName(script));
  const verb = command.findIndex((word, at) => at > file && /^(?:run|resume)$/.test(word));
  if (kind !== "flow" || verb === -1) {
    return undefined;
  }
  const words = command.slice(verb + 1);
  const kept = words.filter((word, at) => RESUME_OPTION.test(word) || awaitsValue(words[at - 1]));
  return [...command.slice(0, verb), "resume", "--origin-run-id", runId, ...kept];
}

/** Whether the value of an option is the next word. */
function awaitsValue(word = ""): boolean {
  return RESUME_OPTION.test(word) && !word.includes("=");
}

/** The same as a person would type it in the folder of the plan. */
export function renderFlowResume(plan: LaunchPlan, runId: string): string | undefined {
  const command = resumeFlowCommand(plan, runId);
  return command && renderPlanCommand({ ...plan, command });
}
