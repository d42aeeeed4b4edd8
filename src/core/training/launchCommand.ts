import { isStopWord, numberOf } from "./argumentWords.ts";
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

/** A command, and what a person said behind it that is no part of one. */
export type SpokenCommand = { words: readonly string[]; leftOut: string };

/**
 * A text that begins with a whole command of another program than a script: `torchrun … train.py`, `python -m pkg.train`,
 * `make train`. Undefined for what names a script or is a sentence.
 */
export function launchCommandOf(text: string, names: NamedCommands): SpokenCommand | undefined {
  const { words, problem } = splitCommandLine(text);
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (problem !== undefined || start === -1) {
    return undefined;
  }
  const head = words.slice(0, start);
  const command = words[start] === "-m" ? ["python", ...words.slice(start)] : words.slice(start);
  const nameEnd = endOfName(command, names);
  if (nameEnd === undefined) {
    return undefined;
  }
  const end = endOfCommand(command, nameEnd);
  return { words: [...head, ...command.slice(0, end)], leftOut: command.slice(end).join(" ") };
}

/** A program without its folder: `/venv/bin/torchrun` is `torchrun`. */
export function programName(program: string): string {
  return program.replace(/^.*[\\/]/, "").replace(/\.exe$/i, "");
}

/** How many words say what is started; undefined where that is no command. */
function endOfName(command: readonly string[], { makeTargets, projectScripts }: NamedCommands): number | undefined {
  const [program = "", second = ""] = command;
  const name = programName(program);
  if (isPythonProgram(name) && second === "-m") {
    return command.length < 3 ? undefined : 3;
  }
  if (name === "make") {
    return isMake(command, makeTargets) ? command.length : undefined;
  }
  if (projectScripts.has(program)) {
    // A script may be called `train`, which sentences begin with too.
    const isSentence = isStopWord(program) && endOfCommand(command, 1) < command.length;
    return isSentence ? undefined : 1;
  }
  if (!Object.hasOwn(LAUNCHERS, name) || LAUNCHERS[name]?.test(second) === false) {
    return undefined;
  }
  const script = command.findIndex((word) => word.endsWith(".py"));
  const module = command.findIndex((word) => word === "-m" || word === "--module");
  const named = script === -1 ? (module === -1 ? -1 : module + 1) : script;
  if (named !== -1) {
    return named + 1;
  }
  // A launcher without a script or a module is a word of a sentence; behind `uv run` stands a program.
  return LAUNCHERS[name] === undefined ? undefined : 3;
}

/** Options of make whose value is the next word. */
const MAKE_VALUE = /^-[fCoIW]$/;

/** Each word is an option, a variable or a target; `make train faster` is a wish. */
function isMake(command: readonly string[], targets: ReadonlySet<string>): boolean {
  const others = command.filter((word, at) => {
    const isValue = MAKE_VALUE.test(command[at - 1] ?? "") || numberOf(word) !== undefined;
    return at > 0 && !isValue && !/^-|=/.test(word);
  });
  return others.length > 0 && others.every((word) => targets.has(word));
}

/** What begins a remark of a person, and no word that programs take: `train` and `run` are subcommands of many. */
const REMARK = /^(?:with|without|on|for|and|but|then|please|using)$/i;

/** Where the first word stands that begins a remark and is no value of an option: "with", "on", "please". */
function endOfCommand(command: readonly string[], from: number): number {
  const end = command.findIndex((word, at) => at >= from && REMARK.test(word) && !command[at - 1]?.startsWith("-"));
  return end === -1 ? command.length : end;
}

/** The targets of a Makefile, without those that make keeps for itself. */
export function readMakeTargets(text: string): Set<string> {
  const targets = new Set<string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const isRule = colon > 0 && /^[A-Za-z0-9]/.test(line) && !/^::?=/.test(line.slice(colon, colon + 3));
    const names = isRule ? line.slice(0, colon).trim().split(/\s+/) : [];
    names.filter((name) => /^[\w./-]+$/.test(name)).forEach((name) => targets.add(name));
  }
  return targets;
}
