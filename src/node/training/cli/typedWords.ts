import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { splitCommandLine } from "../../../core/training/commandLine.ts";
import { UsageError } from "../../base/cliVerb.ts";

/** A command without a shell around it, and the variables that stood before it. */
export type TypedWords = { environment: Readonly<Record<string, string>>; command: readonly string[] };

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;
/** What a shell would do something about. */
const SHELL_SIGNS = /[|&;<>()$`*?]/;

/**
 * Reads what people are used to write for a shell: `CUDA_VISIBLE_DEVICES=0 python train.py`, and a whole command in quotes.
 * Refuses what only a shell could do.
 */
export function readTypedWords(words: readonly string[], cwd: string): TypedWords {
  const [first = "", ...others] = words;
  const isQuoted = others.length === 0 && /\S\s+\S/.test(first) && !existsSync(resolve(cwd, first));
  const plain = isQuoted ? splitQuoted(first) : words;
  const count = plain.findIndex((word) => !ASSIGNMENT.test(word));
  if (count === -1) {
    throw new UsageError(`There is no command behind ${plain.join(" ")}.`);
  }
  const assignments = plain.slice(0, count).map((word) => ASSIGNMENT.exec(word) ?? []);
  return {
    environment: Object.fromEntries(assignments.map(([, name = "", value = ""]) => [name, value])),
    command: plain.slice(count),
  };
}

function splitQuoted(text: string): readonly string[] {
  const { words, problem } = splitCommandLine(text);
  if (problem !== undefined) {
    throw new UsageError(problem);
  }
  if (SHELL_SIGNS.test(text)) {
    throw new UsageError(
      `No shell reads the command. To let one do so: trainyard run -- sh -c '${text.replaceAll("'", "'\\''")}'`,
    );
  }
  return words;
}
