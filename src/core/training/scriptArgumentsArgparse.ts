import { literalText, readConstant, stringOf } from "../base/pythonLiteral.ts";
import { callsIn, dottedName, type PythonCall, type PythonNode } from "../base/pythonSyntax.ts";
import { type ArgumentType, argumentType, type ScriptArgument, type ScriptArguments } from "./scriptArguments.ts";

/** Arguments that are declared elsewhere, or that the parser lets pass unread. */
const OPEN_ENDED = new Set(["parse_known_args", "add_argparse_args", "add_config_arguments", "from_argparse_args"]);

/** Reads every `add_argument` of a file, whichever function makes the parser. */
export function readArgparseArguments(
  root: PythonNode,
  constants: ReadonlyMap<string, PythonNode>,
): ScriptArguments | undefined {
  const calls = callsIn(root);
  const declared = calls.filter((call) => call.method === "add_argument");
  if (declared.length === 0 && !calls.some((call) => call.method === "ArgumentParser")) {
    return undefined;
  }
  const read = declared.map((call) => readArgument(call, constants));
  const commands = calls
    .filter((call) => call.method === "add_parser")
    .flatMap((call) => stringOf(call.positional[0]) ?? []);
  const options = applySetDefaults(
    read.filter((argument) => argument !== undefined),
    calls,
    constants,
  );
  const isComplete =
    read.every((argument) => argument !== undefined) &&
    !calls.some((call) => OPEN_ENDED.has(call.method) || call.keywords.has("parents"));
  const command = calls.find((call) => call.method === "add_subparsers");
  return {
    dialect: "argparse",
    arguments: command ? [commandArgument(command, commands), ...options] : options,
    // With subcommands, an argument belongs to only some of them, and which is not read.
    isComplete: isComplete && !command,
  };
}

function commandArgument(call: PythonCall, choices: readonly string[]): ScriptArgument {
  const name = stringOf(call.keywords.get("dest")) ?? "command";
  return {
    flag: name,
    kind: "positional",
    name,
    aliases: [],
    type: "string",
    ...(choices.length > 0 ? { choices } : {}),
    isRequired: call.keywords.get("required")?.text === "True",
    isList: false,
    line: call.line,
  };
}

function readArgument(call: PythonCall, constants: ReadonlyMap<string, PythonNode>): ScriptArgument | undefined {
  const names = call.positional.map(stringOf).filter((name) => name !== undefined);
  const flag = names.find((name) => name.startsWith("--")) ?? names[0];
  if (flag === undefined || names.length !== call.positional.length) {
    return undefined;
  }
  const isPositional = !flag.startsWith("-");
  const action = actionOf(call);
  const isSwitch = !isPositional && /^(?:store_true|store_false|store_const|count|version|help|Boolean)/.test(action);
  const nargs = literalText(readConstant(call.keywords.get("nargs"), constants));
  const defaultText = literalText(readConstant(call.keywords.get("default"), constants));
  const choices = readConstant(call.keywords.get("choices"), constants);
  const help = stringOf(call.keywords.get("help"));
  return {
    flag,
    kind: isPositional ? "positional" : isSwitch ? "switch" : "option",
    name: stringOf(call.keywords.get("dest")) ?? flag.replace(/^-+/, "").replaceAll("-", "_"),
    aliases: names.filter((name) => name !== flag),
    ...(action.startsWith("Boolean") ? { negative: flag.replace(/^--/, "--no-") } : {}),
    type: isSwitch ? "boolean" : typeOf(call, constants),
    ...(defaultText !== undefined ? { default: defaultText } : {}),
    ...(choices?.kind === "sequence" ? { choices: choices.items.map((item) => literalText(item) ?? "None") } : {}),
    isRequired: isPositional
      ? nargs !== "?" && nargs !== "*" && !call.keywords.has("default")
      : call.keywords.get("required")?.text === "True",
    isList: action === "append" || (nargs !== undefined && nargs !== "?" && nargs !== "1"),
    // argparse itself fills `%(default)s` in; here the default has its own place.
    ...(help ? { help: tidyHelp(help) } : {}),
    line: call.line,
  };
}

function tidyHelp(help: string): string {
  return help
    .replace(/\s*[([]\s*default:?\s*(?:%\(default\)\w|[^)\]]*)[)\]]/i, "")
    .replace(/\s+/g, " ")
    .trim();
}

function actionOf(call: PythonCall): string {
  const action = call.keywords.get("action");
  const name = stringOf(action) ?? dottedName(action) ?? "store";
  return name.slice(name.lastIndexOf(".") + 1).replace("BooleanOptionalAction", "Boolean");
}

/** A `type=` says it; without one argparse hands over text, whatever the default looks like. */
function typeOf(call: PythonCall, constants: ReadonlyMap<string, PythonNode>): ArgumentType {
  const type = call.keywords.get("type");
  if (!type) {
    return readConstant(call.keywords.get("choices"), constants) ? "string" : "unknown";
  }
  return argumentType(dottedName(type));
}

function applySetDefaults(
  options: readonly ScriptArgument[],
  calls: readonly PythonCall[],
  constants: ReadonlyMap<string, PythonNode>,
): ScriptArgument[] {
  const defaults = new Map<string, string>();
  for (const call of calls.filter((candidate) => candidate.method === "set_defaults")) {
    for (const [name, value] of call.keywords) {
      const text = literalText(readConstant(value, constants));
      if (text !== undefined) {
        defaults.set(name, text);
      }
    }
  }
  return options.map((option) => {
    const text = defaults.get(option.name);
    return text === undefined ? option : { ...option, default: text };
  });
}
