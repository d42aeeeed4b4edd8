import { firstIndentFault } from "../../base/indentation.ts";
import type { TextRange } from "../../base/problems.ts";
import { type PythonImport, readImport } from "../../base/pythonImports.ts";
import { moduleConstants } from "../../base/pythonLiteral.ts";
import { decoratorsIn, dottedName, type PythonNode, readCall } from "../../base/pythonSyntax.ts";
import { firstEmptyBlock, firstSyntaxError } from "../../base/syntaxError.ts";
import { namesOfFlows } from "./bareNames.ts";
import { docstringOf } from "./docstring.ts";
import type {
  ArgumentSource,
  CallSource,
  ClassSource,
  DecoratorSource,
  FlowFile,
  FunctionSource,
  Member,
} from "./flowSource.ts";
import { type Constants, contentOf, evaluate } from "./pythonValue.ts";
import { readTail } from "./readTail.ts";
import { rangeOf } from "./sourceRange.ts";
import { readSourceTexts } from "./sourceTexts.ts";
import { readStepBody } from "./stepBody.ts";

export type ReadOptions = {
  path: string;
  text: string;
  /** Reads what methods do, too; the graph does not need it. */
  hasBodies: boolean;
};

/** Everything about flows in a parsed file. A file with syntax errors gives what could be read of it. */
export function readFlowFile(root: PythonNode, options: ReadOptions): FlowFile {
  const constants = moduleConstants(root);
  const bound = new Set<string>();
  const imports: PythonImport[] = [];
  const classes: ClassSource[] = [];
  const aliases = new Map<string, string>();
  const functions = new Map<string, string[]>();
  const wanted = options.hasBodies ? namesOfFlows(options.text) : undefined;
  for (const statement of statementsIn(root)) {
    const definition = definitionOf(statement);
    if (statement.type.startsWith("import_")) {
      imports.push(...readImport(statement));
      continue;
    }
    if (!definition) {
      readAlias(statement, aliases);
      boundBy(statement).forEach((name) => bound.add(name));
      continue;
    }
    bound.add(nameOf(definition));
    if (definition.type === "class_definition") {
      classes.push(readClass({ statement, definition }, constants, wanted));
    } else {
      const decorators = decoratorsIn(statement).map((node) => dottedName(calleeOf(node)) ?? "");
      functions.set(nameOf(definition), decorators);
    }
  }
  return {
    path: options.path,
    text: options.text,
    imports,
    bound,
    aliases,
    functions,
    classes,
    texts: options.hasBodies ? readSourceTexts(root) : [],
    ...syntaxErrorOf(root, options.text),
  };
}

/** The first thing that Python refuses. The grammar lets pass a block that is not there and most wrong indentations. */
function syntaxErrorOf(root: PythonNode, text: string): Pick<FlowFile, "syntaxError"> {
  const indent = firstIndentFault(text);
  const line = indent?.range.start.line ?? Infinity;
  const broken = firstSyntaxError(root);
  const opener = broken ? undefined : firstEmptyBlock(root, text);
  if (opener && opener.startPosition.row < line) {
    return { syntaxError: { range: firstLineOf(opener), fault: "no-block" } };
  }
  if (broken && (indent === undefined || endsBefore(broken, line))) {
    return { syntaxError: { range: firstLineOf(broken) } };
  }
  return indent ? { syntaxError: indent } : {};
}

/** Whether something is wrong above a line for a reason of its own: what the parser misses, or could not read from there on, may lie at that line. */
function endsBefore(broken: PythonNode, line: number): boolean {
  return !broken.isMissing && broken.text.trim() !== "" && broken.endPosition.row < line;
}

/** What the parser could not read may go to the end of the file; it begins where the mistake is. */
function firstLineOf(broken: PythonNode): TextRange {
  const { start, end } = rangeOf(broken);
  const [line = ""] = broken.text.split("\n", 1);
  return end.line === start.line ? { start, end } : { start, end: { ...start, column: start.column + line.length } };
}

