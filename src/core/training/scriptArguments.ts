/** How a script, or the `make` that starts it, reads its command line; `none` where nothing known was found. */
export type ArgumentDialect =
  | "argparse"
  | "click"
  | "typer"
  | "hydra"
  | "lightning"
  | "dataclass"
  | "flow"
  | "make"
  | "none";

export type ArgumentType = "integer" | "float" | "string" | "boolean" | "unknown";

/** One argument as the script declares it. */
export type ScriptArgument = {
  /**
   * How it is written: `--batch-size` (option: a value follows), `--amp` (switch: stands alone), `data`
   * (positional: only the value is written), `optimizer.lr` (override: `optimizer.lr=0.1`).
   */
  flag: string;
  kind: "option" | "switch" | "positional" | "override";
  /** The name inside the script, dots between nested ones: `batch_size`, `trainer.max_epochs`. */
  name: string;
  /** Other spellings of the flag: `-b`. */
  aliases: readonly string[];
  /** The flag that turns a switch off: `--no-amp`. */
  negative?: string;
  type: ArgumentType;
  /** As a command line would carry it; absent where there is none or where only running the script could tell. */
  default?: string;
  choices?: readonly string[];
  isRequired: boolean;
  /** Takes several values after one flag. */
  isList: boolean;
  help?: string;
  /** Counts from zero. */
  line: number;
  /** The file of `line` where it is not the script itself. */
  file?: string;
};

export type ScriptArguments = {
  dialect: ArgumentDialect;
  arguments: readonly ScriptArgument[];
  /** True where every argument was read, so that an unknown flag is a mistake of the caller. */
  isComplete: boolean;
  /** Words that come first, before any argument: `fit` of a Lightning command line. */
  prefix?: readonly string[];
};

export const NO_ARGUMENTS: ScriptArguments = { dialect: "none", arguments: [], isComplete: false };

/** The type a Python annotation or a `type=` names. */
export function argumentType(name: string | undefined): ArgumentType {
  const plain = (name ?? "").replace(/^(?:typing\.)?Optional\[(.*)\]$/, "$1").replace(/\s*\|\s*None$/, "");
  switch (plain) {
    case "int":
      return "integer";
    case "float":
      return "float";
    case "bool":
    case "str2bool":
    case "strtobool":
      return "boolean";
    case "str":
    case "Path":
    case "pathlib.Path":
      return "string";
    default:
      return "unknown";
  }
}

/** Why a value cannot be what the argument wants, as the end of a sentence: "wants a whole number". */
export function mismatchOf(argument: ScriptArgument, value: string): string | undefined {
  if (argument.choices && !argument.choices.includes(value)) {
    return `wants ${listChoices(argument.choices)}`;
  }
  if (argument.type === "integer" && !/^[+-]?\d+(?:_\d+)*$/.test(value)) {
    return "wants a whole number";
  }
  if (argument.type === "float" && !isFloat(value)) {
    return "wants a number";
  }
  if (
    argument.type === "boolean" &&
    argument.kind !== "switch" &&
    !/^(?:true|false|yes|no|y|n|t|f|on|off|0|1)$/i.test(value)
  ) {
    return "wants `true` or `false`";
  }
  return undefined;
}

export function isFloat(value: string): boolean {
  return /^[+-]?(?:(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)$/i.test(value);
}

function listChoices(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `\`${choice}\``);
  return quoted.length <= 1 ? (quoted[0] ?? "nothing") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}
