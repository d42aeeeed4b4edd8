import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { isPythonProgram, isShellProgram } from "../../core/training/interpreterChoice.ts";
import { hasReachedLastEpoch } from "../../core/training/runProgress.ts";
import type { ProcessIdentity, RunProgress, RunStatus } from "../../core/training/runRecord.ts";
import { readProcFile, readProcStat } from "../base/processIdentity.ts";
import { behindStarters } from "./startedWords.ts";
import type { TrainingEnd } from "./trainingProcess.ts";

/*
 * `nohup python train.py > nohup.out & echo started` ends at once, and so does a program that forks itself away: what was to be
 * watched goes on without the process that was started. Only Linux tells enough of the processes of others.
 */

/** Workers that only serve the process that started them, and programs that people leave running beside a training. */
const HELPERS =
  /\bmultiprocessing[./](?:spawn|forkserver|resource_tracker|managers|popen\w*)\b|\bresource_tracker\b|joblib[./]externals|torch\/_inductor/;
const SERVICES =
  /^(?:tensorboard|visdom|aim|wandb(?:-\S+)?|mlflow|jupyter(?:-\S+|lab|hub\S*|_server)?|gunicorn|uvicorn|autossh|ssh-agent|redis-server|raylet|gcs_server|Xvfb|tee|cat|tail|nvidia-smi|nvtop|gpustat|watch|vmstat|iostat|pidstat|dstat|h?top)(?<!\.py)$/;
/** What those programs call the part of them that trains. */
const WORK_OF_SERVICES =
  /^(?:wandb (?:.* )?agent|mlflow (?:.* )?run|jupyter[ -](?:.* )?(?:nbconvert|execute|run))(?: |$)/;

/** As it is written to be started, not as the end of a path to data. */
const SHELL = /^(?:\/(?:usr\/)?(?:local\/)?bin\/)?(?:ba|z|da|k|fi)?sh$/;

/** A command that has ended, as far as what it left behind is to be judged. */
export type EndedCommand = {
  /** Of the program that did its work, see `startedWords`. */
  words: readonly string[];
  /** The process group that it led. */
  groupId: number;
  /** What was printed of epochs or losses before it ended. */
  progress: RunProgress | undefined;
  /** Whether more of them was printed after its end: by what it left behind, then. */
  isPrintedOn: boolean;
  /** How it failed, where it did. */
  failure?: TrainingEnd | undefined;
};

/**
 * Of the processes that a command left behind, those that do its work in the background, the one that it started first in
 * front. A training that came to its last epoch did its work itself, unless something goes on to print of epochs.
 */
export function findBackgroundTraining(pids: readonly number[], command: EndedCommand): number[] {
  if (hasReachedLastEpoch(command.progress) && !command.isPrintedOn && !isShell(command.words)) {
    return [];
  }
  return pids.filter((pid) => isTraining(pid, pids, command)).toSorted((a, b) => startOf(a) - startOf(b));
}

function isTraining(pid: number, pids: readonly number[], command: EndedCommand): boolean {
  const { words: commandWords, groupId, progress, isPrintedOn } = command;
  const words = commandLineOf(pid);
  if (words.length === 0 || isHelper(pid)) {
    return false;
  }
  if (isPrintedOn) {
    return true;
  }
  if (isShell(commandWords)) {
    // A shell in the background may start the next training at any time. A `sleep` that no shell waits for starts nothing.
    return progress === undefined || basename(words[0] ?? "") !== "sleep" || isChildOfOne(pid, pids);
  }
  // A forked worker is called what its parent was called and stays in its group; who forks itself away leaves that. What is
  // called otherwise and was left by a command that had trained already only served it.
  return isForkOf(words, commandWords) ? readProcStat(pid)?.groupId !== groupId : progress === undefined;
}

function isChildOfOne(pid: number, pids: readonly number[]): boolean {
  return pids.includes(readProcStat(pid)?.parentPid ?? 0);
}

/** Whether it is what people leave running beside a training, or a worker of it. */
export function isHelper(pid: number): boolean {
  const words = commandLineOf(pid);
  return HELPERS.test(words.join(" ")) || isService(words);
}

/** A service by the name of its program, of its script or of its module: `python -m visdom.server`. */
export function isService(words: readonly string[]): boolean {
  const named = words[1] === "-m" ? [words[0] ?? "", "-m", words[2]?.split(".")[0] ?? ""] : words.slice(0, 2);
  const names = named.map((word) => basename(word));
  const at = names.findIndex((name) => SERVICES.test(name));
  return at !== -1 && !WORK_OF_SERVICES.test([names[at], ...words.slice(at + 1)].join(" "));
}

/** Whether the command is a shell or a script of one, also where `env` or the like starts it. */
export function isShell(commandWords: readonly string[]): boolean {
  const words = behindStarters(commandWords);
  return words.slice(0, 2).some(isShellProgram) || startsShell(words);
}

/**
 * Whether a shell is named behind a program that is not known: `xvfb-run -a bash job.sh`, `conda run -n torch --live-stream bash job.sh`.
 * Taken for a shell wrongly, a run may last longer; taken for none, what its script left to train would be ended.
 */
function startsShell(words: readonly string[]): boolean {
  const ofPython = words.findIndex((word) => isPythonProgram(word) || word.endsWith(".py"));
  return words.slice(0, ofPython === -1 ? words.length : ofPython).some((word) => SHELL.test(word));
}

/** A fork has the arguments of its parent; its program may be named by another path. */
function isForkOf(words: readonly string[], commandWords: readonly string[]): boolean {
  return words.slice(1).join("\0") === commandWords.slice(1).join("\0");
}

/** What a person and the status are told when the work of a command goes on in the background. */
export function describeBackgroundTraining(
  training: ProcessIdentity,
  { words: commandWords, failure }: Pick<EndedCommand, "words" | "failure">,
): {
  note: string;
  status: Pick<RunStatus, "training" | "isInBackground" | "backgroundOutput">;
} {
  const { pid } = training;
  const words = commandLineOf(pid);
  const command = words.join(" ").slice(0, 200);
  const how =
    isForkOf(words, commandWords) && !isShell(commandWords) ? "without forking it away" : "without nohup and &";
  const output = outputFileOf(pid);
  const known = output === undefined ? {} : { backgroundOutput: output };
  const where = output === undefined ? "" : `, which prints to ${output}`;
  return {
    note:
      `The command ${describeOutcome(failure)}, but what it started in the background goes on: process ${pid} (${command})${where}. ` +
      `The run lasts until that ends. Start the training itself, ${how}, to see its output and its exit code here.`,
    status: { training, isInBackground: true, ...known },
  };
}

function describeOutcome(failure: TrainingEnd | undefined): string {
  if (failure === undefined) {
    return "has ended";
  }
  const { exitCode, signal } = failure;
  return signal === undefined ? `has failed with exit code ${exitCode}` : `was ended by ${signal}`;
}

function startOf(pid: number): number {
  return Number(readProcStat(pid)?.startTicks ?? 0);
}

/** The words that a process was started with; none where it is gone. */
export function commandLineOf(pid: number): string[] {
  return readProcFile(pid, "cmdline").split("\0").slice(0, -1);
}

/** The file that a process prints to, where it is one. */
function outputFileOf(pid: number): string | undefined {
  try {
    const path = readlinkSync(`/proc/${pid}/fd/1`);
    return path.startsWith("/") && !path.startsWith("/dev/") && !path.endsWith(" (deleted)") ? path : undefined;
  } catch {
    return undefined;
  }
}
