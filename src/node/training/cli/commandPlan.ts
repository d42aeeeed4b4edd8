import { basename, isAbsolute, resolve } from "node:path";
import { LEFT_TO_PROGRAM } from "../../../core/training/gpuChoice.ts";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";
import { findStartedScript } from "../../../core/training/startedScript.ts";
import { readTypedWords } from "./typedWords.ts";

/**
 * The plan for a command that a person typed in full: nothing in it is chosen, so there is nothing to explain. Refuses what
 * only a shell understands.
 */
export function planCommand(words: readonly string[], cwd: string): LaunchPlan {
  const { environment, command } = readTypedWords(words, cwd);
  const [program = ""] = command;
  const started = findStartedScript(command);
  const scriptWord = started && command[started.at];
  const isPath = program.includes("/") || program.includes("\\");
  const path = isPath && !isAbsolute(program) ? resolve(cwd, program) : program;
  return {
    kind: "training",
    title: basename(scriptWord ?? program).replace(/\.(?:py|sh|exe)$/, ""),
    script: resolve(cwd, scriptWord ?? program),
    command: [path, ...command.slice(1)],
    cwd,
    environment,
    interpreter: { path, reason: "given on the command line" },
    device: LEFT_TO_PROGRAM,
    arguments: [],
    warnings: [],
  };
}
