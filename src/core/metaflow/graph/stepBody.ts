import type { TextRange } from "../../base/problems.ts";
import { dottedName, type PythonCall, type PythonNode, readCall } from "../../base/pythonSyntax.ts";
import { type BareName, bareNames, namesInDefaults } from "./bareNames.ts";
import { type BareSelf, bareSelf } from "./bareSelf.ts";
import { inputNames } from "./inputNames.ts";
import { evaluate, type PythonValue } from "./pythonValue.ts";
import { isNextCall } from "./readTail.ts";
import { rangeOf } from "./sourceRange.ts";

/** What the code of a method does with artifacts and with Metaflow, in the order of the file. */
export type StepBody = {
  attributes: readonly AttributeUse[];
  /** Every `self.next(…)`, the last statement's included. */
  nextCalls: readonly InnerNext[];
  calls: readonly BodyCall[];
  bareSelf: BareSelf;
  /** Names of the flow, of Metaflow and of modules that it reads and does not bind. */
  bareNames: readonly BareName[];
  /** Those that the defaults of its arguments read, when the file is read. */
  namesInDefaults: readonly BareName[];
  /** Where the first statement behind the docstring begins; absent where there is none. */
  start?: TextRange["start"];
  /** Every `return` of the method itself, not of functions in it; a conditional one stands inside of another statement. */
  returns: readonly { range: TextRange; isConditional: boolean }[];
  /** The names that stand for one task whose results a join is given; absent where its inputs cannot be followed. */
  inputNames: ReadonlySet<string> | undefined;
  /** Arguments of the method whose default is a list, a dict or a set. */
  mutableDefaults: readonly { name: string; text: string; range: TextRange }[];
};

/** `self.x`, `inputs.x`, `each.x`; the owner of `inputs[0].x` is `inputs[]`. */
export type AttributeUse = {
  owner: string;
  name: string;
  range: TextRange;
  access: "read" | "write" | "delete";
  /** What is assigned, where that can be read, and the kind of expression it is for the grammar. */
  value?: PythonValue;
  valueType?: string;
  /** Another name is given the same value: `items = self.items = []`. */
  isShared?: true;
  /** The other side of a comparison: `False` in `self.error == False`. */
  comparedWith?: string;
  /** It stands alone as a condition: `if self.error`, `self.index or 0`. */
  isTested?: true;
  /** The key in the brackets of its owner, where that is a text: `"work"` of `inputs["work"].x`. The range has the brackets. */
  key?: { text: string; range: TextRange };
  /** An `except` may catch what it raises. */
  isGuarded?: true;
  /** It stands in something that may be passed by: an `if`, a loop, a function of its own. */
  isConditional?: true;
};

export type InnerNext = {
  range: TextRange;
  /** As written, without spaces. */
  text: string;
  /** The statements it stands in, from the outside: `if_statement`, `else_clause`. */
  inside: readonly string[];
  /** Below `if False`. */
  isDead: boolean;
  /** The only target, where it is a plain `self.step`. */
  target?: string;
  /** The step is left with it: it is what `return` returns, or a `return` follows. */
  isReturned: boolean;
  /** The `if` chain that it ends a branch of, where it does. */
  chain?: { range: TextRange; branches: number; hasElse: boolean };
};

export type BodyCall = {
  callee: string;
  method: string;
  /** The name it is bound to: `s3` of `with S3() as s3`. */
  boundTo?: string;
  range: TextRange;
  arguments: readonly { text: string; value: PythonValue; range: TextRange }[];
  keywords: ReadonlyMap<string, { text: string; value: PythonValue; range: TextRange }>;
  /** `*args` or `**kwargs` hide arguments. */
  hasSplat: boolean;
  /** An `except` may catch what it raises. */
  isGuarded: boolean;
};

const NOTHING: ReadonlyMap<string, PythonNode> = new Map();

const WANTED = ["attribute", "call", "return_statement"];

/** The calls that a rule looks at. */
const CALLS = /^(S3|get|put|get_many|info|hasattr|getattr|merge_artifacts|create|super)$/;

/** Looking at the text is cheaper than looking into the tree. */
const MAY_BE_NEXT = /^[\s(]*self[\s)]*\.\s*next\b/;

