import { codePlaces, logicalLineEnd } from "../../base/pythonStrings.ts";
import { rememberBy } from "../../base/remember.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import { originOf } from "../graph/origin.ts";
import type { FlowContext } from "./finding.ts";

/** Whether Python itself, or the file outside of its classes, may have something of that name. */
export function isBound(name: string, { file, find }: FlowContext): boolean {
  const origin = originOf(name, file, find);
  const isKnown = origin.kind === "metaflow" ? origin.isImported : origin.kind !== "unknown";
  if (isKnown || BUILTINS.has(name) || file.bound.has(name)) {
    return true;
  }
  const typingLines = codeOf(file).flatMap(({ line, isForTypes }) => (isForTypes ? [line] : []));
  if (file.imports.some(({ local, line }) => local === name && !typingLines.includes(line))) {
    return true;
  }
  const isGlobal = new RegExp(`\\bglobal\\b.*\\b${name}\\b`);
  const binds = bindingOf(name);
  return codeOf(file).some((code) =>
    code.isInClass ? isGlobal.test(code.rest) : !code.isForTypes && binds.test(code.rest),
  );
}

/** Whether the body of a class, whose methods begin in that column, may bind a name beside its members. */
export function isBoundInClass(name: string, file: FlowFile, column: number): boolean {
  const binds = bindingOf(name);
  const inClass = codeOf(file).filter(({ isInClass }) => isInClass);
  const hasBlocks = inClass.some(({ text, indent }) => indent === column && BLOCK.test(text));
  return inClass.some(({ text, indent }) => (hasBlocks || indent <= column) && binds.test(text));
}

const BLOCK = /^(?:if|try|with|for|while|match)\b/;

/** Statements that bind names in other ways than an assignment does. */
function bindingOf(name: string): RegExp {
  return new RegExp(`\\b(?:for|as|import|global|match|case)\\b.*\\b${name}\\b|\\b${name}\\s*:=`);
}

/** A statement, or the head of one, on one line and without strings and comments. */
type Code = {
  line: number;
  indent: number;
  text: string;
  /** Without its imports, which the file knows. */
  rest: string;
  isInClass: boolean;
  /** Below `if TYPE_CHECKING:`, which Python never runs. */
  isForTypes: boolean;
};

const FOR_TYPES = /^if\s+(?:\w+\.)?TYPE_CHECKING\s*:/;
const IMPORTS = /\b(?:from\s+[\w.]+\s+)?import\b[^;]*/g;

const codeOf = rememberBy((file: FlowFile): readonly Code[] => {
  const hasTypes = !file.bound.has("TYPE_CHECKING");
  let typesIndent = Infinity;
  return statementsOf(file.text).map(({ line, indent, text }): Code => {
    typesIndent = indent > typesIndent ? typesIndent : Infinity;
    if (typesIndent === Infinity && hasTypes && FOR_TYPES.test(text)) {
      typesIndent = indent;
    }
    const isInClass = file.classes.some((each) => line > each.line && line <= each.endLine);
    // What could not be read may hold imports that nobody saw.
    const rest = file.syntaxError ? text : text.replaceAll(IMPORTS, "");
    return { line, indent, text, rest, isInClass, isForTypes: typesIndent !== Infinity };
  });
});

function statementsOf(text: string): Pick<Code, "line" | "indent" | "text">[] {
  const found: Pick<Code, "line" | "indent" | "text">[] = [];
  const isCode = codePlaces(text);
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const end = logicalLineEnd(text, start);
    const written = text.slice(start, end);
    const code = [...written.matchAll(/[^]/g)].map(({ index, 0: letter }) => (isCode(start + index) ? letter : " "));
    const statement = code.join("").replaceAll(/\\?[\r\n]/g, " ");
    if (statement.trim() !== "") {
      found.push({ line, indent: statement.search(/\S/), text: statement.trim() });
    }
    line += written.split("\n").length;
    start = end + 1;
  }
  return found;
}

/** What every Python file can name, without the classes of exceptions. */
const BUILTINS: ReadonlySet<string> = new Set(
  `abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex
   copyright credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr
   globals hasattr hash help hex id input int isinstance issubclass iter len license list locals map max
   memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice
   sorted staticmethod str sum super tuple type vars zip`.split(/\s+/),
);
