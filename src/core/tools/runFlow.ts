import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { maskSecretWords } from "../base/secretWords.ts";
import type { FlowOutline } from "../metaflow/flowOutline.ts";
import { parameterProblem } from "../metaflow/flowParameters.ts";
import { fitWorkers } from "../metaflow/gpuFit.ts";
import { renderShownCommand } from "../training/commandLine.ts";
import type { PlanRequest } from "../training/launchPlan.ts";
import { ConfirmedLaunch, type LaunchPorts } from "./confirmedLaunch.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

const MAX_PARAMETERS = 100;
/** Metaflow starts a process for each task that runs. */
const MAX_WORKERS = 256;

const MAX_GPU_INDEX = 255;
const MAX_GPUS = 64;

const runFlowSchema = z.strictObject({
  flow: printableText(4_096).describe("File of the flow, relative to the workspace folder."),
  parameters: z
    .record(printableText(200), z.union([printableText(4_096), z.number(), z.boolean()]))
    .refine((given) => Object.keys(given).length <= MAX_PARAMETERS, { error: `holds more than ${MAX_PARAMETERS}.` })
    .optional()
    .describe('Values of its Parameters by their names on the command line, for example {"learning-rate": 0.01}.'),
  resume: z
    .strictObject({
      runId: printableText(100).describe("The run of Metaflow to go on from."),
      step: printableText(200).optional().describe("Run again from this step; omit to go on where it ended."),
    })
    .optional()
    .describe("Omit to start a new run. A resumed run keeps the parameters of its origin."),
  maxWorkers: z
    .int()
    .min(1)
    .max(MAX_WORKERS)
    .optional()
    .describe("How many tasks run at once. Omit: as many as fit the GPUs where steps ask for one, else Metaflow's 16."),
  device: z
    .union([z.enum(["auto", "cpu"]), z.array(z.int().min(0).max(MAX_GPU_INDEX)).min(1).max(MAX_GPUS)])
    .optional()
    .describe(
      "`cpu` hides every GPU from the flow; `auto` gives it one. A list of indices, as nvidia-smi shows them, gives it several, and each task that asks for GPUs its own. Default: auto.",
    ),
});

export type RunFlowInput = z.infer<typeof runFlowSchema>;

/** Contract: reads only, runs nothing of the flow. */
export type FlowReader = {
  /** The flow that a file of the workspace runs. */
  outline(file: string): Promise<FlowOutline>;
  countGpus(signal: AbortSignal): Promise<number>;
};

/** Starts or resumes a flow of the workspace. The person is shown the whole command first. */
export function runFlowTool({ flows, launch }: { flows: FlowReader; launch: LaunchPorts }) {
  const launches = new ConfirmedLaunch({
    ...launch,
    async plan(request, signal) {
      const planned = await launch.plan(request, signal);
      if (planned.plan.kind !== "flow") {
        throw new UserError(`${request.script} is no Metaflow flow. trainyard_launch_training starts scripts.`);
      }
      return planned;
    },
  });
  return defineTool<RunFlowInput>({
    name: "trainyard_run_flow",
    referenceName: "trainyardRunFlow",
    displayName: "Run Flow",
    userDescription: "Run or resume a Metaflow flow on this machine",
    modelDescription:
      "Starts a new run of a Metaflow flow of this workspace, or resumes one, after the person confirmed the exact command. Checks names and values of the " +
      "parameters against the flow first. Returns at once with a run id while the flow goes on in the background. " +
      "Do not poll: the person is told when it ends. It does not deploy.",
    icon: "$(play)",
    input: runFlowSchema,
    progress: ({ flow, resume }) => `${resume ? "Resuming" : "Starting"} ${flow}`,
    confirm: async (input, signal) => launches.ask(await requestOf(input, flows, signal), signal),
    async run(input, signal) {
      const { runId, plan } = await launches.start(await requestOf(input, flows, signal), signal);
      return {
        text: `Run ${runId} is starting: ${renderShownCommand(plan.command)}. It goes on in the background and the person is told when it ends. Do not poll.`,
        data: { runId, command: maskSecretWords(plan.command) },
      };
    },
  });
}

async function requestOf(input: RunFlowInput, flows: FlowReader, signal: AbortSignal): Promise<PlanRequest> {
  const outline = await flows.outline(input.flow);
  const fit = fitWorkers(outline.gpuNeeds, await gpusSeen(input, flows, signal));
  const maxWorkers = input.maxWorkers ?? fit?.maxWorkers;
  return {
    script: input.flow,
    arguments: [
      "--no-pylint",
      ...(input.resume ? resumeArguments(input, outline) : ["run", ...parameterArguments(input, outline)]),
      ...(maxWorkers === undefined ? [] : ["--max-workers", String(maxWorkers)]),
    ],
    ...(input.device === undefined
      ? {}
      : { device: Array.isArray(input.device) ? [...new Set(input.device)] : input.device }),
  };
}

/** A plan gives a run one GPU unless it is asked for more. */
async function gpusSeen({ device }: RunFlowInput, flows: FlowReader, signal: AbortSignal): Promise<number> {
  if (Array.isArray(device)) {
    return new Set(device).size;
  }
  return device === "cpu" ? 0 : Math.min(1, await flows.countGpus(signal));
}

function resumeArguments({ resume, parameters }: RunFlowInput, { name, steps }: FlowOutline): string[] {
  const { runId = "", step } = resume ?? {};
  if (!/^\w[\w.-]*$/.test(runId)) {
    throw new UserError(
      `${runId} is no id of a run. Metaflow's are numbers, which the folder .metaflow/${name} lists.`,
    );
  }
  if (parameters !== undefined && Object.keys(parameters).length > 0) {
    throw new UserError("A resumed run keeps the parameters of its origin. Leave them out, or start a new run.");
  }
  if (step !== undefined && !steps.some((each) => each.name === step)) {
    throw new UserError(`${name} has no step ${step}. Its steps: ${steps.map((each) => each.name).join(", ")}.`);
  }
  return ["resume", ...(step === undefined ? [] : [step]), "--origin-run-id", runId];
}

function parameterArguments(
  { parameters = {} }: RunFlowInput,
  { name: flow, parameters: known }: FlowOutline,
): string[] {
  const missing = known.filter(({ name, isRequired }) => isRequired && !(name in parameters)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new UserError(
      `${flow} needs a value for ${missing.join(", ")}, which ${missing.length === 1 ? "has" : "have"} no default.`,
    );
  }
  return Object.entries(parameters).flatMap(([name, value]) => {
    const parameter = known.find((each) => each.name === name);
    if (!parameter) {
      const names = known.map((each) => each.name).join(", ");
      throw new UserError(`${flow} has no parameter ${name}. ${names === "" ? "It has none." : `It has ${names}.`}`);
    }
    // Metaflow reads the booleans of Python.
    const text = typeof value === "boolean" ? (value ? "True" : "False") : String(value);
    const problem = parameterProblem(parameter, text);
    if (problem !== undefined) {
      throw new UserError(problem);
    }
    return [`--${name}`, text];
  });
}
