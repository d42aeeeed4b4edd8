import { accessSync, constants, statSync } from "node:fs";
import { basename, isAbsolute, join, relative } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { renderShownCommand } from "../../core/training/commandLine.ts";
import { isPythonProgram } from "../../core/training/interpreterChoice.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { readFileStart } from "../base/readFileStart.ts";

/** Why the program of a plan could not be started, and what to do about it. */
export function startFailure(plan: LaunchPlan, error: unknown): UserError {
  const [program = ""] = plan.command;
  const path = isAbsolute(program) ? program : join(plan.cwd, program);
  const code = errorCode(error) ?? "";
  const sentence =
    (isFile(path) ? explainScript(plan, { path, code }) : undefined) ??
    `The program ${program} ${REASONS[code]?.(program) ?? `could not be started: ${describeFileError(error)}.`}`;
  return new UserError(sentence, { cause: error });
}

const REASONS: Readonly<Record<string, (program: string) => string>> = {
  ENOENT: (program) =>
    isPythonProgram(program)
      ? "was not found. Select an interpreter that exists and start again: in VS Code with Python: Select Interpreter, in a " +
        "terminal by its name or path (python3, .venv/bin/python). Where there is none, install Python from https://www.python.org/downloads/."
      : "was not found. Check how it is spelled, and that it is installed and on the PATH, then start again.",
  EACCES: () => "may not be executed. Check its permissions and start again.",
};

/** What is wrong with a file that is there. */
function explainScript(plan: LaunchPlan, { path, code }: { path: string; code: string }): string | undefined {
  const [program = "", ...words] = plan.command;
  const inside = relative(plan.cwd, path);
  // A script without an interpreter; one that may be executed needs none.
  if (program.endsWith(".py")) {
    const command = renderShownCommand(["python", inside, ...words]);
    return `${program} is a script and no program. Start it with its Python: ${command}`;
  }
  const withShell = renderShownCommand([...shellOf(path), inside, ...words]);
  if (code === "EACCES" && program.endsWith(".sh")) {
    return `The script ${program} may not be executed. Start it with its shell (${withShell}), or allow it: chmod +x ${renderShownCommand([inside])}`;
  }
  if (code !== "ENOENT") {
    return undefined;
  }
  // What lies there by that name is not the Python that was meant.
  if (isPythonProgram(program)) {
    return undefined;
  }
  if (program === basename(program)) {
    const command = isExecutable(path) ? renderShownCommand([`./${program}`, ...words]) : withShell;
    return `The program ${program} is not on the PATH; a file of that name is in ${plan.cwd}. Start that one: ${command}`;
  }
  return explainFirstLine(program, path);
}

/** The system says that a script is not there where the interpreter is not that its first line names. */
function explainFirstLine(program: string, path: string): string | undefined {
  const [, interpreter = "", ending] = /^#!\s*(\S+)[^\r\n]*(\r?)/.exec(readFileStart(path)) ?? [];
  if (interpreter === "") {
    return undefined;
  }
  return ending === "\r"
    ? `The script ${program} has the line ends of Windows, with which its first line names no program that is there. Change them: sed -i 's/\\r$//' ${renderShownCommand([path])}`
    : `The first line of ${program} names ${interpreter}, which is not there. Correct the line, or install that program, then start again.`;
}

/** What the first line of a script has it started with, as a person would type it. */
function shellOf(path: string): string[] {
  const [, named = ""] = /^#!\s*(?:\S*\/env\s+(?:-S\s+)?)?([^\r\n]+)/.exec(readFileStart(path)) ?? [];
  const words = named.trim().replace(/^\/(?:usr\/)?bin\//, "");
  return words === "" ? ["bash"] : words.split(/\s+/);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
