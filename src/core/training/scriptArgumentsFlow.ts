import { literalText, readConstant, stringOf } from "../base/pythonLiteral.ts";
import { callsIn, classesIn, dottedName, type PythonNode } from "../base/pythonSyntax.ts";
import { type ArgumentType, argumentType, type ScriptArgument, type ScriptArguments } from "./scriptArguments.ts";

/** The `Parameter(…)` of a Metaflow flow, which `run` takes as options. */
export function readFlowArguments(
  root: PythonNode,
  constants: ReadonlyMap<string, PythonNode>,
): ScriptArguments | undefined {
  const flow = classesIn(root).find((candidate) => candidate.bases.some((base) => /(?:^|\.)FlowSpec$/.test(base)));
  if (!flow) {
    return undefined;
  }
  const declared = callsIn(flow.node).filter((call) => /^(?:\w+\.)?(?:Parameter|IncludeFile)$/.test(call.callee));
  const read = declared.map((call): ScriptArgument | undefined => {
    const name = stringOf(call.positional[0] ?? call.keywords.get("name"));
    if (name === undefined) {
      return undefined;
    }
    const value = readConstant(call.keywords.get("default"), constants);
    const defaultText = literalText(value);
    const help = stringOf(call.keywords.get("help"));
    const type = dottedName(call.keywords.get("type"));
    const inferred: ArgumentType = value && value.kind !== "none" && value.kind !== "sequence" ? value.kind : "string";
    return {
      flag: `--${name}`,
      kind: "option",
      name,
      aliases: [],
      type: type ? argumentType(type) : inferred,
      ...(defaultText !== undefined ? { default: defaultText } : {}),
      isRequired: call.keywords.get("required")?.text === "True",
      isList: false,
      ...(help ? { help } : {}),
      line: call.line,
    };
  });
  // `run` has options of its own (`--max-workers`, `--tag`), so that an unknown flag is not a mistake.
  return { dialect: "flow", arguments: read.filter((argument) => argument !== undefined), isComplete: false };
}
