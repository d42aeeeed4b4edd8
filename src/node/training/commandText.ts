import { basename, resolve } from "node:path";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { readSource } from "../base/readSource.ts";

/** The words of the command, and the text of the shell scripts among them. */
export async function commandText({ command, cwd }: LaunchPlan): Promise<string> {
  const scripts = command.filter((word) => /\.(?:sh|bash|zsh|slurm|sbatch)$/.test(basename(word)));
  const texts = await Promise.all(scripts.map((script) => readSource(resolve(cwd, script))));
  return [command.join(" "), ...texts.map((text) => (text ?? "").replaceAll(/^\s*#.*$/gm, ""))].join("\n");
}
