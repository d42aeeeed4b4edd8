import type { ArgumentSource, CallSource, FlowFile } from "./graph/flowSource.ts";
import { declarationsOf, type Flow } from "./graph/linkFlow.ts";
import type { FindModule } from "./graph/origin.ts";
import { keyText, type PythonValue } from "./graph/pythonValue.ts";

export type FlowParameterType = "string" | "integer" | "float" | "boolean" | "json" | "file";

/** A `Parameter` or `IncludeFile` of a flow: what `run` takes as an option. */
export type FlowParameter = {
  /** As on the command line, without the dashes. */
  name: string;
  type: FlowParameterType;
  /** As it would be typed; absent where there is none, or where only running the file could tell. */
  default?: string;
  /** The expression of a default that is computed when the run starts. */
  computedDefault?: string;
  help?: string;
  isRequired: boolean;
};

/** The parameters of a flow in the order of its file, inherited ones first. */
export function readFlowParameters(flow: Flow, find: FindModule): FlowParameter[] {
  const declared = declarationsOf(flow, ["Parameter", "IncludeFile"], find);
  const isInherited = ({ file, range }: (typeof declared)[number]) =>
    file !== flow.file || range.start.line < flow.source.line || range.start.line > flow.source.endLine;
  return declared
    .toSorted((a, b) => Number(isInherited(b)) - Number(isInherited(a)) || a.range.start.line - b.range.start.line)
    .flatMap(({ kind, call, file }) => readParameter(kind, call, file) ?? []);
}

/** The names of the configurations without which no command of a flow works, in the order of its file. */
export function readRequiredConfigs(flow: Flow, find: FindModule): string[] {
  return declarationsOf(flow, ["Config"], find).flatMap(({ call: { positional, keywords } }) => {
    const at = (keyword: string, place: number) => (keywords.get(keyword) ?? positional[place])?.value ?? undefined;
    const name = at("name", 0);
    const isGiven = at("default", 1) !== undefined || at("default_value", 2) !== undefined;
    return typeof name === "string" && at("required", 4) === true && !isGiven ? [name] : [];
  });
}

function readParameter(kind: string, { positional, keywords }: CallSource, file: FlowFile): FlowParameter | undefined {
  const name = (positional[0] ?? keywords.get("name"))?.value;
  if (typeof name !== "string") {
    return undefined;
  }
  // IncludeFile takes `required, is_text, …` after the name, and Parameter `default, type, help`.
  const at = (keyword: string, place: number) =>
    keywords.get(keyword) ?? (kind === "Parameter" ? positional[place] : undefined);
  const given = at("default", 1);
  const help = at("help", 3)?.value;
  const fallback = given === undefined || given.value === null ? undefined : given.value;
  const type = kind === "IncludeFile" ? "file" : typeOf(at("type", 2), fallback, isFloat(given, file));
  return {
    name,
    type,
    ...defaultOf(fallback, type),
    ...(typeof help === "string" ? { help } : {}),
    isRequired: at("required", 4)?.value === true && given === undefined,
  };
}

const TYPES: ReadonlyMap<string, FlowParameterType> = new Map([
  ["str", "string"],
  ["int", "integer"],
  ["float", "float"],
  ["bool", "boolean"],
  ["JSONType", "json"],
]);

/** `1.0` and `1e3` are whole numbers, and floats to Python. */
function isFloat(argument: ArgumentSource | undefined, { text }: FlowFile): boolean {
  const { value, range } = argument ?? {};
  const written = range && text.split(/\r\n|\r|\n/)[range.start.line]?.slice(range.start.column, range.end.column);
  return typeof value === "number" && (!Number.isInteger(value) || /\d[.eE]|^[.]/.test(written ?? ""));
}

function typeOf(
  declared: ArgumentSource | undefined,
  fallback: PythonValue | undefined,
  hasFloat: boolean,
): FlowParameterType {
  const { value } = declared ?? {};
  if (typeof value === "object" && value?.kind === "expression") {
    return TYPES.get(value.text.split(".").at(-1) ?? "") ?? "string";
  }
  // Without a type Metaflow takes the one of the default.
  if (typeof fallback === "number") {
    return hasFloat ? "float" : "integer";
  }
  return typeof fallback === "boolean" ? "boolean" : "string";
}

function defaultOf(
  value: PythonValue | undefined,
  type: FlowParameterType,
): Pick<FlowParameter, "default" | "computedDefault"> {
  if (value === undefined) {
    return {};
  }
  if (typeof value === "object" && value?.kind === "expression") {
    return { computedDefault: value.text };
  }
  if (typeof value === "boolean") {
    return { default: value ? "True" : "False" };
  }
  const text = keyText(value);
  return { default: type === "float" && /^-?\d+$/.test(text) ? `${text}.0` : text };
}

/** Why a text cannot be the value of a parameter; nothing where it can. Metaflow itself checks the rest when it starts. */
export function parameterProblem({ name, type, isRequired }: FlowParameter, text: string): string | undefined {
  const value = text.trim();
  if (value === "") {
    return isRequired ? `${name} has no default and must be given.` : undefined;
  }
  if (type === "json") {
    return jsonProblem(name, value);
  }
  const form = FORMS[type];
  return form === undefined || form.pattern.test(value) ? undefined : `${name} is ${form.words}.`;
}

/** What Python and Metaflow's command line read as a value of a type. */
const FORMS: Partial<Record<FlowParameterType, { pattern: RegExp; words: string }>> = {
  integer: { pattern: /^[-+]?\d+(?:_\d+)*$/, words: "a whole number, for example 32" },
  float: {
    pattern: /^[-+]?(?:(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?|nan)$/i,
    words: "a number, for example 0.001 or 1e-3",
  },
  boolean: { pattern: /^(?:true|false|t|f|yes|no|y|n|on|off|1|0)$/i, words: "True or False" },
};

function jsonProblem(name: string, text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return `${name} is JSON, for example [1, 2] or {"a": 1}: ${error.message}`;
    }
    throw error;
  }
}
