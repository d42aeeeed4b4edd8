import { basename, dirname, resolve } from "node:path";
import { isPythonProgram } from "../../core/training/interpreterChoice.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { readFileStart } from "../base/readFileStart.ts";

/** Programs that only set something up for the one that stands behind them, and those of them that need the word `run`. */
const STARTERS = new Set("chrt env flock ionice nice nohup numactl setsid stdbuf taskset time timeout".split(" "));
const RUNNERS = new Set("conda mamba micromamba pdm pipenv pixi poetry uv".split(" "));
/** Their options, the values of these (`-n 5`, `-s KILL`, `600s`, `0-3`) and variables; programs are called otherwise. */
const WORD_OF_STARTER = /^(?:-.*|[A-Za-z_]\w*=.*|\d[\w.,-]*|[A-Z][A-Z\d_]*)$/;

/** What else stands behind some of them: a folder to go to, a file to lock. */
const MORE_OF_STARTERS: Readonly<Record<string, { option?: RegExp; operands?: number }>> = {
  env: { option: /^(?:-C|--chdir)$/ },
  flock: { operands: 1 },
};

/** A command without what stands before the program that does its work: `nice -n 5 env SEED=1 bash job.sh`. */
export function behindStarters(command: readonly string[]): string[] {
  let at = 0;
  for (let next = firstBehind(command, at); next !== at; next = firstBehind(command, at)) {
    at = next;
  }
  return command.slice(at);
}

function firstBehind(command: readonly string[], at: number): number {
  const name = basename(command[at] ?? "");
  const isRunner = RUNNERS.has(name) && command[at + 1] === "run";
  if (!isRunner && !STARTERS.has(name)) {
    return at;
  }
  const from = at + (isRunner ? 2 : 1);
  const { option, operands = 0 } = MORE_OF_STARTERS[name] ?? {};
  const isOfStarter = (word: string, index: number) =>
    WORD_OF_STARTER.test(word) || option?.test(command[from + index - 1] ?? "") === true;
  const count = command.slice(from).findIndex((word, index) => !isOfStarter(word, index));
  return count === -1 ? command.length : Math.min(from + count + operands, command.length);
}

/**
 * The words of the program that does the work of a plan. Of a script they begin with what its first line names, as the system
 * starts it; what is found on the PATH is taken for a program.
 */
export function startedWords({ command, cwd }: Pick<LaunchPlan, "command" | "cwd">): string[] {
  const words = behindStarters(command);
  const [program = ""] = words;
  if (program === basename(program) || isShim(program)) {
    return words;
  }
  const [, interpreter] = /^#!\s*([^\r\n]+)/.exec(readFileStart(resolve(cwd, program))) ?? [];
  return interpreter === undefined ? words : behindStarters([...interpreter.trim().split(/\s+/), ...words]);
}

/** What pyenv and its like put in the place of a program is a script of a shell that becomes that program. */
function isShim(program: string): boolean {
  return isPythonProgram(program) || basename(dirname(program)) === "shims";
}
