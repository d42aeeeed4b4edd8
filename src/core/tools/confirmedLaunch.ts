import { UserError } from "../base/errors.ts";
import { escapeSentence } from "../base/markdown.ts";
import type { LaunchPlan, PlanRequest } from "../training/launchPlan.ts";
import { planDigest, renderPlanMarkdown } from "../training/renderPlan.ts";
import type { ToolConfirmation } from "./tool.ts";

/** `refusals`: an agent starts nothing, and nobody is asked. `askFirst`: the question before the start names them. */
export type LaunchRules = { refusals: readonly string[]; askFirst: readonly string[] };

/** Contract of `plan` and `judge`: read only. Contract of `launch`: returns when the run is on its way, not when it ends. */
export type LaunchPorts = {
  plan(request: PlanRequest, signal: AbortSignal): Promise<{ plan: LaunchPlan; workspaceFolder: string }>;
  /** Sentences that name the rules of the agents which the launch touches. */
  judge(plan: LaunchPlan, workspaceFolder: string, signal: AbortSignal): Promise<LaunchRules>;
  launch(plan: LaunchPlan, workspaceFolder: string): Promise<string>;
};

/** Commands of Metaflow that put a flow where it starts by itself, and what they do there. */
const SCHEDULERS = new Set(["argo-workflows", "step-functions", "airflow"]);
const CHANGES = new Set(["create", "trigger", "delete", "suspend", "unsuspend", "terminate"]);

/**
 * A start that a person agrees to: what was shown is what may start. `ask` leaves the digest of its plan behind, and
 * `start` compares it; a call that is approved automatically passes through `ask` as well.
 */
export class ConfirmedLaunch {
  readonly #ports: LaunchPorts;
  readonly #shown = new Map<string, string>();

  constructor(ports: LaunchPorts) {
    this.#ports = ports;
  }

  /** Nothing is asked for what is going to be refused. */
  async ask(request: PlanRequest, signal: AbortSignal): Promise<ToolConfirmation | undefined> {
    const { plan, workspaceFolder } = await this.#ports.plan(request, signal);
    const { refusals, askFirst } = await this.#rules(plan, workspaceFolder, signal);
    if (refusals.length > 0) {
      return undefined;
    }
    this.#shown.set(JSON.stringify(request), planDigest(plan));
    return {
      title: `Start ${plan.title}?`,
      message: [
        ...askFirst.map((rule) => `> ⚠️ ${escapeSentence(rule)}`),
        renderPlanMarkdown(plan, workspaceFolder),
      ].join("\n\n"),
    };
  }

  async start(request: PlanRequest, signal: AbortSignal): Promise<{ runId: string; plan: LaunchPlan }> {
    const { plan, workspaceFolder } = await this.#ports.plan(request, signal);
    const key = JSON.stringify(request);
    const digest = this.#shown.get(key);
    this.#shown.delete(key);
    const { refusals } = await this.#rules(plan, workspaceFolder, signal);
    if (refusals.length > 0) {
      throw new UserError(
        `Nothing was started. ${refusals.join(" ")} Change the code, or let the person start it with Trainyard: Train.`,
      );
    }
    if (digest === undefined) {
      throw new UserError("Its plan was not shown to anybody, so nothing was started. Call the tool again to show it.");
    }
    if (digest !== planDigest(plan)) {
      throw new UserError(
        "The plan changed after it was confirmed (a file, the interpreter or the GPU). Nothing was started. Call the tool again to show the new plan.",
      );
    }
    return { runId: await this.#ports.launch(plan, workspaceFolder), plan };
  }

  async #rules(plan: LaunchPlan, workspaceFolder: string, signal: AbortSignal): Promise<LaunchRules> {
    const rules = await this.#ports.judge(plan, workspaceFolder, signal);
    const verb = plan.kind === "flow" ? deployingVerb(plan.command) : undefined;
    return verb === undefined
      ? rules
      : {
          ...rules,
          refusals: [
            ...rules.refusals,
            `\`${verb}\` deploys, and a deployment is agreed to with its cluster and namespace in Trainyard: Deploy Flow.`,
          ],
        };
  }
}

/** `argo-workflows … create`: options may stand between the two words. */
function deployingVerb(command: readonly string[]): string | undefined {
  const at = command.findIndex((word) => SCHEDULERS.has(word));
  return at >= 0 && command.slice(at).some((word) => CHANGES.has(word)) ? command[at] : undefined;
}
