import { UserError } from "../../core/base/errors.ts";
import type { VerbText } from "./verbTexts.ts";

/** One verb of the command line; a verb is a file, and `cli.ts` has the table of them. */
export type CliVerb = VerbText & {
  options?: Readonly<Record<string, CliOption>>;
  /** Whether an option that is none of the verb's own is meant all the same; it is then one of the words, as it was typed. */
  isWord?: (option: string) => boolean;
  /** What stands behind `--` is its command; for other verbs `--` only ends the options, as before a file named `-a.pt`. */
  takesCommand?: true;
  /** It looks into the workspace, which `--folder` names, or also starts a training, which is done in the current folder. */
  workspace?: "used" | "starts";
  /** Resolves with the exit code; refuses with UsageError (2) or UserError (1). */
  run(call: CliCall): Promise<number>;
};

/** An option as `parseArgs` takes it, with what the help says of it. */
export type CliOption = {
  short?: string;
  /** One line, without a full stop. */
  help: string;
} & ({ type: "boolean"; value?: undefined } | { type: "string" /** What its value is called. */; value: string });

/** The option that most verbs have. */
export const JSON_OPTION: CliOption = { type: "boolean", help: "print JSON, for other programs" };

export type CliCall = {
  /** The workspace folder, absolute: that of `--folder`, or the one that the current folder belongs to. */
  root: string;
  /** What the words of the call are relative to, absolute: the folder of `--folder`, or the current one. */
  folder: string;
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** The words that are no options. */
  words: readonly string[];
  /** What stands behind `--`, untouched; nothing where that is no command. */
  rest: readonly string[];
  host: CliHost;
};

/** What the program around the verbs gives them. */
export type CliHost = {
  supervisorPath: string;
  version: string;
  /** Writes one line to standard output. */
  print(text: string): void;
};

/** The command was typed wrongly; the help of the verb is shown with the message. */
export class UsageError extends UserError {
  override readonly name = "UsageError";
}

/** The only word of a call; refuses none and more than one. */
export function onlyWord(call: CliCall, what: string): string {
  const [word, ...others] = call.words;
  if (word === undefined || others.length > 0) {
    throw new UsageError(
      word === undefined ? `${what} is missing.` : `${what} is one word; ${others.length + 1} were given.`,
    );
  }
  return word;
}