const BLOCKS = new Set([
  "block",
  "if_statement",
  "elif_clause",
  "else_clause",
  "try_statement",
  "except_clause",
  "finally_clause",
  "with_statement",
  "for_statement",
  "while_statement",
  "match_statement",
  "case_clause",
  "ERROR",
]);

/** The statements of a body, those inside of `if`, `try` and the like included: both sides of a condition count. */
function statementsIn(body: PythonNode): PythonNode[] {
  const found: PythonNode[] = [];
  const waiting = contentOf(body).toReversed();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (BLOCKS.has(node.type)) {
      waiting.push(...contentOf(node).toReversed());
    } else {
      found.push(node);
    }
  }
  return found;
}

function definitionOf(statement: PythonNode): PythonNode | undefined {
  const definition = statement.type === "decorated_definition" ? statement.childForFieldName("definition") : statement;
  return definition?.type === "class_definition" || definition?.type === "function_definition" ? definition : undefined;
}

function nameOf(definition: PythonNode): string {
  return definition.childForFieldName("name")?.text ?? "";
}

function boundBy(statement: PythonNode): string[] {
  const definition = definitionOf(statement);
  if (definition) {
    return [nameOf(definition)];
  }
  const bound: string[] = [];
  let assignment = statement.type === "expression_statement" ? statement.firstNamedChild : undefined;
  // In `np = pd = load()` the right side of the first assignment is the second one.
  while (assignment?.type === "assignment") {
    const left = assignment.childForFieldName("left");
    const names = left?.type === "identifier" ? [left] : (left?.descendantsOfType("identifier") ?? []);
    bound.push(...names.map(({ text }) => text));
    assignment = assignment.childForFieldName("right");
  }
  return bound;
}

function readAlias(statement: PythonNode, aliases: Map<string, string>): void {
  const assignment = statement.type === "expression_statement" ? statement.firstNamedChild : undefined;
  const left = assignment?.type === "assignment" ? assignment.childForFieldName("left") : undefined;
  const target = left?.type === "identifier" ? dottedName(assignment?.childForFieldName("right")) : undefined;
  if (left && target !== undefined) {
    aliases.set(left.text, target);
  }
}

function calleeOf(node: PythonNode): PythonNode | null {
  return node.type === "call" ? node.childForFieldName("function") : node;
}

/** A class or a function, and the statement around it that bears its decorators; without any it is the same node. */
type Definition = { statement: PythonNode; definition: PythonNode };

/** Names to look for in bodies; without them no bodies are read. */
type Wanted = ReadonlySet<string> | undefined;

function readClass(
  { statement: decorated, definition: node }: Definition,
  constants: Constants,
  wanted: Wanted,
): ClassSource {
  const name = node.childForFieldName("name");
  const body = node.childForFieldName("body");
  const members = new Map<string, Member>();
  const replaced: FunctionSource[] = [];
  for (const statement of body ? statementsIn(body) : []) {
    const definition = definitionOf(statement);
    if (definition?.type === "function_definition") {
      const source = readFunction({ statement, definition }, constants, wanted);
      const key = mangled(source.name, name?.text);
      const before = members.get(key);
      if (before?.kind === "function" && statement.parent?.id === body?.id) {
        replaced.push(before.source);
      }
      members.set(key, { kind: "function", source });
    } else if (statement.type === "delete_statement") {
      statement.descendantsOfType("identifier").forEach(({ text }) => members.delete(text));
    } else {
      readAssignments(statement, constants, members);
    }
  }
  return {
    name: name?.text ?? "",
    range: rangeOf(name ?? node),
    line: node.startPosition.row,
    endLine: node.endPosition.row,
    bases: contentOf(node.childForFieldName("superclasses") ?? node.childForFieldName("name") ?? node).flatMap(
      (base) => {
        const written = dottedName(base);
        return written === undefined ? [] : [{ name: written, range: rangeOf(base) }];
      },
    ),
    decorators: decoratorsIn(decorated).map((decorator) => readDecorator(decorator, constants)),
    members,
    replaced,
    doc: docstringOf(body ? contentOf(body) : []),
  };
}

