import { UserError } from "../../base/errors.ts";
import type { ParameterSpec } from "./flowSpec.ts";
import { inFString, pythonCall, pythonLiteral, pythonString } from "./pythonText.ts";

const TYPE_NAMES = { string: "str", integer: "int", float: "float", boolean: "bool", json: "JSONType" } as const;

/** The attribute that holds a parameter: `learning_rate` for `learning-rate`. */
export function attributeOf({ name }: ParameterSpec): string {
  return name.replaceAll("-", "_");
}

/** The lines that declare a parameter in the body of the class. */
export function parameterLines(parameter: ParameterSpec, indent: string): string[] {
  requireFitting(parameter);
  const { name, type, help } = parameter;
  const required = parameter.default === undefined ? [`required=${type === "file" ? "False" : "True"}`] : [];
  const target = `${attributeOf(parameter)} = `;
  if (type === "file") {
    return pythonCall(`${target}IncludeFile`, [pythonString(name), ...required, `help=${pythonString(help)}`], indent);
  }
  const given = parameter.default === undefined ? [] : [`default=${defaultText(parameter)}`];
  const args = [pythonString(name), `type=${TYPE_NAMES[type]}`, ...given, ...required, `help=${pythonString(help)}`];
  return pythonCall(`${target}Parameter`, args, indent);
}

/** A list or a dict as default would be shared between runs, so JSON is given as its text. */
function defaultText({ type, default: value = null }: ParameterSpec): string {
  if (type === "json" && typeof value !== "string") {
    return pythonString(JSON.stringify(value));
  }
  const text = pythonLiteral(value);
  return type === "float" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function requireFitting({ name, type, default: value, min, max, choices }: ParameterSpec): void {
  const refuse = (reason: string) => {
    throw new UserError(`The parameter ${name} ${reason}.`);
  };
  const isNumber = type === "integer" || type === "float";
  if (!isNumber && (min !== undefined || max !== undefined)) {
    refuse(`is a ${type}, and only numbers have a smallest and a largest value`);
  }
  if (min !== undefined && max !== undefined && min > max) {
    refuse(`has a smallest value of ${min} and a largest of ${max}`);
  }
  if (value === undefined) {
    return;
  }
  const fits: Record<ParameterSpec["type"], boolean> = {
    string: typeof value === "string",
    integer: Number.isInteger(value),
    float: typeof value === "number",
    boolean: typeof value === "boolean",
    json: true,
    file: false,
  };
  if (!fits[type]) {
    refuse(type === "file" ? "is a file, which has no default" : `is a ${type}, and its default is not`);
  }
  if (typeof value === "number" && (value < (min ?? value) || value > (max ?? value))) {
    refuse(`has the default ${value}, which its own limits refuse`);
  }
  if (choices !== undefined && !choices.some((choice) => choice === value)) {
    refuse("has a default that is not among its choices");
  }
}

/** The checks that the start step makes; none where every value is right. */
export function validationLines(parameter: ParameterSpec, indent: string): string[] {
  const value = `self.${attributeOf(parameter)}`;
  const { name, choices } = parameter;
  const check = (condition: string, rule: string) => [
    `${indent}if ${condition}:`,
    `${indent}    raise ValueError(f"${inFString(`${name} ${rule}, not `)}{${value}!r}.")`,
  ];
  const bounds = boundsOf(parameter, value);
  const listed = choices?.map(pythonLiteral).join(", ");
  return [
    ...(bounds ? check(bounds.condition, bounds.rule) : []),
    ...(choices && listed !== undefined
      ? check(`${value} not in [${listed}]`, `must be one of ${choices.join(", ")}`)
      : []),
    ...jsonCheck(parameter, value, check),
  ];
}

/** Written so that NaN, for which every comparison is false, is refused as well. */
function boundsOf({ min, max }: ParameterSpec, value: string): { condition: string; rule: string } | undefined {
  if (min !== undefined && max !== undefined) {
    return { condition: `not ${min} <= ${value} <= ${max}`, rule: `must lie between ${min} and ${max}` };
  }
  if (min !== undefined) {
    return { condition: `not ${value} >= ${min}`, rule: `must be at least ${min}` };
  }
  return max === undefined ? undefined : { condition: `not ${value} <= ${max}`, rule: `must be at most ${max}` };
}

function jsonCheck(
  { type, default: value }: ParameterSpec,
  name: string,
  check: (condition: string, rule: string) => string[],
): string[] {
  if (type !== "json" || typeof value !== "object" || value === null) {
    return [];
  }
  const [python, words] = Array.isArray(value) ? ["list", "a JSON list"] : ["dict", "a JSON object"];
  return check(`not isinstance(${name}, ${python})`, `must be ${words}`);
}
