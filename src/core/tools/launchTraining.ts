import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { escapeSentence } from "../base/markdown.ts";
import type { LaunchPlan, PlanRequest } from "../training/launchPlan.ts";
import { planDigest, renderPlanMarkdown } from "../training/renderPlan.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

/** The most arguments a call may carry; a longer list is a mistake of the model. */
const MAX_ARGUMENTS = 200;

const launchTrainingSchema = z.strictObject({
  script: printableText(4_096)
    .optional()
    .describe("Training script or Metaflow flow, relative to the workspace folder. Omit to take the best-ranked one."),
  arguments: z
    .array(printableText(4_096))
    .max(MAX_ARGUMENTS)
    .optional()
    .describe('Arguments after the script as an argument vector, for example ["--epochs", "5"]. No shell sees them.'),
  device: z.enum(["auto", "cpu"]).optional().describe("`cpu` hides every GPU from the training. Default: auto."),
});

export type LaunchTrainingInput = z.infer<typeof launchTrainingSchema>;

/** `refusals`: an agent starts nothing. `askFirst`: the question before the start names them. */
export type LaunchRules = { refusals: readonly string[]; askFirst: readonly string[] };

/** Contract of `plan` and `judge`: read only. Contract of `launch`: returns when the run is on its way, not when it ends. */
export type LaunchPorts = {
  plan(request: PlanRequest, signal: AbortSignal): Promise<{ plan: LaunchPlan; workspaceFolder: string }>;
  /** Sentences that name the rules of the agents which the launch touches. */
  judge(plan: LaunchPlan, workspaceFolder: string, signal: AbortSignal): Promise<LaunchRules>;
  launch(plan: LaunchPlan, workspaceFolder: string): Promise<string>;
};

/** Starts a training that outlives the window. The person is shown the whole plan first. */
export function launchTrainingTool(ports: LaunchPorts) {
  // What was shown is what may start: `run` compares against the digest that `confirm` left here.
  const shown = new Map<string, string>();
  return defineTool<LaunchTrainingInput>({
    name: "trainyard_launch_training",
    referenceName: "trainyardLaunchTraining",
    displayName: "Launch Training",
    userDescription: "Start a training script or a flow on this machine",
    modelDescription:
      "Starts a training script or a Metaflow flow of this workspace on this machine, after the person confirmed the exact command. " +
      "Use it when the person asks to train or to run a flow. Returns at once with a run id while the training goes on in the background. " +
      "Do not poll: the person is told when it ends. Use trainyard_run_status only when asked about progress.",
    icon: "$(play)",
    input: launchTrainingSchema,
    progress: (input) => `Starting ${input.script ?? "the training"}`,
    async confirm(input, signal) {
      const { plan, workspaceFolder } = await ports.plan(input, signal);
      shown.set(JSON.stringify(input), planDigest(plan));
      const { refusals, askFirst } = await ports.judge(plan, workspaceFolder, signal);
      const rules = [...refusals, ...askFirst].map((rule) => `> ⚠️ ${escapeSentence(rule)}`);
      return {
        title: `Start ${plan.title}?`,
        message: [...rules, renderPlanMarkdown(plan, workspaceFolder)].join("\n\n"),
      };
    },
    async run(input, signal) {
      const { plan, workspaceFolder } = await ports.plan(input, signal);
      const digest = shown.get(JSON.stringify(input));
      shown.delete(JSON.stringify(input));
      if (digest !== undefined && digest !== planDigest(plan)) {
        throw new UserError(
          "The plan changed after it was confirmed (a file, the interpreter or the GPU). Nothing was started. Call the tool again to show the new plan.",
        );
      }
      const { refusals } = await ports.judge(plan, workspaceFolder, signal);
      if (refusals.length > 0) {
        throw new UserError(
          `Nothing was started. ${refusals.join(" ")} Change the code, or let the person start it with Trainyard: Train….`,
        );
      }
      const id = await ports.launch(plan, workspaceFolder);
      return {
        text: `Run ${id} is starting: ${plan.command.join(" ")}. It goes on in the background and the person is told when it ends. Do not poll.`,
        data: { runId: id, command: plan.command, checkpointFolder: plan.checkpointFolder?.path },
      };
    },
  });
}
