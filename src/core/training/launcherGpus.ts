import { programName } from "./launchCommand.ts";

/** Launchers that start a process for each GPU, as programs and as modules of Python. */
const LAUNCHERS: ReadonlySet<string> = new Set([
  "torchrun",
  "accelerate",
  "deepspeed",
  "torch.distributed.run",
  "torch.distributed.launch",
  "accelerate.commands.launch",
  "deepspeed.launcher.runner",
]);

/** Their options that say how many. */
const COUNT = /^--(?:nproc[-_]per[-_]node|num[-_]processes|num[-_]gpus)(?:=(\d+))?$/;
/** The one of accelerate that counts those of all machines together. */
const TOTAL = /^--num[-_]processes(?:=(\d+))?$/;
const MACHINES = /^--num[-_]machines(?:=(\d+))?$/;

/**
 * How many GPUs a command needs at once: as many as the processes that its launcher is told to start, else one. What a
 * launcher finds out itself (`--nproc-per-node gpu`) goes by the GPUs that it is shown.
 */
export function gpusOf(command: readonly string[]): number {
  return toldGpus(command) ?? 1;
}

/** How many processes a launcher is told to start on a machine; undefined where it is not, or none of them on a GPU. */
export function toldGpus(command: readonly string[]): number | undefined {
  // Behind the script stand its own options, which may have the same names and values.
  const script = command.findIndex((word, at) => startsScript(word, command[at + 1]));
  const own = command.slice(0, script === -1 ? undefined : script);
  const launcher = own.findIndex(isLauncher);
  const options = launcher === -1 ? [] : own.slice(launcher + 1);
  if (options.includes("--cpu")) {
    return undefined;
  }
  const count = valueOf(options, COUNT);
  const machines = valueOf(options, TOTAL) === undefined ? 1 : (valueOf(options, MACHINES) ?? 1);
  return count === undefined ? undefined : Math.ceil(count / machines);
}

function startsScript(word: string, next = ""): boolean {
  return word.endsWith(".py") || ((word === "-m" || word === "--module") && !isLauncher(next));
}

function isLauncher(word: string): boolean {
  return LAUNCHERS.has(programName(word));
}

/** The whole number above 0 that the first such option has. */
function valueOf(options: readonly string[], option: RegExp): number | undefined {
  const at = options.findIndex((word) => option.test(word));
  const value = Number(option.exec(options[at] ?? "")?.[1] ?? options[at + 1]);
  return at !== -1 && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** Whether the launcher counts the GPUs of the machine itself and shows each process one, whatever it was shown. */
export function ignoresMask(command: readonly string[]): boolean {
  return command.some((word) => /^deepspeed(?:\.launcher\.runner)?$/.test(programName(word)));
}