/** Python stores `__name` of a class body under `_Class__name`. */
function mangled(name: string, className = ""): string {
  return name.startsWith("__") && !name.endsWith("__") ? `_${className.replace(/^_+/, "")}${name}` : name;
}

function readAssignments(statement: PythonNode, constants: Constants, members: Map<string, Member>): void {
  const assignment = statement.type === "expression_statement" ? statement.firstNamedChild : undefined;
  const left = assignment?.type === "assignment" ? assignment.childForFieldName("left") : undefined;
  const right = assignment?.childForFieldName("right");
  if (!right || left?.type !== "identifier") {
    boundBy(statement).forEach((name) => members.set(name, { kind: "other", range: rangeOf(statement) }));
    return;
  }
  const target = dottedName(right);
  if (target !== undefined) {
    // Python looks the name up here and now; what happens to it further down does not matter.
    members.set(left.text, members.get(target) ?? { kind: "alias", target });
  } else {
    members.set(
      left.text,
      right.type === "call"
        ? { kind: "call", call: readCallSource(right, constants) }
        : { kind: "other", range: rangeOf(statement) },
    );
  }
}

function readFunction(
  { statement, definition: node }: Definition,
  constants: Constants,
  wanted: Wanted,
): FunctionSource {
  const name = node.childForFieldName("name") ?? node;
  const parameters = node.childForFieldName("parameters") ?? name;
  const body = node.childForFieldName("body");
  const statements = body ? contentOf(body) : [];
  const lastStatement = statements.at(-1) ?? node;
  return {
    name: name.text,
    isAsync: node.firstChild?.type === "async",
    range: rangeOf(name),
    fullRange: rangeOf(node),
    firstLine: statement.startPosition.row,
    decorators: decoratorsIn(statement).map((decorator) => readDecorator(decorator, constants)),
    parameterNames: countedParameters(parameters),
    parametersRange: rangeOf(parameters),
    doc: docstringOf(statements),
    tail: readTail(statements, wanted !== undefined),
    lastStatement: rangeOf(lastStatement),
    hasSyntaxErrors: node.hasError,
    ...(wanted ? { body: readStepBody(node, wanted) } : {}),
  };
}

/** The names that `inspect` calls positional-or-keyword: what stands between `/` and `*`. */
function countedParameters(parameters: PythonNode): string[] {
  const names: string[] = [];
  for (const node of contentOf(parameters)) {
    if (node.type === "positional_separator") {
      names.length = 0;
    } else if (node.type === "keyword_separator" || /^(list|dictionary)_splat/.test(node.type)) {
      return names;
    } else if (node.type === "typed_parameter" && /splat/.test(node.firstNamedChild?.type ?? "")) {
      return names;
    } else if (node.type !== "ERROR") {
      names.push((node.childForFieldName("name") ?? node.firstNamedChild ?? node).text);
    }
  }
  return names;
}

function readDecorator(node: PythonNode, constants: Constants): DecoratorSource {
  const call = readCallSource(node, constants);
  return { ...call, line: node.startPosition.row, hasArguments: node.type === "call" };
}

function readCallSource(node: PythonNode, constants: Constants): CallSource {
  if (node.type !== "call") {
    return {
      callee: dottedName(node) ?? "",
      range: rangeOf(node),
      positional: [],
      keywords: new Map(),
      hasSplat: false,
    };
  }
  const { callee, positional, hasSplat } = readCall(node);
  const argument = (value: PythonNode): ArgumentSource => ({
    value: evaluate(value, constants),
    range: rangeOf(value),
  });
  const keywords = new Map<string, ArgumentSource>();
  for (const written of node.childForFieldName("arguments")?.namedChildren ?? []) {
    const name = written.type === "keyword_argument" ? written.childForFieldName("name") : undefined;
    const value = written.childForFieldName("value");
    if (name && value) {
      keywords.set(name.text, { ...argument(value), nameRange: rangeOf(name) });
    }
  }
  return { callee, range: rangeOf(node), positional: positional.map(argument), keywords, hasSplat };
}
