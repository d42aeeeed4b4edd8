import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve as resolvePath } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import type { ProcessIdentity, RunRecord, RunStatus } from "../../core/training/runRecord.ts";
import { probeProcess } from "../base/processIdentity.ts";
import { carriesMarker } from "../base/processTree.ts";
import { closeEnds, makeOutputPipes, openOutputOf } from "./outputPipes.ts";
import { startFailure } from "./startFailure.ts";

/** Every process of a run inherits it, wherever it moves to; see listGroupProcesses. */
const RUN_VARIABLE = "TRAINYARD_RUN";

/** `NAME=value` as it stands in the environment of every process of a run. */
export function markerOf(runId: string): string {
  return `${RUN_VARIABLE}=${runId}`;
}

/** Both absent: the process ended, but only its parent could have heard how, and that is gone. */
export type TrainingEnd = { exitCode?: number; signal?: string };

/** The program of a run, leader of its own process group. */
export type TrainingProcess = {
  pid: number;
  stdout: Readable;
  stderr: Readable;
  ended: Promise<TrainingEnd>;
};

/** Starts what the plan says; refuses with a sentence when the folder or the program is not there. */
export async function launchTraining(record: RunRecord): Promise<TrainingProcess> {
  const { plan, id } = record;
  const [program = "", ...args] = plan.command;
  const folder = await stat(plan.cwd).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    throw new UserError(`The folder ${plan.cwd} does not exist. Choose another working folder and start again.`);
  }
  const pipes = await makeOutputPipes();
  const child = spawn(program, args, {
    cwd: plan.cwd,
    env: trainingEnvironment(process.env, plan, id),
    // A group of its own: the signals of a stop reach data-loader workers too, and no terminal's reach any of them.
    detached: true,
    stdio: ["ignore", pipes?.ends[0] ?? "pipe", pipes?.ends[1] ?? "pipe"],
    windowsHide: true,
  });
  const ended = new Promise<TrainingEnd>((resolve) => {
    child.once("exit", (code, signal) =>
      resolve({ ...(code === null ? {} : { exitCode: code }), ...(signal === null ? {} : { signal }) }),
    );
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => reject(startFailure(plan, error)));
    });
  } catch (error) {
    pipes?.stdout.destroy();
    pipes?.stderr.destroy();
    throw error;
  } finally {
    if (pipes !== undefined) {
      closeEnds(pipes);
    }
  }
  const stdout = pipes?.stdout ?? child.stdout;
  const stderr = pipes?.stderr ?? child.stderr;
  if (child.pid === undefined || stdout === null || stderr === null) {
    throw new UserError(`${program} did not start and the system gave no reason. Start it again.`);
  }
  return { pid: child.pid, stdout, stderr, ended };
}

/**
 * A training whose owner was killed, to be watched over by this process from now on; undefined where it has ended or
 * its output cannot be reached. A status file may come with a folder from somebody else, so the process has to carry
 * the mark of the run.
 */
export function adoptTraining({ id }: RunRecord, status: RunStatus): TrainingProcess | undefined {
  const identity = status.training;
  if (identity === undefined || probeProcess(identity) !== "alive" || !carriesMarker(identity.pid, markerOf(id))) {
    return undefined;
  }
  // What its command put into the background may print into a file.
  const output =
    openOutputOf(identity.pid) ??
    (status.isInBackground === true ? { stdout: Readable.from([]), stderr: Readable.from([]) } : undefined);
  return output && { pid: identity.pid, ...output, ended: waitForEnd(identity) };
}

const ADOPTED_POLL_MS = 100;

async function waitForEnd(identity: ProcessIdentity): Promise<TrainingEnd> {
  while (probeProcess(identity) !== "gone") {
    await delay(ADOPTED_POLL_MS);
  }
  return {};
}

/**
 * What a training sees: the person's environment without the variables that would turn an Electron program it starts
 * into something else or tie it to one editor window, then the plan's own.
 */
function trainingEnvironment(
  inherited: NodeJS.ProcessEnv,
  plan: Pick<LaunchPlan, "environment" | "kind" | "command" | "cwd">,
  runId: string,
): NodeJS.ProcessEnv {
  return {
    ...withoutOwnSettings(inherited),
    ...(plan.kind === "flow" ? searchOwnPython(inherited, plan) : {}),
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

/**
 * Metaflow starts the workers of @parallel as `python`, which has to be the one of the run, as it is in a terminal whose
 * environment was activated.
 */
function searchOwnPython(
  inherited: NodeJS.ProcessEnv,
  { command: [program = ""], cwd }: Pick<LaunchPlan, "command" | "cwd">,
): NodeJS.ProcessEnv {
  const folder = dirname(resolvePath(cwd, program));
  const isNamedSo = existsSync(join(folder, process.platform === "win32" ? "python.exe" : "python"));
  // On Windows it is called Path.
  const name = Object.keys(inherited).find((each) => each.toUpperCase() === "PATH") ?? "PATH";
  const searched = inherited[name];
  return program === basename(program) || !isNamedSo
    ? {}
    : { [name]: searched ? folder + delimiter + searched : folder };
}

/** Says that a supervisor runs with glibc settings of its own, which are nothing for its training. */
const OWN_MALLOC = "TRAINYARD_OWN_MALLOC";
/** Has glibc give back what a supervisor needed for a moment: a megabyte less for days. Unknown elsewhere, and harmless. */
const MALLOC_SETTING = "MALLOC_MMAP_THRESHOLD_";
const MALLOC_THRESHOLD_BYTES = 65_536;

/** The environment of a supervisor: like a training's, but still able to run as Node inside the editor's executable. */
export function ownerEnvironment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = withoutOwnSettings(inherited);
  return MALLOC_SETTING in kept
    ? kept
    : { ...kept, [OWN_MALLOC]: "1", [MALLOC_SETTING]: String(MALLOC_THRESHOLD_BYTES) };
}

/** What a person set: without the editor's variables, and without those of a supervisor. */
function withoutOwnSettings(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOwn = (name: string) => OWN_MALLOC in inherited && (name === OWN_MALLOC || name === MALLOC_SETTING);
  const kept = Object.entries(inherited).filter(
    ([name]) =>
      name === "ELECTRON_RUN_AS_NODE" ||
      !(isOwn(name) || /^(?:VSCODE_|ELECTRON_|TRAINYARD_RUN$|NODE_TEST_CONTEXT$)/i.test(name)),
  );
  return Object.fromEntries(kept);
}

/** How the command of a run failed, as an owner heard and wrote that stayed with what it had left. */
export function failureIn({ exitCode, signal }: RunStatus): TrainingEnd | undefined {
  const end = { ...(exitCode === undefined ? {} : { exitCode }), ...(signal === undefined ? {} : { signal }) };
  return stateAfter(end) === "failed" ? end : undefined;
}

/** `lost`: it has ended, and how was told to an owner that is dead. */
export function stateAfter({ exitCode, signal }: TrainingEnd): RunStatus["state"] {
  if (exitCode === undefined && signal === undefined) {
    return "lost";
  }
  return exitCode === 0 ? "finished" : "failed";
}
