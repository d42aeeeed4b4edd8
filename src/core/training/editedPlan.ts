import type { CommandChange } from "./diagnosis/argumentEdits.ts";
import type { LaunchPlan } from "./launchPlan.ts";

/** The command up to its script, and the arguments behind it. */
export type SplitCommand = { before: readonly string[]; words: readonly string[] };

/** Where the arguments of the script begin, behind any launcher; undefined where the command names no script. */
export function splitCommand({ command, script, kind }: LaunchPlan): SplitCommand | undefined {
  const name = fileName(script);
  const file = command.findIndex((word) => fileName(word) === name);
  const module = command.indexOf("-m") + 1;
  const at = file !== -1 ? file : module > 0 && !/^(?:torch|accelerate)\./.test(command[module] ?? "") ? module : -1;
  const run = kind === "flow" ? command.indexOf("run", at) : at;
  return at === -1 || run === -1 ? undefined : { before: command.slice(0, run + 1), words: command.slice(run + 1) };
}

export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** The arguments as a plan shows them, with the new values. */
export function changeArguments(plan: LaunchPlan, changes: readonly CommandChange[]): LaunchPlan["arguments"] {
  const changed = new Map(changes.map(({ name, to }) => [name, to]));
  const known = plan.arguments.map((argument) => {
    const value = changed.get(argument.flag);
    changed.delete(argument.flag);
    return value === undefined ? argument : { ...argument, value, source: "planned" as const };
  });
  return [...known, ...[...changed].map(([flag, value]) => ({ flag, value, source: "planned" as const }))];
}
