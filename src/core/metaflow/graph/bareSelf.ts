import { type PythonNode, readCall } from "../../base/pythonSyntax.ts";

/**
 * What a method does with the flow as a whole: nothing; asks about it, as in `hasattr(self, "x")`; or gives it to
 * something that may set attributes which nobody sees here, as in `load(self)` or `flow = self`.
 */
export type BareSelf = "unused" | "asked" | "handedOut";

/** Looking at the text is cheaper than looking into the tree. */
const MAY_BE_BARE = /\bself\b(?!\s*\.)|\bself\s*\.\s*__(?:dict|setattr)__/;

/** Calls that set nothing on what they are given. */
const ONLY_ASKS = /^(?:getattr|hasattr|isinstance|type|id|print|repr|str)$/;

/** Attributes by which every other one can be set. */
const SETS_OTHERS = /^__(?:dict|setattr)__$/;

const PARAMETERS = /^(?:parameters|typed_parameter|default_parameter|lambda_parameters)$/;

export function bareSelf(body: PythonNode | null): BareSelf {
  if (!body || !MAY_BE_BARE.test(body.text)) {
    return "unused";
  }
  const uses = body.descendantsOfType("identifier").map((node) => (node.text === "self" ? useOf(node) : "unused"));
  return uses.find((use) => use === "handedOut") ?? uses.find((use) => use === "asked") ?? "unused";
}

function useOf(node: PythonNode): BareSelf {
  const { parent } = node;
  if (parent?.type === "attribute") {
    const name = parent.childForFieldName("attribute");
    return name?.id !== node.id && SETS_OTHERS.test(name?.text ?? "") ? "handedOut" : "unused";
  }
  if (!parent || PARAMETERS.test(parent.type) || isNameOrRun(node, parent)) {
    return "unused";
  }
  const call = parent.type === "argument_list" ? parent.parent : undefined;
  return call?.type === "call" && ONLY_ASKS.test(readCall(call).callee) ? "asked" : "handedOut";
}

/** The name of a keyword; or `run=self`, with which an S3 client is bound to the run and sets nothing. */
function isNameOrRun(node: PythonNode, parent: PythonNode): boolean {
  const name = parent.type === "keyword_argument" ? parent.childForFieldName("name") : undefined;
  return name?.id === node.id || name?.text === "run";
}
