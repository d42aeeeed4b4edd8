import { closestName } from "../base/closestName.ts";
import { mismatchOf, type ScriptArgument, type ScriptArguments } from "./scriptArguments.ts";

/** One argument of a vector, seen through the declarations of the script. */
export type VectorEntry = {
  /** The declaration it belongs to; absent for words the script does not declare. */
  declared?: ScriptArgument;
  flag: string;
  /** Absent for a switch, and for an option that was given without one. */
  value?: string;
};

/** An argument with its place in the vector, to replace what it was given. */
export type PlacedEntry = VectorEntry & {
  /** Its first word: a flag, or the value itself of what has none. */
  at: number;
  /** Words behind the first that hold its value: none in `--lr=1` and for a bare flag, several for a list. */
  valueWords: number;
};

/** Pairs the words of an argument vector with the arguments that the script declares. */
export function readArgumentVector(words: readonly string[], script: ScriptArguments): PlacedEntry[] {
  const entries: PlacedEntry[] = [];
  const positionals = script.arguments.filter((argument) => argument.kind === "positional");
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? "";
    const alone = { at, valueWords: 0 };
    const override = /^(\+{0,2}[\w./@-]+)=([\s\S]*)$/.exec(word);
    if (script.dialect === "hydra" && override) {
      const [, key = "", value = ""] = override;
      const declared = script.arguments.find((argument) => argument.name === key);
      entries.push({ flag: key, value, ...(declared ? { declared } : {}), ...alone });
    } else if (isFlag(word)) {
      const { entry, used } = readFlag(word, words.slice(at + 1), script);
      entries.push({ ...entry, at, valueWords: used });
      at += used;
    } else {
      const declared = positionals[0]?.isList ? positionals[0] : positionals.shift();
      entries.push({ flag: declared?.flag ?? word, value: word, ...(declared ? { declared } : {}), ...alone });
    }
    at++;
  }
  return entries;
}

function readFlag(
  word: string,
  following: readonly string[],
  script: ScriptArguments,
): { entry: VectorEntry; used: number } {
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  const flag = equals < 0 ? word : word.slice(0, equals);
  const declared = findByFlag(flag, script);
  const base = {
    flag: declared && flag !== declared.negative ? declared.flag : flag,
    ...(declared ? { declared } : {}),
  };
  if (equals >= 0) {
    return { entry: { ...base, value: word.slice(equals + 1) }, used: 0 };
  }
  if (declared?.kind === "switch") {
    // `--fp16 True` is a legal spelling for a parser made from a dataclass.
    const isSpelledOut = script.dialect === "dataclass" && /^(?:true|false)$/i.test(following[0] ?? "");
    return { entry: isSpelledOut ? { ...base, value: following[0] ?? "" } : base, used: isSpelledOut ? 1 : 0 };
  }
  const end = following.findIndex(isFlag);
  const available = end < 0 ? following.length : end;
  const used = declared?.isList ? available : Math.min(1, available);
  return { entry: used === 0 ? base : { ...base, value: following.slice(0, used).join(" ") }, used };
}

/** The argument a flag names; argparse also takes an unambiguous beginning of a long flag. */
export function findByFlag(flag: string, script: ScriptArguments): ScriptArgument | undefined {
  const exact = script.arguments.find(
    (argument) => argument.flag === flag || argument.aliases.includes(flag) || argument.negative === flag,
  );
  if (exact || !flag.startsWith("--") || (script.dialect !== "argparse" && script.dialect !== "dataclass")) {
    return exact;
  }
  const matches = script.arguments.filter((argument) => argument.flag.startsWith(flag));
  return matches.length === 1 ? matches[0] : undefined;
}

/** How a command line gives an argument a value. */
export function argumentWords({ kind, flag, name, negative }: ScriptArgument, value: string): string[] {
  switch (kind) {
    case "override":
      return [`${name}=${value}`];
    case "positional":
      return [value];
    case "option":
      return [flag, value];
    case "switch":
      break;
  }
  const isOn = /^(?:true|yes|on|1)$/i.test(value);
  return isOn ? [flag] : negative === undefined ? [] : [negative];
}

/** What the script's own parser will refuse, as full sentences. */
export function checkArgumentVector(
  entries: readonly VectorEntry[],
  script: ScriptArguments,
  scriptLabel: string,
): string[] {
  const problems = entries.flatMap((entry): string[] => {
    if (!entry.declared) {
      return script.isComplete && !isAlwaysAllowed(entry, script)
        ? [unknownSentence(entry.flag, script, scriptLabel)]
        : [];
    }
    const { declared, value } = entry;
    if (declared.kind !== "switch" && value === undefined) {
      return [`\`${declared.flag}\` needs a value.`];
    }
    const values = declared.kind === "override" ? [] : declared.isList ? (value ?? "").split(" ") : [value ?? ""];
    const wrong =
      declared.kind === "switch" ? undefined : values.find((item) => mismatchOf(declared, item) !== undefined);
    return wrong === undefined ? [] : [`\`${declared.flag}\` ${mismatchOf(declared, wrong)}, not \`${wrong}\`.`];
  });
  const given = new Set(entries.map((entry) => entry.declared?.name));
  // A configuration file may hold what is missing on the command line.
  const isConfigured = given.has("config");
  const missing = script.arguments.filter(
    (argument) => argument.isRequired && !given.has(argument.name) && !isConfigured,
  );
  return [
    ...problems,
    ...missing.map(
      (argument) => `\`${scriptLabel}\` needs a value for \`${argument.flag}\`${where(argument, scriptLabel)}.`,
    ),
  ];
}

/** " (train.py:12)", counting from one as editors show it. */
export function where(argument: ScriptArgument, scriptLabel: string): string {
  return ` (${argument.file ?? scriptLabel}:${argument.line + 1})`;
}

/** `-1` and `-0.5` are values. */
export function isFlag(word: string): boolean {
  return /^-[^\d.\s]/.test(word) && word !== "--";
}

function isAlwaysAllowed({ flag }: VectorEntry, script: ScriptArguments): boolean {
  if (script.dialect === "hydra") {
    return /^[+~]|^hydra[./]|^--?(?:m|multirun|c|cfg|cn|cd|cp|config-(?:name|path|dir)|resolve|package|info|help)$/.test(
      flag,
    );
  }
  return flag === "--help" || flag === "-h";
}

function unknownSentence(flag: string, script: ScriptArguments, scriptLabel: string): string {
  const nearest = nearestFlag(flag, script);
  const suggestion = nearest ? ` Did you mean \`${nearest}\`?` : "";
  return `\`${scriptLabel}\` does not know \`${flag}\`.${suggestion}`;
}

/** The declared flag that a typing mistake could have meant. */
export function nearestFlag(flag: string, script: ScriptArguments): string | undefined {
  const flags = new Map(script.arguments.map((argument) => [plain(argument.flag), argument.flag]));
  return flags.get(closestName(plain(flag), [...flags.keys()]) ?? "");
}

function plain(flag: string): string {
  return flag.replace(/^-+/, "").replaceAll("_", "-").toLowerCase();
}

/** `--batch_size` for `--batch-size` and the other way round. */
export function swapDashes(flag: string): string {
  const name = flag.replace(/^--/, "");
  return `--${name.includes("_") ? name.replaceAll("_", "-") : name.replaceAll("-", "_")}`;
}
