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

/** Their options that say how many on one machine. */
const COUNT = /^--(?:nproc[-_]per[-_]node|num[-_]processes|num[-_]gpus)(?:=(\d+))?$/;

/**
 * How many GPUs a command needs at once: as many as the processes that its launcher is told to start, else one. What a
 * launcher finds out itself (`--nproc-per-node gpu`) goes by the GPUs that it is shown.
 */
export function gpusOf(command: readonly string[]): number {
  return toldGpus(command) ?? 1;
}

/** How many processes a launcher is told to start; undefined where it is not, or where no launcher is known. */
export function toldGpus(command: readonly string[]): number | undefined {
  const launcher = command.findIndex((word) => LAUNCHERS.has(programName(word)));
  const options = launcher === -1 ? [] : command.slice(launcher + 1);
  // Behind the script stand its own options, which may have the same names.
  const script = options.findIndex((word) => word.endsWith(".py") || word === "-m" || word === "--module");
  const own = script === -1 ? options : options.slice(0, script);
  const at = own.findIndex((word) => COUNT.test(word));
  const count = Number(COUNT.exec(own[at] ?? "")?.[1] ?? own[at + 1]);
  return at !== -1 && Number.isInteger(count) && count > 0 ? count : undefined;
}

/** Whether the launcher counts the GPUs of the machine itself and shows each process one, whatever it was shown. */
export function ignoresMask(command: readonly string[]): boolean {
  return command.some((word) => /^deepspeed(?:\.launcher\.runner)?$/.test(programName(word)));
}
