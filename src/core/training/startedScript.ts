import { isPythonProgram, isShellProgram } from "./interpreterChoice.ts";
import { programName } from "./launchCommand.ts";

/** Which word of a command names the script that it starts: a file, or a module behind `-m`. */
export type StartedScript = { at: number; kind: "file" | "module" };

/** Modules that start a script: `python -m torch.distributed.run train.py`. */
const LAUNCHER_MODULES =
  /^(?:torch|accelerate|deepspeed|horovod|lightning|coverage|cProfile|profile|trace|pdb|ipdb|debugpy|memory_profiler|line_profiler|kernprof|scalene|viztracer)(?:\.|$)/;
/** Options of Python whose value is the next word. */
const PYTHON_VALUE = /^-[XW]$/;

/**
 * The script of a command; undefined where it names none. What stands behind it is an argument, also where it ends in `.py` as
 * the configurations of many projects do, and so is what a shell script is given.
 */
export function findStartedScript(command: readonly string[]): StartedScript | undefined {
  const file = command.findIndex((word) => word.endsWith(".py"));
  const python = command.findIndex((word) => isPythonProgram(programName(word)));
  if (python !== -1 && (file === -1 || python < file)) {
    return behindPython(command, python);
  }
  return isShellProgram(command[0] ?? "") ? undefined : behindLauncher(command, 0);
}

function behindPython(command: readonly string[], python: number): StartedScript | undefined {
  let at = python + 1;
  while (command[at]?.startsWith("-") === true && command[at] !== "-m" && command[at] !== "-c") {
    at += PYTHON_VALUE.test(command[at] ?? "") ? 2 : 1;
  }
  const word = command[at] ?? "";
  if (word === "-m") {
    return LAUNCHER_MODULES.test(command[at + 1] ?? "") ? behindLauncher(command, at + 2) : moduleAt(command, at + 1);
  }
  return word.endsWith(".py") ? { at, kind: "file" } : undefined;
}

/** The options of launchers are many: the first word that can be a script is taken. */
function behindLauncher(command: readonly string[], from: number): StartedScript | undefined {
  for (let at = from; at < command.length; at++) {
    if (command[at]?.endsWith(".py") === true) {
      return { at, kind: "file" };
    }
    const module = command[at] === "-m" || command[at] === "--module" ? moduleAt(command, at + 1) : undefined;
    if (module !== undefined) {
      return module;
    }
  }
  return undefined;
}

function moduleAt(command: readonly string[], at: number): StartedScript | undefined {
  return /^[A-Za-z_][\w.]*$/.test(command[at] ?? "") ? { at, kind: "module" } : undefined;
}
