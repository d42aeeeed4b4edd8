import { moduleConstants } from "../base/pythonLiteral.ts";
import { callsIn, type PythonCall, type PythonNode } from "../base/pythonSyntax.ts";

/** A script with what every reader needs of it, collected in one walk: crossing into the parser is what costs. */
export type ParsedScript = {
  root: PythonNode;
  calls: readonly PythonCall[];
  constants: ReadonlyMap<string, PythonNode>;
};

export function parsedScript(root: PythonNode): ParsedScript {
  return { root, calls: callsIn(root), constants: moduleConstants(root) };
}
