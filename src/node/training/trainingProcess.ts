import { type ChildProcess, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { UserError } from "../../core/base/errors.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import type { RunRecord } from "../../core/training/runRecord.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";

/** Every process of a run inherits it, wherever it moves to; see listGroupProcesses. */
const RUN_VARIABLE = "TRAINYARD_RUN";

/** `NAME=value` as it stands in the environment of every process of a run. */
export function markerOf(runId: string): string {
  return `${RUN_VARIABLE}=${runId}`;
}

/** The program of a run, leader of its own process group. */
export type TrainingProcess = {
  child: ChildProcess;
  pid: number;
  stdout: Readable;
  stderr: Readable;
};

/** Starts what the plan says; refuses with a sentence when the folder or the program is not there. */
export async function launchTraining(record: RunRecord): Promise<TrainingProcess> {
  const { plan, id } = record;
  const [program = "", ...args] = plan.command;
  const folder = await stat(plan.cwd).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    throw new UserError(`The folder ${plan.cwd} does not exist. Choose another working folder and start again.`);
  }
  const child = spawn(program, args, {
    cwd: plan.cwd,
    env: trainingEnvironment(process.env, plan, id),
    // A group of its own: the signals of a stop reach data-loader workers too, and no terminal's reach any of them.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(startFailure(plan, error)));
  });
  if (child.pid === undefined) {
    throw new UserError(`${program} did not start and the system gave no reason. Start it again.`);
  }
  return { child, pid: child.pid, stdout: child.stdout, stderr: child.stderr };
}

function startFailure(plan: LaunchPlan, error: unknown): UserError {
  const program = plan.command[0] ?? "";
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "was not found. Select an interpreter that exists and start again.",
    EACCES: "may not be executed. Check its permissions and start again.",
  };
  const reason = reasons[errorCode(error) ?? ""] ?? `could not be started: ${describeFileError(error)}.`;
  return new UserError(`The program ${program} ${reason}`, { cause: error });
}

/**
 * What a training sees: the person's environment without the variables that would turn an Electron program it starts
 * into something else or tie it to one editor window, then the plan's own.
 */
export function trainingEnvironment(
  inherited: NodeJS.ProcessEnv,
  plan: Pick<LaunchPlan, "environment">,
  runId: string,
): NodeJS.ProcessEnv {
  return {
    ...ownerEnvironment(inherited),
    // Without it Python keeps 8 KiB of output back when it does not write to a terminal.
    PYTHONUNBUFFERED: "1",
    ...(process.platform === "win32" && inherited["PYTHONIOENCODING"] === undefined
      ? { PYTHONIOENCODING: "utf-8" }
      : {}),
    ...plan.environment,
    ELECTRON_RUN_AS_NODE: undefined,
    [RUN_VARIABLE]: runId,
  };
}

/** The environment of a supervisor: like a training's, but still able to run as Node inside the editor's executable. */
export function ownerEnvironment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(
    ([name]) =>
      name === "ELECTRON_RUN_AS_NODE" || !/^(?:VSCODE_|ELECTRON_|TRAINYARD_RUN$|NODE_TEST_CONTEXT$)/i.test(name),
  );
  return Object.fromEntries(kept);
}
