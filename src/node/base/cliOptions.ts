import { parseArgs } from "node:util";
import { closestName } from "../../core/base/closestName.ts";
import { type CliCall, type CliOption, UsageError } from "./cliVerb.ts";

type Options = Readonly<Record<string, CliOption>>;

/**
 * The options of a call and its other words, without what stands behind `--`. What is typed wrongly is refused here with a
 * sentence: Node's own messages speak of positional arguments and tell people to write `--option=-XYZ`.
 * `isWord`: options that are none of these and count as words.
 */
export function readOptions(
  args: readonly string[],
  known: Options,
  isWord?: (option: string) => boolean,
): Pick<CliCall, "options" | "words"> {
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: Record<string, string | boolean> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      words.push(token.value);
    } else if (token.kind === "option") {
      const about = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
      const typed = args[token.index] ?? "";
      if (about === undefined && isWord?.(typed) === true) {
        words.push(typed);
        continue;
      }
      if (about === undefined) {
        throw unknownOption(token.rawName, Object.keys(known));
      }
      options[token.name] = about.type === "boolean" ? readSwitch(token) : readValue(token, about);
    }
  }
  return { options, words };
}

type Given = { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined };

function readSwitch({ rawName, value }: Given): true {
  if (value !== undefined) {
    throw new UsageError(`${rawName} takes no value, and was given “${value}”.`);
  }
  return true;
}

/** A number below zero is left to whoever knows which numbers are meant. */
function readValue({ name, rawName, value, inlineValue }: Given, about: CliOption): string {
  const isOption = inlineValue !== true && value !== undefined && /^-(?!\d|\.\d|inf)./i.test(value);
  if (value === undefined || isOption) {
    const follower = value === undefined ? "" : `, and ${value} follows`;
    throw new UsageError(`${rawName} needs a value${follower}. --${name} <${about.value}>: ${about.help}.`);
  }
  return value;
}

function unknownOption(written: string, known: readonly string[]): UsageError {
  const meant = written.startsWith("--") ? closestName(written.slice(2), known) : undefined;
  const hint =
    meant === undefined ? `There are ${known.map((name) => `--${name}`).join(", ")}.` : `Did you mean --${meant}?`;
  return new UsageError(`There is no option ${written} here. ${hint}`);
}
