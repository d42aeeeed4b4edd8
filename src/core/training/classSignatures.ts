import { literalText, readConstant, stringOf } from "../base/pythonLiteral.ts";
import {
  classesIn,
  decoratorsOf,
  dottedName,
  type PythonClass,
  type PythonNode,
  type PythonParameter,
  parametersOf,
  readCall,
} from "../base/pythonSyntax.ts";
import { type ArgumentType, argumentType } from "./scriptArguments.ts";

/** What a class takes when it is made: the fields of a dataclass, else the parameters of `__init__`. */
export type ClassSignature = {
  name: string;
  bases: readonly string[];
  parameters: readonly {
    name: string;
    type: ArgumentType;
    default?: string;
    isRequired: boolean;
    isList: boolean;
    help?: string;
    line: number;
  }[];
};

export function readClassSignatures(
  root: PythonNode,
  constants: ReadonlyMap<string, PythonNode>,
): readonly ClassSignature[] {
  return classesIn(root).map((candidate) => ({
    name: candidate.name,
    bases: candidate.bases,
    parameters: declaredParameters(candidate).map((parameter) => readParameter(parameter, constants)),
  }));
}

function declaredParameters({ node }: PythonClass): PythonParameter[] {
  const body = node.childForFieldName("body")?.namedChildren ?? [];
  const isDataclass = decoratorsOf(node).some((decorator) => {
    const name = decorator.type === "call" ? readCall(decorator).callee : dottedName(decorator);
    return name === "dataclass" || name?.endsWith(".dataclass");
  });
  if (isDataclass) {
    return body.flatMap(readField);
  }
  const init = body
    .map((statement) => statement.childForFieldName("definition") ?? statement)
    .find((member) => member.type === "function_definition" && member.childForFieldName("name")?.text === "__init__");
  return init ? parametersOf(init) : [];
}

function readField(statement: PythonNode): PythonParameter[] {
  const assignment = statement.firstNamedChild;
  const name = assignment?.childForFieldName("left");
  const annotation = assignment?.childForFieldName("type")?.text;
  if (assignment?.type !== "assignment" || name?.type !== "identifier" || annotation === undefined) {
    return [];
  }
  const value = assignment.childForFieldName("right");
  return [{ name: name.text, annotation, ...(value ? { default: value } : {}), line: statement.startPosition.row }];
}

function readParameter(
  parameter: PythonParameter,
  constants: ReadonlyMap<string, PythonNode>,
): ClassSignature["parameters"][number] {
  const call = parameter.default?.type === "call" ? readCall(parameter.default) : undefined;
  const field = call?.method === "field" ? call : undefined;
  const value = readConstant(field ? field.keywords.get("default") : parameter.default, constants);
  const defaultText = literalText(value);
  const help = field && helpOf(field.keywords.get("metadata"));
  const annotated = argumentType(parameter.annotation);
  const inferred = value?.kind === "none" || value?.kind === "sequence" ? undefined : value?.kind;
  return {
    name: parameter.name,
    type: annotated === "unknown" && parameter.annotation === undefined ? (inferred ?? "unknown") : annotated,
    ...(defaultText !== undefined ? { default: defaultText } : {}),
    isRequired: field ? !field.keywords.has("default") && !field.keywords.has("default_factory") : !parameter.default,
    isList: /\b[Ll]ist\[/.test(parameter.annotation ?? ""),
    ...(help ? { help } : {}),
    line: parameter.line,
  };
}

/** `metadata={"help": "…"}`, where `HfArgumentParser` looks for it. */
function helpOf(metadata: PythonNode | undefined): string | undefined {
  const pair = metadata?.namedChildren.find(
    (child) => child.type === "pair" && stringOf(child.childForFieldName("key")) === "help",
  );
  return stringOf(pair?.childForFieldName("value"));
}
