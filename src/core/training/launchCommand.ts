import { splitCommandLine } from "./commandLine.ts";
import { isPythonProgram } from "./interpreterChoice.ts";

/** Programs that start trainings; the second word that tells a command from a sentence, where one is needed. */
const LAUNCHERS: Readonly<Record<string, RegExp | undefined>> = {
  torchrun: undefined,
  deepspeed: undefined,
  accelerate: /^launch$/,
  uv: /^run$/,
  poetry: /^run$/,
};

/** Names that a workspace gives to commands of its own. */
export type NamedCommands = { makeTargets: ReadonlySet<string>; projectScripts: ReadonlySet<string> };

/**
 * The words of a text that is a whole command of another program than a script: `torchrun … train.py`, `python -m pkg.train`,
 * `make train`. Undefined for what names a script or is a sentence.
 */
export function launchCommandOf(text: string, { makeTargets, projectScripts }: NamedCommands): string[] | undefined {
  const { words, problem } = splitCommandLine(text);
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const [program = "", second = ""] = words.slice(Math.max(0, start));
  if (problem !== undefined || start === -1) {
    return undefined;
  }
  if (program === "-m") {
    return [...words.slice(0, start), "python", ...words.slice(start)];
  }
  const name = program.replace(/^.*[\\/]/, "").replace(/\.exe$/i, "");
  const isCommand =
    (isPythonProgram(name) && second === "-m") ||
    (name === "make" && makeTargets.has(second)) ||
    projectScripts.has(program) ||
    (Object.hasOwn(LAUNCHERS, name) && (LAUNCHERS[name]?.test(second) ?? namesProgram(words)));
  return isCommand ? [...words] : undefined;
}

/** A launcher without a script or a module is a word of a sentence. */
function namesProgram(words: readonly string[]): boolean {
  return words.some((word) => word.endsWith(".py") || word === "-m" || word === "--module");
}

/** The targets of a Makefile, without those that make keeps for itself. */
export function readMakeTargets(text: string): Set<string> {
  const targets = [...text.matchAll(/^([A-Za-z0-9][\w./ -]*?)\s*::?(?!=)/gm)].flatMap(([, names = ""]) =>
    names.split(/\s+/),
  );
  return new Set(targets);
}
