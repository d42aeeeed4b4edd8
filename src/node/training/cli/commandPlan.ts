import { basename, isAbsolute, resolve } from "node:path";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";

/** The plan for a command that a person typed in full: nothing in it is chosen, so there is nothing to explain. */
export function planCommand(command: readonly string[], cwd: string): LaunchPlan {
  const [program = ""] = command;
  const scriptWord = command.slice(1).find((word) => word.endsWith(".py"));
  const isPath = program.includes("/") || program.includes("\\");
  const path = isPath && !isAbsolute(program) ? resolve(cwd, program) : program;
  return {
    kind: "training",
    title: basename(scriptWord ?? program).replace(/\.(?:py|sh|exe)$/, ""),
    script: resolve(cwd, scriptWord ?? program),
    command: [path, ...command.slice(1)],
    cwd,
    environment: {},
    interpreter: { path, reason: "given on the command line" },
    device: { kind: "cpu", reason: "started as it was typed; the program itself chooses its device" },
    arguments: [],
    warnings: [],
  };
}
