import { basename, dirname, relative } from "node:path";
import { UserError } from "../../../core/base/errors.ts";
import { FIRST_FREE_GPU, listGpus, whyNoneGrantable, whyTooFew } from "../../../core/training/gpuChoice.ts";
import { isPythonProgram } from "../../../core/training/interpreterChoice.ts";
import { gpusOf } from "../../../core/training/launcherGpus.ts";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";
import { describeWait, waitOf } from "../../../core/training/runWait.ts";
import { type CliCall, type CliVerb, UsageError } from "../../base/cliVerb.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { pythonsIn } from "../environmentBeside.ts";
import { deviceEnvironment, queryGpus } from "../gpuQuery.ts";
import { planLaunch } from "../planLaunch.ts";
import { requirePreset } from "../presetFile.ts";
import { collectReceipt } from "../receipt.ts";
import { userLeases } from "../runLeases.ts";
import { createRun, findRun } from "../runLedger.ts";
import { startOwner } from "../startOwner.ts";
import { startInTerminal } from "../terminal.ts";
import { planTypedCommand } from "./commandScript.ts";
import { inheritSecrets } from "./inheritSecrets.ts";
import { LOG_LIMIT_OPTION, readLogLimit } from "./logLimit.ts";
import { readStopGrace, STOP_GRACE_OPTION } from "./stopGrace.ts";

export const runVerb: CliVerb = {
  takesCommand: true,
  ...VERB_TEXTS.run,
  options: {
    preset: {
      type: "string",
      value: "name",
      help: "start a preset of the workspace; arguments behind -- are added to its own",
    },
    detach: { type: "boolean", short: "d", help: "print the id of the run and return at once" },
    after: { type: "string", value: "run", help: "wait for the end of this run first" },
    "when-gpu-free": { type: "boolean", help: "wait for a GPU that nobody uses, and take it" },
    "log-limit": LOG_LIMIT_OPTION,
    "stop-grace": STOP_GRACE_OPTION,
  },
  workspace: "starts",
  async run(call) {
    const { root, options, host } = call;
    const settings = { ...readLogLimit(options), ...readStopGrace(options) };
    const plan = inheritSecrets(await planOf(call));
    const after = typeof options["after"] === "string" ? (await findRun(root, options["after"])).record.id : undefined;
    const wait = waitOf(plan, after);
    const receipt = await collectReceipt(plan.cwd, host.version, plan);
    const folder = await createRun(root, plan, receipt, { ...settings, ...(wait === undefined ? {} : { wait }) });
    for (const warning of plan.warnings) {
      // Standard output holds the id alone where a script asks for it.
      process.stderr.write(`Warning: ${warning.replaceAll("`", "")}\n`);
    }
    if (options["detach"] === true) {
      await startOwner(folder, host.supervisorPath);
      host.print(basename(folder));
      return 0;
    }
    const condition = wait === undefined ? "" : ` ${describeWait(wait)}`;
    host.print(
      `Run ${basename(folder)}.${condition}${describeGpus(plan)} It goes on when this terminal closes; Ctrl-C stops it.${describeUnusedEnvironment(plan)}${describeWorkspace(call)}`,
    );
    return startInTerminal(folder, host.supervisorPath);
  },
};

/** Which GPUs were chosen for the tasks of a flow. */
function describeGpus({ kind, device }: LaunchPlan): string {
  return kind === "flow" && device.kind === "cuda" && device.gpus.length > 0
    ? ` It is given ${listGpus(device.gpus.map(({ index }) => index))}: ${device.reason}.`
    : "";
}

/** That a run which was started in a folder of the workspace is one of the workspace's. */
function describeWorkspace({ root, folder }: CliCall): string {
  return root === folder ? "" : ` It is one of the runs of ${root}.`;
}

/** A plain `python` is that of the PATH, which is easily forgotten beside a `.venv` that is not activated. */
function describeUnusedEnvironment({ command: [typed = ""], interpreter, cwd }: LaunchPlan): string {
  if (process.env["VIRTUAL_ENV"] || /[\\/]/.test(typed) || !isPythonProgram(typed)) {
    return "";
  }
  const beside = pythonsIn([cwd]);
  const [first] = beside;
  // A program that was not found is none of another environment.
  return first === undefined ||
    interpreter.path === typed ||
    beside.some((path) => dirname(path) === dirname(interpreter.path))
    ? ""
    : ` Its ${typed} is ${interpreter.path}, and not ${relative(cwd, first)} of this folder.`;
}

/** The command as it was typed, or the plan of a preset with more arguments. */
async function planOf({ root, rest, words, options }: CliCall): Promise<LaunchPlan> {
  const preset = typeof options["preset"] === "string" ? await requirePreset(root, options["preset"]) : undefined;
  if ((rest.length === 0 && preset === undefined) || words.length > 0) {
    throw new UsageError("The command to run stands behind two dashes: trainyard run -- python train.py");
  }
  if (rest[0]?.trim() === "") {
    throw new UsageError("The command behind the two dashes is empty.");
  }
  const isForFreeGpu = options["when-gpu-free"] === true;
  if (preset === undefined) {
    const typed = await planTypedCommand(rest, process.cwd(), { environment: process.env, isForFreeGpu });
    if (!isForFreeGpu) {
      return typed;
    }
    await requireGrantableGpus(gpusOf(typed.command), deviceEnvironment(typed));
    return { ...typed, device: FIRST_FREE_GPU };
  }
  if (isForFreeGpu) {
    await requireGrantableGpus(1, process.env);
  }
  const request = { script: preset.script, arguments: [...preset.arguments, ...rest] };
  const context = { workspaceFolder: root, environment: process.env, leases: userLeases() };
  return planLaunch({ ...request, device: isForFreeGpu ? "free" : preset.device }, context);
}

/** A run that waits for what this machine has not would wait for ever. */
async function requireGrantableGpus(count: number, environment: NodeJS.ProcessEnv): Promise<void> {
  const facts = { query: await queryGpus({ environment: process.env }), environment };
  const problem = whyNoneGrantable(facts);
  if (problem !== undefined) {
    throw new UserError(`There is no GPU here to wait for: ${problem}. Leave --when-gpu-free out to start at once.`);
  }
  const tooFew = whyTooFew(count, facts);
  if (tooFew !== undefined) {
    throw new UserError(tooFew);
  }
}
