import { literalText, readConstant, readLiteral, stringOf } from "../base/pythonLiteral.ts";
import {
  decoratorsOf,
  dottedName,
  type PythonCall,
  type PythonNode,
  type PythonParameter,
  parametersOf,
  readCall,
} from "../base/pythonSyntax.ts";
import type { ParsedScript } from "./parsedScript.ts";
import { argumentType, type ScriptArgument, type ScriptArguments } from "./scriptArguments.ts";

/** `@click.option` and `@click.argument` above the functions of a file. */
export function readClickArguments({ root, calls, constants }: ParsedScript): ScriptArguments | undefined {
  const decorators = root
    .descendantsOfType("function_definition")
    .flatMap((definition) => decoratorsOf(definition).filter((decorator) => decorator.type === "call"))
    .map(readCall)
    .filter((call) => call.method === "option" || call.method === "argument");
  if (decorators.length === 0) {
    return undefined;
  }
  const read = decorators.map((call) => readDecorator(call, constants));
  const isGroup = calls.some((call) => call.method === "group" || call.method === "add_command");
  return {
    dialect: "click",
    arguments: read.filter((argument) => argument !== undefined),
    isComplete: read.every((argument) => argument !== undefined) && !isGroup,
  };
}

function readDecorator(call: PythonCall, constants: ReadonlyMap<string, PythonNode>): ScriptArgument | undefined {
  const names = call.positional.map(stringOf).filter((name) => name !== undefined);
  const declared = call.method === "argument" ? names[0] : (names.find((name) => name.startsWith("--")) ?? names[0]);
  if (declared === undefined) {
    return undefined;
  }
  // `--amp/--no-amp` declares both directions of a switch in one string.
  const [flag = declared, negative] = declared.split("/").map((part) => part.trim());
  const isSwitch =
    negative !== undefined || ["is_flag", "count"].some((name) => call.keywords.get(name)?.text === "True");
  const value = readConstant(call.keywords.get("default"), constants);
  const defaultText = literalText(value);
  const choices = choicesOf(call.keywords.get("type"), constants);
  const help = stringOf(call.keywords.get("help"));
  const isPositional = call.method === "argument";
  return {
    flag,
    kind: isPositional ? "positional" : isSwitch ? "switch" : "option",
    name: names.find((name) => !name.startsWith("-")) ?? flag.replace(/^-+/, "").replaceAll("-", "_"),
    aliases: names.filter((name) => name.startsWith("-") && name !== declared),
    ...(negative ? { negative } : {}),
    type: isSwitch ? "boolean" : clickType(call, value?.kind),
    ...(defaultText !== undefined ? { default: defaultText } : {}),
    ...(choices ? { choices } : {}),
    isRequired: isPositional
      ? call.keywords.get("required")?.text !== "False" && defaultText === undefined
      : call.keywords.get("required")?.text === "True",
    isList: call.keywords.get("multiple")?.text === "True" || call.keywords.get("nargs") !== undefined,
    ...(help ? { help } : {}),
    line: call.line,
  };
}

function choicesOf(
  type: PythonNode | undefined,
  constants: ReadonlyMap<string, PythonNode>,
): readonly string[] | undefined {
  const call = type?.type === "call" ? readCall(type) : undefined;
  const literal = call?.method === "Choice" ? readConstant(call.positional[0], constants) : undefined;
  return literal?.kind === "sequence" ? literal.items.map((item) => literalText(item) ?? "") : undefined;
}

/** Without a `type=`, click takes the type of the default. */
function clickType(call: PythonCall, defaultKind: string | undefined): ScriptArgument["type"] {
  const type = call.keywords.get("type");
  if (!type) {
    return defaultKind === "integer" || defaultKind === "float" || defaultKind === "boolean" ? defaultKind : "string";
  }
  const name = (type.type === "call" ? readCall(type).method : (dottedName(type) ?? "")).replace(/^click\./, "");
  return CLICK_TYPES.get(name) ?? argumentType(name);
}

const CLICK_TYPES: ReadonlyMap<string, ScriptArgument["type"]> = new Map([
  ["INT", "integer"],
  ["IntRange", "integer"],
  ["FLOAT", "float"],
  ["FloatRange", "float"],
  ["BOOL", "boolean"],
  ["STRING", "string"],
  ["Path", "string"],
  ["Choice", "string"],
]);

/** The parameters of a function that `typer.run` or `@app.command()` turns into a command line. */
export function readTyperArguments({ root, calls, constants }: ParsedScript): ScriptArguments | undefined {
  if (!/\btyper\b/.test(root.text)) {
    return undefined;
  }
  const run = calls.filter((call) => call.callee === "typer.run");
  const runNames = new Set(run.map((call) => dottedName(call.positional[0])));
  const commands = root.descendantsOfType("function_definition").filter((definition) => {
    const isCommand = decoratorsOf(definition).some(
      (decorator) => decorator.type === "call" && readCall(decorator).method === "command",
    );
    return isCommand || runNames.has(definition.childForFieldName("name")?.text);
  });
  const [command] = commands;
  if (!command) {
    return undefined;
  }
  return {
    dialect: "typer",
    arguments: parametersOf(command).map((parameter) => typerArgument(parameter, constants)),
    isComplete: commands.length === 1,
  };
}

/** `lr: float = 1e-3`, `lr: float = typer.Option(1e-3)` or `lr: Annotated[float, typer.Option()] = 1e-3`. */
function typerArgument(parameter: PythonParameter, constants: ReadonlyMap<string, PythonNode>): ScriptArgument {
  const annotated = /^(?:typing\.)?Annotated\[\s*([^,]+),\s*(?:typer\.)?(Option|Argument)/.exec(
    parameter.annotation ?? "",
  );
  const call = parameter.default?.type === "call" ? readCall(parameter.default) : undefined;
  const declaration = call?.method === "Option" || call?.method === "Argument" ? call : undefined;
  const value = declaration ? readLiteral(declaration.positional[0]) : readConstant(parameter.default, constants);
  const defaultText = literalText(value);
  const isPositional =
    (annotated?.[2] ?? declaration?.method ?? (parameter.default ? "Option" : "Argument")) === "Argument";
  const names = declaration?.positional.slice(1).flatMap((node) => stringOf(node) ?? []) ?? [];
  const type = argumentType(annotated?.[1] ?? parameter.annotation);
  const isSwitch = type === "boolean" && !isPositional;
  const flag = isPositional
    ? parameter.name
    : (names.find((name) => name.startsWith("--")) ?? `--${parameter.name.replaceAll("_", "-")}`);
  const help =
    stringOf(declaration?.keywords.get("help")) ?? /\bhelp\s*=\s*"([^"]*)"/.exec(parameter.annotation ?? "")?.[1];
  return {
    flag,
    kind: isPositional ? "positional" : isSwitch ? "switch" : "option",
    name: parameter.name,
    aliases: names.filter((name) => name !== flag),
    ...(isSwitch ? { negative: flag.replace(/^--/, "--no-") } : {}),
    type,
    ...(defaultText !== undefined ? { default: defaultText } : {}),
    isRequired: declaration ? value === undefined : parameter.default === undefined,
    isList: /\b[Ll]ist\[/.test(parameter.annotation ?? ""),
    ...(help ? { help } : {}),
    line: parameter.line,
  };
}