export function readStepBody(definition: PythonNode, names: ReadonlySet<string>): StepBody {
  const body = definition.childForFieldName("body");
  const attributes: AttributeUse[] = [];
  const nextCalls: InnerNext[] = [];
  const calls: BodyCall[] = [];
  const returns: StepBody["returns"][number][] = [];
  const isInClass = innerClasses(body);
  for (const node of body?.descendantsOfType(WANTED) ?? []) {
    if (isInClass(node)) {
      continue;
    }
    if (node.type === "return_statement") {
      const isConditional = node.parent?.id !== body?.id;
      returns.push(...(isInFunction(node, definition) ? [] : [{ range: rangeOf(node), isConditional }]));
    } else if (node.type === "attribute") {
      const around = surroundings(node, definition);
      attributes.push(...readAttribute(node).map((use) => ({ ...use, ...around })));
    } else if (MAY_BE_NEXT.test(node.text) && isNextCall(node)) {
      const isOutermost = node.parent?.parent?.id === body?.id;
      nextCalls.push(
        isOutermost
          ? { range: rangeOf(node), text: withoutSpaces(node), inside: [], isDead: false, isReturned: false }
          : readInnerNext(node, definition),
      );
    } else {
      const call = readCall(node);
      if (CALLS.test(call.method)) {
        calls.push({ ...readBodyCall(call), isGuarded: surroundings(node, definition).isGuarded === true });
      }
    }
  }
  const parameter = definition.childForFieldName("parameters")?.namedChild(1);
  const first = body?.namedChildren.find(
    (node) => node && node.type !== "comment" && node.firstNamedChild?.type !== "string",
  );
  const inputs = parameter?.type === "typed_parameter" ? parameter.firstNamedChild : parameter;
  return {
    attributes,
    nextCalls,
    calls,
    bareSelf: bareSelf(body),
    bareNames: bareNames(definition, names),
    namesInDefaults: namesInDefaults(definition, names),
    returns,
    inputNames: inputs?.type === "identifier" ? inputNames(definition, inputs.text) : undefined,
    mutableDefaults: mutableDefaults(definition),
    ...(first ? { start: rangeOf(first).start } : {}),
  };
}

function isInFunction(node: PythonNode, definition: PythonNode): boolean {
  for (let at = node.parent; at && at.id !== definition.id; at = at.parent) {
    if (at.type === "function_definition") {
      return true;
    }
  }
  return false;
}

/** Statements and expressions of which not every part is run, or not at once. */
const PASSES_BY: ReadonlySet<string> = new Set([
  "if_statement",
  "while_statement",
  "for_statement",
  "match_statement",
  "try_statement",
  "conditional_expression",
  "boolean_operator",
  "lambda",
  "function_definition",
  "list_comprehension",
  "set_comprehension",
  "dictionary_comprehension",
  "generator_expression",
]);

function surroundings(node: PythonNode, definition: PythonNode): Pick<AttributeUse, "isGuarded" | "isConditional"> {
  let isConditional = false;
  let inner = node;
  for (let at = node.parent; at && at.id !== definition.id; at = at.parent) {
    // Each question to the parser costs more than the rest of the walk.
    const { type } = at;
    isConditional ||= PASSES_BY.has(type);
    const isTried = type === "try_statement" && at.childForFieldName("body")?.id === inner.id;
    if (isTried && at.namedChildren.some((each) => each.type === "except_clause")) {
      return { isGuarded: true, isConditional: true };
    }
    inner = at;
  }
  return isConditional ? { isConditional } : {};
}

/**
 * In a class inside of a method, as a network is, `self` is another object. Says of nodes, in the order of the file,
 * whether they lie in one.
 */
function innerClasses(body: PythonNode | null): (node: PythonNode) => boolean {
  const classes = body?.text.includes("class ") ? body.descendantsOfType("class_definition") : [];
  let passed = 0;
  let end = 0;
  return ({ startIndex }) => {
    for (let next = classes[passed]; next && next.startIndex <= startIndex; next = classes[passed]) {
      end = Math.max(end, next.endIndex);
      passed += 1;
    }
    return startIndex < end;
  };
}

function readAttribute(node: PythonNode): AttributeUse[] {
  const owner = node.childForFieldName("object");
  const name = node.childForFieldName("attribute");
  const ownerName = owner && (dottedName(owner) ?? elementOwner(owner));
  if (!ownerName || !name) {
    return [];
  }
  const key = textKey(owner);
  const use = { owner: ownerName, name: name.text, range: rangeOf(node), ...(key ? { key } : {}) };
  const { parent } = node;
  const read: AttributeUse = { ...use, access: "read" };
  switch (parent?.type) {
    case "assignment": {
      const right = parent.childForFieldName("right");
      if (parent.childForFieldName("left")?.id !== node.id) {
        return [read];
      }
      return right ? [{ ...use, access: "write", ...readValue(parent, right) }] : [];
    }
    case "augmented_assignment":
      return parent.childForFieldName("left")?.id === node.id ? [read, { ...use, access: "write" }] : [read];
    case "for_statement":
      return [parent.childForFieldName("left")?.id === node.id ? { ...use, access: "write" } : read];
    case "pattern_list":
    case "tuple_pattern":
    case "list_pattern":
    case "as_pattern_target":
    case "list_splat_pattern":
      return [{ ...use, access: "write" }];
    case "delete_statement":
      return [{ ...use, access: "delete" }];
    case "comparison_operator": {
      const other = parent.namedChildren.find(({ id }) => id !== node.id);
      return [{ ...read, ...(other ? { comparedWith: other.text } : {}) }];
    }
    case "if_statement":
    case "elif_clause":
    case "boolean_operator":
    case "not_operator":
    case "conditional_expression":
      return [{ ...read, isTested: true }];
    case undefined:
    default:
      return [read];
  }
}

