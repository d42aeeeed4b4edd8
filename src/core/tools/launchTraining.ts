import * as z from "zod";
import { maskSecretWords } from "../base/secretWords.ts";
import { renderShownCommand } from "../training/commandLine.ts";
import { ConfirmedLaunch, type LaunchPorts } from "./confirmedLaunch.ts";
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

/** Starts a training that outlives the window. The person is shown the whole plan first. */
export function launchTrainingTool(ports: LaunchPorts) {
  const launches = new ConfirmedLaunch(ports);
  return defineTool<LaunchTrainingInput>({
    name: "trainyard_launch_training",
    referenceName: "trainyardLaunchTraining",
    displayName: "Launch Training",
    userDescription: "Start a training script or a flow on this machine",
    modelDescription:
      "Starts a training script or a Metaflow flow of this workspace on this machine, after the person confirmed the exact command. " +
      "Use it when the person asks to train; trainyard_run_flow knows the parameters of a flow. Returns at once with a run id while the training goes on in the background. " +
      "Do not poll: the person is told when it ends. Use trainyard_run_status only when asked about progress.",
    icon: "$(play)",
    input: launchTrainingSchema,
    progress: (input) => `Starting ${input.script ?? "the training"}`,
    confirm: (input, signal) => launches.ask(input, signal),
    async run(input, signal) {
      const { runId, plan } = await launches.start(input, signal);
      return {
        text: `Run ${runId} is starting: ${renderShownCommand(plan.command)}. It goes on in the background and the person is told when it ends. Do not poll.`,
        data: { runId, command: maskSecretWords(plan.command), checkpointFolder: plan.checkpointFolder?.path },
      };
    },
  });
}