function readValue(assignment: PythonNode, right: PythonNode): Partial<AttributeUse> {
  const isShared = right.type === "assignment" || assignment.parent?.type === "assignment";
  return { value: evaluate(right, NOTHING), valueType: right.type, ...(isShared ? { isShared } : {}) };
}

function elementOwner(owner: PythonNode): string | undefined {
  const value = owner.type === "subscript" ? owner.childForFieldName("value") : undefined;
  return value?.type === "identifier" ? `${value.text}[]` : undefined;
}

function textKey(owner: PythonNode): AttributeUse["key"] {
  const written = owner.type === "subscript" ? owner.childForFieldName("subscript") : undefined;
  const value = written?.type === "string" ? evaluate(written, NOTHING) : undefined;
  const collection = owner.childForFieldName("value");
  return typeof value === "string" && collection
    ? { text: value, range: { start: rangeOf(collection).end, end: rangeOf(owner).end } }
    : undefined;
}

const COMPOUND = /^(if_statement|elif_clause|else_clause|for_statement|while_statement|try_statement|except_clause)$/;
const OTHER_COMPOUND =
  /^(finally_clause|with_statement|match_statement|case_clause|function_definition|lambda|conditional_expression)$/;

/** Conditions that are never true. */
const NEVER = /^(?:False|None|0)$/;

function readInnerNext(call: PythonNode, definition: PythonNode): InnerNext {
  const inside: string[] = [];
  let isDead = false;
  for (let node = call.parent; node && node.id !== definition.id; node = node.parent) {
    if (COMPOUND.test(node.type) || OTHER_COMPOUND.test(node.type)) {
      inside.unshift(node.type);
      isDead ||= NEVER.test(node.childForFieldName("condition")?.text ?? "") && isConsequence(call, node);
    }
  }
  const target = onlyTarget(call);
  const chain = branchChain(call);
  return {
    range: rangeOf(call),
    text: withoutSpaces(call),
    inside,
    isDead,
    isReturned: isReturned(call),
    ...(target === undefined ? {} : { target }),
    ...(chain === undefined ? {} : { chain: describeChain(chain) }),
  };
}

/** Whether it stands in the part of a conditional statement that runs where the condition is true. */
function isConsequence(node: PythonNode, statement: PythonNode): boolean {
  const body = statement.childForFieldName("consequence");
  return body !== null && node.startIndex >= body.startIndex && node.endIndex <= body.endIndex;
}

function isReturned({ parent }: PythonNode): boolean {
  return parent?.type === "return_statement" || parent?.nextNamedSibling?.type === "return_statement";
}

function withoutSpaces({ text }: PythonNode): string {
  return text.replaceAll(/\s/g, "");
}

function onlyTarget(call: PythonNode): string | undefined {
  const { positional, keywords, hasSplat } = readCall(call);
  const name = dottedName(positional[0]);
  return positional.length === 1 && keywords.size === 0 && !hasSplat
    ? /^self\.(\w+)$/.exec(name ?? "")?.[1]
    : undefined;
}

/** The `if` statement in whose branch this call is the last statement. */
function branchChain(call: PythonNode): PythonNode | undefined {
  const statement = call.parent;
  const block = statement?.type === "expression_statement" ? statement.parent : undefined;
  if (!block || block.type !== "block" || block.lastNamedChild?.id !== statement?.id) {
    return undefined;
  }
  const branch = block.parent;
  const chain = branch?.type === "if_statement" ? branch : branch?.parent;
  return chain?.type === "if_statement" ? chain : undefined;
}

function describeChain(chain: PythonNode): NonNullable<InnerNext["chain"]> {
  const alternatives = chain.childrenForFieldName("alternative");
  return {
    range: rangeOf(chain),
    branches: alternatives.length + 1,
    hasElse: alternatives.some(({ type }) => type === "else_clause"),
  };
}

function readArgument(value: PythonNode): BodyCall["arguments"][number] {
  return { text: value.text, value: evaluate(value, NOTHING), range: rangeOf(value) };
}

function readBodyCall(call: PythonCall): Omit<BodyCall, "isGuarded"> {
  const { node, callee, method, positional, keywords, hasSplat } = call;
  const binder = node.parent;
  const boundTo =
    binder?.type === "as_pattern" ? binder.childForFieldName("alias")?.text : binder?.childForFieldName("left")?.text;
  return {
    callee,
    method,
    ...(boundTo ? { boundTo } : {}),
    range: rangeOf(node),
    arguments: positional.map(readArgument),
    keywords: new Map([...keywords].map(([name, value]) => [name, readArgument(value)])),
    hasSplat,
  };
}

function mutableDefaults(definition: PythonNode): StepBody["mutableDefaults"] {
  const parameters = definition.childForFieldName("parameters")?.namedChildren ?? [];
  return parameters.flatMap((parameter) => {
    const value = parameter.childForFieldName("value");
    const name = parameter.childForFieldName("name");
    return value && name && /^(list|dictionary|set)$/.test(value.type)
      ? [{ name: name.text, text: value.text, range: rangeOf(value) }]
      : [];
  });
}
